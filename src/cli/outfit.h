/* cli/outfit.h - rules and a theme that are not live, and stored pages dressed
 * with them
 *
 * What the network would be asked for comes from the cache file where it is
 * there: theme pages, documents that the rules bring in. A theme page that is
 * not is read or fetched, once; a document that is not is missing, and the
 * page a guess (cli/fitting.h). */
#ifndef CLI_OUTFIT_H
#define CLI_OUTFIT_H

#include "cache/stored.h"
#include "page/route.h"
#include "page/skin.h"
#include "theme/trace.h"

enum { OUTFIT_FILE_MAX = 16 << 20 }; /* bytes of a theme, or a document */

struct outfit;

struct outfit_opts {
	const char *rules, *rules_root;
	const char *theme; /* file or URL; NULL: what the rules name */
	const char *name;  /* of the theme: its files have addresses with it */
	enum skin_assets assets;
	enum skin_parser theme_parser; /* who reads the theme */
	/* Who reads the pages, and what one may be; NULL: the defaults. */
	const struct site_opts *limits;
	const char *const *params; /* of the site, page/param.h; or NULL */
	enum includes includes;	   /* of the site */
	/* Fields that visitors send, where it is not stored; or NULL. */
	const struct head *fields;
};

/* Borrows stored and what opts point to. */
CHECKED int outfit_new(struct outfit **out, const struct outfit_opts *opts,
    struct stored *stored, struct err *err);
void outfit_free(struct outfit **outfit);

const char *outfit_version(const struct outfit *outfit);
/* Why a page may not be what visitors get: what it is made of is not known in
 * full. The first reason; "": it is. */
struct outfit_doubt {
	char why[300];
};
/* Dress a stored page; out has it, or the page as it came. trace may be
 * NULL. A doubt that is there already stays. */
CHECKED enum dressed outfit_dress(struct outfit *outfit,
    const struct object *page, struct dress_trace *trace, struct buf *out,
    struct outfit_doubt *doubt, struct err *err);

#endif
