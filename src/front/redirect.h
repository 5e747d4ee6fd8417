/* front/redirect.h - from plain HTTP to the same page by TLS
 *
 * Private to front/. On listeners with https_redirect. The host must be one
 * that a site answers for: what a client makes up is not sent back to it. What
 * proves to a certificate authority whose the host is (RFC 8555 8.3) is
 * answered as it stands, and so is what came by TLS to a trusted proxy. */
#ifndef FRONT_REDIRECT_H
#define FRONT_REDIRECT_H

#include "base/buf.h"
#include "front/client.h"

bool redirect_is_due(
    const struct request *request, const struct routes *routes);
/* "https://www.example.org/path?query"; port 443 is not said. -1: too long. */
CHECKED int redirect_where(
    struct buf *out, const struct request *request, uint16_t port);
/* True: the client is sent elsewhere; *queued is libmicrohttpd's to know. */
bool client_redirects(struct client *client, enum MHD_Result *queued);

#endif
