/* front/certs.h - the certificates of TLS listeners, chosen by server name
 *
 * A set is read whole, never changed, and counted; a reload swaps in another
 * while connections go on with theirs. */
#ifndef FRONT_CERTS_H
#define FRONT_CERTS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct cert;
struct certs;

enum { CERTS_MAX = 1000, CERTS_SOON_DAYS = 14 };

struct cert_opts {
	const char *name; /* of its block */
	const char *file; /* PEM: its own certificate, then those above it */
	const char *key;  /* PEM, without a password */
};

/* Read them all. before: NULL at the start, when one that cannot be read is
 * an error. At a reload it is those of now: files that are as they were are
 * not read again, and of one that cannot be read the old goes on, or it is
 * left out if it is new; each such is told. None left: an error. */
CHECKED int certs_load(struct certs **out, const struct cert_opts *opts,
    unsigned count, const struct certs *before,
    void (*told)(void *arg, const char *line), void *arg, struct err *err);
struct certs *certs_ref(struct certs *certs);
void certs_unref(struct certs **certs);

unsigned certs_count(const struct certs *certs);

/* What is wrong with them, a line each: over, over soon, not begun, a key
 * that others may read. */
void certs_tell(const struct certs *certs, int64_t now_s,
    void (*told)(void *arg, const char *line), void *arg);

/* One of them is for that name ("*.example.org" is a name, too). */
bool certs_cover(const struct certs *certs, const char *name);

/* The place of the one for that name: it by itself before "*.", the first of
 * several; for a name that none has, or no name (""), the first of all. */
unsigned certs_choose(const struct certs *certs, const char *name);

#endif
