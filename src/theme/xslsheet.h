/* theme/xslsheet.h - the stylesheet beside a program: what the rules say of
 * content, once more, as XSLT
 *
 * Where xsl:* applies templates, the content rules must apply as well. So the
 * stylesheet has the identity; one template that does what the rule about
 * content does which the program names for a node, if it names one; and the
 * rules' own xsl:* as it stands. Which rule that is, or that an xsl:template
 * wins, the program knows anyway: it evaluates the patterns of both. Each
 * inline body with xsl:* in it is a named template. Conditions and documents
 * are functions that ask the program too (theme/xslfunc.c), so that both say
 * the same.
 *
 * It is kept as text, so that every thread can make a stylesheet of its own
 * from it: libxslt's compiled one holds compiled XPath, which is written to
 * while it is evaluated. */
#ifndef THEME_XSLSHEET_H
#define THEME_XSLSHEET_H

#include "theme/compile.h"

#define SHEET_PREFIX "_l" /* of our functions, in a namespace of our own */
#define SHEET_NS     "urn:x-livery:sheet"

/* Where a line of the text comes from. */
struct sheet_line {
	const struct source *source; /* NULL: ours */
	long line;
};

struct sheet {
	unsigned long serial; /* differs in all sheets of the process */
	const struct rules *rules;
	const char *text;
	size_t len;
	struct sheet_line *lines; /* of line 1 first */
	size_t lines_count;
	size_t parts_count;	/* of the rules */
	size_t templates_count; /* of the program */
};

/* Whether a body has xsl:* in it. */
bool sheet_has_xsl(const xmlNode *body);

/* Give program->sheet, if the rules use XSLT. After bodies and templates. */
CHECKED int sheet_compose(struct compiler *compiler);

#endif
