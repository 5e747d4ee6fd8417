/* theme/body.h - what a rule puts into the page, as operations */
#ifndef THEME_BODY_H
#define THEME_BODY_H

#include "theme/markup.h"
#include "theme/program.h"

/* Add the operations for what a pull selects. Flags as of OP_COPY. */
void body_pull(struct program *program, const struct pull *pull, uint32_t rule,
    unsigned flags);

/* HREF, or HREF?;filter_xpath=XPATH when part of it is asked for. */
void body_address(struct buf *out, const struct pull *pull);

/* The flags of OP_COPY for a place with this room. */
unsigned body_flags(const struct program *program, enum room room);

/* Add a body, OP_END behind it; *start is its first operation. Room: what the
 * element of the theme has that it goes into. Errors: an attribute whose
 * {expression} is no XPath. */
CHECKED int body_compile(struct program *program, const struct rule *rule,
    uint32_t number, enum room room, uint32_t *start, struct err *err);

/* The length of an expression in {} that begins here, up to its "}"; quotes
 * are respected. 0: it does not end, or is none. */
size_t body_expression_len(const char *at);

#endif
