/* theme/selector.c - what the attributes say, checked where they stand */
#include "theme/selector.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "dom/css.h"
#include "dom/xpath.h"
#include "theme/pattern.h"
#include "theme/xslscope.h"

enum { SELECTOR_MAX = 64 * 1024 }; /* bytes of XPath made of one CSS */

#define XSL "http://www.w3.org/1999/XSL/Transform"

static const struct {
	const char *href;
	enum dialect dialect;
} namespaces[] = {
    {"http://namespaces.plone.org/diazo", DIALECT_DIAZO},
    {"http://namespaces.plone.org/xdv", DIALECT_DIAZO},
    {"http://openplans.org/deliverance", DIALECT_OLD},
    {XSL, DIALECT_XSL},
};

static const char *const css_namespaces[] = {
    "http://namespaces.plone.org/diazo/css",
    "http://namespaces.plone.org/diazo+css",
    "http://namespaces.plone.org/xdv+css",
};

enum dialect
selector_dialect(const xmlNode *node)
{
	if (node->type != XML_ELEMENT_NODE || !node->ns || !node->ns->href)
		return DIALECT_NONE;
	for (size_t i = 0; i < COUNT_OF(namespaces); i++)
		if (strcmp((const char *)node->ns->href, namespaces[i].href) ==
		    0)
			return namespaces[i].dialect;
	return DIALECT_NONE;
}

int
selector_fail(
    struct reading *reading, const xmlNode *node, const char *format, ...)
{
	char words[sizeof(reading->err->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return rules_fail(
	    reading->err, node->_private, xmlGetLineNo(node), "%s", words);
}

static const char *
attribute(struct reading *reading, const xmlNode *node, const char *name,
    const char *ns)
{
	xmlChar *value = ns ? xmlGetNsProp(node, BAD_CAST name, BAD_CAST ns)
			    : xmlGetNoNsProp(node, BAD_CAST name);
	const char *copy = NULL;

	if (value)
		copy = arena_strdup(reading->rules->arena, (char *)value);
	xmlFree(value);
	return copy;
}

const char *
selector_plain(struct reading *reading, const xmlNode *node, const char *name)
{
	return attribute(reading, node, name, NULL);
}

static const char *
css_attribute(struct reading *reading, const xmlNode *node, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; !value && i < COUNT_OF(css_namespaces); i++)
		value = attribute(reading, node, name, css_namespaces[i]);
	return value;
}

/* Those that a match pattern may be made of. */
static bool
is_about_content(const char *name)
{
	return strcmp(name, "content") == 0 ||
	       strcmp(name, "content-children") == 0 ||
	       strcmp(name, "if-content") == 0 ||
	       strcmp(name, "if-not-content") == 0 ||
	       strcmp(name, "match") == 0; /* of xsl:template */
}

static int
translate(struct reading *reading, const xmlNode *node, const char *name,
    const char *css, const char **out)
{
	bool pattern = is_about_content(name);
	const char *prefix = css_attribute(reading, node, "prefix");
	struct err why;
	struct buf xpath;
	int rc;

	if (!prefix)
		prefix = pattern ? "//" : "descendant-or-self::";
	buf_init(&xpath, SELECTOR_MAX);
	rc = css_to_xpath(&xpath, css, prefix, pattern, &why);
	if (rc != 0)
		selector_fail(
		    reading, node, "css:%s=\"%s\": %s", name, css, why.text);
	else
		*out = arena_strdup(reading->rules->arena, xpath.data);
	buf_fini(&xpath);
	return rc;
}

CHECKED int
selector_get(struct reading *reading, const xmlNode *node, const char *name,
    const char **out)
{
	const char *css = css_attribute(reading, node, name);

	if (css && *css)
		return translate(reading, node, name, css, out);
	*out = css ? css : selector_plain(reading, node, name);
	return 0;
}

const char *
selector_typed(struct reading *reading, const xmlNode *node, const char *name)
{
	const char *css = css_attribute(reading, node, name);
	const char *plain = css ? css : selector_plain(reading, node, name);

	return arena_printf(reading->rules->arena, "%s%s=\"%s\"",
	    css ? "css:" : "", name, plain ? plain : "");
}

/* ---- prefixes ---- */

static const struct {
	const char *name, *href;
} prefixes[] = {
    {"css", "http://namespaces.plone.org/diazo/css"},
    {"date", "http://exslt.org/dates-and-times"},
    {"diazo", "http://namespaces.plone.org/diazo"},
    {"dv", "http://openplans.org/deliverance"},
    {"dyn", "http://exslt.org/dynamic"},
    {"esi", "http://www.edge-delivery.org/esi/1.0"},
    {"exsl", "http://exslt.org/common"},
    {"math", "http://exslt.org/math"},
    {"regexp", "http://exslt.org/regular-expressions"},
    {"set", "http://exslt.org/sets"},
    {"str", "http://exslt.org/strings"},
    {"xhtml", "http://www.w3.org/1999/xhtml"},
    {"xml", "http://www.w3.org/XML/1998/namespace"},
    {"xsl", XSL},
};

/* The namespace of a prefix that expressions may have wherever they stand;
 * NULL: it has to be declared. */
static const char *
known_prefix(const char *prefix, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(prefixes); i++)
		if (strlen(prefixes[i].name) == len &&
		    memcmp(prefixes[i].name, prefix, len) == 0)
			return prefixes[i].href;
	return NULL;
}

bool
selector_is_css(const xmlNs *ns)
{
	for (size_t i = 0; ns && i < COUNT_OF(css_namespaces); i++)
		if (strcmp((const char *)ns->href, css_namespaces[i]) == 0)
			return true;
	return false;
}

bool
selector_is_xsl(const xmlNs *ns)
{
	return ns && strcmp((const char *)ns->href, XSL) == 0;
}

static void
keep_prefix(struct rules *rules, const char *name, const char *href)
{
	struct prefix *prefix;

	for (prefix = rules->prefixes; prefix; prefix = prefix->next)
		if (strcmp(prefix->name, name) == 0)
			return;
	prefix = arena_get(rules->arena, sizeof(*prefix));
	prefix->name = name;
	prefix->href = arena_strdup(rules->arena, href);
	prefix->next = rules->prefixes;
	rules->prefixes = prefix;
}

/* Diazo's code finds that out while a page is dressed, which then fails. */
CHECKED int
selector_prefixes(struct reading *reading, const xmlNode *node,
    const char *what, const char *xpath)
{
	const char *at = xpath, *prefix;
	size_t len;

	while ((prefix = pattern_next_prefix(&at, &len)) != NULL) {
		const char *name;
		const xmlNs *ns;

		if (known_prefix(prefix, len))
			continue;
		name = arena_strndup(reading->rules->arena, prefix, len);
		ns = xmlSearchNs(node->doc, (xmlNode *)node, BAD_CAST name);
		if (!ns)
			return selector_fail(reading, node,
			    "%s=\"%s\": the prefix %s is not declared; "
			    "xmlns:%s=\"...\" on <rules> does that",
			    what, xpath, name, name);
		keep_prefix(reading->rules, name, (const char *)ns->href);
		reading->rules->uses_xsl = true;
	}
	return 0;
}

/* What those who know later XPath, or pages' scripts, will look for. */
static const char *
twin_of(const char *function, size_t len)
{
	static const struct {
		const char *function, *twin;
	} twins[] = {
	    {"abs", "math:abs()"},
	    {"current-date", "date:date()"},
	    {"current-dateTime", "date:date-time()"},
	    {"distinct-values", "set:distinct()"},
	    {"empty", "not()"},
	    {"ends-with", "regexp:test()"},
	    {"evaluate", "dyn:evaluate()"},
	    {"exists", "boolean()"},
	    {"lower-case", "translate()"},
	    {"matches", "regexp:test()"},
	    {"max", "math:max()"},
	    {"min", "math:min()"},
	    {"node-set", "exsl:node-set()"},
	    {"replace", "str:replace()"},
	    {"split", "str:split()"},
	    {"string-join", "str:concat()"},
	    {"tokenize", "str:tokenize()"},
	    {"upper-case", "translate()"},
	};

	for (size_t i = 0; i < COUNT_OF(twins); i++)
		if (strlen(twins[i].function) == len &&
		    memcmp(twins[i].function, function, len) == 0)
			return twins[i].twin;
	return NULL;
}

CHECKED int
selector_functions(struct reading *reading, const xmlNode *node,
    const char *typed, const char *xpath)
{
	size_t len;
	const char *name = pattern_unknown_function(xpath, &len);
	const char *twin = name ? twin_of(name, len) : NULL;

	if (!name)
		return 0;
	return selector_fail(reading, node,
	    "%s: XPath 1.0 has no function %.*s()%s%s", typed, (int)len, name,
	    twin ? "; see " : "", twin ? twin : "");
}

/* Problems of a page name the line. */
static void
keep_place(struct reading *reading, const xmlNode *node, const char *xpath)
{
	struct rules *rules = reading->rules;
	struct said *said = arena_get(rules->arena, sizeof(*said));

	said->text = xpath;
	said->source = node->_private;
	said->line = xmlGetLineNo(node);
	*rules->last_said = said;
	rules->last_said = &said->next;
}

CHECKED int
selector_check(struct reading *reading, const xmlNode *node, const char *what,
    const char *xpath)
{
	struct err why;

	if (xpath_check(xpath, &why) != 0)
		return selector_fail(
		    reading, node, "%s=\"%s\": %s", what, xpath, why.text);
	if (pattern_needs_xslt(xpath))
		reading->rules->uses_xsl = true;
	keep_place(reading, node, xpath);
	xslscope_note(reading, node, what, xpath);
	if (selector_prefixes(reading, node, what, xpath) != 0)
		return -1;
	if (reading->rules->compat)
		return 0; /* a mistake when it is asked for */
	return selector_functions(reading, node,
	    arena_printf(reading->rules->arena, "%s=\"%s\"", what, xpath),
	    xpath);
}

/* ---- conditions ---- */

static void
add_term(struct reading *reading, struct terms *terms, enum term_kind kind,
    bool negate, const char *text)
{
	struct term *term = arena_get(reading->rules->arena, sizeof(*term));

	term->kind = kind;
	term->negate = negate;
	term->text = text;
	terms->list[terms->count++] = term;
}

static int
content_term(struct reading *reading, const xmlNode *node, const char *name,
    bool negate, const char *own, struct terms *terms)
{
	const char *text = NULL;

	if (selector_get(reading, node, name, &text) != 0)
		return -1;
	if (!text)
		return 0;
	if (!*text)
		text = own;
	if (!text)
		return selector_fail(reading, node,
		    "%s=\"\" stands for the rule's own content selector, "
		    "and there is none here",
		    name);
	if (selector_check(reading, node, name, text) != 0)
		return -1;
	add_term(reading, terms, TERM_XPATH, negate, text);
	return 0;
}

static int
path_term(struct reading *reading, const xmlNode *node, const char *name,
    bool negate, struct terms *terms)
{
	const char *text = selector_plain(reading, node, name);

	if (!text)
		return 0;
	if (strspn(text, " \t\r\n") == strlen(text))
		return selector_fail(reading, node,
		    "%s is empty; \"/\" is the front page", name);
	add_term(reading, terms, TERM_PATH, negate, text);
	return 0;
}

static int
free_term(struct reading *reading, const xmlNode *node, const char *name,
    bool negate, struct terms *terms)
{
	const char *text = NULL;

	if (selector_get(reading, node, name, &text) != 0)
		return -1;
	if (!text)
		return 0;
	if (selector_check(reading, node, name, text) != 0)
		return -1;
	add_term(reading, terms, TERM_XPATH, negate, text);
	return 0;
}

/* In Deliverance 0.2 a rule without content leaves the theme alone, which is
 * what if-content="" says. */
static void
old_term(struct reading *reading, const xmlNode *node, const char *own,
    struct terms *terms)
{
	const char *nocontent = selector_plain(reading, node, "nocontent");

	if (selector_dialect(node) != DIALECT_OLD || !own ||
	    xmlHasProp((xmlNode *)node, BAD_CAST "if-content"))
		return;
	if (nocontent && strcmp(nocontent, "theme") != 0)
		return;
	add_term(reading, terms, TERM_XPATH, false, own);
}

CHECKED int
selector_terms(struct reading *reading, const xmlNode *node, const char *own,
    const struct terms *outer, struct terms *out)
{
	enum { OWN_MAX = 7 };
	struct terms terms = {NULL, 0};

	terms.list = arena_get(reading->rules->arena,
	    (OWN_MAX + outer->count) * sizeof(*terms.list));
	/* What a group says is asked first: it may spare the rest. */
	if (outer->count)
		memcpy(terms.list, outer->list,
		    outer->count * sizeof(*terms.list));
	terms.count = outer->count;
	old_term(reading, node, own, &terms);
	if (content_term(reading, node, "if-content", false, own, &terms) ||
	    content_term(reading, node, "if-not-content", true, own, &terms) ||
	    path_term(reading, node, "if-path", false, &terms) ||
	    path_term(reading, node, "if-not-path", true, &terms) ||
	    free_term(reading, node, "if", false, &terms) ||
	    free_term(reading, node, "if-not", true, &terms))
		return -1;
	*out = terms;
	return 0;
}

/* ---- what comes in ---- */

static int
read_content(struct reading *reading, const xmlNode *node, struct pull *pull)
{
	const char *all = NULL, *children = NULL;

	if (selector_get(reading, node, "content", &all) != 0 ||
	    selector_get(reading, node, "content-children", &children) != 0)
		return -1;
	if (children) {
		if (selector_check(
			reading, node, "content-children", children) != 0)
			return -1;
		pull->content = pattern_append(reading->rules->arena, children,
		    "/node()", reading->rules->compat);
		pull->typed = selector_typed(reading, node, "content-children");
		return 0;
	}
	pull->content = all;
	pull->typed = selector_typed(reading, node, "content");
	return all ? selector_check(reading, node, "content", all) : 0;
}

/* The word after method=; false: not known. */
static bool
method_named(const char *word, bool href, struct pull *pull)
{
	static const struct {
		const char *word;
		enum method method;
		bool raw;
	} methods[] = {
	    {"document", METHOD_DOCUMENT, true},
	    {"transform", METHOD_DOCUMENT, false},
	    {"raw", METHOD_DOCUMENT, true},
	    {"ssi", METHOD_SSI, true},
	    {"ssiwait", METHOD_SSIWAIT, true},
	    {"esi", METHOD_ESI, true},
	};

	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		if (strcmp(word, methods[i].word) != 0)
			continue;
		pull->method = href ? methods[i].method : METHOD_PAGE;
		pull->raw = href ? methods[i].raw : strcmp(word, "raw") == 0;
		return true;
	}
	return false;
}

static int
read_method(struct reading *reading, const xmlNode *node, struct pull *pull)
{
	const char *method = selector_plain(reading, node, "method");
	const char *mode = selector_plain(reading, node, "mode");
	bool known;

	known = method_named(method ? method : "document", pull->href, pull);
	if (!known && (pull->href || !reading->rules->compat))
		return selector_fail(reading, node,
		    "method=\"%s\" is unknown; there are raw and, with href, "
		    "document, transform, ssi, ssiwait, esi",
		    method);
	if (!mode)
		return 0;
	if (method && strcmp(method, "raw") == 0)
		return selector_fail(reading, node,
		    "method=\"raw\" and mode=\"%s\" exclude each other", mode);
	pull->raw = strcmp(mode, "raw") == 0;
	if (pull->raw)
		return 0;
	if (pull->method > METHOD_DOCUMENT)
		return selector_fail(reading, node,
		    "mode=\"%s\" says nothing where others fetch", mode);
	pull->mode = mode;
	reading->rules->uses_xsl = true;
	return 0;
}

CHECKED int
selector_pull(struct reading *reading, const xmlNode *node, struct pull *out)
{
	struct pull pull = {.method = METHOD_PAGE};

	pull.href = selector_plain(reading, node, "href");
	if (read_content(reading, node, &pull) != 0 ||
	    read_method(reading, node, &pull) != 0)
		return -1;
	if (pull.method == METHOD_DOCUMENT && !pull.content)
		return selector_fail(reading, node,
		    "href=\"%s\" needs a content selector: what of that "
		    "document comes in",
		    pull.href);
	*out = pull;
	return 0;
}
