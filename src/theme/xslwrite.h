/* theme/xslwrite.h - the stylesheet while it is written, for its files only
 *
 *   xslsheet.c    the whole
 *   xslcontent.c  the rules about content
 *   xslbody.c     what stands in an inline body or a template
 *   xslinclude.c  <include>
 *   xslmarkup.c   tags, attributes, namespaces, and which line is whose
 *
 * What is too big is noticed at the end: w->out.failed. */
#ifndef THEME_XSLWRITE_H
#define THEME_XSLWRITE_H

#include "theme/compile.h"
#include "theme/xslsheet.h"

enum { SHEET_MAX = 16 * 1024 * 1024 };

struct sheet_writer {
	struct compiler *compiler;
	struct buf out;
	struct sheet_line *lines;
	size_t lines_count, lines_room;
	bool in_template; /* of the rules: comments are not output there */
	bool drops_space; /* white space alone is never output */
};

/* xslmarkup.c */
void sheet_escaped(struct sheet_writer *w, const char *text);
void sheet_attribute(
    struct sheet_writer *w, const char *name, const char *value);
/* The tag in hand ends on a new line, which comes from this node. */
void sheet_end_line(struct sheet_writer *w, const xmlNode *node);
/* Namespaces that XPath in here may name: all in scope, or only those that
 * the element itself declares. */
void sheet_declare(struct sheet_writer *w, const xmlNode *node, bool all);
/* The node's own. xsl: it is an element of XSLT. */
void sheet_attributes(struct sheet_writer *w, const xmlNode *node, bool xsl);
/* An element of XSLT, of that name; NULL: of any. */
bool sheet_is_xsl(const xmlNode *node, const char *name);

/* xslinclude.c */
void sheet_include(struct sheet_writer *w, const xmlNode *node);

/* xslbody.c: what is in an element, and its end tag */
void sheet_children(struct sheet_writer *w, const xmlNode *top);
void sheet_leave(struct sheet_writer *w, const xmlNode *node);

/* xslcontent.c */
void sheet_content_rules(struct sheet_writer *w);

#endif
