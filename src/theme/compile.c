/* theme/compile.c - the walk over a theme page, taken once, at load
 *
 * At each node the rules that select it are consulted in the order that Diazo
 * documents: before, drop, replace, strip, attributes, prepend, copy (or the
 * children), append, after. What is certain becomes literal text; what depends
 * on the content becomes operations. Rules never change the tree, and what
 * they insert is never matched by theme selectors. */
#include "theme/compile.h"

#include <string.h>

#include "dom/html.h"
#include "dom/place.h"
#include "dom/xpath.h"
#include "theme/body.h"
#include "theme/linting.h"
#include "theme/markup.h"
#include "theme/spot.h"
#include "theme/tracing.h"
#include "theme/xslsheet.h"

enum { NO_BODY = UINT32_MAX };

/* ---- bodies ---- */

static int
compile_bodies(struct compiler *compiler)
{
	for (uint32_t i = 0; i < compiler->rules->count; i++) {
		const struct rule *rule = compiler->rule[i];
		uint32_t *starts = compiler->bodies[i];

		for (int room = 0; room < ROOMS; room++)
			starts[room] = NO_BODY;
		for (int room = 0; rule->body && room < ROOMS; room++)
			if (body_compile(compiler->program, rule, i,
				(enum room)room, &starts[room],
				compiler->err) != 0)
				return -1;
	}
	return 0;
}

/* Number of the body's first operation. Only after compile_rules(). */
static uint32_t
body_of(const struct compiler *compiler, uint32_t rule, enum room room)
{
	return compiler->bodies[rule][room];
}

CHECKED int
compile_rules(struct compiler *compiler)
{
	struct program *program = compiler->program;
	size_t count = compiler->rules->count;
	uint32_t i = 0;

	compiler->rule =
	    arena_get(program->arena, (count + 1) * sizeof(*compiler->rule));
	compiler->bodies =
	    arena_get(program->arena, (count + 1) * sizeof(*compiler->bodies));
	compiler->found = arena_get(program->arena, count + 1);
	for (const struct rule *r = compiler->rules->first; r; r = r->next)
		compiler->rule[i++] = r;
	compiler->last_place = &compiler->places;
	program->rules = compiler->rule;
	program->rules_count = count;
	program->traced =
	    arena_get(program->arena, (count + 1) * sizeof(*program->traced));
	program->shades =
	    arena_get(program->arena, (count + 1) * sizeof(*program->shades));
	program->has_raw_templates = compiler->rules->has_raw_templates;
	if (compile_bodies(compiler) != 0)
		return -1;
	templates_compile(compiler);
	return sheet_compose(compiler);
}

/* ---- which rules select which nodes ---- */

static void
add_hit(struct compiler *compiler, xmlNode *node, uint32_t number)
{
	struct arena *arena = compiler->program->arena;
	struct spot *spot = node->_private;
	struct hit *hit = arena_get(arena, sizeof(*hit));

	if (!spot) {
		spot = arena_get(arena, sizeof(*spot));
		spot->last = &spot->hits;
		node->_private = spot;
	}
	hit->rule = compiler->rule[number];
	hit->number = number;
	hit->condition =
	    program_condition(compiler->program, &hit->rule->terms);
	tracing_node(arena, &compiler->program->traced[number], node);
	*spot->last = hit;
	spot->last = &hit->next;
}

static bool
may_hit(const struct rule *rule, const xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE)
		return true;
	return node->type == XML_COMMENT_NODE && rule->does != DO_PREPEND &&
	       rule->does != DO_COPY && rule->does != DO_APPEND &&
	       rule->does != DO_DROP_CHILDREN && rule->does != DO_STRIP;
}

static bool
puts_something_in(enum does does)
{
	return does != DO_DROP && does != DO_DROP_ATTRS &&
	       does != DO_DROP_CHILDREN && does != DO_STRIP;
}

static void
note_place(
    struct compiler *compiler, const char *page, uint32_t number, bool found)
{
	struct arena *arena = compiler->program->arena;
	const struct rule *rule = compiler->rule[number];
	struct place *place;

	if (found)
		compiler->found[number] = true;
	if (!puts_something_in(rule->does))
		return;
	place = arena_get(arena, sizeof(*place));
	place->page = page;
	place->selector = rule->theme;
	place->typed = rule->typed;
	place->content = rule->pull.content;
	place->found = found;
	*compiler->last_place = place;
	compiler->last_place = &place->next;
}

static int
mark_rule(struct compiler *compiler, struct xpath_eval *eval, uint32_t number,
    const char *page)
{
	const struct rule *rule = compiler->rule[number];
	xmlXPathObject *object = NULL;
	struct err why;
	bool found = false;

	if (xpath_eval_run(eval, rule->theme, NULL, &object, &why) != 0) {
		if (compiler->rules->compat)
			return 0;
		return rules_fail(
		    compiler->err, rule->source, rule->line, "%s", why.text);
	}
	if (object->type == XPATH_NODESET && object->nodesetval)
		for (int i = 0; i < object->nodesetval->nodeNr; i++) {
			xmlNode *node = object->nodesetval->nodeTab[i];

			if (!may_hit(rule, node))
				continue;
			add_hit(compiler, node, number);
			found = true;
		}
	note_place(compiler, page, number, found);
	xmlXPathFreeObject(object);
	return 0;
}

static int
mark(struct compiler *compiler, xmlDoc *doc, const char *page)
{
	struct xpath_eval *eval = xpath_eval_new();
	int rc = 0;

	xpath_eval_begin(eval, doc, 0);
	for (uint32_t i = 0; rc == 0 && i < compiler->rules->count; i++)
		if (compiler->rule[i]->theme)
			rc = mark_rule(compiler, eval, i, page);
	xpath_eval_free(&eval);
	return rc;
}

/* ---- what a rule puts in ---- */

static void
bring_in(struct compiler *compiler, const struct hit *hit, enum room room)
{
	struct program *program = compiler->program;
	uint32_t body = body_of(compiler, hit->number, room);
	const struct op *first;

	program_op(program, OP_RULE, hit->number, 0);
	first = body == NO_BODY ? NULL : &program->ops[body];
	if (!first)
		body_pull(program, &hit->rule->pull, hit->number,
		    body_flags(program, room));
	else if (first[0].kind == OP_TEXT && first[1].kind == OP_END)
		program_op(program, OP_TEXT, first->a, first->b);
	else
		program_op(program, OP_CALL, body, 0);
}

/* Every rule of this kind, each under its own condition. */
static void
insert_all(struct compiler *compiler, const struct spot *spot, enum does does,
    enum room room)
{
	for (const struct hit *h = spot->hits; h; h = h->next) {
		struct label skip = {NULL};

		if (h->rule->does != does)
			continue;
		program_unless(compiler->program, h->condition, &skip);
		bring_in(compiler, h, room);
		program_land(compiler->program, &skip);
	}
}

static int
two_at_once(struct compiler *compiler, const struct hit *first,
    const struct hit *second)
{
	return rules_fail(compiler->err, second->rule->source,
	    second->rule->line,
	    "the rule at %s:%ld already replaces %s of "
	    "the same theme element without a condition; give one of the two "
	    "a condition",
	    first->rule->source->name, first->rule->line,
	    second->rule->does == DO_REPLACE ? "all" : "the children");
}

/* Either of the two kinds (the same one twice) as if, else if, else: jump to
 * done behind whichever fires. *always tells that there is an else. */
static int
choose_one(struct compiler *compiler, const struct spot *spot, enum does this,
    enum does or_that, enum room room, struct label *done, bool *always)
{
	struct program *program = compiler->program;
	const struct hit *last = NULL;

	for (const struct hit *h = spot->hits; h; h = h->next) {
		struct label next = {NULL};

		if (h->rule->does != this && h->rule->does != or_that)
			continue;
		if (h->condition == NO_CONDITION) {
			if (last)
				return two_at_once(compiler, last, h);
			last = h;
			continue;
		}
		program_unless(program, h->condition, &next);
		bring_in(compiler, h, room);
		program_jump(program, done);
		program_land(program, &next);
	}
	if (last)
		bring_in(compiler, last, room);
	*always = last != NULL;
	return 0;
}

/* ---- one node ---- */

static bool
has_kind(const struct spot *spot, enum does does)
{
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->rule->does == does)
			return true;
	return false;
}

static void
literal_open(struct compiler *compiler, const xmlNode *node)
{
	size_t from = compiler->program->text.len;

	html_write_open(&compiler->program->text, node);
	program_text(compiler->program, from);
}

/* A tag that is still open ends here even when it has no end tag. */
static void
literal_close(struct compiler *compiler, const xmlNode *node)
{
	size_t from = compiler->program->text.len;

	if (node->_private && (html_is_void((const char *)node->name) ||
				  place_is_apart(node)))
		program_op(compiler->program, OP_TEXT, (uint32_t)from, 0);
	html_write_close(&compiler->program->text, node);
	program_text(compiler->program, from);
}

/* The rule is at work, and then what follows is left out, where it holds. */
static void
jump_if(struct compiler *compiler, const struct hit *hit, struct label *label)
{
	struct program *program = compiler->program;
	struct label skip = {NULL};

	program_unless(program, hit->condition, &skip);
	program_op(program, OP_RULE, hit->number, 0);
	program_jump(program, label);
	program_land(program, &skip);
}

/* Jump to the label when some conditional strip holds. */
static void
if_stripped(
    struct compiler *compiler, const struct spot *spot, struct label *label)
{
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->rule->does == DO_STRIP)
			jump_if(compiler, h, label);
}

static bool
drop(struct compiler *compiler, struct spot *spot)
{
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->rule->does == DO_DROP && h->condition == NO_CONDITION) {
			program_op(compiler->program, OP_RULE, h->number, 0);
			return true;
		}
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->rule->does == DO_DROP)
			jump_if(compiler, h, &spot->after);
	return false;
}

static bool
always_stripped(struct compiler *compiler, const struct spot *spot)
{
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->rule->does == DO_STRIP && h->condition == NO_CONDITION) {
			program_op(compiler->program, OP_RULE, h->number, 0);
			return true;
		}
	return false;
}

static int
enter_children(
    struct compiler *compiler, struct spot *spot, const xmlNode *node)
{
	enum room room = markup_room_within(node, NULL);

	insert_all(compiler, spot, DO_PREPEND, room);
	return choose_one(compiler, spot, DO_COPY, DO_DROP_CHILDREN, room,
	    &spot->copied, &spot->filled);
}

/* What there is room for beside a node: where an element or a comment is, text
 * alone cannot be meant. */
static enum room
room_beside(const xmlNode *node)
{
	const xmlNode *parent = node->parent;
	enum room room =
	    parent ? markup_room_within(parent, NULL) : ROOM_MARKUP;

	return room == ROOM_GUARDED || room == ROOM_TABLE ? room : ROOM_MARKUP;
}

static int
enter_spot(struct compiler *compiler, struct spot *spot, const xmlNode *node)
{
	enum room beside = room_beside(node);
	struct label inside = {NULL};
	size_t from;

	insert_all(compiler, spot, DO_BEFORE, beside);
	spot->gone = drop(compiler, spot);
	if (spot->gone)
		return 0;
	if (choose_one(compiler, spot, DO_REPLACE, DO_REPLACE, beside,
		&spot->after, &spot->gone) != 0)
		return -1;
	if (spot->gone)
		return 0;
	if (node->type != XML_ELEMENT_NODE) {
		from = compiler->program->text.len;
		html_write(&compiler->program->text, node);
		program_text(compiler->program, from);
		return 0;
	}
	spot->stripped = always_stripped(compiler, spot);
	if (!spot->stripped) {
		if_stripped(compiler, spot, &inside);
		attributes_open(compiler, spot, node);
		program_land(compiler->program, &inside);
	}
	return enter_children(compiler, spot, node);
}

static void
leave_spot(struct compiler *compiler, struct spot *spot, const xmlNode *node)
{
	struct label outside = {NULL};

	if (!spot->gone && node->type == XML_ELEMENT_NODE) {
		program_land(compiler->program, &spot->copied);
		insert_all(
		    compiler, spot, DO_APPEND, markup_room_within(node, NULL));
		if (!spot->stripped) {
			if (has_kind(spot, DO_STRIP))
				if_stripped(compiler, spot, &outside);
			literal_close(compiler, node);
			program_land(compiler->program, &outside);
		}
	}
	program_land(compiler->program, &spot->after);
	insert_all(compiler, spot, DO_AFTER, room_beside(node));
}

/* ---- the walk ---- */

static void
literal_leaf(struct compiler *compiler, const xmlNode *node)
{
	struct program *program = compiler->program;
	size_t from = program->text.len;

	if (markup_is_text(node))
		markup_write_text(
		    &program->text, node, markup_is_verbatim(node->parent));
	else if (node->type == XML_COMMENT_NODE ||
		 node->type == XML_ENTITY_REF_NODE)
		html_write(&program->text, node);
	program_text(program, from);
}

/* 1: the children are next, then leave(). 0: leave(). -1: err is set. */
static int
enter(struct compiler *compiler, xmlNode *node)
{
	struct spot *spot = node->_private;

	if (spot) {
		if (enter_spot(compiler, spot, node) != 0)
			return -1;
		return node->type == XML_ELEMENT_NODE && !spot->gone &&
		       !spot->filled;
	}
	if (node->type != XML_ELEMENT_NODE) {
		literal_leaf(compiler, node);
		return 0;
	}
	literal_open(compiler, node);
	return 1;
}

static void
leave(struct compiler *compiler, xmlNode *node)
{
	if (node->_private)
		leave_spot(compiler, node->_private, node);
	else if (node->type == XML_ELEMENT_NODE)
		literal_close(compiler, node);
}

static int
walk(struct compiler *compiler, xmlDoc *doc)
{
	xmlNode *node = doc->children;

	while (node) {
		int down = enter(compiler, node);

		if (down < 0)
			return -1;
		if (down && node->children) {
			node = node->children;
			continue;
		}
		leave(compiler, node);
		while (!node->next && node->parent != (xmlNode *)doc) {
			node = node->parent;
			leave(compiler, node);
		}
		node = node->next;
	}
	return 0;
}

CHECKED int
compile_page(struct compiler *compiler, xmlDoc *doc, const char *page_name)
{
	struct program *program = compiler->program;
	size_t from;

	if (mark(compiler, doc, page_name) != 0)
		return -1;
	linting_page(compiler, doc);
	program_here(program);
	from = program->text.len;
	if (compiler->rules->doctype)
		buf_printf(&program->text, "%s\n", compiler->rules->doctype);
	else if (doc->intSubset)
		html_write(&program->text, (const xmlNode *)doc->intSubset);
	program_text(program, from);
	if (walk(compiler, doc) != 0)
		return -1;
	if (program->text.failed)
		return err_set(compiler->err, "the theme is over %d bytes",
		    PROGRAM_TEXT_MAX);
	return 0;
}
