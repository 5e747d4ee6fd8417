/* dom/said.c - whether markup says a tree (contract: dom/said.h)
 *
 * What is open around an element goes down the tree as bits: of each kind that
 * a start tag looks for, as far as it looks (WHATWG 13.2.4.2: a scope; a button
 * scope for p; a marker among the active formatting elements for links). */
#include "dom/said.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "dom/names.h"
#include "dom/node.h"

enum open_kind {
	OPEN_P = 1,
	OPEN_LINK = 2,
	OPEN_NOBR = 4,
	OPEN_BUTTON = 8,
	OPEN_LI = 16,
	OPEN_DD = 32,
	OPEN_SELECT = 64,
	OPEN_RUBY = 128,
	/* of the parent alone */
	IN_HEADING = 256,
	IN_OPTION = 512,
	IN_OPTGROUP = 1024,
	IN_RTC = 2048,
	IN_IMPLIED = 4096, /* needs no end tag, as those and others */
	IN_PARENT = IN_HEADING | IN_OPTION | IN_OPTGROUP | IN_RTC | IN_IMPLIED,
	OPEN_ITEMS = OPEN_LI | OPEN_DD,
	/* what a scope does not let through */
	OPEN_SCOPED = OPEN_P | OPEN_NOBR | OPEN_BUTTON | OPEN_ITEMS |
		      OPEN_SELECT | OPEN_RUBY,
};

static enum el
el_of(const xmlNode *node)
{
	return el_find(
	    (const char *)node->name, strlen((const char *)node->name));
}

/* ---- what a start tag ends ---- */

/* Blocks do; but not all that is special is a block, nor each block special. */
static bool
ends_p(enum el el, bool quirks)
{
	switch (el) {
	case EL_APPLET:
	case EL_BUTTON:
	case EL_IFRAME:
	case EL_MARQUEE:
	case EL_NOEMBED:
	case EL_NOFRAMES:
	case EL_NOSCRIPT:
	case EL_OBJECT:
	case EL_SCRIPT:
	case EL_SELECT:
	case EL_STYLE:
	case EL_TEMPLATE:
	case EL_TEXTAREA:
	case EL_TITLE:
		return false;
	case EL_TABLE:
		return !quirks;
	case EL_DIALOG:
	case EL_HR:
		return true;
	default:
		return (el_names[el].flags & (EL_SPECIAL | EL_VOID)) ==
		       EL_SPECIAL;
	}
}

/* The elements around of which one ends for this start tag. */
static unsigned
ended_by_name(enum el el)
{
	switch (el) {
	case EL_A:
		return OPEN_LINK;
	case EL_NOBR:
		return OPEN_NOBR;
	case EL_BUTTON:
		return OPEN_BUTTON;
	case EL_LI:
		return OPEN_LI;
	case EL_DD:
	case EL_DT:
		return OPEN_DD;
	case EL_INPUT:
	case EL_SELECT:
		return OPEN_SELECT;
	default:
		return el_names[el].flags & EL_HEADING ? IN_HEADING : 0;
	}
}

static bool
is_implied_away(unsigned open, unsigned but)
{
	return open & IN_IMPLIED && !(open & but);
}

/* What needs no end tag may end where one of these begins. */
static bool
ends_parent(enum el el, unsigned open)
{
	switch (el) {
	case EL_OPTION:
		return open & OPEN_SELECT ? is_implied_away(open, IN_OPTGROUP)
					  : open & IN_OPTION;
	case EL_OPTGROUP:
		return open & OPEN_SELECT ? is_implied_away(open, 0)
					  : open & IN_OPTION;
	case EL_HR:
		return open & OPEN_SELECT && is_implied_away(open, 0);
	case EL_RB:
	case EL_RTC:
		return open & OPEN_RUBY && is_implied_away(open, 0);
	case EL_RP:
	case EL_RT:
		return open & OPEN_RUBY && is_implied_away(open, IN_RTC);
	default:
		return false;
	}
}

static bool
ends_something(enum el el, unsigned open, bool quirks)
{
	if (open & OPEN_P && ends_p(el, quirks))
		return true;
	return open & ended_by_name(el) || ends_parent(el, open);
}

/* ---- what is open in an element ---- */

static unsigned
kept_out(enum el el)
{
	unsigned out = IN_PARENT;

	if (el_names[el].flags & EL_SCOPE)
		out |= OPEN_SCOPED;
	if (el_names[el].flags & EL_SPECIAL && el != EL_ADDRESS &&
	    el != EL_DIV && el != EL_P)
		out |= OPEN_ITEMS;
	switch (el) {
	case EL_APPLET:
	case EL_CAPTION:
	case EL_MARQUEE:
	case EL_OBJECT:
	case EL_TD:
	case EL_TH:
		return out | OPEN_LINK;
	case EL_BUTTON:
		return out | OPEN_P;
	default:
		return out;
	}
}

static unsigned
opened_by(enum el el)
{
	switch (el) {
	case EL_A:
		return OPEN_LINK;
	case EL_NOBR:
		return OPEN_NOBR;
	case EL_BUTTON:
		return OPEN_BUTTON;
	case EL_LI:
		return OPEN_LI | IN_IMPLIED;
	case EL_DD:
	case EL_DT:
		return OPEN_DD | IN_IMPLIED;
	case EL_OPTGROUP:
		return IN_OPTGROUP | IN_IMPLIED;
	case EL_OPTION:
		return IN_OPTION | IN_IMPLIED;
	case EL_P:
		return OPEN_P | IN_IMPLIED;
	case EL_RB:
	case EL_RP:
	case EL_RT:
		return IN_IMPLIED;
	case EL_RTC:
		return IN_RTC | IN_IMPLIED;
	case EL_RUBY:
		return OPEN_RUBY;
	case EL_SELECT:
		return OPEN_SELECT;
	default:
		return el_names[el].flags & EL_HEADING ? IN_HEADING : 0;
	}
}

/* HTML is in none of SVG and MathML that ends no scope. */
static unsigned
open_in(const xmlNode *node, enum el el, unsigned open)
{
	if (node->extra & NODE_FOREIGN)
		return open & ~(unsigned)(IN_PARENT | OPEN_SCOPED);
	return (open & ~kept_out(el)) | opened_by(el);
}

/* ---- the walk ---- */

struct walk {
	uint16_t *open; /* of each element around */
	size_t depth, room;
	bool quirks;
};

static void
go_in(struct walk *walk, unsigned open)
{
	if (walk->depth == walk->room) {
		walk->room = 2 * walk->room + 32;
		walk->open =
		    mem_resize(walk->open, walk->room * sizeof(*walk->open));
	}
	walk->open[walk->depth++] = (uint16_t)open;
}

static bool
is_template(const xmlNode *node, enum el el)
{
	return el == EL_TEMPLATE && !(node->extra & NODE_FOREIGN);
}

/* True if the element ends nothing; then *in: what is in it is to be looked at,
 * too. */
static bool
look_at(struct walk *walk, const xmlNode *node, bool *in)
{
	unsigned open = walk->depth ? walk->open[walk->depth - 1] : 0;
	enum el el = el_of(node);

	if (!(node->extra & NODE_FOREIGN) &&
	    ends_something(el, open, walk->quirks))
		return false;
	*in = node->children && !is_template(node, el);
	if (*in)
		go_in(walk, open_in(node, el, open));
	return true;
}

static bool
look_at_all(struct walk *walk, const xmlNode *page)
{
	const xmlNode *node = page->children;

	while (node) {
		bool in = false;

		if (node->type == XML_ELEMENT_NODE && !look_at(walk, node, &in))
			return false;
		if (in) {
			node = node->children;
			continue;
		}
		while (!node->next) {
			node = node->parent;
			if (node == page)
				return true;
			walk->depth--;
		}
		node = node->next;
	}
	return true;
}

bool
said_is_page(const xmlNode *page, bool quirks)
{
	struct walk walk = {.quirks = quirks};
	bool is_said = look_at_all(&walk, page);

	mem_free(&walk.open);
	return is_said;
}
