/* fetch/request.h - an errand as libcurl's options
 *
 * The request is built anew from the errand's parts; nothing is copied that
 * frames a message (lengths, codings, connection fields): libcurl writes
 * those. It never sees a name, a proxy, a cookie jar or a netrc. */
#ifndef FETCH_REQUEST_H
#define FETCH_REQUEST_H

#include <curl/curl.h>
#include "fetch/fetch.h"

/* Set everything that does not depend on the address. place: the server of the
 * errand's upstream that is asked. *fields is given: the caller frees it after
 * the handle. */
CHECKED int request_set(CURL *easy, const struct errand *errand,
    const struct upstream *place, struct curl_slist **fields, struct err *err);
/* Whether it can be sent at all. */
CHECKED int request_check(const struct errand *errand, struct err *err);
/* The same as text (fetch/wire.h). -1: out is full. */
CHECKED int request_write(struct buf *out, const struct errand *errand,
    const struct upstream *place);
/* Connect to that numeric address. *connect_to likewise. */
CHECKED int request_set_address(CURL *easy, const struct upstream *place,
    const char *address, struct curl_slist **connect_to);

#endif
