/* http/proxyproto.h - who the client of a connection is, told by a balancer
 *
 * The PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt, of
 * 2020): what stands in front of the first byte of a connection. TLVs of
 * version 2 are skipped. Pure; nothing is kept of a header that is not whole
 * but that it needs more. */
#ifndef HTTP_PROXYPROTO_H
#define HTTP_PROXYPROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum {
	PROXYPROTO_V1_MAX = 107,    /* with its line end */
	PROXYPROTO_MAX = 16 + 2048, /* more in a header of version 2: refused */
};

enum proxyproto_said {
	PROXYPROTO_MORE, /* a good beginning */
	PROXYPROTO_GOOD, /* len bytes of it, and the address or is_local */
	PROXYPROTO_BAD,	 /* no such header */
};

struct proxyproto {
	size_t len;
	/* The balancer itself (LOCAL), or it will not say (UNKNOWN): then the
	 * socket's own address counts. */
	bool is_local;
	struct sockaddr_storage client;
	socklen_t client_len;
};

/* out is filled in with PROXYPROTO_GOOD only. */
enum proxyproto_said proxyproto_read(
    struct proxyproto *out, const void *bytes, size_t len);

#endif
