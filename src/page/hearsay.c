/* page/hearsay.c - what a trusted proxy says that no key has in it
 *
 * A proxy in front is trusted to say who asks and how, so its fields go on to
 * the upstream. But most proxies pass on what their clients say as well: all
 * fields that they do not set themselves. An answer that was asked with such a
 * field is for those who ask with the same, as though it said Vary; else one
 * client could have everybody served what its X-Original-URL brings. What
 * only repeats the scheme or the host of the key makes no difference, and
 * proxies that set no more than that cost nothing. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "page/life.h"

static bool
is_https(const struct request *request)
{
	return strcmp(request->scheme, "https") == 0;
}

static bool
says_scheme(const struct request *request, const char *value)
{
	return strcasecmp(value, request->scheme) == 0;
}

static bool
says_secure(const struct request *request, const char *value)
{
	return strcasecmp(value, is_https(request) ? "on" : "off") == 0;
}

static bool
says_port(const struct request *request, const char *value)
{
	struct url_authority authority;
	char port[8];

	if (url_authority_split(&authority, request->host,
		request->host_len) != 0)
		return false;
	if (authority.port == 0)
		authority.port = is_https(request) ? 443 : 80;
	snprintf(port, sizeof(port), "%u", (unsigned)authority.port);
	return strcmp(value, port) == 0;
}

static bool
says_host(const struct request *request, const char *value)
{
	struct slice host = {request->host, request->host_len};

	return slice_is(host, value);
}

static const struct repeats {
	const char *name;
	bool (*says)(const struct request *request, const char *value);
} repeats[] = {
	{"X-Forwarded-Scheme", says_scheme},
	{"X-Forwarded-Protocol", says_scheme},
	{"X-Url-Scheme", says_scheme},
	{"X-Forwarded-Ssl", says_secure},
	{"Front-End-Https", says_secure},
	{"X-Forwarded-Port", says_port},
	{"X-Original-Host", says_host},
	{"X-Host", says_host},
};

static bool
is_in_key(const struct request *request, const struct field *field)
{
	size_t i;

	for (i = 0; i < COUNT_OF(repeats); i++)
		if (strcasecmp(field->name, repeats[i].name) == 0)
			return repeats[i].says(request, field->value);
	return false;
}

void
hearsay_add_vary(const struct request *request, const struct choice *choice,
    const struct head *asked, struct head *answered)
{
	struct slice ours;
	unsigned i;

	if (!request->is_trusted)
		return;
	for (i = 0; i < asked->count; i++) {
		const char *name = asked->fields[i].name;

		if (sent_is_hearsay(name) &&
		    !choice_field(choice, request, name, &ours) &&
		    !is_in_key(request, &asked->fields[i]))
			head_add(answered, "Vary", name);
	}
}
