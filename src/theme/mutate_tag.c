/* theme/mutate_tag.c - actions on attributes and tags (contract: theme/work.h)
 */
#include <string.h>

#include "dom/html.h"
#include "dom/node.h"
#include "theme/markup.h"
#include "theme/work.h"

/* ---- attributes ---- */

static bool
is_named(const struct work *work, const xmlAttr *attribute)
{
	const struct words *a = &work->theme.by->names;
	const struct words *b = &work->found.by->names;
	const char *name = (const char *)attribute->name;

	if (a->count == 0 && b->count == 0)
		return true;
	return words_have(a, name) || words_have(b, name);
}

void
work_drop_attributes(xmlNode *element, const struct words *names)
{
	for (xmlAttr *a = element->properties, *next; a; a = next) {
		next = a->next;
		if (selection_names(names, (const char *)a->name))
			xmlRemoveProp(a);
	}
}

/* What the manual promises of classes: those of both. */
static void
join_classes(struct work *work, xmlAttr *theme, const xmlAttr *content)
{
	struct arena *arena = work->scratch;
	const char *ours = markup_value(arena, theme);
	const char *theirs = markup_value(arena, content);
	bool first = work->action->act == ACT_PREPEND;

	xmlSetProp(theme->parent, theme->name,
	    BAD_CAST arena_printf(arena, "%s%s%s", first ? theirs : ours,
		*ours && *theirs ? " " : "", first ? ours : theirs));
}

static void
set_attribute(struct work *work, const xmlAttr *from)
{
	xmlAttr *has =
	    tree_attribute_named(work->target, (const char *)from->name);

	if (has && !work->stage->compat && work->action->act != ACT_REPLACE &&
	    strcmp((const char *)from->name, "class") == 0)
		join_classes(work, has, from);
	else if (!has || work->action->act != ACT_APPEND)
		tree_set(work->target, from);
}

enum mutated
work_attributes(struct work *work)
{
	xmlNode *from;
	enum mutated how = work_pick(work, &work->found,
	    &work->action->manycontent, work->action->content, &from);

	if (how != MUTATED)
		return how;
	if (work->action->act == ACT_REPLACE)
		work_drop_attributes(work->target, &(struct words){0});
	for (xmlAttr *a = from->properties, *next; a; a = next) {
		next = a->next;
		if (!is_named(work, a))
			continue;
		set_attribute(work, a);
		if (work->action->moves)
			xmlRemoveProp(a);
	}
	return MUTATED;
}

/* ---- tags ---- */

/* Children that were markup must not become a script, or be lost. */
static bool
can_be(const xmlNode *element, const xmlNode *as)
{
	return markup_room(element) == markup_room(as) &&
	       !(element->children && html_is_void((const char *)as->name));
}

enum mutated
work_tag(struct work *work)
{
	xmlNode *from, *target = work->target;
	enum mutated how = work_pick(work, &work->found,
	    &work->action->manycontent, work->action->content, &from);

	if (how != MUTATED)
		return how;
	if (!can_be(target, from)) {
		stage_tell(work->stage, work->action,
		    "a <%s> cannot take the place of a <%s>",
		    (const char *)from->name, (const char *)target->name);
		return MUTATED;
	}
	xmlNodeSetName(target, from->name);
	target->extra = from->extra & NODE_FOREIGN;
	work_drop_attributes(target, &(struct words){0});
	for (const xmlAttr *a = from->properties; a; a = a->next)
		tree_set(target, a);
	return MUTATED;
}
