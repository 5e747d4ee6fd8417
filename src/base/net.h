/* base/net.h - addresses of peers, and sets of them */
#ifndef BASE_NET_H
#define BASE_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include "base/arena.h"
#include "base/err.h"

/* An address without its port: IPv4 as ::ffff:a.b.c.d. */
struct net_address {
	uint8_t bytes[16];
	bool is_unix; /* a unix socket's peer; bytes are zero */
};

void net_from_sockaddr(struct net_address *out, const struct sockaddr *from);
/* "192.0.2.1", "2001:db8::1", with or without brackets. */
CHECKED int net_parse(struct net_address *out, const char *text, size_t len);
enum { NET_TEXT = 48 };
/* As people write it; "unix" for a unix socket's. */
void net_write(char out[NET_TEXT], const struct net_address *address);

bool net_same(const struct net_address *a, const struct net_address *b);
bool net_is_loopback(const struct net_address *address);
/* Loopback, private, link-local, shared, multicast, unspecified: not an
 * address that a public name may point an include at. */
bool net_is_private(const struct net_address *address);

/* A set of prefixes: "10.0.0.0/8", "::1", "unix". */
struct nets;
struct nets *nets_new(void);
void nets_free(struct nets **nets);
/* An empty one that goes with the arena. */
struct nets *nets_in(struct arena *arena);
CHECKED int nets_add(struct nets *nets, const char *text, struct err *err);
/* Whoever is in that is not in the set, whatever else it says. */
CHECKED int nets_deny(struct nets *nets, const char *text, struct err *err);
/* The same prefixes in the same order. */
bool nets_same(const struct nets *a, const struct nets *b);
bool nets_have(const struct nets *nets, const struct net_address *address);

#endif
