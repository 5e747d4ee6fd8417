/* theme/pattern.h - selectors as XSLT sees them: alternatives and priorities
 *
 * A content rule without a theme is a template: its selector is a match
 * pattern, each alternative of a union counts by itself, and the one with the
 * highest default priority (XSLT 1.0, 5.5) wins. A node matches a pattern when
 * it is in the node-set of the pattern evaluated from anywhere, so each
 * alternative is also given as an expression that finds all its nodes. */
#ifndef THEME_PATTERN_H
#define THEME_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

/* Split at the top-level "|" of an expression; brackets, parentheses and
 * quotes are respected. Gives an array in the arena, NULL behind the last. */
char **pattern_split(
    struct arena *arena, const char *expression, size_t *count);

/* In quarters: -2 for * and node tests, -1 for ns:*, 0 for a bare name, 2 for
 * all else. */
int pattern_priority(const char *alternative);

/* The expression, from the document, of all nodes that match. */
char *pattern_everywhere(struct arena *arena, const char *alternative);

/* The same pattern without id('...'), for whose elements libxslt asks a table
 * that trees have not: *[@id='...'] is as good there. */
char *pattern_without_id(struct arena *arena, const char *expression);

/* Whether an expression certainly means the same whatever the context node
 * is, so that it need not be evaluated at each: all its paths begin at the
 * root, and no function in it looks at the context. */
bool pattern_is_absolute(const char *expression);

/* Whether an expression calls what only XSLT knows: key(), current(), EXSLT's
 * and other functions with a prefix. */
bool pattern_needs_xslt(const char *expression);

/* The first function without a prefix that neither XPath 1.0 nor XSLT 1.0 has,
 * its length in *len; NULL: there is none. */
const char *pattern_unknown_function(const char *expression, size_t *len);

/* The first prefix of a name at or behind *at, its length in *len; *at is
 * past it then. NULL: there is none. */
const char *pattern_next_prefix(const char **at, size_t *len);

/* Append steps: to every alternative, or (last_only, as Diazo's code does by
 * gluing texts) to the last one of a union. */
char *pattern_append(struct arena *arena, const char *expression,
    const char *steps, bool last_only);

#endif
