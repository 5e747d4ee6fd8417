/* front/tls.h - listeners that speak TLS, by libmicrohttpd and GnuTLS
 *
 * Private to front/. The handshake is libmicrohttpd's: on the front thread,
 * never blocking, and bounded by header_timeout as the head behind it. Which
 * certificate it shows is chosen here by the name that the client says, out
 * of the set that was current when its connection began. A client that was
 * here before may come back by a ticket; its key is made at the start, is
 * shared by all threads and never leaves memory. */
#ifndef FRONT_TLS_H
#define FRONT_TLS_H

#include <microhttpd.h>
#include <stdbool.h>
#include "front/certs.h"

struct tls;

/* One connection's. */
struct tls_session {
	struct certs *certs; /* NULL: no TLS */
	bool is_done;	     /* its handshake is */
};

/* Reads the certificates. */
CHECKED int tls_new(struct tls **out, const struct cert_opts *opts,
    unsigned count, const char *priorities, struct err *err);
/* No daemon uses it any more. */
void tls_free(struct tls **tls);

/* For libmicrohttpd: the options of a daemon that speaks TLS, ended. */
enum { TLS_OPTIONS = 3 };
void tls_options(const struct tls *tls, struct MHD_OptionItem out[TLS_OPTIONS]);

/* A connection began, and ended; on its port's thread. A handshake that was
 * not finished is counted. session stays where it is in between. */
void tls_begin(struct tls *tls, struct tls_session *session,
    struct MHD_Connection *connection);
void tls_end(struct tls_session *session);

/* certs_load() what is configured now, for connections that begin. Any
 * thread. */
CHECKED int tls_reload(struct tls *tls, const struct cert_opts *opts,
    unsigned count, void (*told)(void *arg, const char *line), void *arg,
    struct err *err);
/* The set of now; counted. Any thread. */
struct certs *tls_certs(struct tls *tls);

#endif
