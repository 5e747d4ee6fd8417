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
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include "base/err.h"

enum { LISTEN_TEXT = 160, LISTEN_MODE_UNSAID = 010000 };

struct listen_at {
	struct sockaddr_storage address;
	socklen_t len;
	bool is_unix;
	bool any;     /* ":8080": every address, IPv6 and IPv4 */
	bool proxied; /* "proxy_protocol": clients come through a balancer */
	bool tls;     /* "tls": they speak TLS */
	uint16_t redirect_port; /* "https_redirect": they are sent to TLS at
				 * this port; 0: no */
	/* of a unix socket: what its words said, or LISTEN_MODE_UNSAID and -1 */
	unsigned mode;
	uid_t owner;
	gid_t group;
	bool any_port; /* port 0 was said: the address has the real one, once
			* it is open */
	/* Which `listen` it is, from 1, or 0 for `admin`: the user's to set.
	 * By that one with any port is known to the process after this one. */
	unsigned place;
	bool is_ours; /* a socket of this process listens there */
	/* of the unix socket's file that is ours to remove, to know it again;
	 * 0: none is */
	dev_t dev;
	ino_t ino;
	bool given; /* ... but for now another process has it */
};

/* "127.0.0.1:8080", "[::1]:80", ":8080", "localhost:0", "unix:/path",
 * "unix:@abstract"; words may stand behind it: "proxy_protocol", and of a
 * unix socket with a path "mode=0660", "user=NAME", "group=NAME". Whoever
 * they name must be known to the system. */
CHECKED int listen_parse(
    struct listen_at *out, const char *text, struct err *err);

/* Its name is no file's: nobody's permissions guard it. */
bool listen_is_abstract(const struct listen_at *at);

/* A bound, listening, non-blocking socket. With port 0 the real port is
 * written back, so that a second call shares it; no other process's port is
 * shared. mode: of unix sockets whose words say none. Nobody can connect to
 * one before it has its mode and owner. */
CHECKED int listen_open(
    int *out_fd, struct listen_at *at, unsigned mode, struct err *err);

/* "http://127.0.0.1:8080", "https://..." or "unix:/path". */
void listen_write(char out[LISTEN_TEXT], const struct listen_at *at);

/* The unix socket's file is ours to remove from now on, or is not any more:
 * who takes over a socket takes its file over, too. */
void listen_own(struct listen_at *at, bool ours);

/* The unix socket's file is ours, and it is still there. */
bool listen_has_file(const struct listen_at *at);

/* Remove the unix socket's file, if it is ours, not given, and the same. */
void listen_remove(const struct listen_at *at);

#endif
