/* dom/label.h - encodings by what pages call them */
#ifndef DOM_LABEL_H
#define DOM_LABEL_H

#include <stdbool.h>
#include <stddef.h>

/* iconv's name for a label of the Encoding Standard, in any case and with
 * white space around it, or NULL. */
const char *label_find(const char *label, size_t len);

/* What label_find() gives for UTF-8. */
extern const char label_utf8[];

/* White space as HTML has it. */
bool label_is_space(char c);

#endif
