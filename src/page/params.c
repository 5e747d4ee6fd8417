/* page/params.c - parameters of the rules: $path and its like, and the site's
 * own
 *
 * A site's own is written NAME=constant:TEXT, NAME=query:ARGUMENT,
 * NAME=header:FIELD or NAME=cookie:NAME. One that the request does not have is
 * an empty node-set: false.
 *
 * A stored page is dressed for all who may see it. So where the rules read a
 * field or a cookie, what they make of a page is for one request alone. */
#include <string.h>
#include <strings.h>

#include "page/life.h"

enum { VALUE_MAX = 8192 };

enum from { FROM_CONSTANT, FROM_QUERY, FROM_HEADER, FROM_COOKIE, FROMS };

static const char *const kinds[FROMS] = {
    "constant:", "query:", "header:", "cookie:"};

/* What stands behind NAME=KIND:, and which kind; NULL: none of them. */
static const char *
parse(const char *text, enum from *from)
{
	const char *at = strchr(text, '=');

	for (*from = 0; at && *from < FROMS; (*from)++)
		if (strncmp(at + 1, kinds[*from], strlen(kinds[*from])) == 0)
			return at + 1 + strlen(kinds[*from]);
	return NULL;
}

bool
params_is_one(const char *text)
{
	enum from from;
	size_t name = strcspn(text, "=");
	const char *what = parse(text, &from);

	return what && (*what || from == FROM_CONSTANT) && name > 0 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == name &&
	       !strchr("0123456789-", text[0]);
}

/* ---- values ---- */

/* As a form's reader takes it: "+" is a space, bad escapes stand for
 * themselves. */
static const char *
form_decode(struct arena *arena, const char *text, size_t len)
{
	char *plain = arena_strndup(arena, text, len);
	const char *value;
	struct buf out;

	for (char *c = plain; *c; c++)
		if (*c == '+')
			*c = ' ';
	buf_init(&out, VALUE_MAX);
	value = url_decode(&out, plain, len) == 0
		    ? arena_strndup(arena, out.len ? out.data : "", out.len)
		    : plain;
	buf_fini(&out);
	return value;
}

static const char *
query_value(struct page *page, const char *name)
{
	const char *at = strchr(page->request.target, '?');
	size_t len = strlen(name);

	while (at && *at) {
		size_t n = strcspn(++at, "&");

		if (n >= len && strncmp(at, name, len) == 0 &&
		    (n == len || at[len] == '='))
			return n == len ? ""
					: form_decode(page->arena,
					      at + len + 1, n - len - 1);
		at += n;
	}
	return NULL;
}

static const char *
cookie_value(struct page *page, const char *name)
{
	const char *at = page->request.cookie;
	size_t len = strlen(name);

	while (at && *(at += strspn(at, " \t;"))) {
		size_t n = strcspn(at, ";");

		if (n > len && strncmp(at, name, len) == 0 && at[len] == '=')
			return arena_strndup(
			    page->arena, at + len + 1, n - len - 1);
		at += n;
	}
	return NULL;
}

static const char *
value_of(struct page *page, enum from from, const char *what)
{
	switch (from) {
	case FROM_CONSTANT:
		return what;
	case FROM_QUERY:
		return query_value(page, what);
	case FROM_HEADER:
		return head_joined(page->request.fields, what, page->arena);
	case FROM_COOKIE:
		return cookie_value(page, what);
	case FROMS:
		break;
	}
	return NULL;
}

/* ---- all of them ---- */

static size_t
count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static size_t
add_own(struct page *page, struct dress_param *params)
{
	const struct request *request = &page->request;
	const char *query = strchr(request->target, '?');
	const char *host =
	    arena_strndup(page->arena, request->host, request->host_len);
	const char *base = arena_printf(
	    page->arena, "%s://%s", request->scheme, host);
	const struct dress_param own[] = {
	    {"host", host},
	    {"scheme", request->scheme},
	    {"query_string", query ? query + 1 : ""},
	    {"url", arena_printf(page->arena, "%s%.*s", base,
			(int)strcspn(request->target, "?"), request->target)},
	    {"base", base},
	};

	memcpy(params, own, sizeof(own));
	return COUNT_OF(own);
}

void
params_give(struct page *page, struct dress_ask *ask)
{
	const char *const *own = page->site->opts.params;
	struct dress_param *params = arena_get(page->arena,
	    (5 + count(own)) * sizeof(*params));
	size_t n = add_own(page, params);
	enum from from;

	for (; own && *own; own++) {
		const char *what = parse(*own, &from);

		if (!what)
			continue;
		params[n].name = arena_strndup(
		    page->arena, *own, strcspn(*own, "="));
		params[n++].value = value_of(page, from, what);
	}
	ask->params = params;
	ask->params_count = n;
}

/* ---- who may share ---- */

/* The field that this parameter is read from, or NULL. */
static const char *
field_of(const char *param, const struct theme *theme, struct arena *arena)
{
	enum from from;
	const char *what = parse(param, &from);

	if (!what || (from != FROM_HEADER && from != FROM_COOKIE) ||
	    !theme_reads_param(theme,
		arena_strndup(arena, param, strcspn(param, "="))))
		return NULL;
	return from == FROM_COOKIE ? "Cookie" : what;
}

static bool
is_in_key(const char *field)
{
	return strcasecmp(field, "Host") == 0;
}

const char *
params_vary(struct page *page)
{
	const char *const *own = page->site->opts.params;
	const char *all = NULL, *field;

	for (; own && *own; own++) {
		field = field_of(*own, page->theme, page->arena);
		if (field)
			all = arena_printf(page->arena, "%s%s%s",
			    all ? all : "", all ? ", " : "", field);
	}
	for (size_t i = 0; (field = theme_reads_field(page->theme, i)) != NULL;
	     i++)
		if (!is_in_key(field))
			all = arena_printf(page->arena, "%s%s%s",
			    all ? all : "", all ? ", " : "", field);
	return all;
}
