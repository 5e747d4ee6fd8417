/* dom/scan_disguise.h - how names and scripts travel through libxml2: what
 * scan.c writes; scan.h has what undoes it */
#ifndef DOM_SCAN_DISGUISE_H
#define DOM_SCAN_DISGUISE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"

/* Names that libxml2 reads as they are. A colon or a dot within one is fine
 * in an attribute, but splits an element's name. */
bool scan_is_plain_name(const char *name, size_t len, bool attribute);

/* The name in disguise and its length; room has SCAN_NAME_MAX bytes. 0: it is
 * too long even so. */
size_t scan_hide_name(char *room, const char *name, size_t len);

/* Add the text of a script or style so that no end tag is seen in it. */
void scan_hide_raw(struct buf *out, const char *from, const char *to);

#endif
