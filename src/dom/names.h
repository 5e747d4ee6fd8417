/* dom/names.h - the names that HTML, SVG and MathML know, each once
 *
 * One read-only table of elements and one of attributes, made when the program
 * is built: a name that is found here is compared as a number and never
 * copied. All that the standard's tree construction asks of an element by its
 * name (WHATWG 13.2.4.2, 13.2.6.5) is a bit beside it. */
#ifndef DOM_NAMES_H
#define DOM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* EL_NONE: a name that is not known. Else EL_ and the name in upper case, '-'
 * as '_': EL_DIV, EL_ANNOTATION_XML. Names of SVG that have capitals
 * (foreignObject) are here in lower case, as the tokenizer gives them:
 * EL_FOREIGNOBJECT. */
enum el {
	EL_NONE,
#define NAMES_EL(id, text, flags) EL_##id,
#include "dom/names_el.h"
#undef NAMES_EL
	EL_COUNT
};

enum el_flag {
	EL_SPECIAL = 1,	      /* "special" as an element of HTML */
	EL_FORMATTING = 2,    /* a, b, big, code, em, font, i, nobr, ... */
	EL_VOID = 4,	      /* no content, no end tag */
	EL_RAW = 8,	      /* serialised as it is: style, script, xmp, ... */
	EL_IMPLIED_END = 16,  /* dd, dt, li, optgroup, option, p, rb, rp, ... */
	EL_THOROUGH_END = 32, /* and caption, colgroup, tbody, td, ... */
	EL_SCOPE = 64,	      /* ends "in scope": applet, caption, html, ... */
	EL_HEADING = 128,     /* h1 to h6 */
	EL_BREAKOUT = 256,    /* a start tag that leaves SVG and MathML */
	EL_TABLE_PART = 512,  /* table, tbody, template, tfoot, thead, tr */
	EL_GRID = 1024,	      /* caption, col, tbody, td, ...: what means
			       * something in a table alone */
};

struct el_name {
	const char *text; /* lower case, NUL-ended, for ever */
	uint8_t len;
	uint16_t flags;
	const char *svg; /* as SVG writes it: "foreignObject"; else text */
};

extern const struct el_name el_names[EL_COUNT];

/* The element of a name in lower case. */
enum el el_find(const char *name, size_t len);

/* An attribute's name, NUL-ended, for ever; NULL: not known. The name is in
 * lower case. */
const char *attr_find(const char *name, size_t len);
/* As SVG or MathML write it (viewBox, definitionURL); else the name itself.
 * Only for names that attr_find() gave. */
const char *attr_of_svg(const char *name);
const char *attr_of_mathml(const char *name);

#endif
