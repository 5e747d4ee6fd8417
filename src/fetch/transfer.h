/* fetch/transfer.h - the mover over HTTP: one curl handle for one flight
 *
 * Resolves, connects (address after address: nothing was sent yet, so any
 * method may), sends the request with its body, and feeds the answer through
 * ingest to the flight, with back-pressure both ways. */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include <curl/curl.h>
#include "fetch/flight.h"

/* The flight frees it, by its ops. */
struct mover *transfer_new(struct flight *flight);
/* The multi handle says that this one is done. */
void transfer_ended(CURL *easy, CURLcode code);
/* It has a socket watched, from now on at the latest. */
void transfer_is_watched(CURL *easy);

#endif
