/* conf/sense_site.c - what a site says against itself, and against others */
#include <string.h>
#include <strings.h>

#include "conf/sense.h"

/* Parameters of the rules that are livery's own (page/params.c). */
static const char *const own_params[] = {
    "path", "host", "scheme", "query_string", "url", "base", NULL};

/* Whoever reads the first `len` bytes of a text. */
static bool
has(const char *const *list, const char *text, size_t len)
{
	for (; list && *list; list++)
		if (strncmp(*list, text, len) == 0 && (*list)[len] == '\0')
			return true;
	return false;
}

static int
line_of(const struct sense *sense, const struct conf_site *site,
    const char *option)
{
	return sense_line(sense, BLOCK_SITE, site->site.name, option);
}

static void
check_cookies(const struct sense *sense, const struct conf_site *site)
{
	const char *const *name = site->site.ignore_cookies;

	if (!line_of(sense, site, "ignore_cookies"))
		return;
	for (; name && *name; name++)
		if (has(site->site.login_cookies, *name, strlen(*name)))
			mistake_tell(sense->mistakes,
			    line_of(sense, site, "ignore_cookies"),
			    "site %s: '%s' stands in login_cookies as well, "
			    "which counts first: take it away from one of them",
			    site->site.name, *name);
}

static void
check_stale(const struct sense *sense, const struct conf_site *site)
{
	const struct policy_opts *policy = &site->site.policy;

	if (policy->stale_override && policy->stale_max_ms == 0)
		mistake_tell(sense->mistakes,
		    line_of(sense, site, "stale_max"),
		    "site %s: with stale_max = 0 nothing stale is served, but "
		    "stale_override is on: say how stale, as 7d, or "
		    "stale_override = off",
		    site->site.name);
}

static void
check_compress(const struct sense *sense, const struct conf_site *site)
{
	const char *const *list = site->site.compress;

	if (has(list, "none", 4) && list[1])
		mistake_tell(sense->mistakes, line_of(sense, site, "compress"),
		    "site %s: compress: none stands beside others: take it, "
		    "or them, away",
		    site->site.name);
}

static bool
has_param(const char *const *params, const char *const *end, const char *text,
    size_t len)
{
	for (; params < end; params++)
		if (strncmp(*params, text, len) == 0 && (*params)[len] == '=')
			return true;
	return false;
}

static void
check_params(const struct sense *sense, const struct conf_site *site)
{
	const char *const *params = site->site.params, *const *at;

	for (at = params; at && *at; at++) {
		size_t len = strcspn(*at, "=");
		const char *why = NULL;

		if (has(own_params, *at, len))
			why = "is livery's own: give it another name";
		else if (has_param(params, at, *at, len))
			why = "stands there twice: take one away";
		if (why)
			mistake_tell(sense->mistakes,
			    line_of(sense, site, "params"),
			    "site %s: params: '%.*s' %s", site->site.name,
			    (int)len, *at, why);
	}
}

/* Not shown: it is a secret. */
static void
check_token_is_its_own(const struct sense *sense, const struct conf_site *site)
{
	const struct conf *conf = sense->conf;
	const char *token = site->site.purge_token;
	const char *whose = NULL;

	if (!token)
		return;
	for (const struct conf_site *one = conf->sites; one < site; one++)
		if (one->site.purge_token &&
		    strcmp(one->site.purge_token, token) == 0)
			whose = one->site.name;
	if (whose)
		mistake_tell(sense->mistakes,
		    line_of(sense, site, "purge_token"),
		    "site %s: purge_token: it is that of site %s, which it "
		    "would purge: make another",
		    site->site.name, whose);
	else if (conf->pages.purge_token &&
		 strcmp(conf->pages.purge_token, token) == 0)
		mistake_tell(sense->mistakes,
		    line_of(sense, site, "purge_token"),
		    "site %s: purge_token: it is that of all sites, which it "
		    "would purge: make another",
		    site->site.name);
}

void
sense_site(const struct sense *sense, const struct conf_site *site)
{
	check_cookies(sense, site);
	check_stale(sense, site);
	check_compress(sense, site);
	check_params(sense, site);
	check_token_is_its_own(sense, site);
}
