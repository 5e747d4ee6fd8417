/* dom/build_insert.c - nodes for tokens, and where they go: at the end of the
 * current node, or before a table that may not hold them (foster parenting,
 * WHATWG 13.2.6.1) */
#include "dom/build_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Attributes of a second <html> or <body>: so many comparisons with those that
 * are there count as one node (html_max_nodes). */
enum { LOOKS_PER_NODE = 64 };

/* ---- places ---- */

/* The node of an entry; of what is not in the tree, that of its table. */
static xmlNode *
node_of(const struct open *open)
{
	while (!open->node)
		open--;
	return &open->node->x;
}

static void
find_foster(const struct build *build, struct place *place)
{
	uint32_t template = build->top[EL_TEMPLATE];
	uint32_t table = build->top[EL_TABLE];
	xmlNode *node;

	place->foster = true;
	if (template > table) {
		place->parent = node_of(&build->open[template - 1]);
	} else if (!table) {
		place->parent = node_of(build->open);
	} else {
		node = node_of(&build->open[table - 1]);
		place->parent = node->parent;
		place->before = node;
		if (!place->parent) {
			place->parent = node_of(&build->open[table - 2]);
			place->before = NULL;
		}
	}
}

static bool
is_fostering(const struct open *target)
{
	return (target->flags & EL_TABLE_PART) && target->el != EL_TEMPLATE;
}

void
build_place(
    const struct build *build, const struct open *target, struct place *place)
{
	place->before = NULL;
	place->foster = false;
	if (build->foster && is_fostering(target))
		find_foster(build, place);
	else
		place->parent = node_of(target);
}

/* Where the next node goes; what is fostered leaves a gap behind. Out
 * parameters and not a struct that is given back: with every token, that costs
 * more than all the rest of it. */
static inline bool
place_now(struct build *build, xmlNode **parent, xmlNode **before)
{
	struct open *open = build_top(build);
	struct place place;

	*before = NULL;
	if (!build->foster && open->node) {
		*parent = &open->node->x;
		return false;
	}
	build_place(build, open, &place);
	*parent = place.parent;
	*before = place.before;
	if (place.foster)
		open->bits &= (uint8_t)~OPEN_PLAIN;
	return place.foster;
}

static inline void
put(xmlNode *parent, xmlNode *node, xmlNode *before)
{
	if (before) {
		node->extra |= NODE_FOSTERED;
		node_insert(parent, node, before);
		return;
	}
	node->parent = parent;
	node->prev = parent->last;
	if (parent->last)
		parent->last->next = node;
	else
		parent->children = node;
	parent->last = node;
}

/* ---- elements ---- */

static void
put_attributes(struct build *build, xmlNode *node, const struct token *token)
{
	const struct token_attr *attr = token->attrs;
	xmlAttr *last = NULL;

	for (uint32_t i = 0; i < token->attrs_count; i++, attr++)
		last = tree_attribute_after(build->tree, node, last, attr->name,
		    attr->has_value ? attr->value : NULL);
}

static struct node *
make_element(struct build *build, const struct token *token, const char *name)
{
	struct node *node = (struct node *)tree_element(build->tree, name);

	node->from = token->from;
	node->to = node->inner = token->to;
	if (token->plain)
		node->x.extra = NODE_PLAIN_TAG;
	return node;
}

/* "/>" is plain only where it means something. */
static bool
is_misleading(const struct token *token)
{
	return token->self_closing && !(el_names[token->el].flags & EL_VOID);
}

struct node *
build_make(struct build *build, const struct token *token)
{
	struct node *node = make_element(build, token, token->name);

	if (is_misleading(token))
		node->x.extra = 0;
	if (token->attrs_count)
		put_attributes(build, &node->x, token);
	return node;
}

struct node *
build_insert(struct build *build, const struct token *token)
{
	xmlNode *parent, *before;
	struct node *node = build_make(build, token);

	place_now(build, &parent, &before);
	put(parent, &node->x, before);
	build_push(build, node, token->el, token->name, SPACE_HTML);
	return node;
}

static void
make_leaf(struct node *node)
{
	node->inner_end = node->inner;
	if (node->x.extra & NODE_PLAIN_TAG)
		node->x.extra |= NODE_PLAIN;
}

struct node *
build_insert_void(struct build *build, const struct token *token)
{
	xmlNode *parent, *before;
	bool foster = place_now(build, &parent, &before);
	struct node *node = build_make(build, token);

	put(parent, &node->x, before);
	make_leaf(node);
	if (!foster)
		build_advance(
		    build, node->from, node->to, node->x.extra & NODE_PLAIN);
	return node;
}

struct node *
build_insert_implied(struct build *build, enum el el)
{
	xmlNode *parent, *before;
	const char *name = el_names[el].text;
	struct node *node = (struct node *)tree_element(build->tree, name);

	node->x.extra = NODE_IMPLIED;
	place_now(build, &parent, &before);
	put(parent, &node->x, before);
	build_push(build, node, el, name, SPACE_HTML);
	return node;
}

void
build_insert_ghost(struct build *build, enum el el)
{
	const struct open *under = build_top(build);
	uint8_t plain = under->bits & OPEN_PLAIN;
	uint32_t to = under->to;

	if (build->opts.implied) {
		build_insert_implied(build, el);
		return;
	}
	build_push(build, NULL, el, el_names[el].text, SPACE_HTML);
	build_top(build)->bits = plain;
	build_top(build)->to = to;
}

struct node *
build_clone(struct build *build, const struct node *node)
{
	struct node *clone = (struct node *)tree_element(
	    build->tree, (const char *)node->x.name);
	xmlAttr *last = NULL;

	clone->x.extra = NODE_IMPLIED;
	for (const xmlAttr *a = node->x.properties; a; a = a->next)
		last = tree_attribute_after(build->tree, &clone->x, last,
		    (const char *)a->name,
		    a->children ? (const char *)a->children->content : NULL);
	return clone;
}

/* The last one, or where the name is. */
static xmlAttr *
find_attribute(const xmlNode *node, const char *name, bool *found)
{
	xmlAttr *a = node->properties, *last = NULL;

	while (a && strcmp((const char *)a->name, name) != 0) {
		last = a;
		a = a->next;
	}
	*found = a;
	return a ? a : last;
}

/* Each look at an attribute that is there is work, of which a page could ask
 * for a lot with few bytes. */
static void
count_looks(struct build *build, const xmlNode *node, uint32_t wanted)
{
	size_t there = 0;

	for (const xmlAttr *a = node->properties; a; a = a->next)
		there++;
	build->tree->nodes += there * wanted / LOOKS_PER_NODE;
	if (there + wanted > build->opts.attributes)
		build->too_many_attributes = true;
}

void
build_add_attributes(
    struct build *build, struct node *node, const struct token *token)
{
	node->x.extra &= (unsigned short)~NODE_PLAIN_TAG;
	if (token->attrs_count == 0)
		return;
	count_looks(build, &node->x, token->attrs_count);
	for (uint32_t i = 0; i < token->attrs_count; i++) {
		const struct token_attr *attr = &token->attrs[i];
		bool found;
		xmlAttr *last = find_attribute(&node->x, attr->name, &found);

		if (!found)
			tree_attribute_after(build->tree, &node->x, last,
			    attr->name, attr->has_value ? attr->value : NULL);
	}
}

void
build_insert_raw(
    struct build *build, const struct token *token, enum token_state state)
{
	build_insert(build, token);
	token_state(build->tokenizer, state);
	build->original = build->mode;
	build->mode = MODE_TEXT;
}

/* ---- SVG and MathML ---- */

static void
put_foreign_attributes(struct build *build, xmlNode *node,
    const struct token *token, enum space space)
{
	const struct token_attr *attr = token->attrs;
	xmlAttr *last = NULL;

	for (uint32_t i = 0; i < token->attrs_count; i++, attr++) {
		const char *name = attr->name;

		if (attr->known)
			name = space == SPACE_SVG ? attr_of_svg(name)
						  : attr_of_mathml(name);
		last = tree_attribute_after(build->tree, node, last, name,
		    attr->has_value ? attr->value : NULL);
	}
}

static bool
is_encoding_of_html(const struct token *token)
{
	for (uint32_t i = 0; i < token->attrs_count; i++)
		if (strcmp(token->attrs[i].name, "encoding") == 0)
			return strcasecmp(token->attrs[i].value, "text/html") ==
				   0 ||
			       strcasecmp(token->attrs[i].value,
				   "application/xhtml+xml") == 0;
	return false;
}

struct node *
build_insert_foreign(
    struct build *build, const struct token *token, enum space space)
{
	xmlNode *parent, *before;
	bool foster = place_now(build, &parent, &before);
	const char *name = space == SPACE_SVG && token->el != EL_NONE
			       ? el_names[token->el].svg
			       : token->name;
	struct node *node = make_element(build, token, name);

	put_foreign_attributes(build, &node->x, token, space);
	node->x.extra |= space == SPACE_SVG ? NODE_SVG : NODE_MATHML;
	build->tree->drawn_form |= token->el == EL_FORM;
	put(parent, &node->x, before);
	if (token->self_closing) {
		make_leaf(node);
		if (!foster)
			build_advance(build, node->from, node->to,
			    node->x.extra & NODE_PLAIN);
		return node;
	}
	build_push(build, node, token->el, token->name, space);
	if (space == SPACE_MATHML && token->el == EL_ANNOTATION_XML &&
	    is_encoding_of_html(token))
		build_top(build)->bits |= OPEN_HOLDS_HTML;
	return node;
}

/* ---- text and comments ---- */

enum { LONG_TEXT = 256 << 10 };

/* Whether the bytes behind the text that grows are nobody's up to where the
 * token's begin. */
static bool
may_grow(
    const struct build *build, const struct node *to, const struct token *token)
{
	return to == build->growing && token->in_place &&
	       build->dead_to == build->from;
}

static void
free_room(void *room)
{
	free(*(char **)room);
}

/* A long text grows in memory of its own, which the kernel moves without a
 * copy; in the arena, all that it was in would stay. */
static char *
long_room(struct build *build, const struct node *to, size_t size)
{
	if (!build->long_room ||
	    (const char *)to->x.content != *build->long_room) {
		build->long_room =
		    arena_get(build->tree->arena, sizeof(*build->long_room));
		*build->long_room = mem_resize(NULL, size);
		memcpy(*build->long_room, to->x.content, to->inner);
		arena_keep(build->tree->arena, free_room, build->long_room);
	} else {
		*build->long_room = mem_resize(*build->long_room, size);
	}
	return *build->long_room;
}

/* To a room of its own, twice as big as it is. */
static void
move_text(struct build *build, struct node *to, size_t more)
{
	size_t room = 2 * (to->inner + more) + 32;
	char *text;

	if (room > LONG_TEXT) {
		room = to->inner + to->inner / 2 + more + 32;
		text = long_room(build, to, room);
	} else {
		text = arena_room(build->tree->arena, room);
		memcpy(text, to->x.content, to->inner);
	}
	to->x.content = (xmlChar *)text;
	to->inner_end = (uint32_t)room;
	if (build->growing == to)
		build->growing = NULL;
}

void
build_append_text(
    struct build *build, struct node *to, const struct token *token)
{
	size_t len = to->inner + token->len;

	if (may_grow(build, to, token)) {
		build->dead_to = build->to;
		memmove(to->x.content + to->inner, token->text, token->len);
	} else {
		if (len >= to->inner_end)
			move_text(build, to, token->len);
		memcpy(to->x.content + to->inner, token->text, token->len);
	}
	to->x.content[len] = '\0';
	to->inner = (uint32_t)len;
	if (!token->plain || to->to != token->from || build->dropped_newline)
		to->x.extra &= (unsigned short)~NODE_PLAIN;
	to->to = token->to;
}

/* A page could ask for one text after the other that all become one. */
static struct node *
new_text(struct build *build, char *text)
{
	struct node *node = build->spare;

	if (!node)
		return (struct node *)tree_text(build->tree, text);
	build->spare = NULL;
	build->tree->nodes++;
	node->x.content = (xmlChar *)text;
	node->x.extra = 0;
	node->inner_end = 0;
	return node;
}

struct node *
build_make_text(struct build *build, const struct token *token)
{
	struct node *node = new_text(build, token->text);

	node->from = token->from;
	node->to = token->to;
	node->inner = token->len;
	if (token->plain && !build->dropped_newline)
		node->x.extra = NODE_PLAIN;
	if (token->in_place) {
		build->growing = node;
		build->dead_to = build->to;
	}
	return node;
}

static inline struct node *
text_before(const xmlNode *parent, const xmlNode *before)
{
	xmlNode *prev = before ? before->prev : parent->last;

	return prev && prev->type == XML_TEXT_NODE ? (struct node *)prev : NULL;
}

void
build_insert_text(struct build *build, const struct token *token)
{
	xmlNode *parent, *before;
	bool foster = place_now(build, &parent, &before);
	struct node *text = text_before(parent, before);

	if (text) {
		build_append_text(build, text, token);
	} else {
		text = build_make_text(build, token);
		put(parent, &text->x, before);
	}
	if (!foster)
		build_advance(build, token->from, token->to, token->plain);
}

void
build_link_text(struct build *build, struct node *text)
{
	xmlNode *parent, *before;
	bool foster = place_now(build, &parent, &before);
	struct node *there = text_before(parent, before);
	bool plain = text->x.extra & NODE_PLAIN;
	struct token as = {
	    .kind = TOKEN_TEXT,
	    .from = text->from,
	    .to = text->to,
	    .plain = plain,
	    .text = (char *)text->x.content,
	    .len = text->inner,
	};

	if (there) {
		build_append_text(build, there, &as);
		build->tree->nodes--;
		build->spare = text;
		if (build->growing == text)
			build->growing = NULL;
	} else {
		put(parent, &text->x, before);
	}
	if (!foster)
		build_advance(build, text->from, text->to, plain);
}

void
build_insert_comment(
    struct build *build, xmlNode *parent, const struct token *token)
{
	struct node *node =
	    (struct node *)tree_comment(build->tree, token->text);
	bool is_here = !parent, foster = false;
	xmlNode *before = NULL;

	if (is_here)
		foster = place_now(build, &parent, &before);
	node->from = token->from;
	node->to = token->to;
	if (token->plain)
		node->x.extra = NODE_PLAIN;
	put(parent, &node->x, before);
	if (is_here && !foster)
		build_advance(build, token->from, token->to, token->plain);
}
