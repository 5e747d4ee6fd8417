/* fetch/wire.h - a connection to an upstream without libcurl's HTTP
 *
 * For two kinds of questions: those that ask for WebSocket, and safe ones
 * without a body over plain HTTP, which are most, and which cost half of what
 * they do by libcurl.
 *
 * libcurl connects (addresses, unix sockets, TLS and its trust, as for every
 * transfer). Of a plain connection the socket is then our own; through TLS
 * libcurl goes on to send and receive bytes. The request is written and the
 * answer read here, by the same strict reader of heads (fetch/ingest.h), its
 * body taken apart here. What was answered to its last byte, and not a byte
 * more, may be kept for the next question (fetch/kept.h). One that was kept,
 * and that is closed before a byte of the answer came, is left for a new one,
 * once: what is asked is safe.
 *
 * Of WebSocket: until a 101 has come which grants what was asked, not a byte of
 * the client's is sent; any other answer is one as ever, and ends the
 * connection.
 *
 * After the 101 bytes pass both ways as they come: out of the flow of the
 * errand's body, into the answer's flow. Each is bounded by its window, and a
 * full one stops the reading on its other side. When the client says no more
 * (its flow ends) the upstream is told so, and may still speak, until it is
 * silent for HALF_CLOSED_MS. libcurl cannot end TLS in one direction, so there
 * the upstream is not told, and UNTOLD_MS must do. When the upstream says no
 * more that is the end, as is a silence of both for upgrade_idle.
 *
 * All on the engine's thread; functions may end the flight, and then the
 * transfer and the wire are gone. */
#ifndef FETCH_WIRE_H
#define FETCH_WIRE_H

#include "fetch/transferlife.h"

enum { HALF_CLOSED_MS = 10000, UNTOLD_MS = 1000 };

/* Whether it is asked so. */
bool wire_is_for(const struct errand *errand, const struct upstream *place);
/* The handle will only connect. */
void wire_prepare(struct transfer *t);
/* It has connected. */
void wire_open(struct transfer *t);
/* On a kept connection to where it would dial. False: there is none. */
bool wire_resume(struct transfer *t);
void wire_close(struct wire **wire);
void wire_event(struct wire *wire);
/* By mover_ops.wake. */
void wire_wake(struct wire *wire, unsigned why);

bool wire_is_tunnel(const struct wire *wire);
/* For mover_ops.look, of a tunnel. */
uint64_t wire_look(struct wire *wire, uint64_t now_ms);

#endif
