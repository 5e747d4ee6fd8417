/* dom/build_inside.h - what the files of the tree construction share
 *
 * Nobody else includes it. The words are the standard's (WHATWG 13.2.4 and
 * 13.2.6), insertion modes and all.
 *
 * The stack of open elements answers "is there an X in scope" at once and not
 * by a walk: each entry knows the next one below it of the same name, and the
 * nearest one at or below it that ends a scope, is special, ends the search
 * for an li, or is of HTML. Indexes there are counted from 1, 0 is none. */
#ifndef DOM_BUILD_INSIDE_H
#define DOM_BUILD_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/must.h"
#include "dom/build.h"
#include "dom/names.h"
#include "dom/node.h"
#include "dom/token.h"

enum space { SPACE_HTML, SPACE_SVG, SPACE_MATHML };

enum mode {
	MODE_INITIAL,
	MODE_BEFORE_HTML,
	MODE_BEFORE_HEAD,
	MODE_IN_HEAD,
	MODE_IN_HEAD_NOSCRIPT,
	MODE_AFTER_HEAD,
	MODE_IN_BODY,
	MODE_TEXT,
	MODE_IN_TABLE,
	MODE_IN_TABLE_TEXT,
	MODE_IN_CAPTION,
	MODE_IN_COLUMN_GROUP,
	MODE_IN_TABLE_BODY,
	MODE_IN_ROW,
	MODE_IN_CELL,
	MODE_IN_TEMPLATE,
	MODE_AFTER_BODY,
	MODE_IN_FRAMESET,
	MODE_AFTER_FRAMESET,
	MODE_AFTER_AFTER_BODY,
	MODE_AFTER_AFTER_FRAMESET,
	MODE_COUNT
};

enum open_bit {
	OPEN_PLAIN = 1,	     /* all in it is plain, without a gap, up to `to` */
	OPEN_HOLDS_HTML = 2, /* an HTML integration point */
	OPEN_HOLDS_TEXT = 4, /* a MathML text integration point */
};

/* Bits of xmlNode.extra that are gone when the page is built. */
enum { NODE_OPEN = 1 << 8, NODE_ACTIVE = 1 << 9 };

/* An element of the stack. */
struct open {
	struct node *node; /* NULL: implied, and not in the tree */
	const char *name;  /* in lower case */
	uint32_t slot;	   /* of build.top */
	uint32_t below;	   /* the next of the same slot */
	uint32_t scope, special, wall, html; /* the nearest, itself too */
	uint32_t to;			     /* OPEN_PLAIN */
	uint16_t el;
	uint16_t flags; /* enum el_flag; for foreign ones SPECIAL, SCOPE */
	uint8_t space;
	uint8_t bits;
};

/* A formatting element; node NULL: a marker. */
struct active {
	struct node *node;
	uint32_t attrs;
	uint32_t hash; /* of them, in any order; 0: not yet looked at */
	uint16_t el;
};

enum {
	SLOT_FOREIGN = EL_COUNT,
	SLOT_UNKNOWN = 2 * EL_COUNT,
	SLOTS_UNKNOWN = 64, /* a power of two */
	SLOT_COUNT = SLOT_UNKNOWN + 2 * SLOTS_UNKNOWN
};

struct build {
	struct tree *tree;
	struct build_opts opts;
	struct tokenizer *tokenizer;

	struct open *open;
	size_t count, room;
	uint32_t top[SLOT_COUNT]; /* the topmost of each slot */
	struct active *active;
	size_t active_count, active_room;
	uint32_t active_of[EL_COUNT]; /* how many of each are in it */
	uint8_t *templates;	      /* insertion modes */
	size_t template_count, template_room;

	struct open context; /* of a fragment */
	bool is_fragment;
	enum mode mode, original;
	struct node *head, *form;
	bool astray; /* an end tag of a form did not end its element */
	bool apart;  /* there is a form in a table (dom/place.h) */
	bool marked; /* a template left a marker: a link may hold a link */
	bool frameset_ok, foster, cdata, skip_newline, done;

	/* Where the token at hand stands, whatever opts.spans. (Not side by
	 * side: they would be copied as one word out of two that have just
	 * been written, for which processors wait.) */
	uint32_t from;
	bool dropped_newline; /* its first, by skip_newline */
	/* It is a start tag that nobody can judge before more of the page is
	 * there: it comes again, out of waiting, with the next piece. */
	bool waits;
	bool last; /* there is no next piece */
	struct token waiting;
	size_t noscript_look; /* bytes of rest at which to look again */
	/* The last noscript of a body that is elements: what is in it takes no
	 * frameset its chance. */
	const struct node *noscript;
	bool noscript_frameset_ok;
	struct node *pushed; /* the last element that was pushed */
	uint32_t to;

	/* The text whose end is followed by bytes that nobody needs, up to
	 * what stood at dead_to in the page: it can grow in place. */
	struct node *growing;
	uint32_t dead_to;
	char **long_room; /* of the text that grew long last */
	struct node *behind;  /* the first text behind the body */
	struct node *pending; /* text in a table, not yet in the tree */
	struct node *spare;   /* a text that became part of another one */
	bool pending_space;
	bool has_selectedcontent;
	bool too_many_attributes; /* of html or body, in several tags */

	size_t fed;
	size_t most; /* bytes of nodes that are too many for what was read */
	size_t look;   /* of them, when that is looked at again */
	size_t expect; /* and when to say what the rest will take */
};

/* ---- build_stack.c ---- */

void build_push(struct build *build, struct node *node, enum el el,
    const char *name, enum space space);
/* Take the topmost one off. own: a plain end tag of its own ends it. */
void build_pop(struct build *build, bool own);
/* Down to this index and with it; own: as above, for the last one. */
void build_pop_to(struct build *build, size_t index, bool own);
/* The topmost one of HTML of that name, with all above it, for this token. It
 * is there. */
void build_pop_until(
    struct build *build, enum el el, const struct token *token);
/* After the stack was changed in the middle, from the index on. */
void build_unlink_from(struct build *build, size_t index);
void build_link_from(struct build *build, size_t index);
void build_remove_open(struct build *build, size_t index);
/* The index from 1 of the topmost entry that is this node. */
size_t build_find_node(const struct build *build, const struct node *node);
/* The topmost of HTML (of SVG or MathML) of the token's name, down to the
 * index `until` from 1; 0: none. */
size_t build_find_name(const struct build *build, const struct token *token,
    bool foreign, size_t until);
void build_generate_implied(struct build *build, enum el except);
void build_generate_implied_thoroughly(struct build *build);
/* Something stood at from..to, and belongs to the topmost element alone. */
void build_advance(struct build *build, uint32_t from, uint32_t to, bool plain);

static inline struct open *
build_top(const struct build *build)
{
	return &build->open[build->count - 1];
}

static inline bool
build_is_top(const struct build *build, enum el el)
{
	return build_top(build)->el == el &&
	       build_top(build)->space == SPACE_HTML;
}

/* The adjusted current node. */
static inline const struct open *
build_current(const struct build *build)
{
	return build->count == 1 && build->is_fragment ? &build->context
						       : build_top(build);
}

static inline bool
build_has_open(const struct build *build, enum el el)
{
	return build->top[el] != 0;
}

static inline uint32_t
build_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static inline bool
build_in_scope(const struct build *build, enum el el)
{
	return build->top[el] && build->top[el] >= build_top(build)->scope;
}

static inline bool
build_in_button_scope(const struct build *build, enum el el)
{
	return build_in_scope(build, el) &&
	       build->top[el] >= build->top[EL_BUTTON];
}

static inline bool
build_in_list_scope(const struct build *build, enum el el)
{
	return build_in_scope(build, el) &&
	       build->top[el] >=
		   build_max(build->top[EL_OL], build->top[EL_UL]);
}

static inline bool
build_in_table_scope(const struct build *build, enum el el)
{
	return build->top[el] &&
	       build->top[el] >=
		   build_max(build->top[EL_TABLE], build->top[EL_TEMPLATE]);
}

/* ---- build_active.c ---- */

void build_active_push(struct build *build, struct node *node, enum el el);
void build_active_marker(struct build *build);
void build_active_clear(struct build *build); /* to the last marker */
void build_active_remove(struct build *build, struct node *node);
/* The last of that name behind the last marker, or NULL. */
struct node *build_active_find(const struct build *build, enum el el);
void build_reconstruct(struct build *build);
/* The adoption agency; false: do as for any other end tag. */
bool build_adopt(struct build *build, const struct token *token);

/* ---- build_insert.c ---- */

struct place {
	xmlNode *parent, *before;
	bool foster;
};

/* The appropriate place for inserting a node; target: instead of the current
 * node. */
void build_place(
    const struct build *build, const struct open *target, struct place *place);
/* An element for the token, of HTML, not yet in any place. */
struct node *build_make(struct build *build, const struct token *token);
/* The same where it belongs, and on the stack. */
struct node *build_insert(struct build *build, const struct token *token);
struct node *build_insert_foreign(
    struct build *build, const struct token *token, enum space space);
/* And off the stack at once. */
struct node *build_insert_void(struct build *build, const struct token *token);
/* One that nobody wrote. */
struct node *build_insert_implied(struct build *build, enum el el);
/* On the stack alone, unless opts.implied. */
void build_insert_ghost(struct build *build, enum el el);
/* A new element with the attributes of the other one, nowhere yet. */
struct node *build_clone(struct build *build, const struct node *node);
void build_insert_text(struct build *build, const struct token *token);
/* A text that is nowhere yet; it may be one with what is there. */
void build_link_text(struct build *build, struct node *text);
struct node *build_make_text(struct build *build, const struct token *token);
void build_append_text(
    struct build *build, struct node *to, const struct token *token);
/* parent NULL: where it belongs. */
void build_insert_comment(
    struct build *build, xmlNode *parent, const struct token *token);
/* Those of the token that it does not have. */
void build_add_attributes(
    struct build *build, struct node *node, const struct token *token);
/* An element is raw text or RCDATA up to its end tag. */
void build_insert_raw(
    struct build *build, const struct token *token, enum token_state state);

/* ---- build_text.c ---- */

/* Without its NULs; false: nothing is left. */
bool build_drop_nul(struct build *build, struct token *token);
void build_replace_nul(struct build *build, struct token *token);
bool build_keep_space(struct token *token);
/* Cut the space in front off, into *space; false: there is none. */
bool build_cut_space(
    struct build *build, struct token *token, struct token *space);

/* ---- in tables ---- */

/* A tag that means something in a table alone. */
static inline bool
build_is_of_table(const struct token *token)
{
	return el_names[token->el].flags & EL_GRID;
}

/* An end tag that nothing within a table takes for its own. */
static inline bool
build_is_stray_end(const struct token *token)
{
	return build_is_of_table(token) || token->el == EL_BODY ||
	       token->el == EL_HTML;
}

/* ---- the insertion modes: true: process the token again ---- */

bool build_process(struct build *build, struct token *token);
bool build_initial(struct build *build, struct token *token);
bool build_before_html(struct build *build, struct token *token);
bool build_before_head(struct build *build, struct token *token);
bool build_in_head(struct build *build, struct token *token);
bool build_in_head_noscript(struct build *build, struct token *token);
bool build_after_head(struct build *build, struct token *token);
bool build_in_body(struct build *build, struct token *token);
bool build_text(struct build *build, struct token *token);
bool build_in_table(struct build *build, struct token *token);
bool build_in_table_text(struct build *build, struct token *token);
bool build_in_caption(struct build *build, struct token *token);
bool build_in_column_group(struct build *build, struct token *token);
bool build_in_table_body(struct build *build, struct token *token);
bool build_in_row(struct build *build, struct token *token);
bool build_in_cell(struct build *build, struct token *token);
bool build_in_template(struct build *build, struct token *token);
bool build_after_body(struct build *build, struct token *token);
bool build_in_frameset(struct build *build, struct token *token);
bool build_after_frameset(struct build *build, struct token *token);
bool build_after_after_body(struct build *build, struct token *token);
bool build_after_after_frameset(struct build *build, struct token *token);
bool build_in_foreign(struct build *build, struct token *token);

bool build_by_mode(struct build *build, struct token *token);
/* "Any other end tag" of the mode in body. */
void build_end_other(struct build *build, const struct token *token);
/* A start tag frameset in the mode in body. */
bool build_begin_frameset(struct build *build, struct token *token);
void build_begin_template(struct build *build, const struct token *token);
void build_end_template(struct build *build, const struct token *token);
void build_push_template_mode(struct build *build, enum mode mode);
void build_reset_mode(struct build *build);
/* The page is whole: nothing is open any more. */
void build_stop(struct build *build);
/* Whether a noscript of a head, or of a body, that holds these bytes, with what
 * follows it, may be elements there, or is raw text (build_noscript.c,
 * build_noscript_body.c). While that is unknown, nothing is changed. */
enum noscript_fit { NOSCRIPT_FIT, NOSCRIPT_UNFIT, NOSCRIPT_UNKNOWN };
enum noscript_fit build_fit_of_noscript(
    const struct build *build, const char *p, size_t len);
/* What of these bytes, not fit, is text, if not what raw text is (len 0): so
 * many, of which those from `loose` on are no tags to anybody. */
struct noscript_text {
	size_t len, loose;
};
enum noscript_fit build_fit_of_noscript_in_body(const struct build *build,
    const char *p, size_t len, struct noscript_text *text);
/* Make it the text of the current node, and go on behind
 * (build_noscript_text.c). */
void build_put_noscript_text(
    struct build *build, const struct noscript_text *text);
/* Its start tag: true if it is to be elements. Else it is raw text now, or it
 * waits for more of the page. */
bool build_may_begin_noscript(
    struct build *build, const struct token *token, bool in_body);
/* build_fragment.c */
void build_begin_fragment(struct build *build);
bool build_stop_in_body(struct build *build, struct token *token);
bool build_start_select(struct build *build, struct token *token);
bool build_start_option(struct build *build, struct token *token);
/* An option is no longer open: with opts.implied its select may show it. */
void build_option_closed(struct build *build, struct node *option);

#endif
