/* libFuzzer on chunked bodies, http/chunked.h
 *
 * However the bytes are cut: the body, its end and what is behind it are those
 * that a plain reader of the whole finds. The first byte is how they are
 * cut. */
#include <stdlib.h>

#include "pieces.h"
#include "plain_chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	enum plain ended;
	size_t used;
	struct buf body;
};

static void
read_plain(struct result *result, const char *bytes, size_t len)
{
	struct plain_text text = {bytes, bytes + len};

	buf_init(&result->body, SPREAD_MAX);
	result->ended = plain_chunked(&text, &result->body);
	result->used = (size_t)(text.at - bytes);
}

/* All of a piece; false: it is over, or not chunked. */
static bool
take_piece(struct result *result, struct chunked *chunked, const char *piece,
    size_t len)
{
	struct slice body;
	ssize_t took = 1;

	for (; len > 0 && took > 0; piece += took, len -= (size_t)took) {
		took = chunked_take(chunked, piece, len, &body);
		if (took < 0) {
			result->ended = PLAIN_BAD;
			return false;
		}
		must((size_t)took <= len && body.len <= (size_t)took);
		must(body.len == 0 || body.from + body.len == piece + took);
		must(took > 0 || chunked_is_over(chunked));
		must(buf_add(&result->body, body.from, body.len) == 0);
		result->used += (size_t)took;
	}
	if (!chunked_is_over(chunked))
		return true;
	result->ended = PLAIN_OVER;
	return false;
}

static void
read_pieces(
    struct result *result, const char *bytes, size_t len, struct cuts cuts)
{
	struct chunked chunked = {.at = 0};
	size_t there;
	bool goes_on = true;
	char *piece;

	buf_init(&result->body, SPREAD_MAX);
	result->ended = PLAIN_MORE;
	result->used = 0;
	for (; len > 0 && goes_on; bytes += there, len -= there) {
		there = cuts_next(&cuts, len);
		piece = piece_new(bytes, there);
		goes_on = take_piece(result, &chunked, piece, there);
		mem_free(&piece);
	}
}

static void
compare(
    const struct result *plain, const char *bytes, size_t len, uint32_t seed)
{
	struct cuts cuts = {seed};
	struct result result;

	read_pieces(&result, bytes, len, cuts);
	must(result.ended == plain->ended);
	must(result.ended != PLAIN_OVER || result.used == plain->used);
	must(result.body.len == plain->body.len);
	must(result.body.len == 0 ||
	     memcmp(result.body.data, plain->body.data, result.body.len) == 0);
	buf_fini(&result.body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result plain;
	struct buf bytes;

	if (size == 0)
		return 0;
	spread(&bytes, data + 1, size - 1);
	read_plain(&plain, bytes.data, bytes.len);
	compare(&plain, bytes.data, bytes.len, 0);
	compare(&plain, bytes.data, bytes.len, cuts_seed(data[0]));
	if (bytes.len <= EACH_BYTE_MAX)
		compare(&plain, bytes.data, bytes.len, 1);
	buf_fini(&plain.body);
	buf_fini(&bytes);
	return 0;
}
