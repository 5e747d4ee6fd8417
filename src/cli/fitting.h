/* cli/fitting.h - one stored page, dressed as its visitors would get it, as far
 * as the cache file tells
 *
 * Documents and includes come from the cache file, redirects followed; fields
 * of the request from what the page was stored for (Vary), else from the
 * command line. What is neither here nor there is taken for absent, and said:
 * the page is a guess then. */
#ifndef CLI_FITTING_H
#define CLI_FITTING_H

#include "cli/outfit.h"

struct fitting_with {
	const struct outfit_opts *opts;
	struct stored *stored;
	struct theme *theme;
	struct dresser *dresser;
};

/* As outfit_dress(). */
CHECKED enum dressed fitting_dress(const struct fitting_with *with,
    const struct object *page, struct dress_trace *trace, struct buf *out,
    struct outfit_doubt *doubt, struct err *err);

#endif
