/* dom/build_active.c - the list of active formatting elements: Noah's Ark,
 * reconstruction, and the adoption agency (WHATWG 13.2.4.3, 13.2.6.4.7)
 *
 * All entries behind the last marker were open when the newest of them came,
 * so there are never more of them than elements may be open (html_max_depth):
 * a walk back to the marker has that bound. */
#include "dom/build_inside.h"

#include <string.h>

#include "base/mem.h"

enum {
	ARK_FAMILY = 3,
	/* More attributes than that are compared only in their order. */
	ARK_ATTRIBUTES = 32,
	OUTER_LOOPS = 8,
	INNER_KEPT = 3
};

/* ---- the list ---- */

static struct active *
active_room(struct build *build)
{
	if (build->active_count == build->active_room) {
		build->active_room =
		    build->active_room ? build->active_room * 2 : 32;
		build->active = mem_resize(
		    build->active, build->active_room * sizeof(*build->active));
	}
	return &build->active[build->active_count++];
}

static void
forget(struct build *build, struct active *active)
{
	if (!active->node)
		return;
	active->node->x.extra &= (unsigned short)~NODE_ACTIVE;
	build->active_of[active->el]--;
}

static void
remove_at(struct build *build, size_t at)
{
	struct active *active = &build->active[at];

	forget(build, active);
	build->active_count--;
	memmove(
	    active, active + 1, (build->active_count - at) * sizeof(*active));
}

static void
insert_at(struct build *build, size_t at, struct node *node,
    const struct active *like)
{
	struct active made = {node, like->attrs, like->hash, like->el};

	active_room(build);
	memmove(&build->active[at + 1], &build->active[at],
	    (build->active_count - 1 - at) * sizeof(made));
	build->active[at] = made;
	node->x.extra |= NODE_ACTIVE;
	build->active_of[made.el]++;
}

/* From 1; 0: not there. */
static size_t
position(const struct build *build, const struct node *node)
{
	if (!(node->x.extra & NODE_ACTIVE))
		return 0;
	for (size_t i = build->active_count; i > 0; i--)
		if (build->active[i - 1].node == node)
			return i;
	return 0;
}

void
build_active_marker(struct build *build)
{
	memset(active_room(build), 0, sizeof(struct active));
}

void
build_active_clear(struct build *build)
{
	while (build->active_count > 0) {
		struct active *last = &build->active[--build->active_count];

		if (!last->node)
			return;
		forget(build, last);
	}
}

void
build_active_remove(struct build *build, struct node *node)
{
	size_t at = position(build, node);

	if (at)
		remove_at(build, at - 1);
}

struct node *
build_active_find(const struct build *build, enum el el)
{
	if (build->active_of[el] == 0)
		return NULL;
	for (size_t i = build->active_count; i > 0; i--) {
		const struct active *active = &build->active[i - 1];

		if (!active->node)
			return NULL;
		if (active->el == el)
			return active->node;
	}
	return NULL;
}

/* ---- Noah's Ark ---- */

static bool
is_same_attribute(const xmlAttr *a, const xmlAttr *b)
{
	const char *x = a->children ? (char *)a->children->content : "";
	const char *y = b->children ? (char *)b->children->content : "";

	return strcmp((const char *)a->name, (const char *)b->name) == 0 &&
	       strcmp(x, y) == 0;
}

static bool
has_attribute(const xmlAttr *list, const xmlAttr *one)
{
	for (; list; list = list->next)
		if (is_same_attribute(list, one))
			return true;
	return false;
}

static uint32_t
hash_of(uint32_t hash, const xmlChar *text)
{
	while (*text)
		hash = (hash ^ *text++) * 0x9E3779B1u;
	return hash ^ hash >> 15;
}

/* Only elements that meet many of their name are ever hashed. */
static uint32_t
attributes_hash(struct active *active)
{
	const xmlAttr *a = active->node->x.properties;

	if (active->hash)
		return active->hash;
	for (active->hash = 1; a; a = a->next)
		active->hash += hash_of(hash_of(1, a->name),
		    a->children ? a->children->content : BAD_CAST "");
	if (!active->hash)
		active->hash = 1;
	return active->hash;
}

/* They have as many attributes. */
static bool
is_same(const struct node *one, const struct node *other, uint32_t attrs)
{
	const xmlAttr *a = one->x.properties, *b = other->x.properties;

	while (a && is_same_attribute(a, b)) {
		a = a->next;
		b = b->next;
	}
	if (!a)
		return true;
	if (attrs > ARK_ATTRIBUTES)
		return false;
	for (; a; a = a->next)
		if (!has_attribute(b, a))
			return false;
	return true;
}

static void
make_room_in_ark(struct build *build, struct active *who)
{
	size_t found = 0, at = build->active_count, earliest = 0;

	if (build->active_of[who->el] < ARK_FAMILY)
		return;
	while (at > 0 && build->active[at - 1].node) {
		struct active *active = &build->active[--at];

		if (active->el != who->el || active->attrs != who->attrs ||
		    attributes_hash(active) != attributes_hash(who) ||
		    !is_same(active->node, who->node, who->attrs))
			continue;
		earliest = at;
		if (++found == ARK_FAMILY)
			break;
	}
	if (found == ARK_FAMILY)
		remove_at(build, earliest);
}

void
build_active_push(struct build *build, struct node *node, enum el el)
{
	struct active made = {node, 0, 0, (uint16_t)el};

	for (const xmlAttr *a = node->x.properties; a; a = a->next)
		made.attrs++;
	make_room_in_ark(build, &made);
	insert_at(build, build->active_count, node, &made);
}

/* ---- reconstruction ---- */

static bool
is_done(const struct active *active)
{
	return !active->node || (active->node->x.extra & NODE_OPEN);
}

static struct node *
put_clone(struct build *build, struct active *active)
{
	struct node *clone = build_clone(build, active->node);

	active->node->x.extra &= (unsigned short)~NODE_ACTIVE;
	clone->x.extra |= NODE_ACTIVE;
	active->node = clone;
	return clone;
}

void
build_reconstruct(struct build *build)
{
	size_t at = build->active_count;
	struct place place;

	while (at > 0 && !is_done(&build->active[at - 1]))
		at--;
	for (; at < build->active_count; at++) {
		struct active *active = &build->active[at];
		struct node *clone = put_clone(build, active);

		build_place(build, build_top(build), &place);
		if (place.foster)
			build_advance(build, 0, 0, false);
		if (place.before)
			clone->x.extra |= NODE_FOSTERED;
		node_insert(place.parent, &clone->x, place.before);
		build_push(build, clone, active->el, el_names[active->el].text,
		    SPACE_HTML);
	}
}

/* ---- the adoption agency ---- */

struct agency {
	struct node *formatting;
	size_t at;	 /* its index in the stack */
	size_t furthest; /* that of the furthest block */
	size_t bookmark; /* in the list */
};

static size_t
furthest_block(const struct build *build, size_t formatting)
{
	for (size_t i = formatting + 1; i < build->count; i++)
		if (build->open[i].flags & EL_SPECIAL)
			return i;
	return 0;
}

/* The stack's entry gets another node of the same name. */
static void
replace_open(struct open *open, struct node *node)
{
	open->node->x.extra &= (unsigned short)~NODE_OPEN;
	node->x.extra |= NODE_OPEN;
	open->node = node;
}

static void
drop_open(struct build *build, struct agency *agency, size_t index)
{
	struct open *open = &build->open[index];

	open->node->x.extra &= (unsigned short)~NODE_OPEN;
	build->count--;
	memmove(open, open + 1, (build->count - index) * sizeof(*open));
	agency->furthest--;
}

static void
drop_active(struct build *build, struct agency *agency, size_t at)
{
	remove_at(build, at);
	if (at < agency->bookmark)
		agency->bookmark--;
}

/* The elements between the furthest block and the formatting element: at most
 * three of them are cloned, the others leave. Gives the topmost of what was
 * made, which is nowhere. The stack is unlinked meanwhile. */
static struct node *
climb(struct build *build, struct agency *agency)
{
	struct node *last = build->open[agency->furthest].node;
	size_t looked = 0;

	for (size_t i = agency->furthest; --i > agency->at;) {
		struct open *open = &build->open[i];
		size_t at = position(build, open->node);

		if (++looked > INNER_KEPT && at) {
			drop_active(build, agency, at - 1);
			at = 0;
		}
		if (!at) {
			drop_open(build, agency, i);
			continue;
		}
		replace_open(open, put_clone(build, &build->active[at - 1]));
		if (i + 1 == agency->furthest)
			agency->bookmark = at;
		node_unlink(&last->x);
		node_insert(&open->node->x, &last->x, NULL);
		last = open->node;
	}
	return last;
}

static void
move_children(xmlNode *to, xmlNode *from)
{
	for (xmlNode *child = from->children; child; child = child->next)
		child->parent = to;
	to->children = from->children;
	to->last = from->last;
	from->children = from->last = NULL;
}

/* A clone of the formatting element takes all that the furthest block has. */
static void
adopt_children(struct build *build, struct agency *agency)
{
	struct node *block = build->open[agency->furthest].node;
	struct node *clone = build_clone(build, agency->formatting);
	struct open entry = build->open[agency->at];
	size_t at = position(build, agency->formatting) - 1;

	move_children(&clone->x, &block->x);
	node_insert(&block->x, &clone->x, NULL);
	insert_at(build, agency->bookmark, clone, &build->active[at]);
	remove_at(build, at >= agency->bookmark ? at + 1 : at);
	agency->formatting->x.extra &= (unsigned short)~NODE_OPEN;
	memmove(&build->open[agency->at], &build->open[agency->at + 1],
	    (agency->furthest - agency->at) * sizeof(entry));
	clone->x.extra |= NODE_OPEN;
	entry.node = clone;
	build->open[agency->furthest] = entry;
}

static void
adopt_block(struct build *build, struct agency *agency)
{
	struct place place;
	struct node *last;

	for (size_t i = agency->at - 1; i < build->count; i++)
		build->open[i].bits &= (uint8_t)~OPEN_PLAIN;
	/* the place needs the stack as it is: only tables below count */
	build_place(build, &build->open[agency->at - 1], &place);
	build_unlink_from(build, agency->at);
	agency->bookmark = position(build, agency->formatting);
	last = climb(build, agency);
	node_unlink(&last->x);
	last->x.extra &= (unsigned short)~NODE_FOSTERED;
	if (place.before)
		last->x.extra |= NODE_FOSTERED;
	node_insert(place.parent, &last->x, place.before);
	adopt_children(build, agency);
	build_link_from(build, agency->at);
}

/* It is not to be adopted from: close it. */
static void
close_formatting(struct build *build, const struct agency *agency, bool own)
{
	build_pop_to(build, agency->at, own);
	build_active_remove(build, agency->formatting);
}

/* One outer loop; true: there may be another one. */
static bool
adopt_once(struct build *build, struct agency *agency, bool plain)
{
	size_t found = build_find_node(build, agency->formatting);

	if (!found) {
		build_active_remove(build, agency->formatting);
		return false;
	}
	if (found < build_top(build)->scope)
		return false;
	agency->at = found - 1;
	agency->furthest = furthest_block(build, agency->at);
	if (agency->furthest) {
		adopt_block(build, agency);
		return true;
	}
	close_formatting(build, agency, plain);
	return false;
}

bool
build_adopt(struct build *build, const struct token *token)
{
	bool plain = token->kind == TOKEN_STOP && token->plain;
	struct agency agency;

	if (build_is_top(build, token->el) &&
	    !(build_top(build)->node->x.extra & NODE_ACTIVE)) {
		build_pop(build, plain);
		return true;
	}
	for (int i = 0; i < OUTER_LOOPS; i++) {
		agency.formatting = build_active_find(build, token->el);
		if (!agency.formatting)
			return false;
		if (!adopt_once(build, &agency, plain))
			return true;
	}
	return true;
}
