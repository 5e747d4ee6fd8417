/* theme/markup.h - small things about nodes that compiling and dressing share
 */
#ifndef THEME_MARKUP_H
#define THEME_MARKUP_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "base/arena.h"
#include "base/buf.h"

/* The name with its prefix as HTML writes it (xml:lang, xlink:href). */
const char *markup_name(struct arena *arena, const xmlAttr *attribute);
/* The value, in the arena; never NULL. */
const char *markup_value(struct arena *arena, const xmlAttr *attribute);
/* Text as it stands in an attribute's value between double quotes. */
void markup_write_value(struct buf *out, const char *text, size_t len);
/* A text node; verbatim: it goes into script, style or the like, where nothing
 * is escaped, and text from elsewhere may not end the element. */
void markup_write_text(struct buf *out, const xmlNode *text, bool verbatim);
/* A node with all below it, into a script, style or the like. */
void markup_write_raw(struct buf *out, const xmlNode *node);
/* The text of a node, without scripts and styles. */
void markup_write_words(struct buf *out, xmlNode *node);

/* A node with all below it, into a table around its cells, or into a place that
 * not all browsers read alike: where it would make a difference, so that it is
 * dead in all of them. form: of html_write_row(). */
void markup_write_guarded(struct buf *out, const xmlNode *node,
    const xmlNode **form, bool in_table);

/* What an element has room for. */
enum room {
	ROOM_MARKUP,
	ROOM_RAW,
	ROOM_WORDS,
	ROOM_GUARDED, /* markup, which not all browsers read alike */
	ROOM_TABLE,   /* rows, cells, and what they are thrown out of */
	ROOMS
};
enum room markup_room(const xmlNode *element);
/* The same of what is to stand in the element: guarded also where it is SVG, or
 * part of a table, or where an element around it makes the difference. top: how
 * far up to look, or NULL. */
enum room markup_room_within(const xmlNode *element, const xmlNode *top);
/* Whether it makes that difference: a noscript is one text to a browser with
 * scripts, in a select older browsers pass over most tags, and SVG is SVG. */
bool markup_is_read_apart(const xmlNode *element);
/* A table, or what is between it and its cells. */
bool markup_is_around_cells(const xmlNode *element);
bool markup_is_cell(const xmlNode *element);
/* Whether this node's text children are verbatim. */
bool markup_is_verbatim(const xmlNode *element);
bool markup_is_text(const xmlNode *node);
/* CRLF in texts becomes LF, as an XML serialiser's reader would see it. */
void markup_unix_lines(xmlDoc *doc);
/* The node after this one in document order; NULL after the last. */
xmlNode *markup_following(xmlNode *node);
xmlNode *markup_past(xmlNode *node);

#endif
