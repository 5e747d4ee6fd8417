/* theme/trace.h - what the rules did to one page, for people who write rules
 *
 * Put a trace into struct dress_ask, and theme_dress() fills it in: a record
 * for each rule (Deliverance: for each action), in the order of the file.
 * Without one nothing of this costs anything. What is kept is bounded by the
 * numbers below, not by the page. One thread at a time. What a body of XSLT
 * takes is what its xsl:for-each, xsl:apply-templates, xsl:copy-of and
 * xsl:value-of select of the content. */
#ifndef THEME_TRACE_H
#define THEME_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "theme/theme.h"

enum {
	TRACE_NODES_MAX = 10,	/* nodes of one rule whose paths are kept */
	TRACE_PATH_MAX = 200,	/* bytes of such a path; cut there */
	TRACE_RULES_MAX = 5000, /* rules that have a record */
	TRACE_TERMS_MAX = 20,	/* conditions of one rule that are kept */
	TRACE_SETS_MAX = 8,	/* selections of one rule told apart */
	TRACE_TAKEN_MAX = 1000, /* nodes that XSLT selects for one rule, each
				 * counted once */
	TRACE_WORDS_MAX = 300,	/* bytes of a reason */
};

/* Nodes that a selector found: how many, and where the first ones are. */
struct traced_nodes {
	size_t count, shown;
	const char *paths[TRACE_NODES_MAX];
};

/* One condition. One that a rule about content alone has is asked at each
 * node; of nodes beyond TRACE_NODES_MAX nothing is said. */
struct traced_term {
	const char *text; /* if-path="/news", if-not="..." */
	unsigned asked;	  /* 0: it could not be told */
	unsigned held;
};

struct traced_rule {
	const char *source;
	long line;
	const char *does;    /* "replace", "drop attributes", ... */
	const char *theme;   /* theme="...", as it was typed, or NULL */
	const char *content; /* content="...", or NULL */
	const char *href;    /* or NULL */
	/* How often it did its work: once for each theme node, or for each
	 * content node of a rule about content alone. 0: it did not run. */
	size_t runs;
	const char *why; /* it did not, or what it has to say; or NULL */
	struct traced_term terms[TRACE_TERMS_MAX];
	size_t terms_count;
	struct traced_nodes in_theme;	 /* what its theme selector finds */
	struct traced_nodes in_content;	 /* what it took */
	bool asked_theme, asked_content; /* false: nobody looked, since it did
					  * not run */
	uint64_t time_us;
	const void *sets[TRACE_SETS_MAX];
	size_t sets_count;
	const void **taken; /* by XSLT, in_content.count of them; or NULL */
};

struct dress_trace {
	struct arena *arena;
	enum dressed how;
	const char *reason;  /* why it is not dressed, or NULL */
	const char *classes; /* Deliverance: the page's classes, or NULL */
	struct traced_rule *rules;
	size_t rules_count;
	size_t left_out;	 /* rules beyond TRACE_RULES_MAX */
	uint64_t total_us;	 /* of all, with parsing and writing */
	const void *const *keys; /* of Deliverance's actions, one a record */
};

struct dress_trace *dress_trace_new(void);
void dress_trace_free(struct dress_trace **trace);

/* "dressed", "not dressed", "failed" or "waits for documents". */
const char *dress_trace_how(const struct dress_trace *trace);
/* Add it to out: as text, a paragraph a rule; or as a <details> that may stand
 * before the end of any page, in ASCII, everything in it escaped. -1: out is
 * full, and has a part. */
CHECKED int dress_trace_text(const struct dress_trace *trace, struct buf *out);
CHECKED int dress_trace_html(const struct dress_trace *trace, struct buf *out);

#endif
