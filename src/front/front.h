/* front/front.h - the client side: libmicrohttpd stays here and in admin/
 *
 * One daemon a core on each TCP listener (SO_REUSEPORT), one on each unix
 * socket, each with a thread that never blocks. A hit is answered inside the
 * handler; anything else suspends the connection and makes a page, and
 * page's on_ready() resumes it.
 *
 *   listeners.c  what is listened on; daemon.c: who serves it
 *   client.c     one connection, and what libmicrohttpd calls for each request
 *   acceptor.c   who a balancer brings; room.c: how many there is room for
 *   gate.c       which requests may enter at all (legal.c: their bytes; known.c:
 *                the fields that are read); peer.c: who asks
 *   request.c    what is asked for
 *   exchange.c   a page is made, and outlives its connection
 *   reply.c      a struct reply as a libmicrohttpd response; packed.c: codings
 *   send.c       ... goes to the client
 *   upgrade.c    a connection becomes a WebSocket; tunnel.c: bytes both ways
 *   finish.c     it is over: counters, the log
 *   tls.c        listeners that speak TLS; certs.c, cert.c: their certificates;
 *                redirect.c: those that send to them
 *   watchdog.c   deadlines and departures
 *   accesslog.c  what was answered, a line each (accesslog_line.c) */
#ifndef FRONT_FRONT_H
#define FRONT_FRONT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "front/certs.h"
#include "base/listen.h"
#include "page/page.h"

struct front;

enum accesslog_format { ACCESSLOG_COMBINED, ACCESSLOG_JSON };

struct front_opts {
	const char *const *listen; /* "127.0.0.1:8080", "[::]:80", ":8080",
				    * "unix:/path"; NULL-ended */
	unsigned unix_mode;	   /* of unix sockets: 0660 */
	unsigned threads;	   /* 0: one a core */
	uint32_t connections_max;  /* 10,000 in all, bounded by RLIMIT_NOFILE */
	uint32_t per_ip_max;	   /* connections of one address; 0: no limit */
	uint32_t client_memory;	   /* 32 KiB a connection */
	uint32_t request_line_max; /* 8 KiB */
	uint32_t fields_max;	   /* 100 */
	uint32_t head_max;	   /* 64 KiB, bounded by client_memory */
	uint64_t body_max;	   /* of an upload; 0: no limit */
	uint32_t head_ms;	   /* header_timeout, 10 s for a whole head */
	uint32_t body_stall_ms;	   /* body_timeout, 30 s without a byte */
	uint32_t body_rate;	   /* min_rate, bytes/s on average: 128 */
	uint32_t keepalive_ms;	   /* keepalive_timeout, 15 s */
	uint32_t send_ms;	   /* send_timeout: 60 s, and for what is longer
				    * than that at send_rate, its length by it */
	uint32_t send_rate;	   /* 1,024 bytes/s */
	uint32_t parked_max;	   /* suspended, for one daemon: 2,000 */
	uint32_t upgrade_max;	   /* WebSockets open or asked for: 1,000 */
	uint32_t upgrade_grace_ms; /* of theirs, when we stop: 5 s */
	uint32_t window;	   /* of streams: 256 KiB */
	uint32_t client_window;	   /* on its way (base/window.h), 0: any */
	const char *access_log;	   /* path; "-": standard output; NULL: none */
	enum accesslog_format format;
	struct peer_opts peers; /* borrowed */
	const char *via;	/* "livery" */
	/* Of listeners that speak TLS; the first is for names that none has. */
	const struct cert_opts *certs;
	unsigned certs_count;
	const char *tls_priorities; /* in GnuTLS's words */
};
void front_opts_default(struct front_opts *opts);

CHECKED int front_start(struct front **out, struct pages *pages,
    const struct front_opts *opts, struct err *err);
/* The addresses it listens on with their real ports ("http://127.0.0.1:8080",
 * "unix:/path"), NULL past the last. */
const char *front_address(const struct front *front, unsigned i);
/* Each socket that it listens on, to be passed on to another process, from its
 * start until it is quiesced. at: whose file it is may be changed, by the
 * thread that stops front. */
void front_each_socket(struct front *front,
    void (*on_socket)(void *arg, int fd, struct listen_at *at), void *arg);
/* No new connections; those in hand are answered with Connection: close. */
void front_quiesce(struct front *front);
/* Requests in hand now. */
unsigned front_in_hand(const struct front *front);
/* Stop; every page must have been answered (pages_fail_all). */
void front_stop(struct front **front);
/* Other certificates for connections that begin from now on, by certs_load().
 * Nothing happens where no listener speaks TLS. -1: all stays as it is. */
CHECKED int front_set_certs(struct front *front, const struct cert_opts *opts,
    unsigned count, void (*told)(void *arg, const char *line), void *arg,
    struct err *err);
/* Those in use; counted. NULL: no listener speaks TLS. */
struct certs *front_certs(struct front *front);
/* Open the access log again. */
void front_reopen_log(struct front *front);

#endif
