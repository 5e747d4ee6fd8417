/* dom/scan_inside.h - between the files of the scan: what is read, what is open
 */
#ifndef DOM_SCAN_INSIDE_H
#define DOM_SCAN_INSIDE_H

#include "dom/scan.h"

enum {
	NAME_KEPT = 24,	     /* of an open element's name */
	NAME_READ_MAX = 512, /* a longer name is no name of anything */
};

struct open {
	char name[NAME_KEPT];
	unsigned char len;
	bool foreign; /* of SVG or MathML */
	bool math;    /* of MathML */
	bool html;    /* of SVG or MathML, and HTML stands within */
	bool wall;    /* what opens within it closes nothing outside */
};

struct scan {
	const char *p;
	const char *end;
	struct buf *out; /* NULL: only count */
	const struct scan_opts *opts;
	struct err *err;
	struct open *stack;
	size_t depth;
	size_t nodes;
	bool any; /* a tag or a text came */
	bool html, head, body;
	bool doctype;
	bool foreign; /* an svg or math came */
	/* Above 0: within an element of SVG or MathML that HTML knows as one
	 * that holds only text (style, title), opened at this depth. Only its
	 * text is written: what else is in it would come to life where a rule
	 * brings it to its namesake of HTML. */
	size_t text_only;
	bool in_text;
	size_t leaves; /* texts and comments since the last element */
};

struct tag {
	char name[NAME_READ_MAX + 1]; /* lower case */
	size_t len;
	bool too_long;
	bool self_closed;
	bool says_html;	  /* encoding="text/html" */
	bool is_old_font; /* has color, face or size */
};

/* scan.c: add markup to what is written, if anything is. */
void scan_put(struct scan *scan, const char *text);

/* ---- scan_open.c ---- */

int scan_count(struct scan *scan, size_t n);
/* A text or comment. To bring nodes into order libxml2 goes back from one of
 * these to the element before it, each time: pay for that. */
int scan_count_leaf(struct scan *scan);
const struct open *scan_top(const struct scan *scan);
bool scan_open_is(const struct open *open, const char *name);
/* Whether a start tag of this name belongs to SVG or MathML here (13.2.6), if
 * it does not leave them. */
bool scan_is_foreign_now(const struct scan *scan, const char *name);
bool scan_is_root(const char *name);
int scan_push(struct scan *scan, const struct tag *tag);
void scan_close_down_to(struct scan *scan, size_t depth);
/* The end tag reaches down to its element, not past a higher rank. False: it
 * is ignored. */
bool scan_pop(struct scan *scan, const char *name, size_t len);
/* Whether the end tag is one of the open elements of SVG or MathML. */
bool scan_closes_foreign(const struct scan *scan, const char *name, size_t len);
/* Close what the start tag closes: elements whose end tag may be left out.
 * libxml2 does the same for the names of HTML 4; for those it does not know,
 * a paragraph's end is written. */
void scan_close_optional(struct scan *scan, const char *name, size_t len);
bool scan_belongs_in_head(const char *name);
bool scan_is_frame(const char *name);
/* True for a frame tag that came before: browsers ignore the second. */
bool scan_is_second_frame(struct scan *scan, const char *name);
void scan_leave_head(struct scan *scan);
/* What is of the body begins: a page always has a head (13.1.2.4). */
void scan_imply_head(struct scan *scan);
/* Text that stands where only head and body may: libxml2 would put it into a
 * paragraph of its own. */
int scan_enter_body(struct scan *scan);

#endif
