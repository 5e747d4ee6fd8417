/* theme/wardrobe.h - the theme pages of a Deliverance ruleset, and a page
 * dressed in one of them
 *
 * Each page is parsed once, when the theme is built, and then only read; who
 * dresses works on a copy. A theme page that only the request can name is
 * wanted and given like a document; a few of those stay parsed, too
 * (theme/looks.h). */
#ifndef THEME_WARDROBE_H
#define THEME_WARDROBE_H

#include "theme/dress.h"
#include "theme/ruleset.h"
#include "theme/woven.h"

struct wardrobe;

struct wardrobe *wardrobe_new(
    struct theme *theme, const struct theme_opts *opts);
/* Hang a theme page up. Takes *doc. href: as rules_theme_href() names it;
 * NULL: the site's own. name is for people, and for struct place. */
void wardrobe_hang(struct wardrobe *wardrobe, xmlDoc **doc, const char *href,
    const char *name);
/* When all are there: note the theme's places, and warn of selectors that find
 * nothing in any of them. -1: one cannot be evaluated. */
CHECKED int wardrobe_survey(struct wardrobe *wardrobe, struct err *err);

/* theme_dress() for a ruleset: out is empty, and has its limit. */
CHECKED enum dressed wardrobe_dress(const struct wardrobe *wardrobe,
    struct xpath_eval *eval, const struct dress_ask *ask, struct wanted *wanted,
    struct buf *out, struct err *err);

/* theme/print.c: write a finished page. content's DOCTYPE counts where the
 * theme has none; NULL: it has none. compat: as the reference, in ASCII. */
void print_page(
    struct buf *out, const xmlDoc *page, const xmlDtd *content, bool compat);

#endif
