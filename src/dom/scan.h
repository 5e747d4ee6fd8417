/* dom/scan.h - HTML bytes read as a browser's tokenizer reads them, counted,
 * and written again so that no parser can misread them
 *
 * libxml2's HTML parser makes live markup of what is dead text to a browser
 * (<![CDATA[<img>, </ <img>, <!x <img>), and cuts what is nested too deep. It
 * is given the tokens of this scan instead of the page. */
#ifndef DOM_SCAN_H
#define DOM_SCAN_H

#include "base/buf.h"
#include "base/err.h"

struct scan_opts {
	size_t depth;	   /* open elements */
	size_t attributes; /* in one tag */
	size_t nodes;	   /* tags and texts */
	bool xhtml;	   /* <x/> and CDATA mean what XML says */
};

/* Read bytes (UTF-8, fit for a tree: utf8_clean_len()). With out: add tokens
 * that mean the same to every parser. Without: only count. Errors: a limit, by
 * the name it has in the configuration. */
CHECKED int scan_html(struct buf *out, const char *bytes, size_t len,
    const struct scan_opts *opts, struct err *err);

/* Names that libxml2 would cut or lose (@click) travel in disguise: put what
 * the name is in place of what it was parsed as; NULL when it is itself.
 * room has SCAN_NAME_MAX bytes. */
enum { SCAN_NAME_MAX = 100 };
const char *scan_real_name(const char *name, char *room);

/* The text of scripts and styles travels so that libxml2 sees no end tag in
 * it: undo that in place; the new length. */
size_t scan_real_raw(char *text, size_t len);

#endif
