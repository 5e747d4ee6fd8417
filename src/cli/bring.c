/* cli/bring.c - documents and includes from a cache file (contract:
 * cli/bring.h) */
#include "cli/bring.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "http/url.h"
#include "page/directive.h"

enum {
	INCLUDES_MAX = 200, /* put into one page */
	REDIRECTS_MAX = 5,  /* of one document */
	ADDRESS_MAX = 8192,
};

void
bring_doubt(struct bring *bring, const char *format, ...)
{
	va_list args;

	if (bring->doubt->why[0])
		return; /* one reason is enough */
	va_start(args, format);
	vsnprintf(bring->doubt->why, sizeof(bring->doubt->why), format, args);
	va_end(args);
}

/* ---- documents ---- */

/* A reference as an address, in the arena; NULL: none. */
static const char *
joined(struct bring *bring, const char *base, const char *reference, size_t len)
{
	const char *url = NULL;
	struct buf buf;

	buf_init(&buf, ADDRESS_MAX);
	if (url_join(&buf, base, reference, len) == 0 && !buf.failed)
		url = arena_strndup(
		    bring->arena, buf.data, strcspn(buf.data, "#"));
	buf_fini(&buf);
	return url;
}

/* What is stored for it, redirects followed; the arena's. NULL: nothing. */
static const struct object *
find_stored(struct bring *bring, const char *url)
{
	for (int hop = 0; url && hop <= REDIRECTS_MAX; hop++) {
		struct object *object = stored_answer(bring->with->stored, url);
		const char *location;

		if (!object)
			return NULL;
		object_keep(bring->arena, object);
		if (object->status == 200)
			return object;
		location = head_find(&object->head, "Location");
		url = location ? joined(bring, url, location, strlen(location))
			       : NULL;
	}
	return NULL;
}

static void
get_file(struct bring *bring, struct dress_document *document)
{
	const char *path = document->href + strlen("file://");
	struct err err;
	struct buf buf;

	buf_init(&buf, OUTFIT_FILE_MAX);
	if (theme_may_read(bring->with->theme, path) &&
	    input_read(&buf, path, &err) == 0)
		document->bytes =
		    input_keep(bring->arena, &buf, &document->len);
	else
		document->why = "it may not be read, or is not there";
	buf_fini(&buf);
}

static void
get_stored(struct bring *bring, struct dress_document *document)
{
	const char *url = joined(
	    bring, bring->page->url, document->href, strlen(document->href));
	const struct object *object = find_stored(bring, url);

	if (!object) {
		document->why = "it is not in the cache file";
		bring_doubt(bring, "%s is not in the cache file",
		    url ? url : document->href);
		return;
	}
	document->bytes = object->body->bytes;
	document->len = object->body->len;
	document->content_type = head_find(&object->head, "Content-Type");
}

void
bring_document(struct bring *bring, struct dress_document *document)
{
	if (strncmp(document->href, "file://", 7) == 0)
		get_file(bring, document);
	else
		get_stored(bring, document);
}

/* ---- includes ---- */

static void
put_part(struct bring *bring, struct buf *out, const struct object *object,
    const char *expression)
{
	const struct filter_ask ask = {
	    .bytes = object->body->bytes,
	    .len = object->body->len,
	    .content_type = head_find(&object->head, "Content-Type"),
	    .libxml2 = bring->with->opts->page_parser == PARSER_LIBXML2,
	    .xpath = expression,
	};
	struct err err;
	struct buf part;

	buf_init(&part, OUTFIT_FILE_MAX);
	if (theme_filter(&ask, &part, &err) == FILTERED)
		buf_add(out, part.data, part.len);
	else
		bring_doubt(bring, "an include: %s", err.text);
	buf_fini(&part);
}

static void
put_include(struct bring *bring, struct buf *out, const char *address)
{
	const char *expression = directive_expression(bring->arena, address);
	const char *url = joined(
	    bring, bring->page->url, address, directive_page_len(address));
	const struct object *object =
	    bring->includes++ < INCLUDES_MAX ? find_stored(bring, url) : NULL;

	if (!object)
		bring_doubt(bring,
		    "%s, which it includes, is not in the cache "
		    "file",
		    url ? url : address);
	else if (expression)
		put_part(bring, out, object, expression);
	else
		buf_add(out, object->body->bytes, object->body->len);
}

/* One level. False: there was none. */
static bool
include_once(struct bring *bring, const struct buf *text, struct buf *out)
{
	struct scan scan = {
	    .how = bring->with->opts->includes,
	    .at = text->data,
	    .end = text->data + text->len,
	};
	const char *at = text->data;
	struct directive directive;
	char room[INCLUDE_MAX];
	bool any = false;

	while (!out->failed && directive_next(&directive, &scan)) {
		any = true;
		buf_add(out, at, (size_t)(directive.from - at));
		if (directive.address.from)
			put_include(bring, out,
			    directive_address(room, directive.address));
		else
			buf_add(
			    out, directive.inside.from, directive.inside.len);
		at = directive.end;
	}
	buf_add(out, at, (size_t)(scan.end - at));
	return any;
}

int
bring_includes(struct bring *bring, struct buf *text, struct err *err)
{
	bool any = bring->with->opts->includes != INCLUDES_NONE;

	for (int level = 0; any && text->len && level < INCLUDE_LEVELS_MAX;
	     level++) {
		struct buf out;

		buf_init(&out, text->max);
		any = include_once(bring, text, &out);
		if (out.failed) {
			buf_fini(&out);
			return err_set(err, "with its includes it is too big");
		}
		buf_fini(text);
		*text = out;
	}
	return 0;
}
