/* conf/check_site.c - names of hosts, paths and fields, as sites and servers
 * have them */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "conf/check.h"
#include "http/url.h"

/* A host alone, by the grammar of an authority. */
static bool
is_host(const char *text)
{
	struct url_authority authority;
	size_t len = strlen(text);

	return url_authority_split(&authority, text, len) == 0 &&
	       authority.host.len == len;
}

int
check_host(const char *text, struct err *err)
{
	const char *rest = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
	struct url_authority authority;

	if (url_authority_split(&authority, rest, strlen(rest)) == 0 &&
	    authority.port)
		return err_set(
		    err, "'%s': without its port: every port is meant", text);
	if (strcmp(text, "none") == 0)
		return err_set(err, "'none': without hosts a site is for every "
				    "host: leave them out");
	if (!is_host(rest))
		return err_set(
		    err,
		    "'%s': a host is written www.example.org or "
		    "*.example.org, in punycode where it is not ASCII",
		    text);
	return 0;
}

int
check_host_port(const char *text, struct err *err)
{
	struct url_authority authority;

	if (url_authority_split(&authority, text, strlen(text)) != 0)
		return err_set(err,
		    "'%s': a host, maybe with its port, as cms.example:8080",
		    text);
	return 0;
}

int
check_tls_name(const char *text, struct err *err)
{
	if (*text == '[' || strchr(text, ':') || !is_host(text))
		return err_set(
		    err, "'%s': a host's name, as www.example.org", text);
	return 0;
}

/* ---- paths ---- */

/* Bytes that no client's request line has. */
static bool
has_odd_byte(const char *text)
{
	for (; *text; text++)
		if (*text == ' ' || iscntrl((unsigned char)*text))
			return true;
	return false;
}

int
check_target(const char *text, struct err *err)
{
	size_t path = strcspn(text, "?");

	if (text[0] != '/' || url_path_is_unsafe(text, path))
		return err_set(err, "'%s': a path starts with / and has no ..",
		    text);
	if (has_odd_byte(text) || strchr(text, '#'))
		return err_set(err,
		    "'%s': it is asked for as it stands here: a space is "
		    "written %%20, and nothing is asked for with a #",
		    text);
	return 0;
}

int
check_site_path(const char *text, struct err *err)
{
	if (text[0] != '/' || url_path_is_unsafe(text, strlen(text)))
		return err_set(err, "'%s': a path starts with / and has no ..",
		    text);
	if (has_odd_byte(text) || strpbrk(text, "?#*"))
		return err_set(err,
		    "'%s': a path as it stands in addresses, without query, # "
		    "and *: all that is below it is meant",
		    text);
	return 0;
}

/* ---- fields ---- */

/* One directive of RFC 6797 6.1 that is not max-age; it may be empty. */
static bool
is_directive(const char *text, size_t len)
{
	static const char *const words[] = {"includeSubDomains", "preload"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (len == strlen(words[i]) &&
		    strncasecmp(text, words[i], len) == 0)
			return true;
	return len == 0;
}

/* RFC 6797 6.1: without max-age it says nothing. */
int
check_hsts(const char *text, struct err *err)
{
	enum { DIGITS_MAX = 10 };
	static const char age[] = "max-age=";
	const char *at = text + strlen(age);
	size_t digits;

	if (strncmp(text, age, strlen(age)) != 0)
		goto wrong;
	digits = strspn(at, "0123456789");
	if (digits == 0 || digits > DIGITS_MAX)
		goto wrong;
	for (at += digits; *at;) {
		size_t len;

		at += strspn(at, " ");
		if (*at++ != ';')
			goto wrong;
		at += strspn(at, " ");
		len = strcspn(at, "; ");
		if (!is_directive(at, len))
			goto wrong;
		at += len;
	}
	return 0;
wrong:
	return err_set(err,
	    "'%s': say max-age=SECONDS, maybe with "
	    "; includeSubDomains and ; preload behind it",
	    text);
}

/* What is read as a lifetime is taken away from what clients get. */
int
check_ttl_header(const char *text, struct err *err)
{
	static const char *const known[] = {"Age", "Cache-Control",
	    "CDN-Cache-Control", "Connection", "Content-Encoding",
	    "Content-Length", "Content-Type", "Date", "ETag", "Expires",
	    "Last-Modified", "Location", "Set-Cookie", "Transfer-Encoding",
	    "Vary", "Via"};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcasecmp(text, known[i]) == 0)
			return err_set(err,
			    "'%s' means something else: a field for this "
			    "cache alone, as X-Accel-Expires",
			    text);
	return check_token(text, err);
}
