/* dom/tags.h - what HTML says of an element by its name (lower case) */
#ifndef DOM_TAGS_H
#define DOM_TAGS_H

#include <stdbool.h>
#include <stddef.h>

enum tag_kind {
	TAG_ORDINARY,
	TAG_VOID,    /* no content and no end tag */
	TAG_RAW,     /* text up to its end tag: style, xmp, ... */
	TAG_SCRIPT,  /* the same, where <!-- <script> hides an end tag */
	TAG_ESCAPED, /* text with character references: title, textarea */
	TAG_PLAIN,   /* text up to the end of the page */
};

enum tag_kind tag_kind(const char *name, size_t len);

/* Whether libxml2's HTML parser or tag_kind() knows the name. */
bool tag_is_of_html(const char *name, size_t len);

/* How far an end tag reaches: it closes nothing beyond an open element of a
 * higher rank (</b> does not close a <div>). */
unsigned tag_rank(const char *name, size_t len);

/* Whether start tags within it end nothing outside of it. */
bool tag_is_wall(const char *name, size_t len);

/* Whether the start tag `name` ends an open element `open` whose end tag may
 * be left out (p before div, li before li). */
bool tag_closes(
    const char *name, size_t len, const char *open, size_t open_len);

/* Whether a start tag leaves SVG and MathML (<p>, <div>, <img>). */
bool tag_is_breakout(const char *name, size_t len);
/* Whether HTML stands again within this element of SVG (math: of MathML); for
 * MathML's annotation-xml its encoding says. */
bool tag_is_integration(const char *name, size_t len, bool math);
/* Whether the encoding of an annotation-xml says that HTML stands within. */
bool tag_encoding_is_html(const char *encoding, size_t len);

/* Where the text of a raw element ends: the offset of the "</name" that ends
 * it, or len. *hidden (may be NULL) is set when the text ends where an end tag
 * would not be seen (in a script, behind <!-- <script>). */
size_t tag_raw_end(
    const char *name, const char *text, size_t len, bool *hidden);

#endif
