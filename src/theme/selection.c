/* theme/selection.c - types, alternatives, and what they find (contract:
 * theme/selection.h) */
#include "theme/selection.h"

#include <string.h>

#include "base/buf.h"
#include "dom/css.h"
#include "theme/markup.h"

#define BLANKS " \t\r\n\f"

enum { SELECTION_XPATH_MAX = 64 * 1024 }; /* bytes made of one CSS */

/* ---- reading ---- */

static const struct type_word {
	const char *word;
	enum selects selects;
} type_words[] = {
    {"elements", SELECTS_ELEMENTS},
    {"element", SELECTS_ELEMENTS},
    {"children", SELECTS_CHILDREN},
    {"attributes", SELECTS_ATTRIBUTES},
    {"attribute", SELECTS_ATTRIBUTES},
    {"tag", SELECTS_TAG},
};

struct selection_reader {
	struct reading *reading;
	const xmlNode *node;
	const char *name; /* of the attribute */
	struct selection *selection;
	enum selects selects; /* of an alternative that says nothing */
	struct words names;
	struct alternative_path **last;
};

static void
trim(const char **text, size_t *len)
{
	while (*len > 0 && strchr(BLANKS, **text)) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && strchr(BLANKS, (*text)[*len - 1]))
		(*len)--;
}

/* a,b,c */
static void
read_names(
    struct arena *arena, struct words *names, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		size_t n = strcspn(text, ",)");
		const char *name = text;

		text += n + 1;
		trim(&name, &n);
		if (n > 0)
			words_add(arena, names, arena_strndup(arena, name, n));
	}
}

/* The type before a selector and its colon: how long both are; 0: there is
 * none. */
static size_t
read_type(struct selection_reader *reader, const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(type_words); i++) {
		size_t n = strlen(type_words[i].word);
		const char *close = NULL, *colon = text + n;

		if (len <= n || strncmp(text, type_words[i].word, n) != 0)
			continue;
		if (*colon == '(' &&
		    type_words[i].selects == SELECTS_ATTRIBUTES) {
			close = memchr(colon, ')', len - n);
			colon = close ? close + 1 : colon;
		}
		if (colon >= text + len || *colon != ':')
			continue;
		reader->selects = type_words[i].selects;
		reader->names = (struct words){0};
		if (close)
			read_names(reader->reading->rules->arena,
			    &reader->names, text + n + 1,
			    (size_t)(close - text) - n - 1);
		return (size_t)(colon - text) + 1;
	}
	return 0;
}

static int
translate(struct selection_reader *reader, const char *css, const char **out)
{
	struct buf xpath;
	struct err why;
	int rc;

	buf_init(&xpath, SELECTION_XPATH_MAX);
	rc = css_to_xpath(&xpath, css, "descendant-or-self::", false, &why);
	if (rc != 0)
		selector_fail(reader->reading, reader->node,
		    "%s: \"%s\" is no CSS selector: %s%s", reader->name, css,
		    why.text,
		    strchr(css, ':') ? "; before it may stand elements:, "
				       "children:, attributes:, tag:"
				     : "");
	else
		*out = arena_strdup(reader->reading->rules->arena, xpath.data);
	buf_fini(&xpath);
	return rc;
}

/* elements and children go together, other types only with themselves. */
static int
check_types(struct selection_reader *reader)
{
	const struct alternative_path *first = reader->selection->first;

	if (!first || first->selects == reader->selects ||
	    (first->selects <= SELECTS_CHILDREN &&
		reader->selects <= SELECTS_CHILDREN))
		return 0;
	return selector_fail(reader->reading, reader->node,
	    "%s: attributes: and tag: cannot stand beside another type",
	    reader->name);
}

static int
read_alternative(struct selection_reader *reader, const char *text, size_t len)
{
	struct arena *arena = reader->reading->rules->arena;
	struct alternative_path *path = arena_get(arena, sizeof(*path));
	const char *selector;
	size_t type;

	trim(&text, &len);
	type = read_type(reader, text, len);
	text += type;
	len -= type;
	trim(&text, &len);
	if (len == 0)
		return selector_fail(reader->reading, reader->node,
		    "%s: a selector is missing", reader->selection->typed);
	if (check_types(reader) != 0)
		return -1;
	path->selects = reader->selects;
	path->names = reader->names;
	selector = arena_strndup(arena, text, len);
	path->xpath = selector;
	if (*selector == '/' ? selector_check(reader->reading, reader->node,
				   reader->name, selector) != 0
			     : translate(reader, selector, &path->xpath) != 0)
		return -1;
	*reader->last = path;
	reader->last = &path->next;
	return 0;
}

/* How far it is to the next "||" outside of quotes, or to the end. */
static size_t
alternative_length(const char *text)
{
	char quote = '\0';
	size_t i;

	for (i = 0; text[i]; i++) {
		if (quote)
			quote = text[i] == quote ? '\0' : quote;
		else if (text[i] == '"' || text[i] == '\'')
			quote = text[i];
		else if (text[i] == '|' && text[i + 1] == '|')
			break;
	}
	return i;
}

CHECKED int
selection_parse(const struct selection **out, struct reading *reading,
    const xmlNode *node, const char *name, const char *text, bool may_negate)
{
	struct arena *arena = reading->rules->arena;
	struct selection *selection = arena_get(arena, sizeof(*selection));
	struct selection_reader reader = {
	    .reading = reading,
	    .node = node,
	    .name = name,
	    .selection = selection,
	    .last = &selection->first,
	};

	selection->typed = arena_printf(arena, "%s=\"%s\"", name, text);
	text += strspn(text, BLANKS);
	if (may_negate && strncmp(text, "not:", 4) == 0) {
		selection->negate = true;
		text += 4;
	}
	for (;;) {
		size_t len = alternative_length(text);

		if (read_alternative(&reader, text, len) != 0)
			return -1;
		if (!text[len])
			break;
		text += len + 2;
	}
	*out = selection;
	return 0;
}

CHECKED int
selection_read(const struct selection **out, struct reading *reading,
    const xmlNode *node, const char *name, bool may_negate)
{
	const char *text = selector_plain(reading, node, name);

	*out = NULL;
	if (!text)
		return 0;
	return selection_parse(out, reading, node, name, text, may_negate);
}

/* ---- running ---- */

static bool
is_fit(const struct alternative_path *path, const xmlNode *node)
{
	if (path->selects != SELECTS_ELEMENTS)
		return node->type == XML_ELEMENT_NODE;
	return node->type == XML_ELEMENT_NODE ||
	       node->type == XML_COMMENT_NODE || markup_is_text(node);
}

static void
keep_fit(struct found *out, const struct alternative_path *path,
    const xmlNodeSet *set, bool (*only)(const xmlNode *node),
    struct arena *arena)
{
	out->by = NULL;
	out->count = 0;
	if (!set || set->nodeNr == 0)
		return;
	out->nodes = arena_get(arena, (size_t)set->nodeNr * sizeof(xmlNode *));
	for (int i = 0; i < set->nodeNr; i++)
		if (is_fit(path, set->nodeTab[i]) &&
		    (!only || only(set->nodeTab[i])))
			out->nodes[out->count++] = set->nodeTab[i];
	if (out->count > 0)
		out->by = path;
}

CHECKED int
selection_run(struct found *out, const struct selection *selection,
    struct xpath_eval *eval, xmlDoc *doc, bool (*only)(const xmlNode *node),
    struct arena *arena, struct err *err)
{
	*out = (struct found){0};
	for (const struct alternative_path *p = selection->first; p && !out->by;
	     p = p->next) {
		xmlXPathObject *object;

		if (xpath_eval_run(
			eval, p->xpath, (xmlNode *)doc, &object, err) != 0)
			return -1;
		if (object->type != XPATH_NODESET) {
			xmlXPathFreeObject(object);
			return err_set(err, "%s selects no nodes but a value",
			    selection->typed);
		}
		keep_fit(out, p, object->nodesetval, only, arena);
		xmlXPathFreeObject(object);
	}
	return 0;
}

static bool
is_blank_text(const xmlNode *node)
{
	const char *text = (const char *)node->content;

	return !text || text[strspn(text, BLANKS)] == '\0';
}

static bool
has_inside(const xmlNode *element)
{
	for (const xmlNode *c = element->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE ||
		    (markup_is_text(c) && !is_blank_text(c)))
			return true;
	return false;
}

CHECKED bool
selection_names(const struct words *names, const char *name)
{
	return names->count == 0 || words_have(names, name);
}

static bool
has_attribute(const xmlNode *element, const struct words *names)
{
	for (const xmlAttr *a = element->properties; a; a = a->next)
		if (selection_names(names, (const char *)a->name))
			return true;
	return false;
}

static bool
is_there(const struct found *found)
{
	if (!found->by)
		return false;
	if (found->by->selects == SELECTS_ELEMENTS ||
	    found->by->selects == SELECTS_TAG)
		return true;
	for (size_t i = 0; i < found->count; i++)
		if (found->by->selects == SELECTS_CHILDREN
			? has_inside(found->nodes[i])
			: has_attribute(found->nodes[i], &found->by->names))
			return true;
	return false;
}

CHECKED bool
selection_holds(const struct selection *selection, const struct found *found)
{
	return is_there(found) != selection->negate;
}
