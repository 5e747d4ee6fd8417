/* page/directive.h - includes that stand in a page, and what they say
 *
 *     <!--#include virtual="ADDRESS" wait="yes" -->
 *     <esi:include src="ADDRESS"/>
 *     <esi:remove>...</esi:remove>    <!--esi ... -->
 *
 * ADDRESS may have ";filter_xpath=EXPRESSION" at its end: then only what that
 * selects of the page is meant. */
#ifndef PAGE_DIRECTIVE_H
#define PAGE_DIRECTIVE_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/head.h"
#include "page/route.h"

enum {
	INCLUDE_MAX = 8192,	/* bytes of one include */
	INCLUDE_LEVELS_MAX = 4, /* of includes in what is included */
};

/* A text, and what is known not to be in the rest of it: looked for from each
 * "<" anew, it would take the square of the text's length. */
struct scan {
	enum includes how;
	const char *at, *end;
	bool no_comment_end, no_remove_end;
};

/* One directive in a text. */
struct directive {
	const char *from, *end;
	struct slice address; /* from NULL: nothing stands for it */
	struct slice inside;  /* <!--esi ... -->: what stands for it */
};

/* The next directive; the scan goes on behind it. */
bool directive_next(struct directive *directive, struct scan *scan);
/* Its address as it is asked for, "&amp;" read. It is shorter than the include
 * that it stands in. */
const char *directive_address(char room[INCLUDE_MAX], struct slice slice);

/* How much of an address names the page. */
size_t directive_page_len(const char *address);
/* The expression at its end, decoded, in the arena; NULL: it has none. */
const char *directive_expression(struct arena *arena, const char *address);

#endif
