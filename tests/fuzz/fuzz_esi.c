/* Any text with includes in it, and any texts that they name: the input is cut
 * at 0xff, the first piece is the page, and "/1", "/2", ... name the others;
 * what is not there waits, or never comes. What comes out is within its bound,
 * and what stands in no directive is in it unchanged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "page/expand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES_MAX = 16, OUT_MAX = 1 << 18 };

struct pieces {
	struct slice all[PIECES_MAX];
	unsigned count;
	bool waits;
};

static enum had
get(void *arg, const char *base, const char *address, struct included *out)
{
	const struct pieces *pieces = arg;
	unsigned n = address[0] == '/' ? (unsigned)atoi(address + 1) : 0;

	must(strlen(address) < INCLUDE_MAX);
	must(!base || *base == '/');
	if (n == 0 || n >= pieces->count)
		return pieces->waits && n > 0 ? HAD_WAITS : HAD_NOT;
	out->text = pieces->all[n];
	out->base = "/base";
	out->is_read = address[strlen(address) - 1] != '!';
	return HAD;
}

static void
cut(struct pieces *pieces, const char *at, const char *end)
{
	while (pieces->count < PIECES_MAX) {
		const char *stop = memchr(at, 0xff, (size_t)(end - at));

		pieces->all[pieces->count++] =
		    (struct slice){at, (size_t)((stop ? stop : end) - at)};
		if (!stop)
			break;
		at = stop + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pieces pieces = {.count = 0};
	struct expand_ask ask = {.get = get, .arg = &pieces};
	struct expanded said;
	struct buf out;
	char *copy;

	if (size < 2)
		return 0;
	copy = malloc(size);
	must(copy);
	memcpy(copy, data, size);
	ask.how = (enum includes)(copy[0] & 3);
	pieces.waits = copy[0] & 4;
	cut(&pieces, copy + 1, copy + size);
	ask.text = pieces.all[0];
	buf_init(&out, OUT_MAX);
	if (expand(&ask, &out, &said) == 0) {
		must(out.len <= OUT_MAX);
		must(said.any ||
		     (out.len == ask.text.len &&
			 (!out.len ||
			     memcmp(out.data, ask.text.from, out.len) == 0)));
		must(said.any == expand_is_due(ask.how, ask.text));
		must(said.any || (!said.waits && !said.lacks));
	}
	buf_fini(&out);
	free(copy);
	return 0;
}
