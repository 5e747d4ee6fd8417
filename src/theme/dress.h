/* theme/dress.h - one page being dressed: what the files that do it share
 *
 * A stack of tasks stands for every "and then": what a body still has to do,
 * which nodes of a selection are left, which elements are open. Nothing
 * recurses, so the depth of rules and content costs no C stack. */
#ifndef THEME_DRESS_H
#define THEME_DRESS_H

#include <libxml/xpath.h>
#include "base/arena.h"
#include "dom/html.h"
#include "dom/xpath.h"
#include "theme/program.h"
#include "theme/siblings.h"
#include "theme/woven.h"

enum { NO_RULE = UINT32_MAX };

enum {
	DRESS_TASKS_MAX = 20000, /* deeper: a rule includes its own node */
};

enum task_kind {
	TASK_RUN,      /* a program, from pc, with node as context */
	TASK_NODES,    /* the rest of a selection */
	TASK_SIBLINGS, /* node and what follows it, up to last */
	TASK_OPEN,     /* the start tag of node */
	TASK_CLOSE,    /* its end tag */
	TASK_FRAGMENT, /* what is in a fragment of xsl.h from `at` on */
};

struct task {
	enum task_kind kind;
	unsigned flags; /* as of OP_COPY, and OP_VERBATIM */
	uint32_t pc;
	int next;
	xmlNode *node;
	union {
		const xmlNode *last; /* of siblings; NULL: there is none */
		xmlNode *at; /* in a fragment, which dies with the task */
	};
	const xmlNodeSet *nodes;
	xmlXPathObject *owned; /* freed with the task, or NULL */
	const char *mode;      /* of XSLT, for TASK_NODES; or NULL */
	struct nth nth;	       /* of node, of each sibling */
	uint32_t rule;	       /* at work, for a trace */
};

/* What the page knows of an expression with the document as context. */
struct memo {
	enum { UNASKED, NO, YES } truth;
	xmlXPathObject *nodes;
};

/* One of the trees that content comes from. */
struct document {
	const char *href;   /* NULL: the page itself */
	xmlDoc *doc;	    /* stands empty when it could not be had */
	const char *why;    /* it could not be had, or NULL */
	struct memo *memos; /* one per expression */
	bool owned;	    /* freed with the page */
	bool marked;	    /* templates were matched with it */
	bool sifted;	    /* the program's sieve has been over it */
	struct document *next;
};

/* Documents that nobody has fetched yet. */
struct wanted {
	char **list;
	size_t count;
};

/* A start tag that was begun: attributes may still come. */
struct tag {
	const char *name; /* NULL: none is open */
	struct tag_attribute {
		const char *name, *value;
	} * attributes;
	size_t count, room;
};

struct xsl_shop;
struct xsl_run;

struct page {
	const struct theme *theme;
	const struct program *program;
	const struct dress_ask *ask;
	struct xpath_eval *eval;
	xmlDoc *doc;
	struct arena *arena;
	struct buf *out;
	struct err *err;
	struct document *documents, **last_document; /* the page is first */
	struct wanted *wanted;
	struct dress_trace *trace; /* or NULL */
	uint32_t rule;		   /* the trace's: at work since then */
	uint64_t since_us;
	bool *unmatched;	      /* one per rule: is noted */
	struct words unmatched_words; /* told of when the page is done */
	struct tag tag;
	const xmlNode *form; /* of html_write_row(), among the children of */
	const xmlNode *form_row;
	struct task *tasks; /* the dresser's, kept from page to page */
	size_t tasks_count, tasks_room;
	bool marked_attributes; /* some template matches attributes */
	bool chose_none;
	const char *mode;      /* of the next OP_COPY, or NULL */
	struct xsl_shop *shop; /* the dresser's */
	struct xsl_run *xsl;   /* NULL: not needed so far */
	struct nth nth;	       /* of the node in hand, for XSLT */
};

/* Push one more task. -1: too many. */
CHECKED int dress_push(struct page *page, const struct task *task);

/* Take the topmost away. */
void dress_pop(struct page *page);

/* Evaluate, with node (NULL: the document) as context. The answer of the
 * document is kept for the page, and *owned is NULL then. */
CHECKED int dress_select(struct page *page, uint32_t expr, xmlNode *node,
    xmlXPathObject **out, xmlXPathObject **owned);
/* 1, 0, or -1 with err. */
CHECKED int dress_holds(struct page *page, uint32_t condition, xmlNode *node);
/* The same of one term of a rule, whose negation does not count. */
CHECKED int dress_term_holds(
    struct page *page, const struct term *term, xmlNode *node);

struct html_limits dress_limits(const struct dress_ask *ask);
/* Steps of XPath that the page may cost. */
unsigned long dress_operations(const struct dress_ask *ask);
/* What is done to each tree before rules see it. */
void dress_prepare(struct page *page, xmlDoc *doc);

/* Whether the page has frames in the place of a body: a theme has none for
 * them, so it stays as it is, and err says so. */
bool dress_is_of_frames(const xmlDoc *content, struct err *err);

/* Whether the page's path fits an expression that is words of if-path. */
bool dress_path_fits(const struct page *page, uint32_t expr);

/* theme/document.c */
struct document *document_new(struct page *page, const char *href, xmlDoc *doc);
/* First what is known of all, then, when xsl:* is done with them, the trees. */
void document_forget(struct document *document, size_t exprs_count);
void document_free(struct document *document);
/* The one that a node (NULL: the page) is part of; NULL: none, since xsl:*
 * made it. Such trees come and go, so nothing is remembered of them, and rules
 * about content are not about them. */
struct document *document_of(struct page *page, const xmlNode *node);
/* The one that an expression is asked of with this context node, parsed; an
 * empty one when it could not be had, and then page->wanted or document->why
 * says so. -1: as Diazo's code has it, that is an error. */
CHECKED int document_for(struct page *page, uint32_t expr, const xmlNode *node,
    struct document **out);
void wanted_fini(struct wanted *wanted);

/* theme/tag.c */
void tag_open(struct page *page, const char *name);
/* Set an attribute of the open tag (value NULL: it has none); nothing when no
 * tag is open. */
void tag_set(struct page *page, const char *name, const char *value);
/* Write the open tag out, or the end tag of an open form; nothing when none is
 * open. */
void tag_flush(struct page *page);
CHECKED int tag_attributes(struct page *page, const struct attribute_op *op);

/* theme/match.c: find all nodes of a document that templates match, once. */
CHECKED int match_all(struct page *page, struct document *document);
bool match_is_marked(const void *node);
/* The template that handles a node, or NULL: copy it. node may be an
 * attribute. */
CHECKED int match_choose(
    struct page *page, const void *node, const struct template **out);
/* The bodies of one phase for a node, or NULL. */
const struct phase_body *match_phase(const void *node, enum phase phase);
/* The template that has them, or NULL. */
const struct template *match_phase_template(const void *node, enum phase phase);

/* theme/walk.c: copy one node with all below it, now or by pushing tasks. */
CHECKED int walk_visit(struct page *page, xmlNode *node, unsigned flags);
CHECKED int walk_open(struct page *page, xmlNode *node);
/* An xsl:template takes an attribute of the tag that is open. */
CHECKED int walk_xsl_attribute(
    struct page *page, xmlAttr *attribute, uint32_t number);
/* Write a node with all below it as it is. */
void walk_plain(struct page *page, xmlNode *node, unsigned flags);

/* theme/fragment.c. Its attributes go onto the tag that is open. */
void fragment_attributes(struct page *page, const xmlNode *fragment);
/* What is in it is written by a task. Takes the fragment, also on failure. */
CHECKED int fragment_push(
    struct page *page, xmlNode **fragment, unsigned flags);
/* Both, now if it can be. */
CHECKED int fragment_write(
    struct page *page, xmlNode **fragment, unsigned flags);
/* Go on with the topmost task. */
CHECKED int fragment_go_on(struct page *page);

#endif
