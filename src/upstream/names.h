/* upstream/names.h - the resolver's table: what is known of each name
 *
 * No lock of its own: all of it is the resolver's, under the resolver's lock.
 * At most NAMES_MAX names; then one that nobody has to do with is forgotten. */
#ifndef UPSTREAM_NAMES_H
#define UPSTREAM_NAMES_H

#include <uthash.h>
#include "upstream/resolver.h"

enum { NAMES_MAX = 4096, NAME_LEN_MAX = 255 };

struct name {
	UT_hash_handle hh;
	char *host;
	struct addresses good;
	bool seeded;			      /* good is from an earlier life */
	bool doubted;			      /* connecting failed since */
	bool failing;			      /* the last look-up failed */
	uint64_t fresh_until_ms, retry_at_ms; /* clock_mono_ms */
	/* Those that did not connect, and until when that counts. */
	struct {
		char text[ADDRESS_MAX];
		uint64_t until_ms;
	} bad[ADDRESSES_MAX];
	/* the look-up in hand */
	bool asked, runs, overdue;
	uint64_t late_at_ms; /* real */
	bool problem;	     /* the keeper has one to report ... */
	bool was_late;	     /* ... this: no answer in time */
	struct resolver_wait *waits;
	char reported[ADDRESS_MAX];
	uint64_t reported_ms;
};

struct names {
	struct name *table;
};

void names_fini(struct names *names);
struct name *names_find(struct names *names, const char *host);
/* Find or make. NULL: too long, or no place. */
struct name *names_get(struct names *names, const char *host);

/* Call all who wait for it; they wait no longer. */
void name_tell(struct name *name);
/* A fresh answer. The address that answered last stays first. */
void name_take(struct name *name, const struct addresses *found);

/* It is among them, at *at. */
bool addresses_hold(
    const struct addresses *addresses, const char *text, unsigned *at);
void addresses_first(struct addresses *addresses, unsigned at);
/* Note that it is bad until then; 0: it is good. */
void name_note(struct name *name, const char *address, uint64_t until_ms);
/* The good ones, and behind them those that are bad now. */
void name_give(
    const struct name *name, struct addresses *out, uint64_t now_ms);
bool address_is_numeric(const char *host);
/* A number, or localhost: out is filled in. */
bool address_is_known(const char *host, struct addresses *out);

#endif
