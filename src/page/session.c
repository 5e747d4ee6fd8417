/* page/session.c - "livery_server=TAG.SIGNATURE"
 *
 * What is signed is the upstream's name and the tag, so that a cookie of one
 * site says nothing at another. Without session_secret the key is random, and
 * sessions begin anew with the process. */
#include "page/session.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "http/sign.h"
#include "upstream/balance.h"

enum { COOKIES_MAX = 64 << 10 };

static unsigned char random_key[SIGN_KEY_LEN];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_key(void)
{
	sign_key(random_key);
}

struct key_of {
	const void *bytes;
	size_t len;
};

static struct key_of
key_of(const struct upstream *upstream)
{
	const char *secret = upstream->opts.session_secret;

	if (secret)
		return (struct key_of){secret, strlen(secret)};
	pthread_once(&once, make_key);
	return (struct key_of){random_key, sizeof(random_key)};
}

static bool
inserts(const struct upstream *upstream)
{
	return upstream && upstream->opts.session == SESSION_INSERT;
}

/* ---- cookies ---- */

/* The next "name=value" of a Cookie field, without blanks around it. False: no
 * more. */
static bool
next_pair(const char **at, struct slice *pair)
{
	const char *end;

	*at += strspn(*at, " \t;");
	if (!**at)
		return false;
	end = *at + strcspn(*at, ";");
	pair->from = *at;
	*at = end;
	while (end > pair->from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	pair->len = (size_t)(end - pair->from);
	return true;
}

static bool
has_name(struct slice pair, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	if (pair.len <= len || memcmp(pair.from, name, len) != 0 ||
	    pair.from[len] != '=')
		return false;
	*value = (struct slice){pair.from + len + 1, pair.len - len - 1};
	return true;
}

bool
session_is_ours(const struct upstream *upstream, struct slice name)
{
	const char *own = inserts(upstream) ? upstream->opts.session_cookie : "";

	return *own && name.len == strlen(own) &&
	       memcmp(name.from, own, name.len) == 0;
}

/* The first cookie of that name; from NULL: none. */
static struct slice
find_cookie(const char *cookies, const char *name)
{
	struct slice pair, value;

	while (cookies && next_pair(&cookies, &pair))
		if (has_name(pair, name, &value))
			return value;
	return (struct slice){NULL, 0};
}

const char *
session_strip(const struct upstream *upstream, const char *cookies,
    struct arena *arena)
{
	struct slice pair, value;
	const char *at = cookies;
	const char *left = cookies;
	struct buf out;

	if (!inserts(upstream) ||
	    !find_cookie(cookies, upstream->opts.session_cookie).from)
		return cookies;
	buf_init(&out, COOKIES_MAX);
	while (next_pair(&at, &pair)) {
		if (has_name(pair, upstream->opts.session_cookie, &value))
			continue;
		buf_puts(&out, out.len ? "; " : "");
		buf_add(&out, pair.from, pair.len);
	}
	left = out.failed ? "" : arena_strndup(arena, out.data ? out.data : "",
				     out.len);
	buf_fini(&out);
	return left;
}

/* ---- signed ---- */

static const char *
signed_text(
    const struct upstream *upstream, const char *tag, struct arena *arena)
{
	return arena_printf(arena, "%s %s", upstream->opts.name, tag);
}

static bool
read_tag(char tag[TAG_LEN + 1], const struct upstream *upstream,
    struct slice value, struct arena *arena)
{
	struct key_of key = key_of(upstream);

	if (!value.from || value.len != TAG_LEN + 1 + SIGN_LEN ||
	    value.from[TAG_LEN] != '.')
		return false;
	memcpy(tag, value.from, TAG_LEN);
	tag[TAG_LEN] = '\0';
	return sign_is(value.from + TAG_LEN + 1, SIGN_LEN, key.bytes, key.len,
	    signed_text(upstream, tag, arena));
}

void
session_ask(struct errand *errand, const struct request *request)
{
	const struct upstream *upstream = errand->upstream;
	struct pool_ask *ask = &errand->ask;
	char tag[TAG_LEN + 1];
	struct slice value;

	if (upstream->opts.session == SESSION_CLIENT)
		ask->sticky = ask->client_hash;
	if (upstream->opts.session != SESSION_INSERT &&
	    upstream->opts.session != SESSION_HASH)
		return;
	value = find_cookie(request->cookie, upstream->opts.session_cookie);
	if (upstream->opts.session == SESSION_HASH && value.from)
		ask->sticky = balance_hash(value.from, value.len);
	else if (inserts(upstream) &&
		 read_tag(tag, upstream, value, errand->arena))
		memcpy(ask->session, tag, sizeof(tag));
}

const char *
session_cookie(const struct upstream *upstream, const struct request *request,
    const char *server, struct arena *arena)
{
	char tag[TAG_LEN + 1], signature[SIGN_LEN + 1];
	struct key_of key;

	if (!inserts(upstream) || !*server)
		return NULL;
	if (read_tag(tag, upstream,
		find_cookie(request->cookie, upstream->opts.session_cookie),
		arena) &&
	    strcmp(tag, server) == 0)
		return NULL;
	key = key_of(upstream);
	sign_text(signature, key.bytes, key.len,
	    signed_text(upstream, server, arena));
	return arena_printf(arena, "%s=%s.%s; Path=/; HttpOnly; SameSite=Lax%s",
	    upstream->opts.session_cookie, server, signature,
	    strcmp(request->scheme, "https") == 0 ? "; Secure" : "");
}
