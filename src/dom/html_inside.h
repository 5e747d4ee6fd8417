/* dom/html_inside.h - what the two ways to read a page share */
#ifndef DOM_HTML_INSIDE_H
#define DOM_HTML_INSIDE_H

#include "dom/html.h"

/* UTF-8 of Latin-1, or quotes and angles said as references. */
enum { TEXT_GROWS = 3 };

/* Bytes that are somebody's, or our own when they had to be changed. */
struct text {
	const char *p;
	size_t len;
	struct buf own;
	bool is_xhtml; /* so it says itself */
};

void text_replace(struct text *text, struct buf *with);

/* By libxml2's parser; charset as it is to be told to it, NULL: it finds out
 * (compat). Limits have no zeros. */
CHECKED int html_libxml2(xmlDoc **out, struct text *text, const char *charset,
    const struct html_opts *opts, const struct html_limits *limits,
    struct err *err);

#endif
