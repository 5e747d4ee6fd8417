/* cache/key.c - what a URL is called in the cache
 *
 * Scheme and host are folded, since they name the same thing in any case; the
 * rest stays byte for byte, since only the upstream knows what it means. */
#include "cache/key.h"

#include <string.h>
#include <strings.h>

#include "cache/hash.h"

const char *const kind_names[KINDS] = {"page", "theme", "fragment", "asset",
    "range"};

/* Text being written into a room of KEY_MAX bytes. */
struct room {
	char *at;
	size_t len;
	bool over;
};

static void
add(struct room *room, const char *text, size_t len)
{
	if (room->over || len >= KEY_MAX - room->len) {
		room->over = true;
		return;
	}
	if (len)
		memcpy(room->at + room->len, text, len);
	room->len += len;
}

static void
add_lower(struct room *room, const char *text, size_t len)
{
	char *at = room->at + room->len, *end;

	add(room, text, len);
	for (end = room->at + room->len; at < end; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at |= 0x20;
}

static bool
is_scheme(const char *scheme, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(scheme, name, len) == 0;
}

/* How much of host stands when ":80" of http, ":443" of https or a bare ":"
 * is left out. */
static size_t
host_without_default_port(const char *scheme, size_t scheme_len,
    const char *host, size_t len)
{
	if (len && host[len - 1] == ':')
		return len - 1;
	if (len > 3 && memcmp(host + len - 3, ":80", 3) == 0 &&
	    is_scheme(scheme, scheme_len, "http"))
		return len - 3;
	if (len > 4 && memcmp(host + len - 4, ":443", 4) == 0 &&
	    is_scheme(scheme, scheme_len, "https"))
		return len - 4;
	return len;
}

/* "K SITE "; a site's name with a space in it would be read wrongly. */
static void
begin(struct room *room, char *text, enum kind kind, const char *site)
{
	size_t len = strlen(site);

	must(kind < KINDS);
	room->at = text;
	room->at[0] = kind_names[kind][0];
	room->at[1] = ' ';
	room->len = 2;
	room->over = memchr(site, ' ', len) != NULL;
	add(room, site, len);
	add(room, " ", 1);
}

static int
finish(struct room *room, struct key *key)
{
	if (room->over)
		return -1;
	room->at[room->len] = '\0';
	key->text = room->at;
	key->len = room->len;
	key_hash(key);
	return 0;
}

int
key_make(struct key *key, char *room_bytes, enum kind kind, const char *site,
    const char *scheme, size_t scheme_len, const char *host, size_t host_len,
    const char *target, size_t target_len)
{
	struct room room;

	begin(&room, room_bytes, kind, site);
	add_lower(&room, scheme, scheme_len);
	add(&room, "://", 3);
	add_lower(&room, host,
	    host_without_default_port(scheme, scheme_len, host, host_len));
	if (target_len == 0 || target[0] != '/')
		add(&room, "/", 1);
	add(&room, target, target_len);
	return finish(&room, key);
}

int
key_make_url(struct key *key, char *room_bytes, enum kind kind,
    const char *site, const char *url)
{
	const char *colon = strstr(url, "://"), *host, *target, *at;
	size_t len = strcspn(url, "#"), host_len;
	struct room room;

	if (!colon || colon > url + len) {
		/* a path, or file:/...: nothing to fold */
		begin(&room, room_bytes, kind, site);
		add(&room, url, len);
		return finish(&room, key);
	}
	host = colon + 3;
	host_len = strcspn(host, "/?#");
	target = host + host_len;
	/* a password has no business in a file that others may read */
	at = memrchr(host, '@', host_len);
	if (at) {
		host_len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	return key_make(key, room_bytes, kind, site, url,
	    (size_t)(colon - url), host, host_len, target,
	    (size_t)(url + len - target));
}

void
key_make_kind(struct key *key, char *room, enum kind kind,
    const struct key *from)
{
	must(from->len > 1 && from->len < KEY_MAX);
	memcpy(room, from->text, from->len + 1);
	room[0] = kind_names[kind][0];
	key->text = room;
	key->len = from->len;
	key_hash(key);
}

bool
key_parts(struct key *parts, char *room, const char *page)
{
	const struct key key = {.text = page, .len = strlen(page)};

	if (page[0] != kind_names[KIND_PAGE][0] || key.len >= KEY_MAX)
		return false;
	key_make_kind(parts, room, KIND_RANGE, &key);
	return true;
}

void
key_hash(struct key *key)
{
	key->hash = hash_seeded(key->text, key->len);
}

const char *
key_url(const struct key *key)
{
	const char *space;

	must(key->len > 2);
	space = strchr(key->text + 2, ' ');
	must(space);
	return space + 1;
}
