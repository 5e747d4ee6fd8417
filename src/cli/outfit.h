/* cli/outfit.h - rules and a theme that are not live, and stored pages dressed
 * with them
 *
 * What the network would be asked for comes from the cache file where it is
 * there: theme pages, documents that the rules bring in. A theme page that is
 * not is read or fetched, once; a document that is not is missing. */
#ifndef CLI_OUTFIT_H
#define CLI_OUTFIT_H

#include "cache/stored.h"
#include "page/route.h"
#include "page/skin.h"
#include "theme/trace.h"

struct outfit;

struct outfit_opts {
	const char *rules, *rules_root;
	const char *theme; /* file or URL; NULL: what the rules name */
	const char *name;  /* of the theme: its files have addresses with it */
	enum skin_assets assets;
	const char *const *params; /* of the site, see page/params.c; or NULL */
};

/* Borrows stored and what opts point to. */
CHECKED int outfit_new(struct outfit **out, const struct outfit_opts *opts,
    struct stored *stored, struct err *err);
void outfit_free(struct outfit **outfit);

const char *outfit_version(const struct outfit *outfit);
/* The theme, to be linted. */
const struct theme *outfit_theme(const struct outfit *outfit);
/* Dress a stored page; out has it, or the page as it came. trace may be
 * NULL. */
CHECKED enum dressed outfit_dress(struct outfit *outfit,
    const struct object *page, struct dress_trace *trace, struct buf *out,
    struct err *err);

#endif
