/* page/params.c - parameters of the rules: $path and its like, and the site's
 * own
 *
 * How a site's own are written, page/param.h says. One that the request does
 * not have is an empty node-set: false.
 *
 * A stored page is dressed for all who may see it. So where the rules read a
 * field or a cookie, what they make of a page is for one request alone. */
#include <string.h>
#include <strings.h>

#include "page/life.h"
#include "page/param.h"

static const char *
value_of(struct page *page, enum param_from from, const char *what)
{
	const char *query = strchr(page->request.target, '?');

	switch (from) {
	case PARAM_CONSTANT:
		return what;
	case PARAM_QUERY:
		return param_of_query(
		    page->arena, query ? query + 1 : NULL, what);
	case PARAM_HEADER:
		return head_joined(page->request.fields, what, page->arena);
	case PARAM_COOKIE:
		return param_of_cookies(
		    page->arena, page->request.cookie, what);
	case PARAM_FROMS:
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
	enum param_from from;

	for (; own && *own; own++) {
		const char *what = param_read(*own, &from);

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
	enum param_from from;
	const char *what = param_read(param, &from);

	if (!what || (from != PARAM_HEADER && from != PARAM_COOKIE) ||
	    !theme_reads_param(theme,
		arena_strndup(arena, param, strcspn(param, "="))))
		return NULL;
	return from == PARAM_COOKIE ? "Cookie" : what;
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
