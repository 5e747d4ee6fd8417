/* theme/matcher.h - a pattern that one text fits or not, as Deliverance writes
 * it: "path:/news", "wildcard:*.example.org", "not:contains:draft"
 *
 *   exact:, exact-insensitive:        the same text
 *   wildcard:, wildcard-insensitive:  *, ?, [abc], [!a-z] over the whole text
 *   regex:           as Python's re.match: from the start, not to the end
 *   path:            the path, or below it; path:/ is everything
 *   subpath:         below it
 *   contains:, contains-insensitive:  a part of the text
 *   boolean:         the text says yes (true, yes, on, y, t, 1); boolean:not
 *                    and boolean:false turn it round
 *   not:             the contrary of what follows; exact: if no word does
 *
 * Immutable; any thread may ask. What a match may cost is bounded: a regex
 * that needs more counts as not fitting. */
#ifndef THEME_MATCHER_H
#define THEME_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/err.h"

enum matcher_kind {
	MATCHER_EXACT,
	MATCHER_WILDCARD,
	MATCHER_REGEX,
	MATCHER_PATH,
	MATCHER_SUBPATH,
	MATCHER_CONTAINS,
	MATCHER_BOOLEAN,
};

struct matcher;

/* Give a matcher that lives in the arena. kind and ignore_case are for a
 * pattern that begins with no word. Errors: an unknown word, a regex that is
 * none, a boolean that is none; without file and line. */
CHECKED int matcher_read(const struct matcher **out, struct arena *arena,
    const char *pattern, enum matcher_kind kind, bool ignore_case,
    struct err *err);

bool matcher_fits(const struct matcher *matcher, const char *text);

/* How many bytes at the start of a path that fits are the pattern itself,
 * without a slash at its end: of path:, subpath: and exact:. Else 0. */
size_t matcher_prefix(const struct matcher *matcher);

/* Deliverance's booleans: true/yes/on/y/t/1 and false/no/off/n/f/0, case
 * ignored. -1: neither. */
int matcher_boolean(const char *text);

/* Shell pattern over the whole text: *, ?, [abc], [a-z], [!abc]. A "[" that
 * is not closed is itself. */
bool matcher_glob(const char *pattern, const char *text, bool ignore_case);

#endif
