/* page/param.h - a site's own parameter of the rules, as it is written, and
 * what requests say of it
 *
 * NAME=constant:TEXT, NAME=query:ARGUMENT, NAME=header:FIELD or
 * NAME=cookie:NAME. */
#ifndef PAGE_PARAM_H
#define PAGE_PARAM_H

#include <stdbool.h>
#include "base/arena.h"

enum param_from {
	PARAM_CONSTANT,
	PARAM_QUERY,
	PARAM_HEADER,
	PARAM_COOKIE,
	PARAM_FROMS
};

/* What stands behind NAME=KIND:, and which kind; NULL: none of them. */
const char *param_read(const char *text, enum param_from *from);

/* Values in the arena; NULL: it is not there. query: without "?", or NULL;
 * cookies: the Cookie field, or NULL. */
const char *param_of_query(
    struct arena *arena, const char *query, const char *name);
const char *param_of_cookies(
    struct arena *arena, const char *cookies, const char *name);

#endif
