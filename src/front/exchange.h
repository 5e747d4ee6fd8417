/* front/exchange.h - a page that is out, and what it borrows
 *
 * Private to front/. The connection's thread makes it; page's on_ready() may
 * come on any thread. Who frees it is settled by one atomic word: when the
 * request ended first (the client left), on_ready() leaves it to the watchdog's
 * thread. */
#ifndef FRONT_EXCHANGE_H
#define FRONT_EXCHANGE_H

#include <stdatomic.h>
#include "base/arena.h"
#include "front/client.h"

enum {
	EXCHANGE_READY = 1,  /* the reply is there */
	EXCHANGE_ROOM = 2,   /* the upload may go on */
	EXCHANGE_PARKED = 4, /* the connection is suspended */
	EXCHANGE_ORPHAN = 8, /* the request ended; on_ready() gives it away */
};

struct exchange {
	struct watch_orphan orphan;
	struct front_core *core;
	struct MHD_Connection *connection;
	_Atomic unsigned state;
	struct arena *arena;
	struct request request;
	struct head fields;
	struct page *page;
	struct flow *upload; /* or NULL; counted */
	uint64_t uploaded;
	bool upload_ended;
};

/* Copies the client's request (and points the client at the copy). upload:
 * whether a body comes. Its page is NULL when too many are in hand, or front
 * is stopping. */
struct exchange *exchange_new(struct client *client, bool upload);
/* Let the page run. */
void exchange_start(struct exchange *exchange);
bool exchange_is_ready(const struct exchange *exchange);
/* Suspend the connection until the reply is there or, with_room, the upload
 * may go on. */
void exchange_park(struct exchange *exchange, bool with_room);
/* More of the upload; FLOW_FULL: park, and offer it again. */
enum flow_took exchange_write(
    struct exchange *exchange, const char *data, size_t len);
void exchange_upload_end(struct exchange *exchange, bool whole);
/* The request has ended. Nobody watches the page any more. */
void exchange_end(struct exchange **exchange);

#endif
