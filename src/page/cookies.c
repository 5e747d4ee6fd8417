/* page/cookies.c - who may share an answer with others
 *
 * A shared cache may only answer those whom the upstream cannot tell apart: a
 * request with a log-in or with any cookie that nobody said means nothing is
 * between that client and the upstream alone. */
#include <string.h>
#include <strings.h>

#include "base/regex.h"
#include "page/life.h"

enum { COOKIE_NAME_MAX = 256 };

static bool
in_list(const char *const *globs, const char *name)
{
	for (; *globs; globs++)
		if (glob_matches(*globs, name, true))
			return true;
	return false;
}

/* The next cookie's name out of "a=1; b=2"; false at the end. */
static bool
next_name(const char **rest, struct slice *name)
{
	const char *at = *rest;
	size_t len;

	at += strspn(at, " \t;");
	if (!*at)
		return false;
	len = strcspn(at, "=;");
	name->from = at;
	name->len = len;
	while (name->len > 0 && (at[name->len - 1] == ' ' ||
				    at[name->len - 1] == '\t'))
		name->len--;
	*rest = at + strcspn(at, ";");
	return true;
}

/* Every cookie is one to be ignored; else the first that is not. */
static bool
cookies_mean_nothing(const char *cookies, const struct site *site,
    struct slice *culprit)
{
	char name[COOKIE_NAME_MAX];

	while (next_name(&cookies, culprit)) {
		if (culprit->len >= sizeof(name))
			return false;
		memcpy(name, culprit->from, culprit->len);
		name[culprit->len] = '\0';
		if (in_list(site->opts.login_cookies, name) ||
		    !in_list(site->opts.ignore_cookies, name))
			return false;
	}
	return true;
}

struct sharing
sharing_of(const struct request *request, const struct site *site)
{
	struct sharing sharing = {.may = false};

	if (!request->is_get && !request->is_head) {
		sharing.why = "method";
	} else if (request->authorization) {
		sharing.why = "authorization";
	} else if (request->cookie && !cookies_mean_nothing(request->cookie,
					  site, &sharing.cookie)) {
		sharing.why = "cookie";
	} else {
		sharing.may = true;
	}
	return sharing;
}
