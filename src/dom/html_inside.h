/* dom/html_inside.h - what the ways to read a page share: html.c,
 * html_libxml2.c, html_feed.c */
#ifndef DOM_HTML_INSIDE_H
#define DOM_HTML_INSIDE_H

#include "dom/build.h"
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

enum { TREE_ARENA = 16384 };

bool html_by_libxml2(const struct html_opts *opts);
/* Without zeros. */
struct html_limits html_limits_of(const struct html_opts *opts);
int html_too_long(const struct html_limits *limits, struct err *err);
/* Bytes of UTF-8 that a page may become: as many as it may have, or, for
 * libxml2, some more. */
size_t html_utf8_max(
    const struct html_opts *opts, const struct html_limits *limits);
bool html_is_text(const char *bytes, size_t len);
bool html_is_xhtml(const char *content_type, const char *text, size_t len);
struct build_opts html_build_opts(const struct html_opts *opts,
    const struct html_limits *limits, bool is_xhtml);
/* A tree that is whole: with its source where opts want it, or a copy that may
 * be edited; then the tree is still the caller's. */
CHECKED int html_finish(xmlDoc **out, struct tree *tree, struct text *text,
    const struct html_opts *opts, struct err *err);

/* By libxml2's parser; charset as it is to be told to it, NULL: it finds out
 * (compat). Limits have no zeros. */
CHECKED int html_libxml2(xmlDoc **out, struct text *text, const char *charset,
    const struct html_opts *opts, const struct html_limits *limits,
    struct err *err);

#endif
