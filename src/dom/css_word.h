/* dom/css_word.h - the words of CSS: identifiers, strings, escapes, an+b */
#ifndef DOM_CSS_WORD_H
#define DOM_CSS_WORD_H

#include <stdbool.h>
#include "base/buf.h"

/* A place in a selector; text is NUL-ended, well-formed UTF-8. */
struct css_cursor {
	const char *text; /* where the whole selector begins */
	const char *at;
};

/* Step over white space and comments; true if there was white space. */
bool css_skip_space(struct css_cursor *cursor);

/* Add what the word means (escapes undone) to out and step behind it. False:
 * there is no such word here, or out is full; the place is unchanged then. */
bool css_ident(struct css_cursor *cursor, struct buf *out);
/* What may stand behind a # */
bool css_name(struct css_cursor *cursor, struct buf *out);
bool css_string(struct css_cursor *cursor, struct buf *out);

/* an+b, odd, even. False: not one, or past a million. */
bool css_an_plus_b(struct css_cursor *cursor, int *a, int *b);

/* Add text as an XPath string. */
void css_xpath_string(struct buf *out, const char *text);
/* A name that XPath can say as it is; others are compared with name(). */
bool css_is_plain_name(const char *name);

#endif
