/* page/forwarding.c - X-Forwarded-*, Forwarded, Via */
#include "page/forwarding.h"

#include <string.h>

#include "http/forwarded.h"
#include "page/hops.h"
#include "page/life.h"

enum { FIELD_MAX = 16 << 10 }; /* a longer Forwarded begins anew with us */

static void
add_for(
    struct errand *errand, const struct request *request, const char *before)
{
	char peer[NET_TEXT];

	net_write(peer, &request->peer);
	if (before && request->peer.is_unix)
		head_add(&errand->fields, "X-Forwarded-For", before);
	else if (before)
		head_add(&errand->fields, "X-Forwarded-For",
		    arena_printf(errand->arena, "%s, %s", before, peer));
	else if (!request->peer.is_unix)
		head_add(&errand->fields, "X-Forwarded-For", peer);
}

/* What the peer said of those before it; NULL: nothing that counts. Of two
 * kinds of fields the trusted peers write one, and the other is their client's
 * word: whom they named in theirs is said then, if he is known. */
static const char *
said_before(const struct page *page, struct arena *arena)
{
	const struct request *request = &page->request;
	char client[NET_TEXT];

	if (!request->is_trusted)
		return NULL;
	if (page->pages->opts.peers.trusted_fields != TRUSTED_STANDARD)
		return head_joined(request->fields, "X-Forwarded-For", arena);
	if (net_same(&request->client, &request->peer))
		return NULL;
	net_write(client, &request->client);
	return arena_strdup(arena, client);
}

/* ---- Forwarded ---- */

/* False: there is none, or one that says nothing. */
static bool
add_theirs(struct buf *out, const struct head *fields)
{
	struct forwarded element;
	const char *value, *at;
	unsigned i = 0;
	int got;

	while ((value = head_next(fields, "Forwarded", &i)) != NULL) {
		at = value;
		while ((got = forwarded_next(&at, &element)) == FORWARDED_GOT)
			;
		if (got == FORWARDED_MALFORMED) {
			buf_clear(out);
			return false;
		}
		if (*value)
			buf_printf(out, "%s%s", out->len ? ", " : "", value);
	}
	return out->len > 0;
}

/* X-Forwarded-For in the words of Forwarded (RFC 7239 7.4). */
static void
add_translated(struct buf *out, const char *before)
{
	struct net_address address;
	struct slice item;

	while (before && list_next(&before, &item)) {
		if (out->len)
			buf_puts(out, ", ");
		if (net_parse(&address, item.from, item.len) == 0)
			forwarded_write(out, &address, NULL, NULL, NULL);
		else
			buf_puts(out, "for=unknown");
	}
}

static void
add_forwarded(
    struct errand *errand, const struct page *page, const char *before)
{
	const struct request *request = &page->request;
	struct slice host = {request->host, request->host_len};
	struct buf value;
	size_t theirs;

	buf_init(&value, FIELD_MAX);
	if (!request->is_trusted ||
	    page->pages->opts.peers.trusted_fields == TRUSTED_X ||
	    !add_theirs(&value, request->fields))
		add_translated(&value, before);
	if (value.failed) {
		buf_fini(&value);
		buf_init(&value, FIELD_MAX);
	}
	theirs = value.len;
	if (theirs)
		buf_puts(&value, ", ");
	forwarded_write(&value, &request->peer, host.len ? &host : NULL,
	    request->scheme, page->choice.upstream->opts.forwarded_by);
	if (!value.failed)
		head_add(&errand->fields, "Forwarded", value.data);
	buf_fini(&value);
}

/* ---- all of them ---- */

static bool
is_port(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len <= 5 && text[len] == '\0' && *text != '0';
}

struct slice
forwarding_port(const struct request *request)
{
	const char *said = request->is_trusted
			       ? head_find(request->fields, "X-Forwarded-Port")
			       : NULL;
	const char *host = request->host, *end = host + request->host_len;
	const char *at = end;

	if (said && is_port(said))
		return (struct slice){said, strlen(said)};
	while (at > host && at[-1] >= '0' && at[-1] <= '9')
		at--;
	/* "[::1]" ends in a bracket */
	if (at > host && at < end && at[-1] == ':')
		return (struct slice){at, (size_t)(end - at)};
	at = strcmp(request->scheme, "https") == 0 ? "443" : "80";
	return (struct slice){at, strlen(at)};
}

void
forwarding_add(struct errand *errand, const struct page *page)
{
	const struct request *request = &page->request;
	unsigned which = page->choice.upstream->forwards;
	struct head *out = &errand->fields;
	const char *before = said_before(page, errand->arena);

	if (which & FORWARDS_FOR)
		add_for(errand, request, before);
	if ((which & FORWARDS_HOST) && request->host_len)
		head_add_n(out, "X-Forwarded-Host", strlen("X-Forwarded-Host"),
		    request->host, request->host_len);
	if (which & FORWARDS_PROTO)
		head_add(out, "X-Forwarded-Proto", request->scheme);
	if (which & FORWARDS_PORT) {
		struct slice port = forwarding_port(request);

		head_set(out, "X-Forwarded-Port",
		    arena_strndup(errand->arena, port.from, port.len));
	}
	if (which & FORWARDS_STANDARD)
		add_forwarded(errand, page, before);
	head_add(out, "Via",
	    hops_via(request->fields, page->pages->opts.via, errand->arena));
}
