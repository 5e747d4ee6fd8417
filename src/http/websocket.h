/* http/websocket.h - the handshake of WebSocket (RFC 6455 4), as far as a
 * proxy must know it to be sure that both sides mean the same
 *
 * What two servers could read in two ways is no handshake: then the request is
 * an ordinary one, without its Upgrade field, and a 101 is not believed. */
#ifndef HTTP_WEBSOCKET_H
#define HTTP_WEBSOCKET_H

#include "http/head.h"

enum { WEBSOCKET_ACCEPT_LEN = 28 };

/* The fields of a GET ask for it: one Upgrade that is "websocket" and nothing
 * else, named by Connection, one key, version 13. */
bool websocket_is_asked(const struct head *fields);
/* What Sec-WebSocket-Accept must be for that key. */
void websocket_accept(char out[WEBSOCKET_ACCEPT_LEN + 1], const char *key);
/* The fields of a 101 grant what was asked with that key: NULL; else what is
 * wrong with them, for people. */
const char *websocket_doubt(const struct head *fields, const char *key);

#endif
