/* base/net.c - every address is sixteen bytes, so every test is one compare */
#include "base/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct prefix {
	struct net_address address;
	unsigned bits; /* of 128 */
};

struct prefixes {
	struct prefix *list;
	size_t count;
};

struct nets {
	struct prefixes in, out; /* who is in both is not in the set */
};

void
net_from_sockaddr(struct net_address *out, const struct sockaddr *from)
{
	memset(out, 0, sizeof(*out));
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)from;

		memcpy(out->bytes, v4_mapped, sizeof(v4_mapped));
		memcpy(out->bytes + 12, &in->sin_addr, 4);
	} else if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)from;

		memcpy(out->bytes, &in6->sin6_addr, 16);
	} else {
		out->is_unix = true;
	}
}

int
net_parse(struct net_address *out, const char *text, size_t len)
{
	struct net_address address = {{0}, false};
	char copy[INET6_ADDRSTRLEN + 1];

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, address.bytes) != 1) {
		memcpy(address.bytes, v4_mapped, sizeof(v4_mapped));
		if (inet_pton(AF_INET, copy, address.bytes + 12) != 1)
			return -1;
	}
	*out = address;
	return 0;
}

static bool
is_v4(const struct net_address *address)
{
	return memcmp(address->bytes, v4_mapped, sizeof(v4_mapped)) == 0;
}

void
net_write(char out[NET_TEXT], const struct net_address *address)
{
	if (address->is_unix)
		strcpy(out, "unix");
	else if (is_v4(address))
		inet_ntop(AF_INET, address->bytes + 12, out, NET_TEXT);
	else
		inet_ntop(AF_INET6, address->bytes, out, NET_TEXT);
}

static bool
in_prefix(const struct net_address *address, const uint8_t *bytes,
    unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (memcmp(address->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((address->bytes[whole] ^ bytes[whole]) & mask) == 0;
}

static bool
in_text(const struct net_address *address, const char *text, unsigned bits)
{
	struct net_address prefix;

	must(net_parse(&prefix, text, strlen(text)) == 0);
	return in_prefix(address, prefix.bytes, bits);
}

bool
net_same(const struct net_address *a, const struct net_address *b)
{
	return a->is_unix == b->is_unix &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool
net_is_loopback(const struct net_address *address)
{
	return !address->is_unix &&
	    (in_text(address, "127.0.0.0", 96 + 8) ||
		in_text(address, "::1", 128));
}

bool
net_is_private(const struct net_address *address)
{
	static const struct {
		const char *text;
		unsigned bits;
	} not_public[] = {
		{"0.0.0.0", 96 + 8}, {"10.0.0.0", 96 + 8},
		{"100.64.0.0", 96 + 10}, {"127.0.0.0", 96 + 8},
		{"169.254.0.0", 96 + 16}, {"172.16.0.0", 96 + 12},
		{"192.168.0.0", 96 + 16}, {"224.0.0.0", 96 + 4},
		{"240.0.0.0", 96 + 4}, {"::", 127}, {"fc00::", 7},
		{"fe80::", 10}, {"fec0::", 10}, {"ff00::", 8},
		{"192.0.0.0", 96 + 24}, {"198.18.0.0", 96 + 15},
		/* IPv4 in other clothes, by way of a translator */
		{"64:ff9b::", 96}, {"64:ff9b:1::", 48}, {"2002::", 16},
	};
	size_t i;

	if (address->is_unix)
		return true;
	for (i = 0; i < COUNT_OF(not_public); i++)
		if (in_text(address, not_public[i].text, not_public[i].bits))
			return true;
	return false;
}

struct nets *
nets_new(void)
{
	return mem_new(sizeof(struct nets));
}

void
nets_free(struct nets **nets)
{
	if (!*nets)
		return;
	mem_free(&(*nets)->in.list);
	mem_free(&(*nets)->out.list);
	mem_free(nets);
}

static void
release(void *thing)
{
	struct nets *nets = thing;

	nets_free(&nets);
}

struct nets *
nets_in(struct arena *arena)
{
	struct nets *nets = nets_new();

	arena_keep(arena, release, nets);
	return nets;
}

static int
prefix_read(struct prefix *out, const char *text, struct err *err)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long bits;
	char *end;

	memset(out, 0, sizeof(*out));
	if (strcmp(text, "unix") == 0) {
		out->address.is_unix = true;
		return 0;
	}
	if (net_parse(&out->address, text, len) != 0)
		return err_set(err, "'%s' is no address or prefix, such as "
		    "10.0.0.0/8, ::1 or unix", text);
	out->bits = 128;
	if (!slash)
		return 0;
	bits = strtoul(slash + 1, &end, 10);
	/* strtoul would take a sign and blanks too */
	if (slash[1] < '0' || slash[1] > '9' || *end ||
	    bits > (is_v4(&out->address) ? 32u : 128u))
		return err_set(err, "'%s' has a bad prefix length", text);
	out->bits = (unsigned)bits + (is_v4(&out->address) ? 96 : 0);
	return 0;
}

static int
add(struct prefixes *to, const char *text, struct err *err)
{
	struct prefix prefix;

	if (prefix_read(&prefix, text, err) != 0)
		return -1;
	to->list = mem_resize(to->list, (to->count + 1) * sizeof(prefix));
	to->list[to->count++] = prefix;
	return 0;
}

int
nets_add(struct nets *nets, const char *text, struct err *err)
{
	return add(&nets->in, text, err);
}

int
nets_deny(struct nets *nets, const char *text, struct err *err)
{
	return add(&nets->out, text, err);
}

static bool
prefix_same(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && a->address.is_unix == b->address.is_unix &&
	    memcmp(a->address.bytes, b->address.bytes,
		sizeof(a->address.bytes)) == 0;
}

static bool
same(const struct prefixes *a, const struct prefixes *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!prefix_same(&a->list[i], &b->list[i]))
			return false;
	return true;
}

bool
nets_same(const struct nets *a, const struct nets *b)
{
	return same(&a->in, &b->in) && same(&a->out, &b->out);
}

static bool
have(const struct prefixes *prefixes, const struct net_address *address)
{
	size_t i;

	for (i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->list[i];

		if (address->is_unix || prefix->address.is_unix) {
			if (address->is_unix && prefix->address.is_unix)
				return true;
		} else if (in_prefix(address, prefix->address.bytes,
			       prefix->bits)) {
			return true;
		}
	}
	return false;
}

bool
nets_have(const struct nets *nets, const struct net_address *address)
{
	return have(&nets->in, address) && !have(&nets->out, address);
}
