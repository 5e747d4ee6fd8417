/* front/client.h - one connection, its request in hand, who the client is
 *
 * Private to front/. A struct client lives as long as its connection; what
 * belongs to a request is made new for each. A request that memory cannot
 * answer gets a struct exchange: its page, and copies of what the page
 * borrows, which outlive the connection when the client leaves first.
 *
 * The way of one: client.c (libmicrohttpd's calls, in order), gate.c (may it
 * enter?), peer.c (who asks?), request.c (what for?), page_now() or exchange.c
 * (a page is made), reply.c and send.c (the answer), finish.c (it is over);
 * upgrade.c and tunnel.c: it becomes a WebSocket. */
#ifndef FRONT_CLIENT_H
#define FRONT_CLIENT_H

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "front/accesslog.h"
#include "front/front.h"
#include "front/gate.h"
#include "front/tls.h"
#include "front/watchdog.h"

/* A libmicrohttpd daemon with its one thread. */
struct port {
	struct front *front;
	struct MHD_Daemon *daemon;
	unsigned number; /* of the thread: its slot in objects, its ring */
	struct tls *tls; /* NULL: clients speak plain HTTP */
	uint16_t redirect_port; /* they are sent to TLS there; 0: no */
	_Atomic unsigned in_hand; /* requests; only its thread writes */
	/* its thread only: */
	bool began;
	unsigned parked;	/* pages out */
	struct field *fields;	/* of the request that is being read */
	struct client *reading; /* whose they are */
};

struct front_core {
	struct pages *pages;
	struct front_opts opts;
	struct gate_opts gate;
	struct watchdog *dog;
	struct accesslog *log; /* or NULL */
	_Atomic bool quiesced;
	_Atomic bool stopping;
	struct tunnels *tunnels;
	_Atomic unsigned exchanges; /* not released yet */
	_Atomic unsigned upgrades;  /* WebSockets open or asked for */
	struct tls *tls; /* of the ports that speak it; or NULL */
};

enum client_step {
	CLIENT_HEAD,   /* nothing is known yet */
	CLIENT_ASK,    /* no body: libmicrohttpd's second call */
	CLIENT_UPLOAD, /* its body is coming */
	CLIENT_WAIT,   /* a page is out */
	CLIENT_SEND,   /* the answer is libmicrohttpd's */
};

enum { TARGET_ROOM = 512 };

struct client {
	struct port *port;
	struct front_core *core;
	struct MHD_Connection *connection;
	struct watch watch;
	struct tls_session tls;
	struct net_address peer;
	bool peer_trusted;
	bool peer_allowed; /* it alone, no proxy before it */
	char peer_text[NET_TEXT];

	/* of the request in hand: */
	enum client_step step;
	bool in_hand, close, upgrades;
	int status;
	uint64_t length, sent;	/* of the answer's body */
	uint64_t began_us;	/* JSON log only */
	const char *raw_target; /* in libmicrohttpd's buffer */
	const char *target;	/* our copy */
	size_t target_len;
	char *target_long; /* malloc'd, for what has no room here */
	char *target_plain; /* malloc'd, without livery's own words; or NULL */
	struct gate gate;
	struct request request;
	struct reply now;	   /* an answer from memory */
	struct reply *reply;	   /* &now or the page's, once there is one */
	struct exchange *exchange; /* or NULL */
	struct MHD_UpgradeResponseHandle *urh; /* of a plain tunnel */
	char target_room[TARGET_ROOM];
	char told_host[GATE_HOST_MAX + 1]; /* by a trusted peer */
};

struct client *client_new(struct port *port, struct front_core *core,
    struct MHD_Connection *connection);
void client_free(struct client **client);

/* libmicrohttpd's callbacks, on the port's thread. */
void client_begin(struct client *client, const char *target);
enum MHD_Result client_handle(struct client *client, const char *method,
    const char *version, const char *data, size_t *data_len);
void client_end(struct client *client, enum MHD_RequestTerminationCode how);

/* request.c: client->request from what the gate read. */
void client_request(struct client *client);

/* send.c: queue an answer, borrowed until client_end(). */
enum MHD_Result client_answer(struct client *client, struct reply *reply);
/* In a few words, and close. */
enum MHD_Result client_refuse(struct client *client, int status,
    const char *why);
enum MHD_Result client_refuse_many(struct client *client);

/* finish.c has client_end(). */

/* With an answer of front's own, no page's; takes it. kind: for the log. */
enum MHD_Result client_say(struct client *client, int status,
    struct MHD_Response *response, const char *kind);

/* peer.c: who asks, and what may be believed. Fills in peer, client,
 * is_trusted and is_allowed of request from the connection and the fields, and
 * scheme where the fields say another than the connection's. The host that was
 * asked for, as a trusted peer tells it, if that is to be believed; or empty.
 * What is malformed or contradicts itself is counted. */
struct slice peer_resolve(struct request *request,
    const struct net_address *peer, bool trusted, bool has_forwarding,
    const struct peer_opts *peers);

#endif
