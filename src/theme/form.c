/* theme/form.c - the rule elements of Diazo, one row of a table each
 *
 * What an element means depends on which selectors it has: a theme selector
 * makes it act at theme elements, a content selector alone makes it act on
 * content wherever that goes. */
#include "theme/form.h"

#include <string.h>

#include "base/mem.h"
#include "dom/xpath.h"
#include "theme/pattern.h"
#include "theme/unread.h"
#include "theme/xslread.h"
#include "theme/xslscope.h"

/* What the attributes of a rule say, before it is known what it does. */
struct draft {
	struct rule *rule;
	const xmlNode *node;
	const char *theme, *theme_children;
	const char *content, *content_children;
	const char *attributes;
	bool has_href;
};

/* ---- bodies ---- */

bool
form_is_blank(const xmlNode *node)
{
	const char *text = (const char *)node->content;

	return node->type == XML_TEXT_NODE &&
	       (!text || text[strspn(text, " \t\r\n")] == '\0');
}

bool
form_has_body(const xmlNode *node)
{
	for (const xmlNode *c = node->children; c; c = c->next)
		if (!form_is_blank(c) && c->type != XML_COMMENT_NODE)
			return true;
	return false;
}

static const xmlNode *
following(const xmlNode *node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static int
read_inclusion(struct reading *reading, const xmlNode *node)
{
	static const struct terms none;
	const struct source *source = node->_private;
	struct inclusion *inclusion =
	    arena_get(reading->rules->arena, sizeof(*inclusion));

	unread_note(reading, node, UNREAD_INCLUDE);
	inclusion->source = *source;
	if (selector_pull(reading, node, &inclusion->pull) != 0)
		return -1;
	if (!inclusion->pull.content && !inclusion->pull.href)
		return selector_fail(reading, node,
		    "<include> needs a content selector or href");
	if (selector_terms(reading, node, inclusion->pull.content, &none,
		&inclusion->terms) != 0)
		return -1;
	((xmlNode *)node)->_private = inclusion;
	return 0;
}

static bool
is_writer(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE && node->ns && node->ns->prefix &&
	       strcmp((const char *)node->ns->href,
		   "http://exslt.org/common") == 0 &&
	       strcmp((const char *)node->name, "document") == 0;
}

/* Whether one of these prefixes stands for the element's namespace. */
static bool
names_namespace(const xmlNode *where, const char *prefixes, const xmlNs *ns)
{
	while (*(prefixes += strspn(prefixes, " \t\r\n"))) {
		size_t len = strcspn(prefixes, " \t\r\n");
		char *prefix = mem_strndup(prefixes, len);
		bool none = strcmp(prefix, "#default") == 0;
		const xmlNs *named = xmlSearchNs(where->doc, (xmlNode *)where,
		    none ? NULL : BAD_CAST prefix);

		mem_free(&prefix);
		if (named && xmlStrEqual(named->href, ns->href))
			return true;
		prefixes += len;
	}
	return false;
}

/* What an element around it says to be more than markup (XSLT 1.0, 14.1). */
static bool
is_extension(struct reading *reading, const xmlNode *node)
{
	static const char name[] = "extension-element-prefixes";

	if (node->type != XML_ELEMENT_NODE || !node->ns)
		return false;
	for (const xmlNode *n = node; n && n->type == XML_ELEMENT_NODE;
	     n = n->parent) {
		xmlChar *said = xmlGetNsProp(n, BAD_CAST name,
		    BAD_CAST "http://www.w3.org/1999/XSL/Transform");
		const char *plain =
		    said ? NULL : selector_plain(reading, n, name);
		bool is =
		    (said && names_namespace(n, (char *)said, node->ns)) ||
		    (plain && names_namespace(n, plain, node->ns));

		xmlFree(said);
		if (is)
			return true;
	}
	return false;
}

static int
check_body_node(struct reading *reading, const xmlNode *node)
{
	enum dialect dialect = selector_dialect(node);

	if (node->type == XML_ENTITY_REF_NODE)
		return rules_fail(reading->err, node->parent->_private,
		    xmlGetLineNo(node->parent),
		    "&%s; is not declared; write it as a number or declare "
		    "it: <!DOCTYPE rules [<!ENTITY %s \"...\">]>",
		    (const char *)node->name, (const char *)node->name);
	if (dialect == DIALECT_XSL)
		return xslread_element(reading, node);
	if (is_writer(node))
		return selector_fail(reading, node,
		    "%s:%s would write a file, which rules may not",
		    (const char *)node->ns->prefix, (const char *)node->name);
	if (is_extension(reading, node))
		return selector_fail(reading, node,
		    "<%s>: no such element of an extension is known; without "
		    "its prefix in extension-element-prefixes it is markup",
		    (const char *)node->name);
	if (dialect != DIALECT_NONE &&
	    strcmp((const char *)node->name, "include") == 0)
		return read_inclusion(reading, node);
	return node->type == XML_ELEMENT_NODE ? xslread_markup(reading, node)
					      : 0;
}

CHECKED int
form_check_body(struct reading *reading, const xmlNode *body)
{
	const xmlNode *node = body;

	while ((node = following(node, body)) != NULL)
		if (check_body_node(reading, node) != 0)
			return -1;
	return 0;
}

/* ---- rules ---- */

static int
read_attributes(struct reading *reading, struct draft *draft)
{
	struct rules *rules = reading->rules;
	const char *at = draft->attributes;
	struct words names = {NULL, 0, 0};

	while (*(at += strspn(at, " \t\r\n")) != '\0') {
		size_t n = strcspn(at, " \t\r\n");

		words_add(
		    rules->arena, &names, arena_strndup(rules->arena, at, n));
		at += n;
	}
	if (names.count == 0)
		return selector_fail(reading, draft->node,
		    "attributes is empty; name some, or * for all");
	draft->rule->all_attributes = words_have(&names, "*");
	words_add(rules->arena, &names, NULL);
	draft->rule->attributes = names.list;
	return 0;
}

static int
read_selectors(struct reading *reading, struct draft *draft)
{
	const xmlNode *node = draft->node;

	draft->attributes = selector_plain(reading, node, "attributes");
	draft->has_href = xmlHasProp((xmlNode *)node, BAD_CAST "href") != NULL;
	if (selector_get(reading, node, "theme", &draft->theme) ||
	    selector_get(
		reading, node, "theme-children", &draft->theme_children) ||
	    selector_get(reading, node, "content", &draft->content) ||
	    selector_get(
		reading, node, "content-children", &draft->content_children))
		return -1;
	if (draft->attributes && read_attributes(reading, draft) != 0)
		return -1;
	draft->rule->theme =
	    draft->theme_children ? draft->theme_children : draft->theme;
	draft->rule->typed = selector_typed(
	    reading, node, draft->theme_children ? "theme-children" : "theme");
	return 0;
}

/* What an element does with a theme selector: on the element, and on its
 * children; 0 in the second where that is not allowed. */
static const struct form {
	const char *name;
	enum does on_element, on_children;
	enum does on_attributes;
	/* of rules about content alone */
	bool content_too;
	enum does content, content_children;
} forms[FORMS] = {
    {"replace", DO_REPLACE, DO_COPY, DO_COPY_ATTRS, true, DO_CONTENT_REPLACE,
	DO_CONTENT_REPLACE_CHILDREN},
    {"before", DO_BEFORE, DO_PREPEND, 0, true, DO_CONTENT_BEFORE,
	DO_CONTENT_PREPEND},
    {"after", DO_AFTER, DO_APPEND, 0, true, DO_CONTENT_AFTER,
	DO_CONTENT_APPEND},
    {"drop", DO_DROP, DO_DROP_CHILDREN, DO_DROP_ATTRS, true, DO_CONTENT_DROP,
	DO_CONTENT_DROP},
    {"strip", DO_STRIP, 0, 0, true, DO_CONTENT_STRIP, DO_CONTENT_STRIP},
    {"merge", 0, 0, DO_MERGE_ATTRS, false, 0, 0},
    {"copy", DO_COPY, DO_COPY, DO_COPY_ATTRS, false, 0, 0},
    {"prepend", DO_PREPEND, DO_PREPEND, 0, false, 0, 0},
    {"append", DO_APPEND, DO_APPEND, 0, false, 0, 0},
};

static bool
is_named(const struct draft *draft, const char *name)
{
	return strcmp((const char *)draft->node->name, name) == 0;
}

/* Those that once were other names of rules about theme-children. */
static bool
is_legacy(const struct draft *draft)
{
	return is_named(draft, "copy") || is_named(draft, "prepend") ||
	       is_named(draft, "append");
}

/* A comment that is all a rule holds goes into the page (browsers look into
 * some), unless something else does, or nothing: then it is about the rule. */
static bool
brings_comment(const struct draft *draft)
{
	const xmlNode *c = draft->node->children;
	bool content = draft->content || draft->content_children;

	if (is_named(draft, "drop") || is_named(draft, "strip") ||
	    is_named(draft, "merge") || draft->attributes || draft->has_href ||
	    (draft->rule->theme && content))
		return false;
	while (c && c->type != XML_COMMENT_NODE)
		c = c->next;
	return c != NULL;
}

static int
check_form(
    struct reading *reading, const struct form *form, const struct draft *draft)
{
	const xmlNode *node = draft->node;
	const char *name = form->name;

	if (is_named(draft, "merge") &&
	    (!draft->attributes || draft->rule->all_attributes))
		return selector_fail(reading, node,
		    "<merge> needs attributes=\"NAME ...\", by name");
	if (draft->attributes && form->on_attributes == 0)
		return selector_fail(reading, node,
		    "<%s> has no attributes; drop, copy, replace and merge "
		    "have",
		    name);
	if (draft->theme_children && !draft->attributes &&
	    (form->on_children == 0 ||
		(is_legacy(draft) && reading->rules->compat)))
		return selector_fail(reading, node,
		    "<%s> takes no theme-children; write %s", name,
		    is_named(draft, "strip")	? "theme, or <drop>"
		    : is_named(draft, "copy")	? "<replace>"
		    : is_named(draft, "append") ? "<after>"
						: "<before>");
	return 0;
}

/* A drop or a strip takes nothing in; what does may take one thing. */
static int
check_intake(struct reading *reading, const struct draft *draft)
{
	bool content = draft->content || draft->content_children;
	const struct rule *rule = draft->rule;

	if ((is_named(draft, "drop") || is_named(draft, "strip"))) {
		if (content)
			return selector_fail(reading, draft->node,
			    "<%s> takes theme or content, not both; make two "
			    "rules",
			    (const char *)draft->node->name);
		if (rule->body || draft->has_href)
			return selector_fail(reading, draft->node,
			    "<%s> puts nothing in; <replace> does",
			    (const char *)draft->node->name);
		return 0;
	}
	if (rule->body && (content || draft->has_href))
		return selector_fail(reading, draft->node,
		    "either markup inside, or content or href, not both; "
		    "<include> inside brings content in");
	if (draft->attributes && !content)
		return selector_fail(reading, draft->node,
		    "attributes are taken from content: a content selector "
		    "is missing");
	if (!rule->body && !content && !draft->has_href &&
	    !reading->rules->compat)
		rules_warn(reading->rules, rule->source, rule->line,
		    "nothing goes in here; <drop> says so");
	return 0;
}

static enum verdict
about_theme(
    struct reading *reading, const struct form *form, struct draft *draft)
{
	struct rule *rule = draft->rule;
	bool replace = is_named(draft, "replace");

	if (check_form(reading, form, draft) != 0 ||
	    check_intake(reading, draft) != 0)
		return BAD;
	if (draft->attributes && replace && reading->rules->compat)
		return LEFT; /* the manual describes it, the code ignores it */
	rule->does = draft->attributes	     ? form->on_attributes
		     : draft->theme_children ? form->on_children
					     : form->on_element;
	rule->clears = rule->does == DO_COPY_ATTRS && rule->all_attributes &&
		       !reading->rules->compat;
	if (selector_pull(reading, draft->node, &rule->pull) != 0)
		return BAD;
	if (draft->attributes && rule->pull.method > METHOD_DOCUMENT)
		return selector_fail(reading, draft->node,
		    "attributes come from a document; method ssi, ssiwait and "
		    "esi leave the fetching to others");
	return TAKEN;
}

/* Pattern of the attributes of content elements that a drop names. */
static const char *
attribute_pattern(
    struct reading *reading, const struct rule *rule, const char *content)
{
	struct arena *arena = reading->rules->arena;
	const char *steps = "/@*[";

	if (rule->all_attributes)
		return pattern_append(arena, content, "/@*", false);
	for (const char **name = rule->attributes; *name; name++)
		steps = arena_printf(arena, "%s%sname()='%s'", steps,
		    name == rule->attributes ? "" : " or ", *name);
	return pattern_append(
	    arena, content, arena_printf(arena, "%s]", steps), false);
}

/* What is not a path of steps is found out now, and not on each page. */
static int
check_pattern(
    struct reading *reading, const struct draft *draft, const char *content)
{
	struct arena *arena = reading->rules->arena;
	char **list;
	size_t count;
	struct err why;

	if (selector_check(reading, draft->node, "content", content) != 0)
		return -1;
	list = pattern_split(arena, content, &count);
	for (size_t i = 0; i < count; i++) {
		if (*list[i] != '$' &&
		    xpath_check(pattern_everywhere(arena, list[i]), &why) == 0)
			continue;
		return selector_fail(reading, draft->node,
		    "%s: a rule about content takes a pattern: a path of "
		    "steps, such as div/p[@class]",
		    selector_typed(reading, draft->node,
			draft->content_children ? "content-children"
						: "content"));
	}
	return 0;
}

static enum verdict
about_content(
    struct reading *reading, const struct form *form, struct draft *draft)
{
	struct rule *rule = draft->rule;
	bool children = draft->content_children != NULL;
	const char *content =
	    children ? draft->content_children : draft->content;

	if (!content)
		return selector_fail(reading, draft->node,
		    "<%s> needs a theme%s selector", form->name,
		    form->content_too ? " or a content" : "");
	if (!form->content_too)
		return selector_fail(reading, draft->node,
		    "<%s> needs a theme selector", form->name);
	if (draft->has_href)
		return selector_fail(reading, draft->node,
		    "href needs a theme selector; <include href> inside "
		    "brings another page in");
	if (check_pattern(reading, draft, content) != 0)
		return BAD;
	rule->does = children ? form->content_children : form->content;
	if (draft->attributes && rule->does != DO_CONTENT_DROP)
		return selector_fail(reading, draft->node,
		    "attributes of content can only be dropped");
	if (draft->attributes)
		content = attribute_pattern(reading, rule, content);
	else if (children &&
		 (is_named(draft, "drop") || is_named(draft, "strip")))
		content = pattern_append(reading->rules->arena, content,
		    "/node()", reading->rules->compat);
	rule->pull.content = content;
	return TAKEN;
}

/* Diazo's code looks for it when there is no request, and no page. */
static int
check_theme_names(struct reading *reading, const struct draft *draft)
{
	const char *xpath = draft->rule->theme, *typed = draft->rule->typed;
	const char *at = xpath, *name;
	size_t len;

	if (selector_prefixes(reading, draft->node, "theme", xpath) != 0)
		return -1;
	if (reading->rules->compat)
		return 0; /* it finds nothing, which is no mistake there */
	name = xslscope_next(&at, &len);
	if (name)
		return selector_fail(reading, draft->node,
		    "%s: the theme is looked through before there is a page, "
		    "so $%.*s has no value there; if=\"...\" may ask for it",
		    typed, (int)len, name);
	return selector_functions(reading, draft->node, typed, xpath);
}

static enum verdict
theme_selector_is_bad(struct reading *reading, const struct draft *draft)
{
	struct err why;

	if (xpath_check(draft->rule->theme, &why) == 0)
		return check_theme_names(reading, draft) == 0 ? TAKEN : BAD;
	if (!reading->rules->compat)
		return selector_fail(reading, draft->node, "%s: %s",
		    draft->rule->typed, why.text);
	rules_warn(reading->rules, draft->rule->source, draft->rule->line,
	    "%s: %s", draft->rule->typed, why.text);
	return LEFT;
}

static enum verdict
read_draft(struct reading *reading, const struct form *form,
    struct draft *draft, const struct terms *outer)
{
	struct rule *rule = draft->rule;
	enum verdict verdict;
	const char *own;

	if (read_selectors(reading, draft) != 0)
		return BAD;
	if (form_has_body(draft->node) || brings_comment(draft)) {
		rule->body = draft->node;
		if (form_check_body(reading, draft->node) != 0)
			return BAD;
	}
	if (rule->theme) {
		verdict = theme_selector_is_bad(reading, draft);
		if (verdict == TAKEN)
			verdict = about_theme(reading, form, draft);
	} else {
		verdict = about_content(reading, form, draft);
	}
	if (verdict != TAKEN)
		return verdict;
	own = draft->content || !reading->rules->compat ? rule->pull.content
							: NULL;
	if (selector_terms(reading, draft->node, own, outer, &rule->terms))
		return BAD;
	return TAKEN;
}

CHECKED enum verdict
form_read(struct reading *reading, const struct form *form, const xmlNode *node,
    const struct terms *outer)
{
	struct rules *rules = reading->rules;
	struct rule *rule = arena_get(rules->arena, sizeof(*rule));
	struct draft draft = {.rule = rule, .node = node};
	const char *separator = selector_plain(reading, node, "separator");
	enum verdict verdict;

	unread_note(reading, node, UNREAD_RULE);
	rule->source = node->_private;
	rule->line = xmlGetLineNo(node);
	rule->separator = separator ? separator : " ";
	verdict = read_draft(reading, form, &draft, outer);
	if (verdict == TAKEN) {
		*rules->last = rule;
		rules->last = &rule->next;
		rules->count++;
	}
	return verdict;
}

const struct form *
form_find(const char *name)
{
	for (size_t i = 0; i < FORMS; i++)
		if (strcmp(name, forms[i].name) == 0)
			return &forms[i];
	return NULL;
}

const char *
form_name(size_t i)
{
	return i < FORMS ? forms[i].name : NULL;
}
