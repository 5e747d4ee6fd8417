/* theme/relink.h - links of a page that was made for another address
 *
 * An application behind a <proxy> may know itself by the address that it has
 * there. Each link of its page is made absolute, and those below its address
 * lead to where its clients find it. */
#ifndef THEME_RELINK_H
#define THEME_RELINK_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

struct relink_ask {
	const char *bytes;
	size_t len;
	const char *content_type; /* the field as sent, or NULL */
	bool libxml2;		  /* as of struct dress_ask */
	const char *base;	  /* the page's URL where it was asked for; on a
				   * host below .invalid other links stay */
	const char *from, *to; /* the addresses, without a slash at the end */
	/* Instead of base, from and to, when it is there: only addresses with a
	 * host are looked at, and become what it gives (itself: as it is). */
	const char *(*map)(void *arg, const char *address);
	void *arg;
	size_t html_max_bytes, html_max_depth; /* 0: the defaults of html.h */
	size_t html_max_attributes, html_max_nodes;
};

/* Add the page to out, as UTF-8. A piece of a page (html_is_page()) stays one.
 * -1: it cannot be parsed within its limits, or out is full; out has a part.
 * Any thread. */
CHECKED int theme_relink(
    const struct relink_ask *ask, struct buf *out, struct err *err);

#endif
