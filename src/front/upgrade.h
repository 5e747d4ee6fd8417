/* front/upgrade.h - a connection becomes a WebSocket
 *
 * Private to front/. Until the page's reply is a 101, which the fetch module
 * has checked, the request is one like others; what the client says meanwhile
 * lies in libmicrohttpd's buffer. Then libmicrohttpd hands the connection over,
 * or, with TLS, holds it suspended; and it is a tunnel until either side ends.
 * The request ends with it. */
#ifndef FRONT_UPGRADE_H
#define FRONT_UPGRADE_H

#include "front/client.h"

/* Whether the request in hand asks for it. */
bool upgrade_is_asked(const struct client *client);
/* One more is open or asked for, until upgrade_end(). False: there are
 * upgrade_max already. */
CHECKED bool upgrade_begin(struct client *client);
void upgrade_end(struct client *client);
/* The end of an upgraded request is told by libmicrohttpd with its lock held,
 * under which no other may be taken: it ends with its connection instead. */
bool upgrade_ends_later(const struct client *client);
void upgrade_close(struct client *client);
/* Queue the 101. */
enum MHD_Result upgrade_answer(struct client *client, struct reply *reply);

#endif
