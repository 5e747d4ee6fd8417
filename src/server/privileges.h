/* server/privileges.h - being nobody in particular
 *
 * Started as root, livery becomes `user`, or the owner of the cache file's
 * folder; when that is root too, it stays root and warns once. Not root:
 * nothing happens. */
#ifndef SERVER_PRIVILEGES_H
#define SERVER_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>
#include "base/err.h"

struct privileges {
	bool drops; /* it is root and is to become somebody else */
	uid_t uid;
	gid_t gid;
	const char *name;
};

/* Find out who to become; makes the cache's folder if it is not there. Where
 * that cannot be made, it has no owner. */
CHECKED int privileges_plan(struct privileges *plan, const char *user,
    const char *cache_file, struct err *err);
/* From here on files are made as that user, by every thread... */
CHECKED int privileges_lower(const struct privileges *plan, struct err *err);
/* ... but for binding ports, root again for a moment, and this thread only
 * (and those that it starts meanwhile) ... */
CHECKED int privileges_raise(const struct privileges *plan, struct err *err);
/* ... and then no thread ever again. */
CHECKED int privileges_drop(const struct privileges *plan, struct err *err);

#endif
