/* page/param.c - parameters read (contract: page/param.h) */
#include "page/param.h"

#include <string.h>

#include "base/buf.h"
#include "http/url.h"
#include "page/route.h"

enum { VALUE_MAX = 8192 };

static const char *const kinds[PARAM_FROMS] = {
    "constant:", "query:", "header:", "cookie:"};

const char *
param_read(const char *text, enum param_from *from)
{
	const char *at = strchr(text, '=');

	for (*from = 0; at && *from < PARAM_FROMS; (*from)++)
		if (strncmp(at + 1, kinds[*from], strlen(kinds[*from])) == 0)
			return at + 1 + strlen(kinds[*from]);
	return NULL;
}

bool
params_is_one(const char *text)
{
	enum param_from from;
	size_t name = strcspn(text, "=");
	const char *what = param_read(text, &from);

	return what && (*what || from == PARAM_CONSTANT) && name > 0 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == name &&
	       !strchr("0123456789-", text[0]);
}

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

const char *
param_of_query(struct arena *arena, const char *query, const char *name)
{
	size_t len = strlen(name);

	while (query && *query) {
		size_t n = strcspn(query, "&");

		if (n >= len && strncmp(query, name, len) == 0 &&
		    (n == len || query[len] == '='))
			return n == len ? ""
					: form_decode(arena, query + len + 1,
					      n - len - 1);
		query += n + (query[n] == '&');
	}
	return NULL;
}

const char *
param_of_cookies(struct arena *arena, const char *cookies, const char *name)
{
	size_t len = strlen(name);

	while (cookies && *(cookies += strspn(cookies, " \t;"))) {
		size_t n = strcspn(cookies, ";");

		if (n > len && strncmp(cookies, name, len) == 0 &&
		    cookies[len] == '=')
			return arena_strndup(
			    arena, cookies + len + 1, n - len - 1);
		cookies += n;
	}
	return NULL;
}
