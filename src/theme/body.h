/* theme/body.h - what a rule puts into the page, as operations */
#ifndef THEME_BODY_H
#define THEME_BODY_H

#include "theme/program.h"

/* Add the operations for what a pull selects. Flags as of OP_COPY. */
void body_pull(struct program *program, const struct pull *pull, uint32_t rule,
    unsigned flags);

/* Add a body, OP_END behind it; *start is its first operation. Verbatim: it
 * goes into a script or style of the theme. Errors: an attribute whose
 * {expression} is no XPath. */
CHECKED int body_compile(struct program *program, const struct rule *rule,
    uint32_t number, bool verbatim, uint32_t *start, struct err *err);

#endif
