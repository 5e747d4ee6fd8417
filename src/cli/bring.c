/* cli/bring.c - documents and includes from a cache file (contract:
 * cli/bring.h) */
#include "cli/bring.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "http/url.h"
#include "page/expand.h"
#include "page/weave.h"

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

static bool
take_part(struct bring *bring, struct slice *out, const struct object *object,
    const char *expression)
{
	const struct site_opts *limits = bring->with->opts->limits;
	const struct filter_ask ask = {
	    .bytes = object->body->bytes,
	    .len = object->body->len,
	    .content_type = head_find(&object->head, "Content-Type"),
	    .libxml2 = limits && limits->html_parser == PARSER_LIBXML2,
	    .xpath = expression,
	};
	struct err err;
	struct buf part;
	bool is_taken;

	buf_init(&part, OUTFIT_FILE_MAX);
	is_taken = theme_filter(&ask, &part, &err) == FILTERED;
	if (is_taken)
		out->from = input_keep(bring->arena, &part, &out->len);
	else
		bring_doubt(bring, "an include: %s", err.text);
	buf_fini(&part);
	return is_taken;
}

static enum had
get_include(void *arg, const char *base, const char *address,
    struct included *out)
{
	struct bring *bring = arg;
	const char *expression = directive_expression(bring->arena, address);
	const char *url = joined(bring, base ? base : bring->page->url,
	    address, directive_page_len(address));
	const struct object *object =
	    bring->includes++ < INCLUDES_MAX ? find_stored(bring, url) : NULL;

	if (!object) {
		bring_doubt(bring,
		    "%s, which it includes, is not in the cache "
		    "file",
		    url ? url : address);
		return HAD_NOT;
	}
	out->text = (struct slice){object->body->bytes, object->body->len};
	out->base = url;
	out->is_read = weave_reads(bring->with->opts->includes, &object->head);
	return !expression || take_part(bring, &out->text, object, expression)
		   ? HAD : HAD_NOT;
}

int
bring_includes(struct bring *bring, struct buf *text, struct err *err)
{
	const struct expand_ask ask = {
	    .how = bring->with->opts->includes,
	    .text = {text->data, text->len},
	    .get = get_include,
	    .arg = bring,
	};
	struct expanded said;
	struct buf out;

	if (ask.how == INCLUDES_NONE || !expand_is_due(ask.how, ask.text))
		return 0;
	buf_init(&out, text->max);
	if (expand(&ask, &out, &said) != 0) {
		buf_fini(&out);
		return err_set(err, "with its includes it is too big");
	}
	buf_fini(text);
	*text = out;
	return 0;
}
