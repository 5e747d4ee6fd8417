/* theme/dress.h - one page being dressed: what the files that do it share
 *
 * A stack of tasks stands for every "and then": what a body still has to do,
 * which nodes of a selection are left, which elements are open. Nothing
 * recurses, so the depth of rules and content costs no C stack. */
#ifndef THEME_DRESS_H
#define THEME_DRESS_H

#include <libxml/xpath.h>
#include "base/arena.h"
#include "dom/xpath.h"
#include "theme/program.h"
#include "theme/woven.h"

enum {
	DRESS_TASKS_MAX = 20000, /* deeper: a rule includes its own node */
};

enum task_kind {
	TASK_RUN,      /* a program, from pc, with node as context */
	TASK_NODES,    /* the rest of a selection */
	TASK_SIBLINGS, /* node and what follows it */
	TASK_OPEN,     /* the start tag of node */
	TASK_CLOSE,    /* its end tag */
};

struct task {
	enum task_kind kind;
	unsigned flags; /* as of OP_COPY, and OP_VERBATIM */
	uint32_t pc;
	int next;
	xmlNode *node;
	const xmlNodeSet *nodes;
	xmlXPathObject *owned; /* freed with the task, or NULL */
};

/* What the page knows of an expression with the document as context. */
struct memo {
	enum { UNASKED, NO, YES } truth;
	xmlXPathObject *nodes;
};

/* A start tag that was begun: attributes may still come. */
struct tag {
	const char *name; /* NULL: none is open */
	struct tag_attribute {
		const char *name, *value;
	} * attributes;
	size_t count, room;
};

struct page {
	const struct theme *theme;
	const struct program *program;
	const struct dress_ask *ask;
	struct xpath_eval *eval;
	xmlDoc *doc;
	struct arena *arena;
	struct buf *out;
	struct err *err;
	struct memo *memos; /* one per expression */
	bool *unmatched;    /* one per rule: was told of */
	struct tag tag;
	struct task *tasks; /* the dresser's, kept from page to page */
	size_t tasks_count, tasks_room;
	bool marked;		/* templates were matched with the content */
	bool marked_attributes; /* and some match attributes */
	bool chose_none;
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

/* theme/tag.c */
void tag_open(struct page *page, const char *name);
/* Set an attribute of the open tag (value NULL: it has none); nothing when no
 * tag is open. */
void tag_set(struct page *page, const char *name, const char *value);
void tag_clear(struct page *page);
/* Write the open tag out; nothing when none is open. */
void tag_flush(struct page *page);
CHECKED int tag_attributes(struct page *page, const struct attribute_op *op);

/* theme/match.c: find all nodes that templates match, once a page. */
CHECKED int match_all(struct page *page);
bool match_is_marked(const void *node);
/* The template that handles a node, or NULL: copy it. node may be an
 * attribute. */
CHECKED int match_choose(
    struct page *page, const void *node, const struct template **out);
/* The bodies of one phase for a node, or NULL. */
const struct phase_body *match_phase(const void *node, enum phase phase);

/* theme/walk.c: copy one node with all below it, now or by pushing tasks. */
CHECKED int walk_visit(struct page *page, xmlNode *node, unsigned flags);
CHECKED int walk_open(struct page *page, xmlNode *node);

#endif
