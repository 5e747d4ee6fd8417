/* theme/rule.h - the rule tree that a rules file is read into
 *
 * Every language for rules ends here: a flat list of rules in the order of
 * the file, each with the selectors as XPath 1.0, its place in the file, and
 * its conditions, those of the groups around it included. All memory belongs
 * to the arena of struct rules; after rules_load() nothing is written to, so
 * any thread may read. */
#ifndef THEME_RULE_H
#define THEME_RULE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <libxml/tree.h>
#include "base/arena.h"
#include "base/err.h"
#include "theme/digest.h"
#include "theme/theme.h"

/* A file that rules were read from. */
struct source {
	const char *path;	   /* resolved, absolute */
	const char *name;	   /* for people: as it was given */
	const struct source *from; /* the file that included it, or NULL */
	unsigned depth;		   /* of inclusion */
};

/* What a rule does, and where. The first block has a theme selector and acts
 * at the elements that it selects; the second has none, and acts on content
 * while it is copied. */
enum does {
	DO_BEFORE,	/* insert before the theme element */
	DO_DROP,	/* leave the theme element out */
	DO_REPLACE,	/* something else instead of it */
	DO_STRIP,	/* its children only */
	DO_DROP_ATTRS,	/* leave attributes out */
	DO_COPY_ATTRS,	/* set attributes to content's */
	DO_MERGE_ATTRS, /* join attributes with content's */
	DO_PREPEND,	/* insert as first child */
	DO_COPY,	/* something else instead of the children */
	DO_DROP_CHILDREN,
	DO_APPEND, /* insert as last child */
	DO_AFTER,  /* insert after the theme element */

	DO_CONTENT, /* from here on: rules about content alone */
	DO_CONTENT_DROP = DO_CONTENT,
	DO_CONTENT_STRIP,
	DO_CONTENT_BEFORE,
	DO_CONTENT_REPLACE,
	DO_CONTENT_AFTER,
	DO_CONTENT_PREPEND, /* before content-children */
	DO_CONTENT_APPEND,  /* after content-children */
	DO_CONTENT_REPLACE_CHILDREN,
};

enum term_kind {
	TERM_XPATH, /* boolean() of an expression */
	TERM_PATH,  /* one of the words fits the path */
};

/* One condition. A rule applies where all of its terms hold. */
struct term {
	enum term_kind kind;
	bool negate;
	const char *text;
};

struct terms {
	const struct term **list;
	size_t count;
};

/* Where what goes into the page comes from, besides the page. */
enum method {
	METHOD_PAGE, /* no href: the content page itself */
	METHOD_DOCUMENT,
	METHOD_SSI,
	METHOD_SSIWAIT,
	METHOD_ESI,
};

/* A selection of content: what a rule, or an <include>, brings in. */
struct pull {
	const char *content; /* XPath, or NULL */
	const char *typed;   /* the same as it was typed, for messages */
	const char *href;    /* or NULL */
	enum method method;
	bool raw; /* content rules are not applied */
	const char *mode; /* of XSLT, or NULL: the one of content rules */
};

/* One xsl:* element at the root of the rules. */
struct sheet_part {
	const xmlNode *node;
	struct sheet_part *next;
};

/* A prefix that the rules declare and their expressions use. */
struct prefix {
	const char *name, *href;
	struct prefix *next;
};

/* Where an expression stands. */
struct said {
	const char *text;
	const struct source *source;
	long line;
	struct said *next;
};

/* A $name in an expression; theme/xslscope.h. */
struct mention {
	const char *name, *what, *xpath;
	const xmlNode *node;
	struct mention *next;
};

struct rule {
	enum does does;
	const struct source *source;
	long line;
	const char *theme;	 /* XPath, or NULL: about content alone */
	const char *typed;	 /* the same as it was typed, for messages */
	struct pull pull;	 /* what comes in */
	const char **attributes; /* names, NULL behind the last */
	bool all_attributes;
	bool clears;	       /* replace attributes: theme's go first */
	const char *separator; /* of merge */
	const xmlNode *body;   /* its children come in, or NULL */
	struct terms terms;
	struct rule *next;
};

/* One <theme>. */
struct choice {
	const struct source *source;
	long line;
	const char *href;   /* resolved; NULL: the site's own or inline */
	const char *markup; /* inline theme, or NULL */
	const char *prefix; /* or NULL */
	struct terms terms;
	struct choice *next;
};

/* One <notheme>. */
struct notheme {
	struct terms terms;
	struct notheme *next;
};

struct words {
	const char **list;
	size_t count;
	size_t room;
};

struct ruleset;

struct rules {
	_Atomic unsigned refs;
	struct arena *arena;
	char version[DIGEST_HEX + 1];
	bool compat;
	const char *folder; /* resolved: of the first file */
	const char *root;   /* resolved, or NULL */
	struct ruleset *ruleset; /* Deliverance's; NULL: Diazo's, below */
	struct rule *first, **last;
	struct choice *choices, **last_choice;
	struct notheme *nothemes, **last_notheme;
	size_t count; /* of rules */
	struct words warnings;
	struct words doubts; /* what only theme/lint.h tells */
	struct words hrefs; /* of the themes, each once */
	struct dependencies *dependencies; /* theme/dependency.h */
	/* what the rules have of XSLT; theme/xslread.h */
	bool uses_xsl;
	bool has_raw_templates; /* xsl:template mode="raw" */
	struct sheet_part *sheet, **last_sheet;
	struct said *said, **last_said;
	struct mention *mentions, **last_mention;
	struct prefix *prefixes;
	struct words variables; /* names of root xsl:variable and xsl:param */
	struct words strip, preserve; /* names of xsl:strip-space and its like */
	const char *doctype;	      /* as xsl:output has it, or NULL */
	bool writes_html; /* its method is html, whatever the doctype */
};

/* Add a text of the arena to a growing list. */
void words_add(struct arena *arena, struct words *words, const char *text);
const char *words_get(const struct words *words, size_t i);
bool words_have(const struct words *words, const char *text);

/* Bring libxml2 up, once in the process; any thread. */
void rules_init(void);
struct rules *rules_new(void);
/* A warning, "file:line: words". */
void rules_warn(struct rules *rules, const struct source *source, long line,
    const char *format, ...) PRINTF(4, 5);
/* The same, where the rules do what they say and it is hardly meant. */
void rules_doubt(struct rules *rules, const struct source *source, long line,
    const char *format, ...) PRINTF(4, 5);
/* Write "file:line: words" and answer -1. */
int rules_fail(struct err *err, const struct source *source, long line,
    const char *format, ...) PRINTF(4, 5);

#endif
