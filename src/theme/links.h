/* theme/links.h - what in a page or a stylesheet is an address, and what
 * becomes of it */
#ifndef THEME_LINKS_H
#define THEME_LINKS_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "base/buf.h"
#include "theme/theme.h"

struct links {
	enum theme_links mode;
	const char *base;   /* the page's or stylesheet's own URL */
	const char *origin; /* scheme://host[:port] that counts as own: the
	                     * theme page's */
	const char *prefix;
	/* LINKS_ABSOLUTE: addresses that are `from` or below it go to the same
	 * place at `to`. Neither ends with a slash. NULL: none do. */
	const char *from, *to;
	/* LINKS_MAPPED: what becomes of an address with a host; itself when it
	 * stays. <base> is such an address, and stays where it is. */
	const char *(*map)(void *arg, const char *address);
	/* LINKS_PREFIX as Diazo's code does it: src, href, xlink:href, srcset
	 * and the @import of style elements, and nothing else. */
	bool compat;
	/* Told of each own address that a page needs (absolute). May be NULL*/
	void (*on_asset)(void *arg, const char *url);
	void *arg; /* of map and on_asset */
};

/* Rewrite every address in a theme page's tree: href, src, srcset,
 * imagesrcset, poster, data, action, formaction, background, cite, style
 * attributes, style elements, meta refresh, xlink:href, SVG's use and image;
 * <base> counts and is dropped. #fragments, data:, mailto:, javascript: and
 * the like stay; and so do links to pages when the base's host ends in
 * ".invalid", which is how a theme in a folder is named: they lead to the
 * site's own pages. */
void links_rewrite(xmlDoc *doc, const struct links *links);

/* Add to out the stylesheet with its url() and @import rewritten, each byte
 * else as it was (CSS Syntax Level 3 tokens: strings, escapes, comments). 0,
 * or -1 when out is full. */
CHECKED int links_css(struct buf *out, const char *css, size_t len,
    const struct links *links);

/* The address that an asset path stands for: the inverse of LINKS_CACHE, for
 * what follows the prefix ("/css/site.css?v=3"). 0, or -1: not one. */
CHECKED int links_asset_url(struct buf *out, const char *origin,
    const char *rest);

#endif
