/* cache/checkup.h - looking a cache file through after an unclean end
 *
 * SQLite's own check is one step that nobody can end, and it knows nothing of
 * the sums. This walks the stored answers instead, a few at a time, in a thread
 * that gives way to others and rests most of the time, for CHECKUP_MAX_MS at
 * the most. A damaged row is dropped before anybody asks for it, a place that
 * cannot be read is stepped over; at the end one line in the log, and one
 * problem when there was something. Nothing else happens to the file. */
#ifndef CACHE_CHECKUP_H
#define CACHE_CHECKUP_H

#include "cache/writer.h"

enum { CHECKUP_MAX_MS = 300000 };

struct checkup;

/* Begin with the file that is open now. -1: no thread. Borrows the writer. */
CHECKED int checkup_new(struct checkup **out, struct writer *writer,
    struct err *err);
/* End it, finished or not: within some milliseconds, or one read of the
 * disk. */
void checkup_free(struct checkup **checkup);

#endif
