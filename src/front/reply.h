/* front/reply.h - a struct reply as a libmicrohttpd response
 *
 * Private to front/. Here an answer becomes the one this client asked for: a
 * 304 for who has it already, a range, a HEAD. For an object it is made once
 * for each thread, second and coding, and kept in the object's slot. */
#ifndef FRONT_REPLY_H
#define FRONT_REPLY_H

#include <microhttpd.h>
#include "page/page.h"

struct reply_for {
	const struct request *request;
	const char *if_range; /* or NULL */
	const char *via;      /* our name */
	unsigned slot;	      /* the thread's; OBJECT_SLOTS or more: none */
	bool close;	      /* say Connection: close */
	size_t block;	      /* of streams */
	MHD_ContentReaderCallback on_read; /* of streams ... */
	void *arg;			   /* ... with this */
};

struct reply_out {
	struct MHD_Response *response; /* NULL: no memory for it */
	bool is_kept; /* in a slot: not to be destroyed by the caller */
	int status;
	uint64_t length; /* body bytes that will go out, if all goes well;
			  * 0 for a stream of unknown length */
};

/* Its body is read from the flow as it comes. */
static inline bool
reply_streams(const struct reply *reply)
{
	return reply->reader.flow && !reply->bytes;
}

/* reply and its counted things outlive the response. A body that is all there
 * already is made its bytes. */
void reply_make(
    struct reply_out *out, struct reply *reply, const struct reply_for *client);

/* A few words of our own. Gives a response; NULL: no memory. */
struct MHD_Response *reply_words(int status, const char *words);

/* "bytes=0-499" of len bytes (RFC 9110 14.2). 1: *from and *n say which; 0:
 * not a single range, or not understood: send everything; -1: none of it is
 * there (416). Pure; for tests. */
int reply_range(const char *value, uint64_t len, uint64_t *from, uint64_t *n);

#endif
