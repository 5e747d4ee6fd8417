/* cli/fitting.c - a page of the cache file and its request (contract:
 * cli/fitting.h) */
#include "cli/fitting.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "cli/bring.h"
#include "page/limits.h"
#include "page/param.h"

enum {
	DOCUMENTS_MAX = 50, /* of one page */
	ROUNDS_MAX = 8,	    /* of documents that want documents */
	PARAMS_MAX = 100,
	FITTING_ARENA = 4096,
};

/* One page that is being dressed. */
struct fitting {
	struct bring bring; /* whose page, arena and doubt these are */
	struct head request;
	struct dress_ask ask;
	struct dress_param params[PARAMS_MAX];
	struct dress_document documents[DOCUMENTS_MAX];
};

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
	const struct head *given = fitting->bring.with->opts->fields;

	return variant_line(fitting->bring.page, name) ||
	       strcasecmp(name, "Host") == 0 ||
	       (given && head_find(given, name));
}

static void
add_variant(struct fitting *fitting)
{
	const char *line =
	    fitting->bring.page->variant ? fitting->bring.page->variant : "";

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
	const struct head *given = fitting->bring.with->opts->fields;

	head_init(&fitting->request, fitting->bring.arena);
	head_add(&fitting->request, "Host", host);
	add_variant(fitting);
	for (unsigned i = 0; given && i < given->count; i++)
		if (!variant_line(fitting->bring.page, given->fields[i].name))
			head_add(&fitting->request, given->fields[i].name,
			    given->fields[i].value);
}

/* The rules read it, so whoever sends it may get another page. */
static void
need(struct fitting *fitting, const char *field)
{
	if (strcmp(field, "*") == 0)
		bring_doubt(&fitting->bring,
		    "its rules look at the client's address, or at "
		    "any field of the request");
	else if (!is_known(fitting, field))
		bring_doubt(&fitting->bring,
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
	     (field = theme_reads_field(fitting->bring.with->theme, i)) != NULL;
	     i++)
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
	struct arena *arena = fitting->bring.arena;
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
	const char *const *own = fitting->bring.with->opts->params;
	enum param_from from;

	for (; own && *own; own++) {
		const char *what = param_read(*own, &from);
		const char *name = arena_strndup(
		    fitting->bring.arena, *own, strcspn(*own, "="));

		if (!what)
			continue;
		add_param(fitting, name, value_of(fitting, from, what));
		if (!theme_reads_param(fitting->bring.with->theme, name))
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
	struct arena *arena = fitting->bring.arena;
	struct dress_ask *ask = &fitting->ask;
	const char *url = fitting->bring.page->url, *host, *target, *query;
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
	ask->exchange.response = &fitting->bring.page->head;
	ask->exchange.status = fitting->bring.page->status;
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

/* ---- documents ---- */

static int
get_documents(struct fitting *fitting, struct err *err)
{
	struct dress_ask *ask = &fitting->ask;
	const char *href;

	for (size_t i = 0;
	     (href = dresser_wanted(fitting->bring.with->dresser, i)) != NULL;
	     i++) {
		struct dress_document *document =
		    &fitting->documents[ask->documents_count];

		if (ask->documents_count == DOCUMENTS_MAX)
			return err_set(err,
			    "its rules want more than %d documents",
			    DOCUMENTS_MAX);
		document->href = arena_strdup(fitting->bring.arena, href);
		bring_document(&fitting->bring, document);
		ask->documents_count++;
	}
	ask->documents = fitting->documents;
	return 0;
}

/* ---- all of it ---- */

static enum dressed
dress(struct fitting *fitting, struct buf *out, struct err *err)
{
	const struct fitting_with *with = fitting->bring.with;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		enum dressed how = theme_dress(
		    with->theme, with->dresser, &fitting->ask, out, err);

		if (how == DRESSED &&
		    bring_includes(&fitting->bring, out, err) != 0)
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

	fitting->bring = (struct bring){
	    .with = with,
	    .page = page,
	    .arena = arena_new(FITTING_ARENA),
	    .doubt = why,
	};
	fitting->ask.bytes = page->body->bytes;
	fitting->ask.len = page->body->len;
	fitting->ask.content_type = head_find(&page->head, "Content-Type");
	fitting->ask.trace = trace;
	if (with->opts->limits)
		dress_set_limits(&fitting->ask, with->opts->limits);
	place(fitting);
	how = dress(fitting, out, err);
	if (how != DRESSED) {
		buf_clear(out);
		buf_add(out, page->body->bytes, page->body->len);
	}
	arena_free(&fitting->bring.arena);
	mem_free(&fitting);
	return how;
}
