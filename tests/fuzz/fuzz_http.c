/* libFuzzer on everything in http/ that reads strangers' bytes. The first
 * byte chooses the reader; what must hold of any result is checked here. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/accept.h"
#include "http/cachecontrol.h"
#include "http/coding.h"
#include "http/date.h"
#include "http/etag.h"
#include "http/head.h"
#include "http/media.h"
#include "http/selecting.h"
#include "http/targeted.h"
#include "http/url.h"

enum { OUT_MAX = 1 << 20, DECODED_MAX = 4 << 20, RATIO = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is behind the first line end, or nothing. */
static const char *
second_line(char *text)
{
	char *stop = strchr(text, '\n');

	if (!stop)
		return "";
	*stop = '\0';
	return stop + 1;
}

static void
check_slice(struct slice slice, const char *text, size_t len)
{
	if (!slice.from)
		return;
	must(slice.from >= text && slice.from <= text + len);
	must(slice.len <= (size_t)(text + len - slice.from));
}

static void
try_split(const char *text, size_t len)
{
	struct url_parts parts;
	struct url_authority authority;
	bool unsafe = url_path_is_unsafe(text, len);
	struct buf out;

	url_split(&parts, text, len);
	check_slice(parts.scheme, text, len);
	check_slice(parts.authority, text, len);
	check_slice(parts.path, text, len);
	check_slice(parts.query, text, len);
	check_slice(parts.fragment, text, len);
	if (url_authority_split(&authority, text, len) == 0)
		must(authority.host.from == text && authority.host.len > 0);
	buf_init(&out, OUT_MAX);
	if (url_decode(&out, text, len) == 0)
		must(out.len <= len && !memchr(out.data, '\0', out.len));
	else
		must(unsafe && out.len == 0);
	buf_fini(&out);
}

static void
try_join(const char *base, const char *reference)
{
	struct buf once, twice;

	buf_init(&once, OUT_MAX);
	buf_init(&twice, OUT_MAX);
	if (url_join(&once, base, reference, strlen(reference)) == 0) {
		/* an absolute address joins to itself */
		must(url_join(&twice, base, once.data, once.len) == 0);
		buf_clear(&once);
		must(url_join(&once, twice.data, twice.data, twice.len) == 0);
		must(strcmp(once.data, twice.data) == 0);
		buf_clear(&once);
		if (url_origin(&once, twice.data) == 0)
			must(url_same_origin(once.data, twice.data));
	}
	buf_fini(&once);
	buf_fini(&twice);
}

static void
try_head(const char *text, size_t len)
{
	struct arena *arena = arena_new(1024);
	struct head head;
	struct buf out;

	head_init(&head, arena);
	buf_init(&out, OUT_MAX);
	if (head_read(&head, text, len, NULL) == 0) {
		must(head_write(&head, &out) == 0);
		must(out.len == len);
		must(len == 0 || memcmp(out.data, text, len) == 0);
		head_joined(&head, "a", arena);
		head_drop_hop_by_hop(&head);
		must(!head_find(&head, "connection"));
		must(!head_find(&head, "te"));
	}
	buf_fini(&out);
	arena_free(&arena);
}

static void
try_date(const char *text, size_t len)
{
	char again[HTTP_DATE_LEN + 1];
	int64_t seconds, same;

	if (date_parse(&seconds, text, len, 1700000000) != 0)
		return;
	date_write(again, seconds);
	if (seconds >= 253402300800) /* the leap second of 9999 */
		return;
	must(date_parse(&same, again, HTTP_DATE_LEN, 0) == 0);
	must(same == seconds);
}

static void
check_seconds(int64_t seconds)
{
	must(seconds >= -1 && seconds <= (int64_t)1 << 31);
}

static void
try_cachecontrol(const char *text)
{
	struct arena *arena = arena_new(1024);
	struct cachecontrol cc;
	struct head head;

	head_init(&head, arena);
	head_add(&head, "Cache-Control", text);
	head_add(&head, "Age", text);
	cachecontrol_read(&cc, &head, "cache-control");
	check_seconds(cc.max_age);
	check_seconds(cc.s_maxage);
	check_seconds(cc.stale_while_revalidate);
	check_seconds(cc.stale_if_error);
	check_seconds(cc.max_stale);
	check_seconds(cc.min_fresh);
	must(cachecontrol_age(&head) == AGE_UNKNOWN ||
	    cachecontrol_age(&head) <= (int64_t)1 << 31);
	arena_free(&arena);
}

static void
try_targeted(const char *text)
{
	static const char *const names[] = {"Livery-Cache-Control",
	    "CDN-Cache-Control", "Surrogate-Control"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct arena *arena = arena_new(1024);
		struct cachecontrol cc;
		struct head head;

		head_init(&head, arena);
		head_add(&head, names[i], text);
		head_add(&head, names[i], text);
		if (targeted_read(&cc, &head)) {
			check_seconds(cc.max_age);
			check_seconds(cc.s_maxage);
			check_seconds(cc.stale_if_error);
		}
		arena_free(&arena);
	}
}

/* A normal form is its own. */
static void
try_selecting(const char *text)
{
	static const char *const names[] = {"accept-language", "foo", "cookie"};
	enum { ROOM = 4096 };
	char once[ROOM + 1], twice[ROOM];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		ssize_t len = selecting_normal(once, ROOM, names[i], text);

		if (len < 0)
			continue;
		once[len] = '\0';
		must(selecting_normal(twice, ROOM, names[i], once) == len);
		must(memcmp(once, twice, (size_t)len) == 0);
	}
	(void)selecting_prefers(text, "de", 2);
}

static void
try_accept(const char *text)
{
	static const uint8_t order[] = {PACKING_BR, PACKING_ZSTD,
	    PACKING_GZIP};
	struct accept accept;
	enum packing best;
	unsigned i;

	accept_read(&accept, text);
	for (i = 0; i < PACKINGS; i++)
		must(accept.weight[i] <= 1000);
	best = accept_best(&accept, order, COUNT_OF(order), ~0u);
	must(best == PACKING_NONE || (accept.weight[best] > 0 &&
	    accept.weight[best] >= accept.weight[PACKING_NONE]));
}

static void
try_tags(const char *text)
{
	struct arena *arena = arena_new(256);
	enum packing as;

	for (as = PACKING_NONE; as < PACKINGS; as++)
		must(strlen(etag_packed(text, as, arena)) >= strlen(text));
	must(strlen(etag_widen(text, arena)) > 0 || !*text);
	arena_free(&arena);
}

static void
try_media(const char *text)
{
	must(!(media_is_html(text) && media_is_css(text)));
	media_is_text(text);
	media_of_file(text);
	must(coding_is_known(text) || !coding_is_known(text));
}

static int
count(void *arg, const void *bytes, size_t len)
{
	uint64_t *decoded = arg;

	(void)bytes;
	must(len > 0 && len <= DECODED_MAX);
	*decoded += len;
	return 0;
}

/* The first byte chooses the codings, the second the size of pieces. */
static void
try_decoder(const char *bytes, size_t len)
{
	static const char *const names[] = {"gzip", "deflate", "br", "zstd",
	    "gzip, gzip", "deflate, br", "br, zstd", "zstd, gzip",
	    "identity"};
	static const struct decode_limits limits = {DECODED_MAX, RATIO, 2};
	struct decoder *decoder;
	uint64_t decoded = 0;
	size_t piece, n;
	int rc;

	if (len < 2)
		return;
	piece = (size_t)(unsigned char)bytes[1] + 1;
	rc = decoder_new(&decoder,
	    names[(unsigned char)bytes[0] % COUNT_OF(names)], &limits, NULL);
	must(rc == 0);
	for (bytes += 2, len -= 2; len > 0 && rc == 0; bytes += n, len -= n) {
		n = len < piece ? len : piece;
		rc = decoder_feed(decoder, bytes, n, count, &decoded, NULL);
	}
	must(decoded <= DECODED_MAX);
	rc = decoder_end(decoder, NULL);
	decoder_free(&decoder);
	must(rc == 0 || rc == -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t len;

	if (size == 0)
		return 0;
	len = size - 1;
	text = mem_strndup((const char *)data + 1, len);
	switch (data[0] % 7) {
	case 0:
		try_split(text, len);
		break;
	case 1:
		try_join(text, second_line(text));
		break;
	case 2:
		try_head(text, len);
		break;
	case 3:
		try_date(text, len);
		break;
	case 4:
		try_cachecontrol(text);
		try_targeted(text);
		try_selecting(text);
		break;
	case 5:
		try_media(text);
		try_accept(text);
		try_tags(text);
		break;
	default:
		try_decoder(text, len);
	}
	mem_free(&text);
	return 0;
}
