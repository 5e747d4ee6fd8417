/* front/watchdog.h - deadlines and departures of connections
 *
 * libmicrohttpd knows inactivity only, and sees nothing of a suspended
 * connection. So one thread looks over all connections every 200 ms and shuts
 * down what is past its deadline, and its own epoll tells who left while a
 * page is out. A front thread only stores a few relaxed atomics. A client
 * whose head, or next request, is here but was not read yet is not late: after
 * a standstill of the process all that asked meanwhile are answered.
 *
 * The watch of a connection lives in struct client, from the connection's
 * start to its end, and is linked in the watchdog's table all that time. What
 * the watchdog does to a connection (shutdown, page_leave, flow_poke) it does
 * under its lock, which watch_fini() and watch_page() take too; so it never
 * touches an fd or a page that is gone. */
#ifndef FRONT_WATCHDOG_H
#define FRONT_WATCHDOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/flow.h"
#include "base/inbox.h"
#include "page/page.h"

struct watchdog;

enum watch_stage {
	WATCH_IDLE, /* between requests: keepalive_ms */
	WATCH_HEAD, /* a head is coming: head_ms */
	WATCH_BODY, /* an upload: body_stall_ms, body_rate */
	WATCH_WAIT, /* on us, or on an upstream: no deadline here */
	WATCH_SEND, /* an answer is going out: its allowance */
	WATCH_STAGES
};

struct watchdog_opts {
	uint32_t head_ms, body_stall_ms, body_rate, keepalive_ms;
};

struct watch {
	int fd;
	uint32_t generation; /* tells this use of fd from earlier ones */
	bool followed;	     /* fd is in the epoll; the front thread's */
	/* shared, atomics: the front thread writes, the watchdog reads */
	_Atomic int stage;
	_Atomic uint64_t began_ms; /* the stage */
	_Atomic uint64_t since_ms; /* the last byte in it */
	_Atomic uint64_t moved;	   /* bytes in it */
	_Atomic uint64_t allow_ms; /* WATCH_SEND: since the last byte */
	/* the watchdog writes, the front thread reads */
	_Atomic bool gone; /* the client left, or was shut out */
	_Atomic bool cut;  /* we shut it out */
	/* shared: under the watchdog's lock */
	struct page *page;	    /* out, or being streamed; or NULL */
	struct flow_reader *reader; /* its stream, or NULL */
};

CHECKED int watchdog_start(
    struct watchdog **out, const struct watchdog_opts *opts, struct err *err);
/* All watches must be gone. */
void watchdog_stop(struct watchdog **dog);

/* A connection began (stage: WATCH_HEAD) and ended. */
void watch_init(struct watchdog *dog, struct watch *watch, int fd);
void watch_fini(struct watchdog *dog, struct watch *watch);

/* The front thread tells where its connection stands. */
void watch_stage(struct watch *watch, enum watch_stage stage);
void watch_moved(struct watch *watch, size_t bytes);
/* Sending begins: so long may pass without a byte moved. */
void watch_send(struct watch *watch, uint64_t allow_ms);

/* This page is out: page_leave() it if the client goes. NULL: no more, once
 * this returns nobody touches it. */
void watch_page(struct watchdog *dog, struct watch *watch, struct page *page);
/* This page's stream is being read: poke it if the client goes. */
void watch_reader(
    struct watchdog *dog, struct watch *watch, struct flow_reader *reader);

/* Shut every connection out (for the end). */
void watchdog_cut_all(struct watchdog *dog);

/* A thing to be released on the watchdog's thread, soon; any thread. */
struct watch_orphan {
	struct inbox_item item;
	void (*release)(struct watch_orphan *orphan);
};
void watchdog_post(struct watchdog *dog, struct watch_orphan *orphan);

#endif
