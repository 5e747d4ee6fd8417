/* theme/linting.c - which rules can run at the nodes of a theme page (contract:
 * theme/linting.h)
 *
 * The order of compile.c is looked at once more: what drops or replaces an
 * element without a condition leaves nothing to those that come later, and
 * nothing inside of it. */
#include "theme/linting.h"

#include "theme/markup.h"
#include "theme/spot.h"

enum { NOBODY = UINT32_MAX };

static bool
is_about_attributes(enum does does)
{
	return does == DO_DROP_ATTRS || does == DO_COPY_ATTRS ||
	       does == DO_MERGE_ATTRS;
}

static bool
fills(enum does does)
{
	return does == DO_COPY || does == DO_DROP_CHILDREN;
}

/* Whether other, at the same node, leaves nothing to hit. */
static bool
is_before(const struct hit *other, const struct hit *hit, bool is_earlier)
{
	enum does does = hit->rule->does, its = other->rule->does;

	if (does == DO_BEFORE || does == DO_AFTER)
		return false;
	if (other->condition != NO_CONDITION)
		return is_earlier && other->condition == hit->condition &&
		       ((its == DO_REPLACE && does == its) ||
			   (fills(its) && fills(does)));
	switch (its) {
	case DO_DROP:
		return does != DO_DROP || is_earlier;
	case DO_REPLACE:
		return does != DO_DROP && does != DO_REPLACE;
	case DO_STRIP:
		return is_about_attributes(does) ||
		       (does == DO_STRIP && is_earlier);
	default:
		return false;
	}
}

static uint32_t
who_is_before(const struct spot *spot, const struct hit *hit)
{
	bool is_earlier = true;

	for (const struct hit *h = spot->hits; h; h = h->next) {
		if (h == hit)
			is_earlier = false;
		else if (is_before(h, hit, is_earlier))
			return h->number;
	}
	return NOBODY;
}

/* The rule that leaves nothing of what is inside the node, or NOBODY. */
static uint32_t
who_covers(const struct spot *spot)
{
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->condition == NO_CONDITION &&
		    (h->rule->does == DO_DROP || h->rule->does == DO_REPLACE ||
			fills(h->rule->does)))
			return h->number;
	return NOBODY;
}

static void
judge(struct compiler *compiler, const struct spot *spot, uint32_t cover)
{
	for (const struct hit *h = spot->hits; h; h = h->next) {
		struct shade *shade = &compiler->program->shades[h->number];
		uint32_t by = cover != NOBODY ? cover : who_is_before(spot, h);

		shade->is_hit = true;
		if (by == NOBODY)
			shade->is_free = true;
		else
			shade->by = by;
	}
}

void
linting_page(struct compiler *compiler, xmlDoc *doc)
{
	const xmlNode *until = NULL;
	uint32_t cover = NOBODY;

	for (xmlNode *n = doc->children; n; n = markup_following(n)) {
		const struct spot *spot = n->_private;

		if (cover != NOBODY && n == until)
			cover = NOBODY;
		if (!spot)
			continue;
		judge(compiler, spot, cover);
		if (cover != NOBODY)
			continue;
		cover = who_covers(spot);
		until = markup_past(n);
	}
}
