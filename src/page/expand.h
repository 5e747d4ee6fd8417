/* page/expand.h - a text with what its includes name put in
 *
 * What the directives of page/directive.h mean together: alt is had when src
 * is not; an include that is not had, and does not say onerror="continue",
 * makes the <esi:attempt> fail that it is in, or the text. Of an attempt that
 * failed nothing is seen, and <esi:except> stands in its place; else the
 * latter goes, and nothing that it names is asked for.
 *
 * What is put in may have includes itself, INCLUDE_LEVELS_MAX deep; its own
 * addresses are relative to its own. Directives do not reach from one text
 * into another, so that what is put in can neither close nor open anything of
 * what it is in.
 *
 * Tries that are not whole stay as they are, all of that text. Nothing
 * recurses, and what comes out is no longer than the buffer's maximum, nor is
 * all that was put in, whether it is seen or not. */
#ifndef PAGE_EXPAND_H
#define PAGE_EXPAND_H

#include "base/buf.h"
#include "page/directive.h"

enum had {
	HAD,
	HAD_NOT,   /* and it will not be */
	HAD_WAITS, /* it is to be asked for first */
};

/* What stands for an include; borrowed until expand() is over. */
struct included {
	struct slice text;
	const char *base; /* what its own addresses are relative to */
	bool is_read;	  /* its own includes count */
};

struct expand_ask {
	enum includes how;
	struct slice text;
	const char *base; /* handed to get with what the text names */
	enum had (*get)(void *arg, const char *base, const char *address,
	    struct included *out);
	void *arg;
};

struct expanded {
	bool any;	/* there was a directive */
	bool waits;	/* some are to be asked for: what came out is void */
	bool lacks;	/* one could not be had, and nothing makes up for it */
	bool is_broken; /* something like a directive was left as it is */
	bool too_deep;	/* the last level was put in with its own unread */
};

/* Add the text to out. -1: it would be too long. */
CHECKED int expand(
    const struct expand_ask *ask, struct buf *out, struct expanded *said);

/* Whether there is any directive in a text. */
bool expand_is_due(enum includes how, struct slice text);

#endif
