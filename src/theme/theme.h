/* theme/theme.h - content + theme -> page; bytes in, bytes out, no I/O on the
 * way of a page
 *
 * Three things with three lives:
 *   struct rules   what a rules file says; read from disk once, immutable
 *   struct theme   rules woven into theme pages: a program of literal byte
 *                  runs with holes, made once per theme version, immutable
 *   struct dresser one thread's workshop (compiled XPath, scratch memory)
 * Rules and themes are counted and shared by threads; a dresser is not. */
#ifndef THEME_THEME_H
#define THEME_THEME_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

struct head;
struct rules;
struct theme;
struct dresser;
struct dress_trace; /* theme/trace.h */

/* ---- rules ---- */

struct rules_opts {
	/* Files below the rules' own folder may be read, and below this one;
	 * NULL: none. No symlink leads out. Nothing else local is read. */
	const char *root;
	/* The rules that these are read to take the place of, or NULL: files
	 * that XSLT in them read while pages were dressed count, too. */
	const struct rules *before;
	bool compat; /* as Diazo's code does, where its manual differs */
	/* Which $names pages will be given beside $path, $host, $scheme,
	 * $query_string, $url and $base: NAME, or NAME=..., NULL behind the
	 * last. One that the rules mention and nobody declares is a mistake.
	 * NULL: any may be given. */
	const char *const *params;
};

/* Read a rules file: Diazo's language, or Deliverance's when the root is
 * <ruleset> without a namespace (theme/proxies.h has what such a file says
 * beside its rules). Errors say file:line, what, and what
 * would be right. Warnings (a line each) are kept for rules_warning(). */
CHECKED int rules_load(struct rules **out, const char *path,
    const struct rules_opts *opts, struct err *err);
struct rules *rules_ref(struct rules *rules);
void rules_unref(struct rules **rules);

/* Hex digest of every byte that was read, and that document() of XSLT reads:
 * the rules' version. */
const char *rules_version(const struct rules *rules);
/* The theme pages that the rules name, resolved against the rules file (an
 * absolute path or a URL); NULL past the last. Not among them are those that
 * only a request can name (Deliverance: a page of the site itself, an address
 * with a {NAME}): theme_dress() wants them like documents, parses them within
 * the limits of html.h when they changed, and fails where one cannot be had. */
const char *rules_theme_href(const struct rules *rules, size_t i);
/* Whether a local file may be read for these rules: it lies, symlinks
 * followed, below their folder or the root. */
bool rules_may_read(const struct rules *rules, const char *path);
/* The i-th warning, "file:line: words", or NULL. */
const char *rules_warning(const struct rules *rules, size_t i);

/* ---- themes ---- */

/* One theme page as it was fetched. */
struct theme_page {
	const char *href; /* as rules_theme_href() names it; NULL: the site's
	                   * own theme, which comes last, unconditional */
	const char *url;  /* what its links are relative to; NULL: leave them */
	const char *content_type; /* or NULL */
	const char *bytes;
	size_t len;
};

enum theme_links {
	LINKS_KEEP,     /* as they stand (apply without --absolute-prefix) */
	LINKS_PREFIX,   /* Diazo's absolute prefix: relative ones get `prefix` */
	LINKS_ABSOLUTE, /* all absolute, to the theme's host */
	LINKS_CACHE,    /* those to the theme's own origin become
	                 * prefix + path?query, the rest absolute */
	LINKS_MAPPED,   /* with a host: as links.map has it; others stay */
};

struct theme_opts {
	enum theme_links links;
	const char *prefix; /* LINKS_PREFIX: the prefix; LINKS_CACHE:
	                     * "/.livery/t/NAME" */
	bool compat;        /* parse and write as Diazo's own tools */
	bool libxml2;       /* read them by libxml2's parser, as HTML 4 */
};

/* Weave rules into pages. Errors: a page that is not HTML, that is empty, a
 * rule that cannot be (two unconditional replaces of one element, ...) with
 * the rule's file:line. */
CHECKED int theme_build(struct theme **out, struct rules *rules,
    const struct theme_page *pages, size_t n, const struct theme_opts *opts,
    struct err *err);
struct theme *theme_ref(struct theme *theme);
void theme_unref(struct theme **theme);

/* Hex digest of pages and rules together: what a dressed page depends on. */
const char *theme_version(const struct theme *theme);
/* The version of its rules alone. */
const char *theme_rules_version(const struct theme *theme);
/* Rules that found no place in any of the pages; "file:line: words" or NULL.*/
const char *theme_warning(const struct theme *theme, size_t i);
/* The i-th address, absolute, that a page needs from the theme's own origin
 * (LINKS_CACHE: styles, scripts, images, icons, fonts, srcset), or NULL. Links
 * to other pages (a href, form action) are not among them: they are made
 * absolute. */
const char *theme_asset(const struct theme *theme, size_t i);

/* Where that is, for people: "PAGE:LINE", PAGE as rules_theme_href() names it
 * and nothing for the site's own; in a theme that the rules have inline,
 * "inline FILE:LINE" of its <theme>. */
const char *theme_asset_place(const struct theme *theme, size_t i);

/* Whether next may replace live (live may be NULL): every place that live
 * filled (a rule that puts something in, and whose theme selector found
 * something) must be found by next too, unless a rule that puts in the same
 * found a place instead; and the main place: an element main, [role=main],
 * #content or #main, if live has one. -1 and the reason when not. *body_only
 * (may be NULL) is set
 * when a first theme has a body only. */
CHECKED int theme_may_replace(const struct theme *live,
    const struct theme *next, bool *body_only, struct err *err);

/* What its pages depend on beside the content and its address: whether the
 * rules mention $name, and the i-th request field that they look at ("*":
 * any), NULL past the last. */
bool theme_reads_param(const struct theme *theme, const char *name);
const char *theme_reads_field(const struct theme *theme, size_t i);
/* Whether a page is dressed the same way whatever its address, parameters and
 * request are. Never for a Deliverance ruleset. */
bool theme_is_same_everywhere(const struct theme *theme);
/* rules_may_read() of its rules. */
bool theme_may_read(const struct theme *theme, const char *path);

/* ---- dressing ---- */

struct dresser *dresser_new(void);
void dresser_free(struct dresser **dresser);

struct dress_param {
	const char *name;
	const char *value; /* NULL: declared, empty node-set */
};

/* A document that rules bring in (href), as it was fetched. */
struct dress_document {
	const char *href; /* as dresser_wanted() named it */
	/* NULL: it could not be had; why says the reason. Rules find nothing
	 * in it then, and on_unmatched is told why (compat: DRESSED_FAILED). */
	const char *bytes;
	size_t len;
	const char *content_type; /* the field as sent, or NULL */
	const char *why;
};

/* What was asked and answered, for rules that look at it (Deliverance's
 * matches). All may be NULL or 0: a page from a file. */
struct dress_exchange {
	const char *method, *scheme, *host; /* host without its port */
	const char *query;                  /* without "?", or NULL */
	const char *client;                 /* its address; NULL: unknown */
	const struct head *request;
	const struct head *response;
	int status;
	/* page classes that the route adds (Deliverance: proxy class="..."),
	 * separated by blanks, or NULL */
	const char *classes;
};

/* A page's content that is read while it arrives (theme/reading.c), by
 * libxml2's parser never. */
struct reading;

struct dress_ask {
	const char *bytes;
	size_t len;
	const char *content_type; /* the field as sent, or NULL */
	const char *path;         /* $path, and what if-path sees */
	const struct dress_param *params;
	size_t params_count;
	struct dress_exchange exchange;
	const struct dress_document *documents;
	size_t documents_count;
	size_t out_max; /* 0: twice html_max_bytes, at least 32 MiB */
	unsigned long xpath_max_ops; /* 0: 5 million, and 20 a byte */
	bool libxml2; /* read it by libxml2's parser, as HTML 4 */
	size_t html_max_bytes, html_max_depth; /* 0: the defaults of html.h */
	size_t html_max_attributes, html_max_nodes;
	/* Told once of each rule whose content selector was asked and found
	 * nothing: "file:line: words". May be NULL. */
	void (*on_unmatched)(void *arg, const char *words);
	void *arg;
	struct dress_trace *trace; /* filled in; or NULL */
	/* Has the beginning of these bytes, with the same content type and
	 * limits; used up by the first dressing. Or NULL. */
	struct reading *reading;
};

enum dressed {
	DRESSED,       /* out has the page, UTF-8 */
	DRESSED_NOT,   /* the rules say notheme, or have no theme for it, or it
	                * is a fragment: serve it as it came. err says why when it
	                * is worth a record (a page of frames), else it is "" */
	DRESSED_FAILED, /* err says why: serve it as it came, record it */
	DRESSED_WANTS, /* dresser_wanted() names documents that ask has not:
	                * get them, all at once, and call again */
};

/* The i-th href that the last theme_dress() of this dresser wanted, as the
 * rules have it (relative to the page, unless absolute; a file: URL is for
 * theme_may_read() to allow), each once; NULL past
 * the last. Valid until its next theme_dress(). */
const char *dresser_wanted(const struct dresser *dresser, size_t i);

/* ---- reading ahead ---- */

/* Of ask only content_type and the limits count; copied. One thread at a time
 * may use it, any of them. */
struct reading *reading_new(const struct dress_ask *ask);
void reading_free(struct reading **reading);
/* Take the next bytes, which are copied. False: more are of no use before the
 * page is dressed. Nothing waits here; time is linear in what came. */
bool reading_feed(struct reading *reading, const char *bytes, size_t len);
/* Whether pages dressed with it have any use for that. */
bool theme_reads_ahead(const struct theme *theme);

/* A document of which a part is wanted. */
struct filter_ask {
	const char *bytes;
	size_t len;
	const char *content_type; /* the field as sent, or NULL */
	bool libxml2;		  /* as of struct dress_ask */
	const char *xpath;
	size_t html_max_bytes;	     /* 0: the default of html.h */
	size_t html_max_depth, html_max_attributes, html_max_nodes; /* same */
	unsigned long xpath_max_ops; /* 0: 5 million */
};
enum filtered {
	FILTERED,
	FILTER_BAD_PAGE,       /* it cannot be parsed, or is over a limit */
	FILTER_BAD_EXPRESSION, /* or one that selects no nodes */
};
/* Add to out what the expression selects, as HTML, text escaped wherever it
 * stood; a comment when it is nothing. Failed: err says why, out has a part. */
CHECKED enum filtered theme_filter(
    const struct filter_ask *ask, struct buf *out, struct err *err);

/* Whether somebody unknown may have that expression evaluated. XPath bounds
 * what is visited and not what is compared or put together on the way, so of
 * all expressions only those pass that look downward from each node, a few
 * times: enough for any part of a page that has a name. -1: err says what may
 * not be in it, or that it is none. */
CHECKED int theme_filter_check(const char *xpath, struct err *err);
enum {
	FILTER_XPATH_MAX = 2048,    /* bytes of such an expression */
	FILTER_UNIONS_MAX = 4,	    /* "|" in it */
	FILTER_PREDICATES_MAX = 16, /* "[" in it */
	FILTER_DEPTHS_MAX = 3,	    /* "//" in it */
	FILTER_OPERATIONS_MAX = 400000, /* that it may take */
	FILTER_NODES_MAX = 20000,   /* of a page; two sets are joined in the
				     * square of their length */
};

/* Dress one page. out is cleared first. */
CHECKED enum dressed theme_dress(struct theme *theme,
    struct dresser *dresser, const struct dress_ask *ask, struct buf *out,
    struct err *err);

#endif
