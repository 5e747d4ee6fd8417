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

/* What an element has room for. */
enum room { ROOM_MARKUP, ROOM_RAW, ROOM_WORDS, ROOMS };
enum room markup_room(const xmlNode *element);
/* Whether this node's text children are verbatim. */
bool markup_is_verbatim(const xmlNode *element);
bool markup_is_text(const xmlNode *node);
/* CRLF in texts becomes LF, as an XML serialiser's reader would see it. */
void markup_unix_lines(xmlDoc *doc);
/* The node after this one in document order; NULL after the last. */
xmlNode *markup_following(xmlNode *node);
xmlNode *markup_past(xmlNode *node);

#endif
