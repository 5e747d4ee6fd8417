/* theme/program.h - the fast form of a theme: literal byte runs with holes
 *
 * A theme page is parsed once and written out once; what rules leave open is
 * an operation between two literals. Conditions become jumps. Rules about
 * content alone become templates, which the content walk consults. Written
 * while a theme is built, never afterwards: any thread may run it. */
#ifndef THEME_PROGRAM_H
#define THEME_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buf.h"
#include "theme/rule.h"

enum op_kind {
	OP_END,	    /* back to the caller; of the main program: done */
	OP_TEXT,    /* a: offset, b: length of a literal run */
	OP_JUMP,    /* a: target */
	OP_IF,	    /* to a when condition b holds */
	OP_UNLESS,  /* to a when condition b does not hold */
	OP_CALL,    /* a: first op of a body */
	OP_COPY,    /* a: expression, b: rule; flags */
	OP_VALUE,   /* a: expression: its string inside an attribute's value */
	OP_OPEN,    /* a: name; the start tag stays open for attributes */
	OP_SET,	    /* a: name, b: value of an attribute of the open tag */
	OP_ATTRS,   /* a: which of the attribute operations */
	OP_NOTHEME, /* no theme for this page */
	OP_MODE,    /* a: name; the OP_COPY behind it is in this mode of XSLT */
	OP_XSL,	    /* a: rule whose body libxslt runs; flags */
	OP_RULE,    /* a: rule that is at work from here on; for a trace */
};

enum op_flags {
	OP_RAW = 1,	 /* content rules are not applied */
	OP_VERBATIM = 2, /* the script or style around it was copied too */
	OP_IN_RAW = 4,	 /* into a script, style or the like */
	OP_WORDS = 8,	 /* into a title or textarea: text alone has a place */
	OP_GUARDED = 16, /* where not all browsers read alike (markup.h) */
	OP_TABLE = 32,	 /* into a table, around its cells */
	OP_AROUND = 64,	 /* what rules put in: the page's own may stand there */
};

struct op {
	uint8_t kind;
	uint8_t flags;
	uint32_t a, b;
};

/* An expression, each distinct text once, so that a page evaluates it once. */
struct expr {
	const char *text;
	const char *typed; /* how a rule's content selector reads, or NULL */
	bool is_path;	   /* words of if-path, not XPath */
	bool is_absolute;  /* the context node makes no difference */
	bool needs_xslt;   /* what it calls is libxslt's */
	bool is_sifted;	   /* the program's sieve finds it */
	uint32_t document; /* asked of this one; 0: of the page */
};

enum { NO_CONDITION = UINT32_MAX };

struct condition_term {
	uint32_t expr;
	bool negate;
};

/* All of these terms hold. */
struct condition {
	uint32_t first, count;
};

/* Copy (merge NULL) or merge attributes of what expr selects into the tag
 * that is open. */
struct attribute_op {
	uint32_t expr;
	uint32_t rule;
	const char *const *names; /* NULL: all */
	const char *merge;	  /* the one name to merge */
	const char *separator;
	const char *theme_value; /* or NULL: the theme has none */
	bool clears;		 /* drop the theme's when content has any */
	bool raw;
};

/* Steps of the treatment of a content node by before, replace, after. */
enum phase {
	PHASE_BEFORE,
	PHASE_REPLACE,
	PHASE_PREPEND,
	PHASE_APPEND,
	PHASE_AFTER,
	PHASES
};

struct phase_body {
	uint32_t condition;
	const uint32_t *body; /* one per enum room: first op */
	uint32_t rule;
	struct phase_body *next;
};

enum template_kind {
	TEMPLATE_DROP,
	TEMPLATE_STRIP,
	TEMPLATE_PHASES,
	TEMPLATE_REPLACE_CHILDREN,
	TEMPLATE_XSL, /* an xsl:template of the rules: no rule's */
};

struct alternative {
	uint32_t expr; /* finds every node that it matches */
	const char *pattern; /* the same as XSLT's patterns have it */
	double priority;
	bool conditional; /* the template's condition counts for it */
};

/* A content rule as XSLT knows it. The order in the program breaks ties of
 * priority: later wins. */
struct template
{
	enum template_kind kind;
	uint32_t rule; /* of TEMPLATE_XSL: which xsl:template */
	const char *selector;
	struct alternative *alternatives;
	size_t alternatives_count;
	uint32_t condition; /* with the node as context */
	const uint32_t *body; /* as a phase's */
	struct phase_body *phases[PHASES];
};

/* Growing arrays; each doubles in the arena. */
struct program {
	struct arena *arena;
	bool compat;
	struct buf text;
	const struct rule **rules;
	size_t rules_count;
	/* what each rule's theme selector finds */
	struct traced_nodes *traced;
	struct shade *shades; /* and which can run there: linting.h */
	struct op *ops;
	size_t ops_count, ops_room;
	struct expr *exprs;
	size_t exprs_count, exprs_room;
	struct condition *conditions;
	size_t conditions_count, conditions_room;
	struct condition_term *terms;
	size_t terms_count, terms_room;
	struct attribute_op *attributes;
	size_t attributes_count, attributes_room;
	struct template *templates;
	size_t templates_count, templates_room;
	const char **names; /* of OP_OPEN and OP_SET */
	size_t names_count, names_room;
	const char **documents; /* href of each; the first is the page's NULL */
	size_t documents_count, documents_room;
	struct sieve *sieve; /* for all expressions that are plain paths */
	const struct sheet *sheet; /* theme/xslsheet.h, or NULL: no xsl:* */
	bool has_raw_templates;	   /* what is raw is in a mode of XSLT */
	bool has_root_template;	   /* match="/": it makes the whole page */
	uint32_t root_template;
	uint32_t start;
	uint32_t barrier; /* a jump comes to here: literals end before it */
};

enum { PROGRAM_TEXT_MAX = 64 * 1024 * 1024 };

/* A jump's targets that are not known yet. */
struct label {
	struct label_use *uses;
};

struct program *program_new(struct arena *arena, bool compat);
void program_fini(struct program *program);
/* All is added: make what finds the expressions. */
void program_ready(struct program *program);

uint32_t program_op(
    struct program *program, enum op_kind kind, uint32_t a, uint32_t b);
/* What was added to program->text since from becomes a literal. */
void program_text(struct program *program, size_t from);
void program_puts(struct program *program, const char *text);
uint32_t program_here(struct program *program);

/* Jump there: always, when the condition holds, when not. */
void program_jump(struct program *program, struct label *label);
void program_if(
    struct program *program, uint32_t condition, struct label *label);
/* Nothing for NO_CONDITION. */
void program_unless(
    struct program *program, uint32_t condition, struct label *label);
void program_land(struct program *program, struct label *label);

uint32_t program_expr(struct program *program, const char *text, bool path);
/* The same of another document; href NULL: of the page. */
uint32_t program_expr_of(
    struct program *program, const char *text, const char *href);
uint32_t program_condition(struct program *program, const struct terms *terms);
/* A name or a value; NULL: an attribute without one. */
uint32_t program_name(struct program *program, const char *text);
uint32_t program_attributes(
    struct program *program, const struct attribute_op *op);
struct template *program_template(struct program *program);

#endif
