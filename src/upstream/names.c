/* upstream/names.c - names, their addresses, and who waits for them */
#include "upstream/names.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static void
name_free(struct names *names, struct name *name)
{
	HASH_DEL(names->table, name);
	mem_free(&name->host);
	mem_free(&name);
}

void
names_fini(struct names *names)
{
	while (names->table)
		name_free(names, names->table);
}

/* Names may come from pages (includes): forget one that is not in use. */
static bool
make_place(struct names *names)
{
	struct name *name;

	if (HASH_COUNT(names->table) < NAMES_MAX)
		return true;
	for (name = names->table; name; name = name->hh.next) {
		if (name->asked || name->waits || name->problem)
			continue;
		name_free(names, name);
		return true;
	}
	return false;
}

struct name *
names_find(struct names *names, const char *host)
{
	struct name *name;

	HASH_FIND_STR(names->table, host, name);
	return name;
}

struct name *
names_get(struct names *names, const char *host)
{
	struct name *name = names_find(names, host);

	if (name || strlen(host) > NAME_LEN_MAX || !make_place(names))
		return name;
	name = mem_new(sizeof(*name));
	name->host = mem_strdup(host);
	HASH_ADD_KEYPTR(hh, names->table, name->host, strlen(name->host), name);
	return name;
}

void
name_tell(struct name *name)
{
	struct resolver_wait *wait = name->waits, *next;

	name->waits = NULL;
	for (; wait; wait = next) {
		next = wait->next;
		wait->waits = false;
		wait->on_resolved(wait->arg);
	}
}

bool
addresses_hold(
    const struct addresses *addresses, const char *text, unsigned *at)
{
	for (unsigned i = 0; i < addresses->count; i++) {
		if (strcmp(addresses->text[i], text) != 0)
			continue;
		*at = i;
		return true;
	}
	return false;
}

void
addresses_first(struct addresses *addresses, unsigned at)
{
	char text[ADDRESS_MAX];

	memcpy(text, addresses->text[at], ADDRESS_MAX);
	memmove(
	    addresses->text[1], addresses->text[0], (size_t)at * ADDRESS_MAX);
	memcpy(addresses->text[0], text, ADDRESS_MAX);
}

void
name_take(struct name *name, const struct addresses *found)
{
	char best[ADDRESS_MAX] = "";
	unsigned at;

	if (name->good.count)
		memcpy(best, name->good.text[0], ADDRESS_MAX);
	name->good = *found;
	name->good.kept = false;
	if (addresses_hold(&name->good, best, &at))
		addresses_first(&name->good, at);
	name->seeded = name->doubted = name->failing = false;
}

/* Its place among the bad ones, or the one that is soonest good again. */
static unsigned
place_of(const struct name *name, const char *address)
{
	unsigned soonest = 0;

	for (unsigned i = 0; i < ADDRESSES_MAX; i++) {
		if (strcmp(name->bad[i].text, address) == 0)
			return i;
		if (name->bad[i].until_ms < name->bad[soonest].until_ms)
			soonest = i;
	}
	return soonest;
}

void
name_note(struct name *name, const char *address, uint64_t until_ms)
{
	unsigned at = place_of(name, address);

	if (until_ms == 0 && strcmp(name->bad[at].text, address) != 0)
		return;
	strcpy(name->bad[at].text, address);
	name->bad[at].until_ms = until_ms;
}

static bool
is_bad(const struct name *name, const char *address, uint64_t now_ms)
{
	unsigned at = place_of(name, address);

	return now_ms < name->bad[at].until_ms &&
	       strcmp(name->bad[at].text, address) == 0;
}

void
name_give(const struct name *name, struct addresses *out, uint64_t now_ms)
{
	const struct addresses *good = &name->good;

	memset(out, 0, sizeof(*out));
	for (int bad = 0; bad <= 1; bad++)
		for (unsigned i = 0; i < good->count; i++) {
			if (is_bad(name, good->text[i], now_ms) != bad)
				continue;
			strcpy(out->text[out->count++], good->text[i]);
			out->bad += (unsigned)bad;
		}
}

bool
address_is_numeric(const char *host)
{
	unsigned char room[16];

	return inet_pton(AF_INET, host, room) == 1 ||
	       inet_pton(AF_INET6, host, room) == 1;
}

bool
address_is_known(const char *host, struct addresses *out)
{
	/* Few listen to both: the second is a last resort. */
	static const struct addresses local = {
	    .count = 2, .bad = 1, .text = {"127.0.0.1", "::1"}};

	if (strcasecmp(host, "localhost") == 0) {
		*out = local;
		return true;
	}
	if (strlen(host) >= ADDRESS_MAX || !address_is_numeric(host))
		return false;
	memset(out, 0, sizeof(*out));
	out->count = 1;
	strcpy(out->text[0], host);
	return true;
}
