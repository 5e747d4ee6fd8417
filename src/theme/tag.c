/* theme/tag.c - a start tag that waits: attribute rules, and content that is
 * an attribute, change it until something else is written */
#include <string.h>

#include "dom/html.h"
#include "theme/markup.h"
#include "theme/tracing.h"

void
tag_open(struct page *page, const char *name)
{
	tag_flush(page);
	page->tag.name = name;
	page->tag.count = 0;
}

static void
make_room(struct page *page)
{
	struct tag *tag = &page->tag;
	struct tag_attribute *more;

	if (tag->count < tag->room)
		return;
	tag->room = tag->room ? 2 * tag->room : 16;
	more = arena_get(page->arena, tag->room * sizeof(*more));
	if (tag->count)
		memcpy(more, tag->attributes, tag->count * sizeof(*more));
	tag->attributes = more;
}

void
tag_set(struct page *page, const char *name, const char *value)
{
	struct tag *tag = &page->tag;

	if (!tag->name)
		return;
	for (size_t i = 0; i < tag->count; i++)
		if (strcmp(tag->attributes[i].name, name) == 0) {
			tag->attributes[i].value = value;
			return;
		}
	make_room(page);
	tag->attributes[tag->count].name = name;
	tag->attributes[tag->count++].value = value;
}

static void
clear(struct page *page)
{
	page->tag.count = 0;
}

/* Without a value it would take one from a name that begins with "=". */
static const char *
value_at(const struct tag *tag, size_t i)
{
	const struct tag_attribute *a = &tag->attributes[i];

	if (!a->value && i + 1 < tag->count && *a[1].name == '=')
		return "";
	return a->value;
}

void
tag_flush(struct page *page)
{
	struct tag *tag = &page->tag;

	if (page->form)
		buf_puts(page->out, "</form>");
	page->form = NULL;
	if (!tag->name)
		return;
	buf_putc(page->out, '<');
	buf_puts(page->out, tag->name);
	for (size_t i = 0; i < tag->count; i++)
		html_write_attribute(page->out, tag->attributes[i].name,
		    value_at(tag, i));
	buf_putc(page->out, '>');
	tag->name = NULL;
}

/* ---- attribute rules ---- */

static bool
wants(const struct attribute_op *op, const char *name)
{
	if (!op->names)
		return true;
	for (const char *const *n = op->names; *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return false;
}

/* 1: content rules leave it out, or an xsl:template has taken it. */
static int
is_dropped(
    struct page *page, const struct attribute_op *op, xmlAttr *attribute)
{
	const struct template *template;

	if (op->raw || !match_is_marked(attribute))
		return 0;
	if (match_choose(page, attribute, &template) != 0)
		return -1;
	if (template && template->kind == TEMPLATE_XSL)
		return walk_xsl_attribute(page, attribute, template->rule) == 0
			   ? 1
			   : -1;
	return template && template->kind != TEMPLATE_PHASES;
}

static int
copy_from(
    struct page *page, const struct attribute_op *op, const xmlNode *element)
{
	for (xmlAttr *a = element->properties; a; a = a->next) {
		const char *name = markup_name(page->arena, a);
		int dropped;

		if (!wants(op, name))
			continue;
		dropped = is_dropped(page, op, a);
		if (dropped < 0)
			return -1;
		if (!dropped)
			tag_set(page, name,
			    a->children ? markup_value(page->arena, a) : NULL);
	}
	return 0;
}

static int
copy(struct page *page, const struct attribute_op *op, const xmlNodeSet *set)
{
	struct document *document;
	bool cleared = false;

	if (document_for(page, op->expr, NULL, &document) != 0 ||
	    (!op->raw && match_all(page, document) != 0))
		return -1;
	for (int i = 0; set && i < set->nodeNr; i++) {
		if (set->nodeTab[i]->type != XML_ELEMENT_NODE)
			continue;
		if (op->clears && !cleared)
			clear(page);
		cleared = true;
		if (copy_from(page, op, set->nodeTab[i]) != 0)
			return -1;
	}
	return 0;
}

static const char *
value_of(struct page *page, const xmlNode *element, const char *name)
{
	for (const xmlAttr *a = element->properties; a; a = a->next)
		if (strcmp(markup_name(page->arena, a), name) == 0)
			return markup_value(page->arena, a);
	return NULL;
}

/* Diazo's code joins whatever there is and always writes the attribute; its
 * manual, and we, only when both sides have it. */
static void
merge(struct page *page, const struct attribute_op *op, const xmlNodeSet *set)
{
	const char *theme = op->theme_value, *joined = NULL;
	bool compat = page->program->compat;

	for (int i = 0; set && i < set->nodeNr; i++) {
		const char *value =
		    set->nodeTab[i]->type == XML_ELEMENT_NODE
			? value_of(page, set->nodeTab[i], op->merge)
			: NULL;

		if (!value)
			continue;
		joined = joined ? arena_printf(page->arena, "%s%s%s", joined,
				      op->separator, value)
				: value;
	}
	if ((!theme || !joined) && !compat)
		return;
	tag_set(page, op->merge,
	    arena_printf(page->arena, "%s%s%s", theme ? theme : "",
		theme ? op->separator : "", joined ? joined : ""));
}

CHECKED int
tag_attributes(struct page *page, const struct attribute_op *op)
{
	xmlXPathObject *object, *owned;
	const xmlNodeSet *set;

	if (dress_select(page, op->expr, NULL, &object, &owned) != 0)
		return -1;
	must(!owned);
	set = object->type == XPATH_NODESET ? object->nodesetval : NULL;
	if (page->trace)
		tracing_copied(page, op->rule, set);
	if (op->merge)
		merge(page, op, set);
	else
		return copy(page, op, set);
	return 0;
}
