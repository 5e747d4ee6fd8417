/* page/sent.c - what of a client's request reaches an upstream
 *
 * One table for two uses: building the question, and matching Vary against
 * what was asked. Were the two to disagree, a stored answer would never be
 * found again. */
#include <string.h>
#include <strings.h>

#include "http/forwarded.h"
#include "page/forwarding.h"
#include "page/life.h"

/* Fields of a client's that never reach an upstream as they came. */
static const char *const never_forwarded[] = {
	"Host", "Content-Length", "Expect", "X-Livery-Off", "Forwarded",
	"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via",
	"Accept-Encoding", "Connection", "Keep-Alive", "Proxy-Connection",
	"Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
	"HTTP2-Settings", "Surrogate-Capability",
};
/* Fields that change what many applications answer, or whom they take the
 * client for, but not the key: dropped unless the peer is trusted. */
static const char *const poisonous[] = {
	"X-Host", "X-Method-Override", "X-Url-Scheme", "X-Script-Name",
	"Front-End-Https", "Proxy",
};
/* All that begin so. */
static const char *const poisonous_kinds[] = {
	"X-Forwarded", "Forwarded", "X-Forward-", "X-Original-", "X-Rewrite-",
	"X-HTTP-", "X-Proxy-", "X-Remote-", "Remote-",
};
/* Of these that a trusted peer sends, those that name one client, or one
 * proxy: X-Forwarded-For says it, and a shared question has nothing of them. */
static const char *const addresses[] = {
	"X-Real-IP", "X-Client-IP", "Client-IP", "True-Client-IP",
	"X-Cluster-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP",
	"X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "X-Forward-For",
	"Forwarded-For", "X-Forwarded", "X-Forwarded-By", "X-Forwarded-Server",
};
/* Fields that make an answer one client's own. */
static const char *const personal[] = {
	"Cookie", "Authorization", "If-None-Match", "If-Modified-Since",
	"If-Match", "If-Unmodified-Since", "If-Range", "Range",
	"Cache-Control", "Pragma",
};

/* What is neither letter nor digit counts as "-": CGI and its kin make one
 * "_" of "_" and "-", and some of all the others. */
static char
folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

/* What of name is left behind kind; NULL: it does not begin so. */
static const char *
behind(const char *name, const char *kind)
{
	for (; *kind; name++, kind++)
		if (!*name || folded(*name) != folded(*kind))
			return NULL;
	return name;
}

static bool
is_in(const char *name, const char *const *list, size_t n)
{
	const char *rest;
	size_t i;

	for (i = 0; i < n; i++) {
		rest = behind(name, list[i]);
		if (rest && !*rest)
			return true;
	}
	return false;
}
#define IS_IN(name, list) is_in(name, list, COUNT_OF(list))

static bool
is_poisonous(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT_OF(poisonous_kinds); i++)
		if (behind(name, poisonous_kinds[i]))
			return true;
	return IS_IN(name, poisonous) || IS_IN(name, addresses);
}

bool
sent_is_hearsay(const char *name)
{
	return is_poisonous(name) && !IS_IN(name, never_forwarded) &&
	    !IS_IN(name, addresses);
}

bool
sent_is_dropped(const struct request *request, const char *name, bool shared)
{
	return IS_IN(name, never_forwarded) ||
	    (!request->is_trusted && is_poisonous(name)) ||
	    (shared && (IS_IN(name, personal) || IS_IN(name, addresses)));
}

bool
sent_is_listed(const struct request *request, const char *name)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	if (head_is_protected((struct slice){name, strlen(name)}))
		return false;
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
		if (!host || strcmp(host, "client") == 0)
			*value = client.len ? client :
			    whole(upstream->authority);
		else
			*value = strcmp(host, "upstream") == 0 ?
			    whole(upstream->authority) : whole(host);
		return SENT_VALUE;
	}
	switch (forwards_bit(name) & upstream->forwards) {
	case FORWARDS_HOST:
		*value = client;
		return client.len ? SENT_VALUE : SENT_ABSENT;
	case FORWARDS_PROTO:
		*value = whole(request->scheme);
		return SENT_VALUE;
	case FORWARDS_PORT:
		/* The question knows what it has asked. */
		if (!request->fields)
			return SENT_AS_IT_CAME;
		*value = forwarding_port(request);
		return SENT_VALUE;
	}
	return sent_is_dropped(request, name, true) ? SENT_ABSENT :
						      SENT_AS_IT_CAME;
}
