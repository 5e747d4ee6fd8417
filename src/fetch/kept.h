/* fetch/kept.h - connections of an engine that wait for their next question
 *
 * Those that were asked by fetch/wire.c; libcurl keeps its own. Each is to one
 * server at one address, said all that it was asked for, and nothing since: it
 * stays in the engine's epoll with the mark of wires, and one on which
 * something comes, or that was closed, goes. Whoever takes one looks once more,
 * since what was not asked for would be taken for his answer.
 *
 * All on the engine's thread. */
#ifndef FETCH_KEPT_H
#define FETCH_KEPT_H

#include <stdint.h>
#include "upstream/upstream.h"

enum {
	KEPT_MAX = 256,
	KEPT_MAX_MS = 50 * 1000, /* servers seldom wait for longer */
};

struct kept_line;

/* All zero at first. */
struct kept {
	struct kept_line *lines; /* that of the last moment first */
	unsigned count;
};
void kept_fini(struct kept *kept);

/* Takes fd. address: numeric; NULL for a unix socket. */
void kept_put(struct kept *kept, struct upstream *place, const char *address,
    int fd, uint64_t now_ms);
/* One to that server at that address, which is the caller's; -1: none. */
int kept_take(struct kept *kept, const struct upstream *place,
    const char *address, uint64_t now_ms);
/* Something happened there. Does nothing with one that is not kept. */
void kept_event(struct kept *kept, int fd);
/* Close those that have waited too long; gives when to look again. */
uint64_t kept_look(struct kept *kept, uint64_t now_ms);

#endif
