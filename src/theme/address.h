/* theme/address.h - what becomes of one address; srcset and CSS are lists of
 * addresses in a language of their own */
#ifndef THEME_ADDRESS_H
#define THEME_ADDRESS_H

#include <stdbool.h>
#include "base/buf.h"
#include "theme/links.h"

enum { ADDRESS_MAX = 64 * 1024 };

/* What kind of thing names the address. */
enum address_use {
	USE_ASSET, /* the page needs it to look right */
	USE_LINK,  /* another page, or another's business */
};

/* Add to out what the address becomes. 0: nothing was added, it stays as it
 * is. 1: it changed. */
CHECKED int address_rewrite(struct buf *out, const struct links *links,
    const char *address, size_t len, enum address_use use);

/* Add a srcset or imagesrcset value with its addresses rewritten. */
void address_srcset(
    struct buf *out, const struct links *links, const char *value);

#endif
