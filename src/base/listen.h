/* base/listen.h - sockets to listen on, made from the words of `listen`
 *
 * Made here and handed to libmicrohttpd, so that port 0, several sockets on one
 * port (SO_REUSEPORT) and unix sockets go the same way; one that the service
 * manager holds already (base/inherit.h) is taken as it is. A unix socket that
 * nobody answers on any more is replaced; anything else in its place is left
 * alone and is an error. */
#ifndef BASE_LISTEN_H
#define BASE_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "base/err.h"

enum { LISTEN_TEXT = 160 };

struct listen_at {
	struct sockaddr_storage address;
	socklen_t len;
	bool is_unix;
	bool any;     /* ":8080": every address, IPv6 and IPv4 */
	bool proxied; /* "proxy_protocol": clients come through a balancer */
	bool is_ours; /* a socket of this process listens there */
	/* of the unix socket that was made, to know it again */
	dev_t dev;
	ino_t ino;
};

/* "127.0.0.1:8080", "[::1]:80", ":8080", "localhost:0", "unix:/path"; behind
 * it " proxy_protocol" may stand. */
CHECKED int listen_parse(
    struct listen_at *out, const char *text, struct err *err);

/* A bound, listening, non-blocking socket. With port 0 the real port is
 * written back, so that a second call shares it; no other process's port is
 * shared. mode: of unix sockets. */
CHECKED int listen_open(
    int *out_fd, struct listen_at *at, unsigned mode, struct err *err);

/* "http://127.0.0.1:8080" or "unix:/path". */
void listen_write(char out[LISTEN_TEXT], const struct listen_at *at);

/* Remove the unix socket's file, if it is still the one that was made. */
void listen_remove(const struct listen_at *at);

#endif
