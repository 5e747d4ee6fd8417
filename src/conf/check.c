/* conf/check.c - what single values must look like */
#include "conf/check.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include "base/listen.h"
#include "base/net.h"
#include "conf/guess.h"
#include "front/priorities.h"
#include "http/forwarded.h"
#include "http/url.h"
#include "page/route.h"
#include "upstream/member.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool
starts(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Only bytes of set, or letters and digits; at least one. */
static bool
is_made_of(const char *text, const char *set)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (!strchr(letters, text[i]) && !strchr(set, text[i]))
			return false;
	return i > 0;
}

static int
check_unix(const char *text, struct err *err)
{
	const char *path = text + strlen("unix:");

	if (path[0] != '/')
		return err_set(err,
			       "'%s': a socket has an absolute path, as in "
			       "unix:/run/livery/http.sock",
			       text);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, "'%s': longer than %zu bytes", path,
			       sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	return 0;
}

static int
check_port(const char *text, struct err *err)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end != '\0' || port > 65535)
		return err_set(err, "'%s' is no port: 0 to 65535", text);
	return 0;
}

int
check_listen(const char *text, struct err *err)
{
	struct net_address address;
	const char *colon = strrchr(text, ':');

	if (starts(text, "unix:"))
		return check_unix(text, err);
	if (!colon)
		return err_set(
		    err,
		    "'%s': say address:port, as in 127.0.0.1:8080 or "
		    "[::1]:8080, or unix:/path",
		    text);
	if (check_port(colon + 1, err) != 0)
		return -1;
	if (colon == text)
		return 0; /* ":8080": every address */
	if (colon[-1] != ']' && memchr(text, ':', (size_t)(colon - text)))
		return err_set(err, "'%s': an IPv6 address needs brackets",
			       text);
	if (net_parse(&address, text, (size_t)(colon - text)) != 0)
		return err_set(
		    err,
		    "'%s': '%.*s' is no numeric address; names are not "
		    "looked up here",
		    text, (int)(colon - text), text);
	return 0;
}

int
check_listener(const char *text, struct err *err)
{
	size_t len = strcspn(text, " \t");
	char address[sizeof(struct sockaddr_un) + 16];
	struct listen_at at;

	if (len >= sizeof(address))
		return err_set(err, "'%s': too long", text);
	memcpy(address, text, len);
	address[len] = '\0';
	if (!starts(address, "unix:@") && check_listen(address, err) != 0)
		return -1;
	return listen_parse(&at, text, err);
}

int
check_place(const char *text, struct err *err)
{
	struct url_parts parts;
	struct url_authority authority;

	if (text[0] == '\0')
		return err_set(err, "is empty: say a URL or a path");
	if (starts(text, "unix:"))
		return check_unix(text, err);
	url_split(&parts, text, strlen(text));
	/* A path; or "localhost:8080", of which guess_place() judges. */
	if (!parts.scheme.from || guess_is_address(text))
		return 0;
	if (starts(text, "file:///"))
		return 0;
	if (!starts(text, "http://") && !starts(text, "https://"))
		return err_set(
		    err,
		    "'%s': only http://, https://, unix:/, file:/// and "
		    "plain paths are known",
		    text);
	/* Not shown: this goes to logs, and there may be a password in it. */
	if (parts.authority.from &&
	    memchr(parts.authority.from, '@', parts.authority.len))
		return err_set(err, "a user and password do not stand in the "
				    "URL: say username and password beside it");
	if (url_authority_split(&authority, parts.authority.from,
				parts.authority.len) != 0)
		return err_set(
		    err,
		    "'%s': the host is not written as host[:port]", text);
	if (parts.fragment.from)
		return err_set(err, "'%s': nothing can be asked for with #%.*s",
			       text, (int)parts.fragment.len,
			       parts.fragment.from);
	return 0;
}

int
check_name(const char *text, struct err *err)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if (!islower((unsigned char)text[i]) &&
		    !isdigit((unsigned char)text[i]) && text[i] != '_' &&
		    text[i] != '-')
			return err_set(
			    err, "'%s': a name is made of a-z, 0-9, _ and -",
			    text);
	if (text[0] == '\0' || strlen(text) > 63)
		return err_set(err, "a name has 1 to 63 letters");
	return 0;
}

int
check_authority(const char *text, struct err *err)
{
	struct url_authority authority;

	if (url_authority_split(&authority, text, strlen(text)) != 0)
		return err_set(err,
			       "'%s': say client, upstream, or a name such as "
			       "www.example.org",
			       text);
	return 0;
}

int
check_priorities(const char *text, struct err *err)
{
	return priorities_check(text, err);
}

int
check_cookie(const char *text, struct err *err)
{
	if (!is_made_of(text, "*?!#$%&'+-.^_`|~"))
		return err_set(err, "'%s': a cookie's name, maybe with * and ?",
			       text);
	return 0;
}

int
check_server(const char *text, struct err *err)
{
	struct member_words words;

	if (member_read(&words, text, 0, err) != 0)
		return -1;
	return check_place(words.url, err);
}

int
check_path_pattern(const char *text, struct err *err)
{
	if (*text == '/' || *text == '*')
		return 0;
	return err_set(err, "'%s': a path as /folder/*, or */what-it-ends-in",
		       text);
}

int
check_coding(const char *text, struct err *err)
{
	static const char *const words[] = {"br", "zstd", "gzip", "none"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(text, words[i]) == 0)
			return 0;
	return err_set(err, "'%s': br, zstd and gzip, or none", text);
}

int
check_param(const char *text, struct err *err)
{
	if (!params_is_one(text))
		return err_set(err,
			       "'%s': NAME=constant:TEXT, NAME=query:ARGUMENT, "
			       "NAME=header:FIELD or NAME=cookie:NAME",
			       text);
	return 0;
}

int
check_token(const char *text, struct err *err)
{
	if (!is_made_of(text, "-._"))
		return err_set(err, "'%s': letters, digits, -, . and _ only",
			       text);
	return 0;
}

int
check_query_param(const char *text, struct err *err)
{
	size_t len = strcspn(text, "*");

	if (!*text || strpbrk(text, "&=#? \t") || (text[len] && text[len + 1]))
		return err_set(err, "'%s': a parameter's name as it stands in "
			       "addresses, maybe with a * at its end", text);
	return 0;
}

int
check_net(const char *text, struct err *err)
{
	struct nets *nets = nets_new();
	int rc = nets_add(nets, text, err);

	nets_free(&nets);
	return rc;
}

int
check_line(const char *text, struct err *err)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if (iscntrl((unsigned char)text[i]))
			return err_set(err, "has a control byte in it");
	return 0;
}

/* Not shown: whoever reads the log may not have it. */
int
check_secret(const char *text, struct err *err)
{
	enum { SECRET_MIN = 16, SECRET_MAX = 1024 };
	size_t len = strlen(text);

	if (len < SECRET_MIN || len > SECRET_MAX)
		return err_set(err, "a token has %d to %d characters",
			       SECRET_MIN, SECRET_MAX);
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			return err_set(err, "a token has no spaces, and "
					    "nothing but ASCII");
	return 0;
}

int
check_username(const char *text, struct err *err)
{
	if (strchr(text, ':'))
		return err_set(err,
			       "'%s': the name of basic authentication "
			       "cannot have a colon",
			       text);
	return check_line(text, err);
}

int
check_user(const char *text, struct err *err)
{
	if (!is_made_of(text, "-._"))
		return err_set(err, "'%s': the name of a user", text);
	return 0;
}

int
check_log_level(const char *text, struct err *err)
{
	static const char *const levels[] = {"error", "warn", "info", "debug"};

	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (strcmp(text, levels[i]) == 0)
			return 0;
	return err_set(err, "'%s': say error, warn, info or debug", text);
}

int
check_forwarding(const char *text, struct err *err)
{
	if (forwards_bit(text) || strcmp(text, "none") == 0)
		return 0;
	return err_set(err,
		       "'%s': say X-Forwarded-For, X-Forwarded-Host, "
		       "X-Forwarded-Proto, X-Forwarded-Port, Forwarded, or "
		       "none",
		       text);
}

int
check_node(const char *text, struct err *err)
{
	if (forwarded_is_node(text, strlen(text)))
		return 0;
	return err_set(err,
		       "'%s': say an address, as 192.0.2.1 or [2001:db8::1], "
		       "or a name of your own behind a _, as _front",
		       text);
}
