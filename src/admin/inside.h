/* admin/inside.h - what the pages of admin/ share
 *
 *   admin.c       the listener, who may ask, which page it is
 *   metrics.c     /metrics
 *   statuspage.c  /status
 *   requests.c    /requests and its kill
 *   servers.c     /servers: of each upstream, and in or out with one
 *   purge.c       /purge and /refresh */
#ifndef ADMIN_INSIDE_H
#define ADMIN_INSIDE_H

#include <microhttpd.h>
#include "admin/admin.h"
#include "base/buf.h"
#include "upstream/pool.h"

enum { ADMIN_PAGE_MAX = 8 << 20 }; /* of any answer */

struct admin {
	struct admin_opts opts;
	char *version;
	struct MHD_Daemon *daemon;
	int64_t started_ms; /* wall clock */
	struct admin_listening *listening;
};

/* An answer is written into out; the status is given back. */
int admin_metrics(struct admin *admin, struct buf *out);
int admin_status(struct admin *admin, struct buf *out);
int admin_requests(struct admin *admin, struct buf *out);
/* Arguments may be NULL: not given. */
int admin_kill(struct admin *admin, const char *id, struct buf *out);
struct admin_purging {
	const char *url, *tag, *regex, *all, *soft, *dry;
};
int admin_purge(struct admin *admin, const struct admin_purging *what,
    struct buf *out);
int admin_servers(struct admin *admin, struct buf *out);
int admin_order(struct admin *admin, const char *upstream, const char *server,
    const char *order, struct buf *out);
int admin_refresh(struct admin *admin, const char *theme, struct buf *out);

/* What there is to say of a server in one word: "well", "failing", "down" (by
 * its probe), "draining", "out". */
const char *admin_server_state(const struct member *server);
/* For each server of each upstream, with the pool's lock not held. */
void admin_each_server(struct admin *admin,
    void (*on_server)(void *arg, struct upstream *upstream,
	struct member *server),
    void *arg);

/* text as a JSON string, quotes and all; bytes that are no UTF-8 as U+FFFD. */
void json_text(struct buf *out, const char *text);
/* {"error": "..."} */
int admin_wrong(struct buf *out, int status, const char *what);
const char *admin_skin_state(enum skin_state state);

#endif
