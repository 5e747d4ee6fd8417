/* page/directive.h - includes that stand in a page, and what they say
 *
 *     <!--#include virtual="ADDRESS" wait="yes" -->
 *     <esi:include src="ADDRESS" alt="ADDRESS" onerror="continue"/>
 *     <esi:remove>...</esi:remove>    <!--esi ... -->
 *     <esi:comment text="..."/>
 *     <esi:try><esi:attempt>...</esi:attempt>
 *              <esi:except>...</esi:except></esi:try>
 *
 * That is the ESI language 1.0 without its variables, <esi:choose> and
 * <esi:inline>: those stay as they are. Attributes come in any order, with
 * either quote or as HTML has them without, and those that dialects know
 * beside (maxwait, ttl, max-age) say nothing here.
 *
 * A reader of HTML may have been at the text before: to it <esi:include/> has
 * no end, so that what follows is in it, and its end tag comes anywhere. So a
 * start tag does what it says by itself, and its end tag goes.
 *
 * What is in ordinary comments and CDATA sections is no directive of ESI. One
 * that is broken (no end, no address, over INCLUDE_MAX, a quote that is not
 * closed) is text, and the scan says that there was one. Reading takes time
 * that grows with the text and not with its square, whatever it consists of.
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
	INCLUDE_MAX = 8192,	     /* bytes of one include */
	INCLUDE_ATTRIBUTES_MAX = 16, /* of one */
	INCLUDE_LEVELS_MAX = 4,	     /* of includes in what is included */
	INCLUDE_TRIES_MAX = 8,	     /* <esi:try> within each other */
};

/* Where a word comes next: at, or nowhere (NULL), looked for from `from` on.
 * Looked for anew from each "<", it would take the square of the text. */
struct found {
	const char *from, *at;
};

/* A text, and what is known of the rest of it. Begin with how, at and end;
 * everything else is 0. */
struct scan {
	enum includes how;
	const char *at, *end;
	bool is_broken; /* something like a directive was left as it is */
	struct found quote, double_quote;
	struct found comment_end, remove_end, cdata_end;
};

enum directive_kind {
	DIRECTIVE_NOTHING, /* stands for nothing */
	DIRECTIVE_INCLUDE,
	DIRECTIVE_INSIDE, /* <!--esi ... -->: what is in it stands for it */
	DIRECTIVE_TRY,
	DIRECTIVE_TRY_END,
	DIRECTIVE_ATTEMPT,
	DIRECTIVE_ATTEMPT_END,
	DIRECTIVE_EXCEPT,
	DIRECTIVE_EXCEPT_END,
};

/* One directive in a text. */
struct directive {
	enum directive_kind kind;
	const char *from, *end;
	struct slice address;	/* of an include */
	struct slice otherwise; /* alt; from NULL: none */
	bool may_fail;		/* onerror="continue" */
	struct slice inside;	/* of DIRECTIVE_INSIDE */
};

/* The next directive; the scan goes on behind it. */
bool directive_next(struct directive *directive, struct scan *scan);
/* Whether each <esi:try> from here on has its end, attempt and except where
 * they belong, INCLUDE_TRIES_MAX deep at most. */
bool directive_tries_are_whole(const struct scan *scan);

/* An address as it is asked for, references read. It is shorter than the
 * include that it stands in. */
const char *directive_address(char room[INCLUDE_MAX], struct slice slice);

/* How much of an address names the page. */
size_t directive_page_len(const char *address);
/* The expression at its end, decoded, in the arena; NULL: it has none. */
const char *directive_expression(struct arena *arena, const char *address);

#endif
