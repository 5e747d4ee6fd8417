/* dom/build_stack.c - the stack of open elements and its scopes */
#include "dom/build_inside.h"

#include <string.h>

#include "base/mem.h"

/* ---- names ---- */

/* The seed is where the parser lies: nobody outside can choose names that all
 * fall into one slot. */
static uint32_t
slot_of_unknown(const struct build *build, const char *name, bool foreign)
{
	uint32_t hash = (uint32_t)((uintptr_t)build >> 4) | 1;

	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		hash = (hash ^ *p) * 0x9E3779B1u;
	hash = (hash >> 16) & (SLOTS_UNKNOWN - 1);
	return SLOT_UNKNOWN + (foreign ? SLOTS_UNKNOWN : 0) + hash;
}

static uint32_t
slot_of(const struct build *build, enum el el, const char *name, bool foreign)
{
	if (el == EL_NONE)
		return slot_of_unknown(build, name, foreign);
	return foreign ? SLOT_FOREIGN + (uint32_t)el : (uint32_t)el;
}

/* ---- what the walks of the standard look for ---- */

static void
link_open(struct build *build, size_t index)
{
	struct open *open = &build->open[index];
	const struct open *under = index ? open - 1 : NULL;
	uint32_t here = (uint32_t)index + 1;
	bool special = open->flags & EL_SPECIAL;
	bool is_html = open->space == SPACE_HTML;
	bool passed = is_html && (open->el == EL_ADDRESS ||
				     open->el == EL_DIV || open->el == EL_P);

	open->below = build->top[open->slot];
	build->top[open->slot] = here;
	open->scope = !under || (open->flags & EL_SCOPE) ? here : under->scope;
	open->special = !under || special ? here : under->special;
	open->wall = !under || (special && !passed) ? here : under->wall;
	open->html = !under || is_html ? here : under->html;
}

void
build_unlink_from(struct build *build, size_t index)
{
	for (size_t i = build->count; i-- > index;)
		build->top[build->open[i].slot] = build->open[i].below;
}

void
build_link_from(struct build *build, size_t index)
{
	for (size_t i = index; i < build->count; i++)
		link_open(build, i);
}

/* ---- pushing and popping ---- */

static struct open *
open_room(struct build *build)
{
	if (build->count == build->room) {
		build->room = build->room ? build->room * 2 : 64;
		build->open =
		    mem_resize(build->open, build->room * sizeof(*build->open));
	}
	return &build->open[build->count++];
}

/* Foreign elements that stand in the lists of special ones and of scopes. */
static void
mark_foreign(struct open *open)
{
	static const uint16_t both = EL_SPECIAL | EL_SCOPE;

	switch (open->el) {
	case EL_FOREIGNOBJECT:
	case EL_DESC:
	case EL_TITLE:
		if (open->space == SPACE_SVG) {
			open->flags = both;
			open->bits |= OPEN_HOLDS_HTML;
		}
		break;
	case EL_MI:
	case EL_MN:
	case EL_MO:
	case EL_MS:
	case EL_MTEXT:
		if (open->space == SPACE_MATHML) {
			open->flags = both;
			open->bits |= OPEN_HOLDS_TEXT;
		}
		break;
	case EL_ANNOTATION_XML:
		if (open->space == SPACE_MATHML)
			open->flags = both;
		break;
	default:
		break;
	}
}

void
build_push(struct build *build, struct node *node, enum el el, const char *name,
    enum space space)
{
	struct open *open = open_room(build);

	open->node = node;
	open->name = name;
	open->el = (uint16_t)el;
	open->space = (uint8_t)space;
	open->bits = 0;
	if (space == SPACE_HTML) {
		open->flags = el_names[el].flags;
	} else {
		open->flags = 0;
		mark_foreign(open);
	}
	open->slot = slot_of(build, el, name, space != SPACE_HTML);
	open->to = 0;
	if (node) {
		node->x.extra |= NODE_OPEN;
		if (el == EL_SCRIPT)
			node->x.extra |= NODE_UNENDED; /* so far */
		open->to = node->inner;
		if (node->x.extra & NODE_PLAIN_TAG)
			open->bits |= OPEN_PLAIN;
	}
	link_open(build, build->count - 1);
	build->pushed = node;
}

void
build_advance(struct build *build, uint32_t from, uint32_t to, bool plain)
{
	struct open *open = build_top(build);

	if (plain && (open->bits & OPEN_PLAIN) && open->to == from)
		open->to = to;
	else
		open->bits &= (uint8_t)~OPEN_PLAIN;
}

/* It is closed: what the element below it may say of itself now. */
static void
settle(struct build *build, const struct open *open, bool own)
{
	struct node *node = open->node;
	bool plain =
	    own && (open->bits & OPEN_PLAIN) && open->to == build->from;

	if (node->inner && build->opts.spans) {
		if (!node->inner_end) /* not by </body> */
			node->inner_end = build->from;
		node->to = own ? build->to : build->from;
	}
	if (plain)
		node->x.extra |= NODE_PLAIN;
	if (build->count)
		build_advance(build, node->from, node->to, plain);
	if (open->el == EL_OPTION && build->has_selectedcontent &&
	    open->space == SPACE_HTML)
		build_option_closed(build, node);
}

void
build_pop(struct build *build, bool own)
{
	struct open *open = build_top(build);

	must(build->count > 0);
	build->count--;
	build->top[open->slot] = open->below;
	if (open->node) {
		open->node->x.extra &= (unsigned short)~NODE_OPEN;
		settle(build, open, own);
	} else if (build->count) {
		/* what it holds is the table's */
		build_top(build)->bits &= open->bits | (uint8_t)~OPEN_PLAIN;
		build_top(build)->to = open->to;
	}
}

void
build_pop_to(struct build *build, size_t index, bool own)
{
	while (build->count > index + 1)
		build_pop(build, false);
	build_pop(build, own);
}

void
build_pop_until(struct build *build, enum el el, const struct token *token)
{
	must(build->top[el]);
	build_pop_to(build, build->top[el] - 1,
	    token && token->kind == TOKEN_STOP && token->el == el &&
		token->plain);
}

/* ---- in the middle ---- */

void
build_remove_open(struct build *build, size_t index)
{
	struct open *open = &build->open[index];

	build_unlink_from(build, index);
	if (open->node)
		open->node->x.extra &= (unsigned short)~NODE_OPEN;
	build->count--;
	memmove(open, open + 1, (build->count - index) * sizeof(*open));
	build_link_from(build, index);
}

size_t
build_find_node(const struct build *build, const struct node *node)
{
	for (size_t i = build->count; i > 0; i--)
		if (build->open[i - 1].node == node)
			return i;
	return 0;
}

size_t
build_find_name(const struct build *build, const struct token *token,
    bool foreign, size_t until)
{
	size_t at = build->top[slot_of(build, token->el, token->name, foreign)];

	while (token->el == EL_NONE && at >= until && at > 0 &&
	       strcmp(build->open[at - 1].name, token->name) != 0)
		at = build->open[at - 1].below;
	return at >= until ? at : 0;
}

/* ---- implied end tags ---- */

void
build_generate_implied(struct build *build, enum el except)
{
	while ((build_top(build)->flags & EL_IMPLIED_END) &&
	       build_top(build)->el != except)
		build_pop(build, false);
}

void
build_generate_implied_thoroughly(struct build *build)
{
	while (build_top(build)->flags & (EL_IMPLIED_END | EL_THOROUGH_END))
		build_pop(build, false);
}
