/* page/sent.c - what of a client's request reaches an upstream
 *
 * One table for two uses: building the question, and matching Vary against
 * what was asked. Were the two to disagree, a stored answer would never be
 * found again. */
#include <string.h>
#include <strings.h>

#include "page/life.h"

/* Fields of a client's that never reach an upstream as they came. */
static const char *const never_forwarded[] = {
	"Host", "Content-Length", "Expect", "X-Livery-Off", "Forwarded",
	"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via",
	"Accept-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
	"Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
	"HTTP2-Settings", "Surrogate-Capability",
};
/* Fields that change what many applications answer, but not the key: dropped
 * unless the peer is trusted. A "_" counts as "-", as it does for CGI. */
static const char *const poisonous[] = {
	"X-Forwarded-Scheme", "X-Forwarded-Port", "X-Forwarded-Prefix",
	"X-Forwarded-Server", "X-Forwarded-Path", "X-Forwarded-Ssl",
	"X-Forwarded-Protocol", "X-Forwarded-Host", "X-Forwarded-For",
	"X-Forwarded-Proto", "X-Host", "X-Original-URL", "X-Rewrite-URL",
	"X-Original-Host", "X-HTTP-Method-Override", "X-HTTP-Method",
	"X-Method-Override", "X-HTTP-Host-Override", "X-Url-Scheme",
	"X-Script-Name", "Front-End-Https", "Forwarded", "Proxy",
};
/* Fields that make an answer one client's own. */
static const char *const personal[] = {
	"Cookie", "Authorization", "If-None-Match", "If-Modified-Since",
	"If-Match", "If-Unmodified-Since", "If-Range", "Range",
	"Cache-Control", "Pragma",
};

static bool
same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char c = *a == '_' ? '-' : *a;

		if ((c | 0x20) != (*b | 0x20))
			return false;
	}
	return *a == *b;
}

static bool
is_in(const char *name, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (same_name(name, list[i]))
			return true;
	return false;
}
#define IS_IN(name, list) is_in(name, list, COUNT_OF(list))

bool
sent_is_dropped(const struct request *request, const char *name, bool shared)
{
	return IS_IN(name, never_forwarded) ||
	    (!request->is_trusted && IS_IN(name, poisonous)) ||
	    (shared && IS_IN(name, personal));
}

bool
sent_is_listed(const struct request *request, const char *name)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	while ((value = head_next(request->fields, "Connection", &i)) != NULL)
		while (list_next(&value, &item))
			if (slice_is(item, name))
				return true;
	return false;
}

static struct slice
whole(const char *text)
{
	return (struct slice){text, strlen(text)};
}

enum sent
sent_field(const struct request *request, const struct choice *choice,
    const char *name, struct slice *value)
{
	const struct upstream *upstream = choice->upstream;
	const char *host = upstream->opts.host;
	struct slice client = {request->host, request->host_len};

	if (choice_field(choice, request, name, value))
		return value->from ? SENT_VALUE : SENT_ABSENT;
	if (strcasecmp(name, "Host") == 0) {
		*value = !host || strcmp(host, "client") == 0 ? client :
		    strcmp(host, "upstream") == 0 ?
		    whole(upstream->authority) : whole(host);
		return SENT_VALUE;
	}
	if (strcasecmp(name, "X-Forwarded-Host") == 0) {
		*value = client;
		return SENT_VALUE;
	}
	if (strcasecmp(name, "X-Forwarded-Proto") == 0) {
		*value = whole(request->scheme);
		return SENT_VALUE;
	}
	return sent_is_dropped(request, name, true) ? SENT_ABSENT :
						      SENT_AS_IT_CAME;
}
