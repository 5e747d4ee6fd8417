/* front/tunneltls.h - a tunnel whose client speaks TLS
 *
 * libmicrohttpd 0.9.75 can upgrade such a connection, but gives the passing on
 * of bytes four of room: its pool is used up by the answer's head. So the
 * session is used directly, while libmicrohttpd holds the connection suspended
 * and touches neither. */
#ifndef FRONT_TUNNELTLS_H
#define FRONT_TUNNELTLS_H

#include "front/tunnel.h"

/* line: the gnutls_session_t. */
extern const struct tunnel_line tunnel_tls;

#endif
