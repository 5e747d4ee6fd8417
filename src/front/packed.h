/* front/packed.h - fields of an answer that there is in several codings
 *
 * Private to front/. While an object's fields are added to a response, those
 * that say something of its coding are taken out here, and said anew at the
 * end. */
#ifndef FRONT_PACKED_H
#define FRONT_PACKED_H

#include <microhttpd.h>
#include "http/head.h"
#include "http/pack.h"

/* Begin with the first four set and all else zero. */
struct packed_head {
	enum packing as;
	bool varies; /* others get it in other codings */
	bool is_304; /* what is not sent has no coding */
	struct MHD_Response *response;
	const char *vary; /* the first Vary, kept back; or NULL */
	bool says_so;	  /* one of them names Accept-Encoding, or all */
};

/* True: this field is not to be added, for it was now, or is at the end, or is
 * wrong of other bytes. */
bool packed_takes(struct packed_head *packed, const struct field *field);
void packed_end(struct packed_head *packed);

#endif
