/* dom/sitemap.h - the addresses in a sitemap (sitemaps.org), or in an index of
 * sitemaps
 *
 * Read as it stands in memory, without a tree. A document type is refused,
 * so there are no entities but XML's own five; nothing is loaded. */
#ifndef DOM_SITEMAP_H
#define DOM_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

enum {
	SITEMAP_DEPTH_MAX = 32, /* of elements */
	SITEMAP_LOC_MAX = 8 << 10,
};

/* Each <loc> of a <url> (is_map false) or <sitemap> (true), white space around
 * it removed, as UTF-8. -1 ends the reading. */
typedef int (*sitemap_f)(void *arg, const char *loc, bool is_map);

/* -1: it is not well-formed XML, or neither kind of sitemap, or told() said
 * so: it has said why then. What came before was told. */
CHECKED int sitemap_read(
    const char *bytes, size_t len, sitemap_f told, void *arg, struct err *err);

#endif
