/* theme/lint.h - rules that can be read, and yet are not what was meant
 *
 * Everything is told as "file:line: what; what to write instead", once. */
#ifndef THEME_LINT_H
#define THEME_LINT_H

#include <stddef.h>
#include "theme/theme.h"

/* What the rules alone show: two that do the same, unions of which a condition
 * or "children" is about one part only in Diazo's own code, two selectors for
 * one content element. */
void lint_rules(const struct rules *rules,
    void (*told)(void *arg, const char *words), void *arg);

/* What they show in their theme: rules that can never run, since others drop
 * or replace all that they select. */
void lint_theme(const struct theme *theme,
    void (*told)(void *arg, const char *words), void *arg);

/* ---- against pages ----
 *
 * Content selectors that found nothing on any page. One with a parameter other
 * than $path, or that needs libxslt, cannot be told, and is taken for one that
 * did. One thread. */
struct lint_seen;
/* The rules' reference is kept until lint_seen_free(). */
struct lint_seen *lint_seen_new(struct rules *rules);
void lint_seen_free(struct lint_seen **seen);
/* Of the page: its bytes, content_type and path, who reads it, and what HTML
 * may be. What cannot be parsed does not count. */
void lint_seen_page(struct lint_seen *seen, const struct dress_ask *page);
/* How many pages there were. */
size_t lint_seen_pages(const struct lint_seen *seen);
void lint_seen_tell(const struct lint_seen *seen,
    void (*told)(void *arg, const char *words), void *arg);

#endif
