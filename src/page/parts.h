/* page/parts.h - parts of stored pages that were asked for before
 *
 * Who includes a part of a page asks for the same one again and again. A few
 * are kept, in memory, a site, the one that was used longest ago goes first;
 * any thread. A part is of one stored object: another answer for the same
 * address is another object, so nothing here is ever too old. */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include "cache/object.h"

enum {
	PARTS_MAX = 64,		  /* parts of a site that are kept */
	PARTS_BYTES_MAX = 4 << 20 /* of all of them together */
};

struct parts;
struct parts *parts_new(void);
void parts_free(struct parts **parts);

/* What the expression selects in that object; counted, or NULL. */
struct body *parts_find(
    struct parts *parts, uint64_t object_id, const char *expression);
/* It selects that. Borrows all; a body over half of PARTS_BYTES_MAX is not
 * kept. */
void parts_note(struct parts *parts, uint64_t object_id, const char *expression,
    struct body *part);

#endif
