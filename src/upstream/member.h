/* upstream/member.h - one of the servers that an upstream's requests go to
 *
 * In a configuration it is an address and what is special about it:
 *   "http://10.0.0.1:8080 weight=2 max_connections=4 backup"
 * The address has the forms of an upstream's url (http, https, unix, folder).
 * It is an upstream of its own: address, trust and health are its `place`.
 * The servers of a pool live as long as the pool. */
#ifndef UPSTREAM_MEMBER_H
#define UPSTREAM_MEMBER_H

#include <stdatomic.h>
#include "upstream/upstream.h"

enum {
	MEMBERS_MAX = 64, /* of one upstream */
	WEIGHT_MAX = 256,
	TAG_LEN = 16, /* hex digits */
};

/* What the operator wants of it. */
enum member_order {
	MEMBER_IN,     /* requests, if it is well */
	MEMBER_DRAINS, /* those of its sessions only */
	MEMBER_OUT,    /* none; what is in the air ends as it likes */
};

struct member {
	/* immutable */
	struct upstream *place; /* counted; borrowed when it is the only one */
	unsigned at;		/* in its pool, from 0 */
	unsigned weight;	/* 1 to WEIGHT_MAX */
	unsigned max;		/* requests at a time; 0: any number */
	bool backup;		/* asked when no other can be */
	uint64_t hash;		/* of the address, the same in each process */
	char tag[TAG_LEN + 1];	/* of the hash: names it without telling it */
	/* shared: any thread */
	_Atomic unsigned order; /* enum member_order */
	_Atomic bool probed_down;
	_Atomic uint64_t requests, failures; /* so far */
	/* shared: under the pool's lock */
	unsigned in_use;  /* slots ... */
	unsigned own;	  /* ... of them, those of the reserve */
	int64_t turn;	  /* of balancing by weight */
	uint64_t back_ms; /* since when it is back, for the slow start; or 0 */
};

/* What a configuration says of one. */
struct member_words {
	char url[1024];
	unsigned weight, max;
	bool backup;
};
/* Read it; max: what counts when it says nothing. Errors name the word and
 * what would be right. */
CHECKED int member_read(
    struct member_words *out, const char *text, unsigned max, struct err *err);

/* The operator and the probes have nothing against it (its health may). */
bool member_may_be_asked(const struct member *server);

#endif
