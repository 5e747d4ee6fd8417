/* upstream/pool.h - which server of an upstream gets a request, and when
 *
 * Every upstream has a pool, of one server when it has but one address. Who
 * has something to ask enters the pool: it gets a server with a slot on it, or
 * waits in the queue for one, at most queue_timeout; then it leaves the pool.
 * A slot is held until the answer's head or its end is there (slot_until): the
 * caller leaves then.
 *
 * Lanes. A request is in one of three, so that one kind cannot take all slots
 * from another: pages; parts (themes, assets, fragments); long ones (edits,
 * uploads, paths that the operator knows to be slow). The latter two have at
 * most so many of the pool's slots (lane_parts, lane_long); pages may have all.
 * A request that the upstream itself sent to our public address, while a slot
 * of its own waits for that, may have one slot more than max_connections, and
 * more than its lane has.
 *
 * Who is asked: servers that the operator has not taken out, that no probe
 * found down and that do not fail just now; of those the balance decides;
 * backups when there is no other; failing ones when there is nothing else,
 * since somebody waits. A server that fails is tried by one request per
 * back-off, of those that may be sent elsewhere afterwards. A session goes to
 * its server while that may be asked and does not fail, and waits for a slot
 * there.
 *
 * The queue is first come, first served within a lane, and the lane whose
 * first waits longest goes first.
 *
 * One lock, a leaf; any thread. Not on the path of a hit. Times are
 * clock_mono_ms(). */
#ifndef UPSTREAM_POOL_H
#define UPSTREAM_POOL_H

#include "upstream/member.h"

enum lane { LANE_PAGES, LANE_PARTS, LANE_LONG, LANES };

enum balance {
	BALANCE_ROUND,	/* in turn, by weight */
	BALANCE_LEAST,	/* the fewest requests in the air per weight */
	BALANCE_URL,	/* the same URL, the same server; when it goes, only
			 * its URLs move (rendezvous hashing: Thaler and
			 * Ravishankar 1998; by weight: Schindelhauer 2005) */
	BALANCE_CLIENT, /* likewise by the client's address; by the URL what no
			 * client asks for, as a theme's files */
};

struct pool;

/* What the pool must know of a request. */
struct pool_ask {
	enum lane lane;
	uint64_t url_hash, client_hash;
	char session[TAG_LEN + 1]; /* the tag of its server, or "" */
	uint64_t sticky;	   /* not 0: the same server for the same number
				    * as long as the servers are the same */
	bool own;		   /* the upstream's own, to our address */
	bool may_repeat;	   /* elsewhere, if this server fails it */
	bool probes;		   /* asks how a server is, whatever is known */
	uint64_t tried;		   /* a bit per server that failed it */
};

/* One who enters. Embedded; lives until it left. */
struct pool_wait {
	struct pool_wait *prev, *next;
	struct pool_ask ask;
	/* Called with the pool's lock held, on any thread: post, no more, and
	 * look with pool_stand() later. */
	void (*on_slot)(void *arg);
	void *arg;
	/* the pool's */
	bool waits, holds, on_reserve;
	uint64_t order;	       /* of coming */
	struct member *server; /* when it holds a slot */
};

enum pool_said {
	POOL_CHOSEN, /* wait->server, with a slot */
	POOL_WAITS,  /* on_slot comes, unless you leave first */
	POOL_FULL,   /* the queue has queue_max already */
	POOL_NONE,   /* no server may be asked, or all were tried */
};

/* Errors name the server and what would be right. upstream->opts and its
 * address are read already; the pool of an upstream without `servers` borrows
 * it as its only place. */
CHECKED int pool_new(
    struct pool **out, struct upstream *upstream, struct err *err);
void pool_free(struct pool **pool);

enum pool_said pool_enter(
    struct pool *pool, struct pool_wait *wait, uint64_t now_ms);
/* How it stands: POOL_CHOSEN, POOL_WAITS; POOL_NONE: neither, enter again. */
enum pool_said pool_stand(struct pool *pool, const struct pool_wait *wait);
/* Give the slot back, or wait no longer; does nothing a second time. */
void pool_leave(struct pool *pool, struct pool_wait *wait, uint64_t now_ms);

/* What became of a request to that server. The upstream as a whole hears of a
 * failure only if no other server is well. */
void pool_report(struct pool *pool, struct upstream *upstream,
    struct member *server, enum outcome_kind how, uint64_t now_ms);
/* Something that makes servers better has happened (an order, a probe): who
 * waits may go. since: slow start begins for that server. May be NULL. */
void pool_look(struct pool *pool, struct member *since, uint64_t now_ms);

/* After a reload: what the operator and the probes said of a server counts for
 * the one with the same address; of the probes, if there still are any. */
void pool_inherit(struct pool *pool, struct pool *from);

unsigned pool_count(const struct pool *pool);
struct member *pool_member(struct pool *pool, unsigned at);
/* By its tag or its address as configured; NULL: none. */
struct member *pool_find(struct pool *pool, const char *name);

/* For /status and the metrics, as of one moment. */
struct pool_figures {
	unsigned queued, lanes[LANES]; /* slots in use */
	uint64_t queued_ever, refused_ever;
};
void pool_figures(struct pool *pool, struct pool_figures *out);
unsigned pool_in_use(struct pool *pool, const struct member *server);

#endif
