/* libFuzzer on ranges: what a client asks for, what an answer says it is, and
 * what becomes of parts that are put together
 *
 * The input is lines: a Range, an If-Range, and then any number of parts, each
 * a Content-Range. Each part's bytes are those of one text, so that whatever
 * was put together must be a piece of that text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cache/partial.h"

enum { TEXT_LEN = 4096, LINES_MAX = 64, LINE_MAX = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char text[TEXT_LEN];
static const struct policy_opts opts = {.stale_max_ms = 60000};

/* The next line, NUL-ended; false: there is none. */
static bool
next_line(char line[LINE_MAX], const char **at, const char *end)
{
	const char *newline;
	size_t len;

	if (*at >= end)
		return false;
	newline = memchr(*at, '\n', (size_t)(end - *at));
	len = (size_t)((newline ? newline : end) - *at);
	if (len >= LINE_MAX)
		len = LINE_MAX - 1;
	memcpy(line, *at, len);
	line[len] = '\0';
	*at = newline ? newline + 1 : end;
	return true;
}

static struct object *
object_of(const char *content_range)
{
	struct key key = {.text = "r s http://x/", .len = 13};
	struct object *object;
	struct parts parts;
	struct span span;
	size_t len;
	char *copy;

	if (!partial_read(&parts, content_range) || parts.count != 1 ||
	    parts.span[0].last >= TEXT_LEN)
		return NULL;
	span = parts.span[0];
	len = (size_t)(span.last - span.first + 1);
	copy = mem_new(len + 1);
	memcpy(copy, text + span.first, len);
	object = object_new(&key, KIND_RANGE, "s");
	object->body = body_new(&copy, len);
	object->status = 206;
	head_add(&object->head, "Content-Range", content_range);
	head_add(&object->head, "ETag", "\"a\"");
	return object;
}

static void
check_stored(const struct object *object)
{
	const char *at = object->body->bytes;
	struct parts parts;

	must(partial_of(&parts, object));
	for (unsigned i = 0; i < parts.count; i++) {
		struct span span = parts.span[i];

		must(memcmp(at, text + span.first, span.last - span.first +
		    1) == 0);
		must(partial_has(&parts, span));
		at += span.last - span.first + 1;
	}
}

static void
check_cut(const struct object *object, struct asked asked)
{
	struct span span = {0, 0};
	struct object *cut;
	struct parts parts;
	enum satisfied how;

	if (asked.form == ASKED_ELSE || !partial_of(&parts, object))
		return;
	how = partial_resolve(asked, parts.len, &span);
	must(how != SPAN_IS || (span.first <= span.last &&
	    span.last < parts.len));
	cut = partial_cut(object, &parts, how, span);
	must(!cut || cut->status == 416 ||
	    (cut->body->len == span.last - span.first + 1 &&
		memcmp(cut->body->bytes, text + span.first,
		    cut->body->len) == 0));
	object_unref(&cut);
}

static void
check_whole(const struct object *object)
{
	struct key key = {.text = "p s http://x/", .len = 13};
	struct object *whole = partial_whole(object, &key);
	struct parts parts;

	must(partial_of(&parts, object));
	must(!whole || (whole->status == 200 && whole->body->len == parts.len));
	object_unref(&whole);
}

static void
take_in(struct object **all, struct object *fresh)
{
	struct policy_answer facts = {206, &fresh->head, 1000, 1000};
	struct object *both = partial_combine(*all, fresh, TEXT_LEN, &facts,
	    &opts);

	must(both);
	check_stored(both);
	object_unref(all);
	*all = both;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	char range[LINE_MAX] = "", line[LINE_MAX] = "";
	struct object *all = NULL, *fresh;
	struct asked asked;
	unsigned count = 0;

	for (size_t i = 0; i < TEXT_LEN; i++)
		text[i] = (char)(i * 31 + i / 256);
	(void)next_line(range, &at, end);
	asked = partial_asked(range);
	(void)partial_asks_too_much(range);
	if (next_line(line, &at, end) && (fresh = object_of("bytes 0-0/1"))) {
		(void)partial_if_range(&fresh->head, line);
		object_unref(&fresh);
	}
	while (next_line(line, &at, end) && count++ < LINES_MAX) {
		fresh = object_of(line);
		if (!fresh)
			continue;
		(void)partial_is_answer(&fresh->head,
		    (int64_t)fresh->body->len, asked);
		take_in(&all, fresh);
		object_unref(&fresh);
	}
	if (all) {
		check_cut(all, asked);
		check_whole(all);
	}
	object_unref(&all);
	return 0;
}
