/* page/cookies.c - who may share an answer with others
 *
 * A shared cache may only answer those whom the upstream cannot tell apart: a
 * request with a log-in or with any cookie that nobody said means nothing is
 * between that client and the upstream alone. */
#include "page/cookies.h"

#include <string.h>
#include <strings.h>

#include "base/regex.h"
#include "page/life.h"
#include "page/session.h"

const char *const cookies_of_logins[] = {
	"__ac", "__ac_*", "_ZopeId", "*session*", "*sess*",
	"wordpress_logged_in_*", "wordpress_sec_*", "wp-postpass_*",
	"comment_author_*", "woocommerce_items_in_cart", "*UserID",
	"*UserName", "*Token", "*token*", "csrftoken", "PHPSESSID",
	"JSESSIONID", "ASP.NET_*", ".ASPXAUTH", "fe_typo_user", "be_typo_user",
	"remember_*", "*auth*", "*login*", "*logged*", "*jwt*", "NO_CACHE",
	"SSESS*", "SESS*", "sid", NULL,
};

const char *const cookies_of_nothing[] = {
	"_ga", "_ga_*", "_gid", "_gat*", "_gcl_*", "_gac_*", "__utm*",
	"__gads", "__gpi", "_fbp", "_fbc", "_pk_*", "_hj*", "_clck", "_clsk",
	"_uet*", "__hs*", "hubspotutk", "_pin_unauth", "_tt*", "_ttp", "__qca",
	"_scid", "_dc_gtm_*", "AMP_*", "amplitude_id*", "ajs_*",
	"mp_*_mixpanel", "_ym_*", "matomo_*", "mtm_*", "piwik_*", "utm*",
	"cookieconsent*", "cookie_consent*", "cookie-consent*", "cookieyes-*",
	"CookieConsent", "OptanonConsent", "OptanonAlertBoxClosed", "cmplz_*",
	"moove_gdpr_*", "viewed_cookie_policy", "cookielawinfo-*",
	"euconsent*", "__cf_bm", "_cfuvid", "cf_clearance", "has_js",
	/* What log-in pages and editors leave behind for months. */
	"wordpress_test_cookie", "wp-settings-*", NULL,
};

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
		if (session_is_ours(site->upstream, *culprit))
			continue;
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

/* What may be kept is an answer that is nobody's own: to an Authorization
 * when it says so itself (RFC 9111 3.5), to a POST when it is what a GET of
 * the same URL would bring (RFC 9110 9.3.3). */
struct sharing
sharing_of(const struct request *request, const struct site *site)
{
	struct sharing sharing = {.may = false};
	bool is_cookied = request->cookie && !cookies_mean_nothing(
	    request->cookie, site, &sharing.cookie);

	if (!request->is_get && !request->is_head) {
		sharing.why = "method";
		sharing.may_keep = !is_cookied && !request->authorization &&
		    strcmp(request->method, "POST") == 0;
	} else if (is_cookied) {
		sharing.why = "cookie";
	} else if (request->authorization) {
		sharing.why = "authorization";
		sharing.may_keep = request->is_get;
	} else {
		sharing.may = true;
	}
	return sharing;
}
