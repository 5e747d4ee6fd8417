/* theme/xslread.c - what of XSLT the rules may say
 *
 * Nothing is evaluated here. What is refused would read or write files, or
 * need a stylesheet of its own. */
#include "theme/xslread.h"

#include <string.h>

#include "theme/pattern.h"
#include "theme/source.h"
#include "theme/xslscope.h"

static const char *const instructions[] = {"apply-templates", "attribute",
    "call-template", "choose", "comment", "copy", "copy-of", "element",
    "fallback", "for-each", "if", "message", "number", "otherwise", "param",
    "processing-instruction", "sort", "text", "value-of", "variable", "when",
    "with-param"};

static const char *const declarations[] = {"attribute-set", "decimal-format",
    "key", "namespace-alias", "output", "param", "preserve-space",
    "strip-space", "template", "variable"};

static bool
is_among(const char *const *list, size_t count, const xmlChar *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp((const char *)name, list[i]) == 0)
			return true;
	return false;
}

static bool
is_xsl(const xmlNode *node, const char *name)
{
	return selector_dialect(node) == DIALECT_XSL &&
	       strcmp((const char *)node->name, name) == 0;
}

/* ---- what libxslt would say less clearly, and later ---- */

/* What an element must have, and what it must stand in; the attribute as
 * css:... is another spelling. */
static const struct shape {
	const char *name;
	const char *needs[3];
	const char *within[2];
} shapes[] = {
    {"attribute", {"name"}, {NULL}},
    {"attribute-set", {"name"}, {NULL}},
    {"call-template", {"name"}, {NULL}},
    {"copy-of", {"select"}, {NULL}},
    {"element", {"name"}, {NULL}},
    {"for-each", {"select"}, {NULL}},
    {"if", {"test"}, {NULL}},
    {"key", {"name", "match", "use"}, {NULL}},
    {"otherwise", {NULL}, {"choose"}},
    {"param", {"name"}, {NULL}},
    {"processing-instruction", {"name"}, {NULL}},
    {"sort", {NULL}, {"for-each", "apply-templates"}},
    {"value-of", {"select"}, {NULL}},
    {"variable", {"name"}, {NULL}},
    {"when", {"test"}, {"choose"}},
    {"with-param", {"name"}, {"apply-templates", "call-template"}},
};

static int
check_needs(
    struct reading *reading, const xmlNode *node, const struct shape *shape)
{
	for (size_t i = 0; i < COUNT_OF(shape->needs); i++)
		if (shape->needs[i] &&
		    !xmlHasProp((xmlNode *)node, BAD_CAST shape->needs[i]))
			return selector_fail(reading, node,
			    "xsl:%s needs %s=\"...\"", shape->name,
			    shape->needs[i]);
	return 0;
}

static int
check_place(
    struct reading *reading, const xmlNode *node, const struct shape *shape)
{
	const char *const *within = shape->within;

	if (!within[0] || is_xsl(node->parent, within[0]) ||
	    (within[1] && is_xsl(node->parent, within[1])))
		return 0;
	return selector_fail(reading, node,
	    "xsl:%s belongs directly inside xsl:%s%s%s", shape->name, within[0],
	    within[1] ? " or xsl:" : "", within[1] ? within[1] : "");
}

static int
check_choose(struct reading *reading, const xmlNode *node)
{
	bool has_when = false;

	for (const xmlNode *c = node->children; c; c = c->next) {
		if (c->type == XML_COMMENT_NODE || form_is_blank(c))
			continue;
		has_when |= is_xsl(c, "when");
		if (!is_xsl(c, "when") && !is_xsl(c, "otherwise"))
			return selector_fail(reading, node,
			    "xsl:choose holds nothing but xsl:when, and "
			    "xsl:otherwise at its end");
	}
	return has_when ? 0
			: selector_fail(reading, node,
			      "xsl:choose needs an xsl:when inside");
}

static int
check_shape(struct reading *reading, const xmlNode *node)
{
	const struct shape *shape = NULL;

	for (size_t i = 0; !shape && i < COUNT_OF(shapes); i++)
		if (strcmp((const char *)node->name, shapes[i].name) == 0)
			shape = &shapes[i];
	if (shape && (check_needs(reading, node, shape) != 0 ||
			 check_place(reading, node, shape) != 0))
		return -1;
	return is_xsl(node, "choose") ? check_choose(reading, node) : 0;
}

/* ---- attributes ---- */

/* css:select="..." becomes select="...": the tree is the rules' own, and
 * nobody else has seen it yet. */
static int
translate_css(struct reading *reading, const xmlNode *node)
{
	for (xmlAttr *a = node->properties, *next; a; a = next) {
		const char *name = (const char *)a->name;
		const char *xpath = NULL;

		next = a->next;
		if (!selector_is_css(a->ns) || strcmp(name, "prefix") == 0)
			continue;
		if (selector_get(reading, node, name, &xpath) != 0)
			return -1;
		must(xmlSetNsProp((xmlNode *)node, NULL, BAD_CAST name,
		    BAD_CAST(xpath ? xpath : "")));
	}
	return 0;
}

/* A file that document() names outright is looked at now, so that a mistake
 * is told with its line. */
static int
check_documents(struct reading *reading, const xmlNode *node, const char *xpath)
{
	struct rules *rules = reading->rules;
	const char *at = xpath;

	while ((at = strstr(at, "document(")) != NULL) {
		const char *quote = at + 9 + strspn(at + 9, " \t\r\n");
		const char *end = *quote == '"' || *quote == '\''
				      ? strchr(quote + 1, *quote)
				      : NULL;
		const char *href, *path;

		at += 9;
		if (!end || end == quote + 1)
			continue;
		href = arena_strndup(
		    rules->arena, quote + 1, (size_t)(end - quote - 1));
		path = source_resolve(rules->arena, node->_private, href);
		if (*path != '/')
			return selector_fail(reading, node,
			    "document('%s'): only files are read; href on a "
			    "rule brings in what has to be fetched",
			    href);
		if (!rules_may_read(rules, path))
			return selector_fail(reading, node,
			    "document('%s'): not there, or not below the "
			    "folder of the rules",
			    href);
	}
	return 0;
}

static int
check_expression(struct reading *reading, const xmlNode *node, const char *name)
{
	const char *xpath = selector_plain(reading, node, name);

	if (!xpath)
		return 0;
	if (selector_check(reading, node, name, xpath) != 0)
		return -1;
	return check_documents(reading, node, xpath);
}

CHECKED int
xslread_element(struct reading *reading, const xmlNode *node)
{
	static const char *const expressions[] = {
	    "select", "test", "match", "use", "value", "count", "from"};
	const char *name = (const char *)node->name;

	if (strcmp(name, "apply-imports") == 0)
		return selector_fail(reading, node,
		    "xsl:apply-imports: nothing is imported here; "
		    "<xsl:apply-templates/> goes on with what is inside");
	if (!is_among(instructions, COUNT_OF(instructions), node->name) &&
	    !is_among(declarations, COUNT_OF(declarations), node->name))
		return selector_fail(reading, node,
		    "xsl:%s is not among the elements of XSLT 1.0 that have a "
		    "place here",
		    name);
	reading->rules->uses_xsl = true;
	if (translate_css(reading, node) != 0 ||
	    check_shape(reading, node) != 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(expressions); i++)
		if (check_expression(reading, node, expressions[i]) != 0)
			return -1;
	return xslscope_values(reading, node);
}

CHECKED int
xslread_markup(struct reading *reading, const xmlNode *node)
{
	static const char *const known[] = {"exclude-result-prefixes",
	    "extension-element-prefixes", "use-attribute-sets", "version"};

	for (const xmlAttr *a = node->properties; a; a = a->next) {
		if (!selector_is_xsl(a->ns))
			continue;
		if (!is_among(known, COUNT_OF(known), a->name))
			return selector_fail(reading, node,
			    "xsl:%s is nothing that markup may have; there are "
			    "xsl:use-attribute-sets, "
			    "xsl:exclude-result-prefixes and xsl:version",
			    (const char *)a->name);
		reading->rules->uses_xsl = true;
	}
	return xslscope_values(reading, node);
}

/* ---- at the root ---- */

static void
read_names(struct rules *rules, struct words *words, const char *text)
{
	while (text && *(text += strspn(text, " \t\r\n")) != '\0') {
		size_t n = strcspn(text, " \t\r\n");

		words_add(
		    rules->arena, words, arena_strndup(rules->arena, text, n));
		text += n;
	}
}

/* Pages are written as HTML whatever the method; the DOCTYPE is honoured. In
 * compat one of XHTML means that syntax, unless the method is html. */
static void
read_output(struct reading *reading, const xmlNode *node)
{
	struct rules *rules = reading->rules;
	const char *public_id = selector_plain(reading, node, "doctype-public");
	const char *system_id = selector_plain(reading, node, "doctype-system");
	const char *method = selector_plain(reading, node, "method");

	if (method)
		rules->writes_html = strcmp(method, "html") == 0;
	if (public_id && system_id)
		rules->doctype = arena_printf(rules->arena,
		    "<!DOCTYPE html PUBLIC \"%s\" \"%s\">", public_id,
		    system_id);
	else if (public_id)
		rules->doctype = arena_printf(
		    rules->arena, "<!DOCTYPE html PUBLIC \"%s\">", public_id);
	else if (system_id)
		rules->doctype = arena_printf(
		    rules->arena, "<!DOCTYPE html SYSTEM \"%s\">", system_id);
}

static enum verdict
refuse(struct reading *reading, const xmlNode *node)
{
	const char *name = (const char *)node->name;

	if (strcmp(name, "include") == 0 || strcmp(name, "import") == 0)
		return selector_fail(reading, node,
		    "xsl:%s is not followed; <xi:include> brings in another "
		    "<rules> with its xsl:*",
		    name);
	return selector_fail(reading, node,
	    "xsl:%s has no place at the root of the rules; there are "
	    "xsl:variable, param, template, key, output, strip-space, "
	    "preserve-space, attribute-set, decimal-format, namespace-alias",
	    name);
}

static void
keep(struct reading *reading, const xmlNode *node)
{
	struct rules *rules = reading->rules;
	const char *name = (const char *)node->name;
	struct sheet_part *part = arena_get(rules->arena, sizeof(*part));
	const char *variable = selector_plain(reading, node, "name");
	const char *mode = selector_plain(reading, node, "mode");

	part->node = node;
	*rules->last_sheet = part;
	rules->last_sheet = &part->next;
	if (mode && strcmp(mode, "raw") == 0)
		rules->has_raw_templates = true;
	if (variable &&
	    (strcmp(name, "variable") == 0 || strcmp(name, "param") == 0))
		words_add(rules->arena, &rules->variables, variable);
}

CHECKED enum verdict
xslread_root(struct reading *reading, const xmlNode *node, bool nested)
{
	struct rules *rules = reading->rules;
	const char *name = (const char *)node->name;

	if (nested && rules->compat) {
		rules_warn(rules, node->_private, xmlGetLineNo(node),
		    "xsl:%s counts at the root of the rules only, so it is "
		    "ignored",
		    name);
		return LEFT;
	}
	if (!is_among(declarations, COUNT_OF(declarations), node->name))
		return refuse(reading, node);
	if (strcmp(name, "output") == 0) {
		read_output(reading, node);
	} else if (strcmp(name, "strip-space") == 0) {
		read_names(rules, &rules->strip,
		    selector_plain(reading, node, "elements"));
	} else if (strcmp(name, "preserve-space") == 0) {
		read_names(rules, &rules->preserve,
		    selector_plain(reading, node, "elements"));
	} else {
		if (form_check_body(reading, node) != 0 ||
		    xslread_element(reading, node) != 0)
			return BAD;
		keep(reading, node);
	}
	return TAKEN;
}
