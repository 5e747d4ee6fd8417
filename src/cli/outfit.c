/* cli/outfit.c - rules and a theme from files, and pages of a cache file
 * dressed with them (contract: cli/outfit.h) */
#include "cli/outfit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "cli/get.h"
#include "http/url.h"

enum {
	FILE_MAX = 16 << 20,
	PAGES_MAX = 100,    /* theme pages */
	DOCUMENTS_MAX = 50, /* of one page */
	ROUNDS_MAX = 8,	    /* of documents that want documents */
	PARAMS_MAX = 100,
	ADDRESS_MAX = 8192,
	OUTFIT_ARENA = 4096,
};

struct outfit {
	struct outfit_opts opts;
	struct stored *stored; /* borrowed */
	struct arena *arena;
	struct rules *rules;
	struct theme *theme;
	struct dresser *dresser;
	struct theme_page pages[PAGES_MAX + 1];
	size_t pages_count;
};

static bool
is_http(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	       strncasecmp(text, "https://", 8) == 0;
}

static void
free_bytes(void *bytes)
{
	free(bytes);
}

/* What was read becomes the arena's. */
static const char *
keep(struct arena *arena, struct buf *buf, size_t *len)
{
	char *bytes = buf_steal(buf, len);

	arena_keep(arena, free_bytes, bytes);
	return bytes;
}

static int
read_file(struct buf *out, const char *path, struct err *err)
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
		rc = err_set(err, "%s: over %d bytes", path, FILE_MAX);
	fclose(file);
	return rc;
}

/* ---- theme pages ---- */

static void
release_object(void *arg)
{
	struct object *object = arg;

	object_unref(&object);
}

static int
fetch_page(struct outfit *outfit, struct theme_page *page, struct err *err)
{
	struct object *object = stored_find(outfit->stored, page->url);
	struct buf buf;
	int rc;

	if (object) {
		arena_keep(outfit->arena, release_object, object);
		page->bytes = object->body->bytes;
		page->len = object->body->len;
		page->content_type = head_find(&object->head, "Content-Type");
		return 0;
	}
	buf_init(&buf, FILE_MAX);
	rc = get_url(&buf, page->url, err);
	if (rc == 0)
		page->bytes = keep(outfit->arena, &buf, &page->len);
	buf_fini(&buf);
	return rc;
}

/* As the server does: a file's folder is a site of a made-up name. */
static int
read_page(struct outfit *outfit, struct theme_page *page, const char *path,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct buf buf;
	int rc;

	buf_init(&buf, FILE_MAX);
	rc = read_file(&buf, path, err);
	if (rc == 0)
		page->bytes = keep(outfit->arena, &buf, &page->len);
	page->url = arena_printf(outfit->arena, "http://%s.theme.invalid/%s",
	    outfit->opts.name, slash ? slash + 1 : path);
	buf_fini(&buf);
	return rc;
}

static int
add_page(
    struct outfit *outfit, const char *where, const char *href, struct err *err)
{
	struct theme_page *page = &outfit->pages[outfit->pages_count];

	if (outfit->pages_count > PAGES_MAX)
		return err_set(err, "more than %d theme pages", PAGES_MAX);
	outfit->pages_count++;
	page->href = href;
	if (is_http(where)) {
		page->url = arena_strdup(outfit->arena, where);
		return fetch_page(outfit, page, err);
	}
	if (strncmp(where, "file://", 7) == 0)
		where += 7;
	if (href && !rules_may_read(outfit->rules, where))
		return err_set(err,
		    "%s: the theme is not there, or not below "
		    "the folder of the rules",
		    where);
	return read_page(outfit, page, where, err);
}

static bool
has_one_origin(const struct outfit *outfit)
{
	for (size_t i = 1; i < outfit->pages_count; i++)
		if (!url_same_origin(
			outfit->pages[i].url, outfit->pages[0].url))
			return false;
	return true;
}

static int
weave(struct outfit *outfit, struct err *err)
{
	const struct theme_opts opts = {
	    .prefix =
		arena_printf(outfit->arena, "/.livery/t/%s", outfit->opts.name),
	    .links =
		has_one_origin(outfit) && outfit->opts.assets == ASSETS_CACHE
		    ? LINKS_CACHE
		    : LINKS_ABSOLUTE,
	};

	return theme_build(&outfit->theme, outfit->rules, outfit->pages,
	    outfit->pages_count, &opts, err);
}

static int
make(struct outfit *outfit, struct err *err)
{
	const struct rules_opts opts = {.root = outfit->opts.rules_root};
	const char *href;

	if (rules_load(&outfit->rules, outfit->opts.rules, &opts, err) != 0)
		return -1;
	for (size_t i = 0; (href = rules_theme_href(outfit->rules, i)); i++)
		if (add_page(outfit, href, href, err) != 0)
			return -1;
	if (outfit->opts.theme &&
	    add_page(outfit, outfit->opts.theme, NULL, err) != 0)
		return -1;
	return weave(outfit, err);
}

CHECKED int
outfit_new(struct outfit **out, const struct outfit_opts *opts,
    struct stored *stored, struct err *err)
{
	struct outfit *outfit = mem_new(sizeof(*outfit));

	outfit->opts = *opts;
	outfit->stored = stored;
	outfit->arena = arena_new(OUTFIT_ARENA);
	outfit->dresser = dresser_new();
	if (make(outfit, err) != 0) {
		outfit_free(&outfit);
		return -1;
	}
	*out = outfit;
	return 0;
}

void
outfit_free(struct outfit **outfit)
{
	struct outfit *old = *outfit;

	if (!old)
		return;
	theme_unref(&old->theme);
	rules_unref(&old->rules);
	dresser_free(&old->dresser);
	arena_free(&old->arena);
	mem_free(outfit);
}

const char *
outfit_version(const struct outfit *outfit)
{
	return theme_version(outfit->theme);
}

const struct theme *
outfit_theme(const struct outfit *outfit)
{
	return outfit->theme;
}

/* ---- a page ---- */

/* One page that is being dressed. */
struct fitting {
	struct outfit *outfit;
	const struct object *page;
	struct arena *arena; /* the page's own */
	struct dress_ask ask;
	struct dress_param params[PARAMS_MAX];
	struct dress_document documents[DOCUMENTS_MAX];
};

static void
add_param(struct fitting *fitting, const char *name, const char *value)
{
	struct dress_ask *ask = &fitting->ask;

	if (ask->params_count < PARAMS_MAX)
		fitting->params[ask->params_count++] =
		    (struct dress_param){name, value};
}

static const char *
query_value(struct fitting *fitting, const char *query, const char *name)
{
	size_t len = strlen(name);

	while (query && *query) {
		size_t n = strcspn(query, "&");

		if (n > len && query[len] == '=' &&
		    strncmp(query, name, len) == 0)
			return arena_strndup(
			    fitting->arena, query + len + 1, n - len - 1);
		query += n + (query[n] == '&');
	}
	return NULL;
}

/* Of the site's own, fields and cookies are not there: a stored page is for
 * those who sent none. */
static void
add_own_params(struct fitting *fitting, const char *query)
{
	const char *const *own = fitting->outfit->opts.params;

	for (; own && *own; own++) {
		size_t n = strcspn(*own, "=");
		const char *what = *own + n + ((*own)[n] == '=');
		const char *value = NULL;

		if (strncmp(what, "constant:", 9) == 0)
			value = what + 9;
		else if (strncmp(what, "query:", 6) == 0)
			value = query_value(fitting, query, what + 6);
		add_param(
		    fitting, arena_strndup(fitting->arena, *own, n), value);
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
	ask->path = arena_strndup(arena, target, strcspn(target, "?"));
	ask->exchange.method = "GET";
	ask->exchange.host =
	    arena_strndup(arena, host, routes_host_len(host, host_len));
	ask->exchange.query = query ? query + 1 : NULL;
	ask->exchange.response = &fitting->page->head;
	ask->exchange.status = fitting->page->status;
	add_param(fitting, "host", arena_strndup(arena, host, host_len));
	add_param(fitting, "scheme", ask->exchange.scheme);
	add_param(fitting, "query_string", query ? query + 1 : "");
	add_param(fitting, "url", arena_strndup(arena, url, strcspn(url, "?")));
	add_param(fitting, "base",
	    arena_strndup(arena, url, (size_t)(host - url) + host_len));
	add_own_params(fitting, query ? query + 1 : NULL);
	ask->params = fitting->params;
}

/* From the cache file, or a file that the rules may read. */
static void
get_document(struct fitting *fitting, struct dress_document *document)
{
	const char *href = document->href;
	struct object *object;
	struct buf buf;
	struct err err;

	buf_init(&buf, FILE_MAX);
	if (strncmp(href, "file://", 7) == 0) {
		if (theme_may_read(fitting->outfit->theme, href + 7) &&
		    read_file(&buf, href + 7, &err) == 0)
			document->bytes =
			    keep(fitting->arena, &buf, &document->len);
		else
			document->why = "it may not be read, or is not there";
	} else if (url_join(&buf, fitting->page->url, href, strlen(href)) !=
		       0 ||
		   !(object = stored_find(fitting->outfit->stored, buf.data))) {
		document->why = "it is not in the cache file";
	} else {
		arena_keep(fitting->arena, release_object, object);
		document->bytes = object->body->bytes;
		document->len = object->body->len;
		document->content_type =
		    head_find(&object->head, "Content-Type");
	}
	buf_fini(&buf);
}

static int
get_documents(struct fitting *fitting, struct err *err)
{
	struct dress_ask *ask = &fitting->ask;
	const char *href;

	for (size_t i = 0;
	     (href = dresser_wanted(fitting->outfit->dresser, i)) != NULL;
	     i++) {
		struct dress_document *document =
		    &fitting->documents[ask->documents_count];

		if (ask->documents_count == DOCUMENTS_MAX)
			return err_set(err,
			    "its rules want more than %d "
			    "documents",
			    DOCUMENTS_MAX);
		document->href = arena_strdup(fitting->arena, href);
		get_document(fitting, document);
		ask->documents_count++;
	}
	ask->documents = fitting->documents;
	return 0;
}

static enum dressed
dress(struct fitting *fitting, struct buf *out, struct err *err)
{
	struct outfit *outfit = fitting->outfit;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		enum dressed how = theme_dress(
		    outfit->theme, outfit->dresser, &fitting->ask, out, err);

		if (how != DRESSED_WANTS)
			return how;
		if (get_documents(fitting, err) != 0)
			return DRESSED_FAILED;
	}
	err_set(err, "its rules want ever more documents");
	return DRESSED_FAILED;
}

CHECKED enum dressed
outfit_dress(struct outfit *outfit, const struct object *page,
    struct dress_trace *trace, struct buf *out, struct err *err)
{
	struct fitting *fitting = mem_new(sizeof(*fitting));
	enum dressed how;

	fitting->outfit = outfit;
	fitting->page = page;
	fitting->arena = arena_new(OUTFIT_ARENA);
	fitting->ask.bytes = page->body->bytes;
	fitting->ask.len = page->body->len;
	fitting->ask.content_type = head_find(&page->head, "Content-Type");
	fitting->ask.trace = trace;
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
