/* fetch/upload.h - a request's body on its way from a flow to libcurl
 *
 * Half a body is never passed off as a whole one: when the flow breaks, or
 * ends before the length that was announced, libcurl is told to cut the
 * connection and not that this was the end. */
#ifndef FETCH_UPLOAD_H
#define FETCH_UPLOAD_H

#include "fetch/fetch.h"

struct upload {
	struct flow_reader reader;
	int64_t len; /* -1: unknown */
	int64_t sent;
	bool goes;    /* some of it is still to be sent */
	bool waits;   /* libcurl's sending is paused: the client sent no more */
	bool stopped; /* what is left will not be sent */
};

/* on_more(arg) comes, under the flow's lock, when there is more to read after
 * a pause. -1: the body is not there any more. */
CHECKED int upload_begin(struct upload *upload, const struct errand *errand,
    void (*on_more)(void *), void *arg, struct err *err);
/* For CURLOPT_READFUNCTION: so many bytes, 0 at the end, or its codes for
 * pausing and cutting (then err says why, unless it was stopped). */
size_t upload_read(
    struct upload *upload, char *room, size_t max, struct err *err);
/* No more is sent; the flow's writer learns it. */
void upload_stop(struct upload *upload);
void upload_fini(struct upload *upload);

#endif
