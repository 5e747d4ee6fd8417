/* cli/fitting.c - a page of the cache file, its request and what it brings in
 * (contract: cli/fitting.h) */
#include "cli/fitting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "http/url.h"
#include "page/directive.h"
#include "page/param.h"

enum {
	DOCUMENTS_MAX = 50, /* of one page */
	INCLUDES_MAX = 200, /* put into one page */
	REDIRECTS_MAX = 5,  /* of one document */
	ROUNDS_MAX = 8,	    /* of documents that want documents */
	PARAMS_MAX = 100,
	ADDRESS_MAX = 8192,
	FITTING_ARENA = 4096,
};

/* One page that is being dressed. */
struct fitting {
	const struct fitting_with *with;
	const struct object *page;
	struct arena *arena; /* the page's own */
	struct outfit_doubt *doubt;
	struct head request;
	struct dress_ask ask;
	struct dress_param params[PARAMS_MAX];
	struct dress_document documents[DOCUMENTS_MAX];
	unsigned includes;
};

static PRINTF(2, 3) void doubt(struct fitting *fitting, const char *format, ...)
{
	va_list args;

	if (fitting->doubt->why[0])
		return; /* one reason is enough */
	va_start(args, format);
	vsnprintf(
	    fitting->doubt->why, sizeof(fitting->doubt->why), format, args);
	va_end(args);
}

/* ---- the request ---- */

/* The line of a field in what the page was stored for: "name: value\n", or
 * "name\n" for one that was absent. NULL: nobody knows. */
static const char *
variant_line(const struct object *page, const char *name)
{
	size_t len = strlen(name);
	const char *line = page->variant ? page->variant : "";

	while (*line) {
		if (strncasecmp(line, name, len) == 0 &&
		    (line[len] == ':' || line[len] == '\n'))
			return line;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return NULL;
}

static bool
is_known(const struct fitting *fitting, const char *name)
{
	const struct head *given = fitting->with->opts->fields;

	return variant_line(fitting->page, name) ||
	       strcasecmp(name, "Host") == 0 ||
	       (given && head_find(given, name));
}

static void
add_variant(struct fitting *fitting)
{
	const char *line = fitting->page->variant ? fitting->page->variant : "";

	while (*line) {
		size_t n = strcspn(line, "\n"), len = strcspn(line, ":\n");

		if (len < n)
			head_add_n(&fitting->request, line, len, line + len + 2,
			    n - len - 2);
		line += n + (line[n] == '\n');
	}
}

static void
make_request(struct fitting *fitting, const char *host)
{
	const struct head *given = fitting->with->opts->fields;

	head_init(&fitting->request, fitting->arena);
	head_add(&fitting->request, "Host", host);
	add_variant(fitting);
	for (unsigned i = 0; given && i < given->count; i++)
		if (!variant_line(fitting->page, given->fields[i].name))
			head_add(&fitting->request, given->fields[i].name,
			    given->fields[i].value);
}

/* The rules read it, so whoever sends it may get another page. */
static void
need(struct fitting *fitting, const char *field)
{
	if (strcmp(field, "*") == 0)
		doubt(fitting, "its rules look at the client's address, or at "
			       "any field of the request");
	else if (!is_known(fitting, field))
		doubt(fitting,
		    "its rules read the field %s, which is not stored; "
		    "%s says what to take for it",
		    field,
		    strcasecmp(field, "Cookie") == 0 ? "--cookie" : "--header");
}

static void
need_fields(struct fitting *fitting)
{
	const char *field;

	for (size_t i = 0;
	     (field = theme_reads_field(fitting->with->theme, i)) != NULL; i++)
		need(fitting, field);
}

/* ---- parameters ---- */

static void
add_param(struct fitting *fitting, const char *name, const char *value)
{
	struct dress_ask *ask = &fitting->ask;

	if (ask->params_count < PARAMS_MAX)
		fitting->params[ask->params_count++] =
		    (struct dress_param){name, value};
}

static const char *
value_of(struct fitting *fitting, enum param_from from, const char *what)
{
	struct arena *arena = fitting->arena;
	const struct head *request = &fitting->request;

	switch (from) {
	case PARAM_CONSTANT:
		return what;
	case PARAM_QUERY:
		return param_of_query(arena, fitting->ask.exchange.query, what);
	case PARAM_HEADER:
		return head_joined(request, what, arena);
	case PARAM_COOKIE:
		return param_of_cookies(
		    arena, head_find(request, "Cookie"), what);
	case PARAM_FROMS:
		break;
	}
	return NULL;
}

static void
add_own_params(struct fitting *fitting)
{
	const char *const *own = fitting->with->opts->params;
	enum param_from from;

	for (; own && *own; own++) {
		const char *what = param_read(*own, &from);
		const char *name =
		    arena_strndup(fitting->arena, *own, strcspn(*own, "="));

		if (!what)
			continue;
		add_param(fitting, name, value_of(fitting, from, what));
		if (!theme_reads_param(fitting->with->theme, name))
			continue;
		if (from == PARAM_HEADER)
			need(fitting, what);
		else if (from == PARAM_COOKIE)
			need(fitting, "Cookie");
	}
}

static void
place(struct fitting *fitting)
{
	struct arena *arena = fitting->arena;
	struct dress_ask *ask = &fitting->ask;
	const char *url = fitting->page->url, *host, *target, *query;
	size_t host_len;

	host = strstr(url, "://");
	ask->exchange.scheme =
	    arena_strndup(arena, url, host ? (size_t)(host - url) : 0);
	host = host ? host + 3 : url;
	host_len = strcspn(host, "/?");
	target = host[host_len] ? host + host_len : "/";
	query = strchr(target, '?');
	make_request(fitting, arena_strndup(arena, host, host_len));
	ask->path = arena_strndup(arena, target, strcspn(target, "?"));
	ask->exchange.method = "GET";
	ask->exchange.host =
	    arena_strndup(arena, host, routes_host_len(host, host_len));
	ask->exchange.query = query ? query + 1 : NULL;
	ask->exchange.request = &fitting->request;
	ask->exchange.response = &fitting->page->head;
	ask->exchange.status = fitting->page->status;
	add_param(fitting, "host", arena_strndup(arena, host, host_len));
	add_param(fitting, "scheme", ask->exchange.scheme);
	add_param(fitting, "query_string", query ? query + 1 : "");
	add_param(fitting, "url", arena_strndup(arena, url, strcspn(url, "?")));
	add_param(fitting, "base",
	    arena_strndup(arena, url, (size_t)(host - url) + host_len));
	add_own_params(fitting);
	ask->params = fitting->params;
	need_fields(fitting);
}

/* ---- what is brought in ---- */

CHECKED int
fitting_read_file(struct buf *out, const char *path, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	char piece[16384];
	size_t n;
	int rc = 0;

	if (!file)
		return err_set(err, "%s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0 &&
	       buf_add(out, piece, n) == 0)
		;
	if (ferror(file))
		rc = err_set(err, "%s: %s", path, strerror(errno));
	else if (out->failed)
		rc = err_set(err, "%s: over %d bytes", path, FITTING_FILE_MAX);
	fclose(file);
	return rc;
}

static void
free_bytes(void *bytes)
{
	free(bytes);
}

static void
release_object(void *arg)
{
	struct object *object = arg;

	object_unref(&object);
}

/* A reference as an address, in the arena; NULL: none. */
static const char *
joined(struct fitting *fitting, const char *base, const char *reference,
    size_t len)
{
	const char *url = NULL;
	struct buf buf;

	buf_init(&buf, ADDRESS_MAX);
	if (url_join(&buf, base, reference, len) == 0 && !buf.failed)
		url = arena_strdup(fitting->arena, buf.data);
	buf_fini(&buf);
	if (url)
		*strchrnul((char *)(uintptr_t)url, '#') = '\0';
	return url;
}

/* What is stored for it, redirects followed; the arena's. NULL: nothing. */
static const struct object *
find_stored(struct fitting *fitting, const char *url)
{
	for (int hop = 0; url && hop <= REDIRECTS_MAX; hop++) {
		struct object *object =
		    stored_answer(fitting->with->stored, url);
		const char *location;

		if (!object)
			return NULL;
		arena_keep(fitting->arena, release_object, object);
		if (object->status == 200)
			return object;
		location = head_find(&object->head, "Location");
		url = location
			  ? joined(fitting, url, location, strlen(location))
			  : NULL;
	}
	return NULL;
}

static void
get_file(struct fitting *fitting, struct dress_document *document)
{
	const char *path = document->href + strlen("file://");
	struct err err;
	struct buf buf;
	char *bytes;

	buf_init(&buf, FITTING_FILE_MAX);
	if (theme_may_read(fitting->with->theme, path) &&
	    fitting_read_file(&buf, path, &err) == 0) {
		bytes = buf_steal(&buf, &document->len);
		arena_keep(fitting->arena, free_bytes, bytes);
		document->bytes = bytes;
	} else {
		document->why = "it may not be read, or is not there";
	}
	buf_fini(&buf);
}

static void
get_stored(struct fitting *fitting, struct dress_document *document)
{
	const char *url = joined(fitting, fitting->page->url, document->href,
	    strlen(document->href));
	const struct object *object = find_stored(fitting, url);

	if (!object) {
		document->why = "it is not in the cache file";
		doubt(fitting, "%s is not in the cache file",
		    url ? url : document->href);
		return;
	}
	document->bytes = object->body->bytes;
	document->len = object->body->len;
	document->content_type = head_find(&object->head, "Content-Type");
}

/* From the cache file, or a file that the rules may read. */
static void
get_document(struct fitting *fitting, struct dress_document *document)
{
	if (strncmp(document->href, "file://", 7) == 0)
		get_file(fitting, document);
	else
		get_stored(fitting, document);
}

static int
get_documents(struct fitting *fitting, struct err *err)
{
	struct dress_ask *ask = &fitting->ask;
	const char *href;

	for (size_t i = 0;
	     (href = dresser_wanted(fitting->with->dresser, i)) != NULL; i++) {
		struct dress_document *document =
		    &fitting->documents[ask->documents_count];

		if (ask->documents_count == DOCUMENTS_MAX)
			return err_set(err,
			    "its rules want more than %d documents",
			    DOCUMENTS_MAX);
		document->href = arena_strdup(fitting->arena, href);
		get_document(fitting, document);
		ask->documents_count++;
	}
	ask->documents = fitting->documents;
	return 0;
}

/* ---- includes ---- */

static void
put_part(struct fitting *fitting, struct buf *out, const struct object *object,
    const char *expression)
{
	const struct filter_ask ask = {
	    .bytes = object->body->bytes,
	    .len = object->body->len,
	    .content_type = head_find(&object->head, "Content-Type"),
	    .libxml2 = fitting->with->opts->page_parser == PARSER_LIBXML2,
	    .xpath = expression,
	};
	struct err err;
	struct buf part;

	buf_init(&part, FITTING_FILE_MAX);
	if (theme_filter(&ask, &part, &err) == FILTERED)
		buf_add(out, part.data, part.len);
	else
		doubt(fitting, "an include: %s", err.text);
	buf_fini(&part);
}

static void
put_include(struct fitting *fitting, struct buf *out, const char *address)
{
	const char *expression = directive_expression(fitting->arena, address);
	const char *url = joined(
	    fitting, fitting->page->url, address, directive_page_len(address));
	const struct object *object = fitting->includes++ < INCLUDES_MAX
					  ? find_stored(fitting, url)
					  : NULL;

	if (!object)
		doubt(fitting,
		    "%s, which it includes, is not in the cache "
		    "file",
		    url ? url : address);
	else if (expression)
		put_part(fitting, out, object, expression);
	else
		buf_add(out, object->body->bytes, object->body->len);
}

/* One level. False: there was none. */
static bool
include_once(struct fitting *fitting, const struct buf *text, struct buf *out)
{
	struct scan scan = {
	    .how = fitting->with->opts->includes,
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
			put_include(fitting, out,
			    directive_address(room, directive.address));
		else
			buf_add(
			    out, directive.inside.from, directive.inside.len);
		at = directive.end;
	}
	buf_add(out, at, (size_t)(scan.end - at));
	return any;
}

static int
include_all(struct fitting *fitting, struct buf *text, struct err *err)
{
	bool any = fitting->with->opts->includes != INCLUDES_NONE;

	for (int level = 0; any && text->len && level < INCLUDE_LEVELS_MAX;
	     level++) {
		struct buf out;

		buf_init(&out, text->max);
		any = include_once(fitting, text, &out);
		if (out.failed) {
			buf_fini(&out);
			return err_set(err, "with its includes it is too big");
		}
		buf_fini(text);
		*text = out;
	}
	return 0;
}

/* ---- all of it ---- */

static enum dressed
dress(struct fitting *fitting, struct buf *out, struct err *err)
{
	const struct fitting_with *with = fitting->with;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		enum dressed how = theme_dress(
		    with->theme, with->dresser, &fitting->ask, out, err);

		if (how == DRESSED && include_all(fitting, out, err) != 0)
			return DRESSED_FAILED;
		if (how != DRESSED_WANTS)
			return how;
		if (get_documents(fitting, err) != 0)
			return DRESSED_FAILED;
	}
	err_set(err, "its rules want ever more documents");
	return DRESSED_FAILED;
}

CHECKED enum dressed
fitting_dress(const struct fitting_with *with, const struct object *page,
    struct dress_trace *trace, struct buf *out, struct outfit_doubt *why,
    struct err *err)
{
	struct fitting *fitting = mem_new(sizeof(*fitting));
	enum dressed how;

	fitting->with = with;
	fitting->page = page;
	fitting->doubt = why;
	fitting->arena = arena_new(FITTING_ARENA);
	fitting->ask.bytes = page->body->bytes;
	fitting->ask.len = page->body->len;
	fitting->ask.content_type = head_find(&page->head, "Content-Type");
	fitting->ask.trace = trace;
	fitting->ask.libxml2 = with->opts->page_parser == PARSER_LIBXML2;
	place(fitting);
	how = dress(fitting, out, err);
	if (how != DRESSED) {
		buf_clear(out);
		buf_add(out, page->body->bytes, page->body->len);
	}
	arena_free(&fitting->arena);
	mem_free(&fitting);
	return how;
}
