/* page/again.h - what was dressed before: pages of our own
 *
 * When an upstream hangs, a thousand requests end at one time with the same
 * error page. Where the rules look at nothing but the page, it is dressed
 * once for all of them. Few are kept, in memory, a site; any thread. */
#ifndef PAGE_AGAIN_H
#define PAGE_AGAIN_H

#include <stdbool.h>
#include <stddef.h>
#include "cache/object.h"

struct again;
struct again *again_new(void);
void again_free(struct again **again);

/* What these bytes became with that theme's version; counted, or NULL. */
struct body *again_find(struct again *again, const char *version,
    const char *bytes, size_t len);
/* They became that. Borrows all. */
void again_note(struct again *again, const char *version, const char *bytes,
    size_t len, struct body *dressed);

#endif
