/* dom/xpath_func.c - the core functions of XPath 1.0, section 4, of which each
 * call may cost more than a step
 *
 * What libxml2 does well is left to it, once its arguments are strings and
 * counted. What it does in the square of their lengths (it looks for one text
 * in another byte by byte) or without any bound is done here. */
#include "dom/xpath_func.h"

#include <stdint.h>
#include <string.h>
#include <libxml/xpathInternals.h>

#include "base/buf.h"
#include "base/mem.h"

/* ---- what it costs ---- */

static bool
count(xmlXPathContext *context, size_t steps)
{
	unsigned long left;

	if (!context->opLimit)
		return true;
	left = context->opCount < context->opLimit
		   ? context->opLimit - context->opCount
		   : 0;
	if (steps <= left) {
		context->opCount += steps;
		return true;
	}
	context->opCount = context->opLimit;
	return false;
}

bool
xpath_func_charge(xmlXPathParserContext *parser, size_t steps)
{
	if (parser->error)
		return false;
	if (count(parser->context, steps))
		return true;
	xmlXPathErr(parser, XPATH_OP_LIMIT_EXCEEDED);
	return false;
}

bool
xpath_func_read(xmlXPathParserContext *parser, size_t bytes)
{
	return xpath_func_charge(parser, bytes / XPATH_READ_A_STEP);
}

/* However many steps a page may take, its texts have one bound: all of them
 * together cost all of its steps. */
static bool
charge_part(xmlXPathParserContext *parser, size_t amount, size_t most)
{
	double steps =
	    (double)amount / (double)most * (double)parser->context->opLimit;

	return xpath_func_charge(parser, (size_t)steps);
}

bool
xpath_func_make(xmlXPathParserContext *parser, size_t bytes)
{
	if (parser->error)
		return false;
	if (bytes < XPATH_SMALL)
		return xpath_func_read(parser, bytes);
	if (bytes > XPATH_TEXT_MAX) {
		xmlXPathErr(parser, XPATH_OP_LIMIT_EXCEEDED);
		return false;
	}
	return charge_part(parser, bytes, XPATH_MADE_MAX);
}

bool
xpath_func_make_nodes(xmlXPathParserContext *parser, size_t nodes)
{
	return charge_part(parser, nodes, XPATH_NODES_MAX);
}

/* Bytes of a node's value, at most so many and some more. */
static size_t
value_len(const xmlNode *top, size_t most)
{
	const xmlNode *node = top;
	size_t len = 0;

	if (top->type == XML_NAMESPACE_DECL)
		return 0;
	while (node && len <= most) {
		if (node->type != XML_ELEMENT_NODE &&
		    node->type != XML_DOCUMENT_NODE &&
		    node->type != XML_HTML_DOCUMENT_NODE &&
		    node->type != XML_ATTRIBUTE_NODE &&
		    node->type != XML_DOCUMENT_FRAG_NODE && node->content)
			len += strlen((const char *)node->content);
		len += XPATH_READ_A_STEP; /* a visit is a step */
		if (node->children && node->type != XML_ENTITY_REF_NODE &&
		    node->type != XML_DTD_NODE) {
			node = node->children;
			continue;
		}
		while (node != top && !node->next)
			node = node->parent;
		node = node == top ? NULL : node->next;
	}
	return len;
}

bool
xpath_func_read_set(
    xmlXPathParserContext *parser, const xmlNodeSet *set, size_t *bytes)
{
	size_t all = 0;

	for (int i = 0; set && i < set->nodeNr; i++) {
		unsigned long limit = parser->context->opLimit;
		size_t len = value_len(set->nodeTab[i],
		    limit ? limit * XPATH_READ_A_STEP : SIZE_MAX);

		if (!xpath_func_charge(parser, XPATH_VALUE_STEPS) ||
		    !xpath_func_read(parser, len))
			return false;
		all += len;
	}
	if (bytes)
		*bytes = all;
	return true;
}

void
xpath_func_count_copy(xmlXPathContext *context, const xmlXPathObject *object)
{
	size_t bytes = 0;

	if (object && object->type == XPATH_STRING && object->stringval)
		bytes = strlen((const char *)object->stringval);
	else if (object && object->nodesetval)
		bytes = (size_t)object->nodesetval->nodeNr * sizeof(xmlNode *);
	/* The step that comes next fails. */
	(void)count(context, bytes / XPATH_READ_A_STEP);
}

/* ---- arguments ---- */

/* Texts that wait on the stack for their function are memory as well. */
static bool
may_hold(xmlXPathParserContext *parser, size_t len)
{
	enum { SMALL = 256 * 1024 };
	size_t held = 0;

	if (len < SMALL)
		return true;
	for (int i = 0; i < parser->valueNr; i++) {
		const xmlXPathObject *object = parser->valueTab[i];

		if (object->type == XPATH_STRING && object->stringval)
			held += strlen((const char *)object->stringval);
	}
	if (held <= XPATH_MADE_MAX)
		return true;
	xmlXPathErr(parser, XPATH_OP_LIMIT_EXCEEDED);
	return false;
}

static bool
is_set(const xmlXPathObject *object)
{
	return object->type == XPATH_NODESET || object->type == XPATH_XSLT_TREE;
}

/* A set as text is its first node; which that is needs no exact answer. */
static bool
read_first(xmlXPathParserContext *parser, const xmlNodeSet *set)
{
	size_t most = parser->context->opLimit;

	if (!set || set->nodeNr == 0)
		return true;
	return xpath_func_charge(parser, (size_t)set->nodeNr / 8) &&
	       xpath_func_read(
		   parser, value_len(set->nodeTab[0],
			       most ? most * XPATH_READ_A_STEP : SIZE_MAX));
}

bool
xpath_func_strings(xmlXPathParserContext *parser, int nargs, bool sets_only)
{
	if (parser->error)
		return false;
	for (int i = parser->valueNr - nargs; i < parser->valueNr; i++) {
		xmlXPathObject *object = parser->valueTab[i];
		size_t len;

		if (is_set(object) && !read_first(parser, object->nodesetval))
			return false;
		if (is_set(object) || !sets_only) {
			object = xmlXPathConvertString(object);
			must(object);
			parser->valueTab[i] = object;
			/* the topmost is kept a second time */
			if (i == parser->valueNr - 1)
				parser->value = object;
		}
		if (object->type != XPATH_STRING)
			continue;
		if (!object->stringval)
			object->stringval = xmlStrdup((const xmlChar *)"");
		len = strlen((const char *)object->stringval);
		if (!xpath_func_read(parser, len) || !may_hold(parser, len))
			return false;
	}
	return true;
}

/* Some functions mean the context node when they have no argument. */
static int
default_argument(xmlXPathParserContext *parser, int nargs)
{
	if (nargs == 0)
		valuePush(parser, xmlXPathNewNodeSet(parser->context->node));
	return nargs ? nargs : 1;
}

static bool
has_arity(xmlXPathParserContext *parser, int nargs, int least, int most)
{
	if (nargs >= least && nargs <= most)
		return true;
	xmlXPathErr(parser, XPATH_INVALID_ARITY);
	return false;
}

static const char *
argument(const xmlXPathParserContext *parser, int nargs, int i)
{
	return (const char *)parser->valueTab[parser->valueNr - nargs + i]
	    ->stringval;
}

/* The arguments go, the answer comes. */
static void
answer(xmlXPathParserContext *parser, int nargs, xmlXPathObject *object)
{
	must(object);
	while (nargs-- > 0)
		xmlXPathFreeObject(valuePop(parser));
	valuePush(parser, object);
}

static void
answer_text(
    xmlXPathParserContext *parser, int nargs, const char *text, size_t len)
{
	xmlChar *copy;

	if (!xpath_func_make(parser, len))
		return;
	copy = xmlStrndup((const xmlChar *)text, (int)len);
	must(copy);
	answer(parser, nargs, xmlXPathWrapString(copy));
}

/* ---- strings ---- */

static void
string(xmlXPathParserContext *parser, int nargs)
{
	if (!has_arity(parser, nargs, 0, 1))
		return;
	nargs = default_argument(parser, nargs);
	(void)xpath_func_strings(parser, nargs, false);
}

static void
concat(xmlXPathParserContext *parser, int nargs)
{
	struct buf out;
	size_t len = 0;

	if (!has_arity(parser, nargs, 2, INT32_MAX) ||
	    !xpath_func_strings(parser, nargs, false))
		return;
	for (int i = 0; i < nargs; i++)
		len += strlen(argument(parser, nargs, i));
	if (!xpath_func_make(parser, len))
		return;
	buf_init(&out, XPATH_TEXT_MAX);
	for (int i = 0; i < nargs; i++)
		buf_puts(&out, argument(parser, nargs, i));
	if (out.failed)
		xmlXPathErr(parser, XPATH_MEMORY_ERROR);
	else
		answer(
		    parser, nargs, xmlXPathNewCString(out.len ? out.data : ""));
	buf_fini(&out);
}

static void
contains(xmlXPathParserContext *parser, int nargs)
{
	bool yes;

	if (!has_arity(parser, nargs, 2, 2) ||
	    !xpath_func_strings(parser, nargs, false))
		return;
	yes = strstr(argument(parser, 2, 0), argument(parser, 2, 1)) != NULL;
	answer(parser, nargs, xmlXPathNewBoolean(yes));
}

static void
substring_before(xmlXPathParserContext *parser, int nargs)
{
	const char *text, *found;

	if (!has_arity(parser, nargs, 2, 2) ||
	    !xpath_func_strings(parser, nargs, false))
		return;
	text = argument(parser, 2, 0);
	found = strstr(text, argument(parser, 2, 1));
	answer_text(parser, nargs, text, found ? (size_t)(found - text) : 0);
}

static void
substring_after(xmlXPathParserContext *parser, int nargs)
{
	const char *mark, *found;

	if (!has_arity(parser, nargs, 2, 2) ||
	    !xpath_func_strings(parser, nargs, false))
		return;
	mark = argument(parser, 2, 1);
	found = strstr(argument(parser, 2, 0), mark);
	found = found ? found + strlen(mark) : "";
	answer_text(parser, nargs, found, strlen(found));
}

/* ---- libxml2's, once they are paid for ---- */

static void
starts_with(xmlXPathParserContext *parser, int nargs)
{
	if (xpath_func_strings(parser, nargs, false))
		xmlXPathStartsWithFunction(parser, nargs);
}

static void
string_length(xmlXPathParserContext *parser, int nargs)
{
	if (!has_arity(parser, nargs, 0, 1))
		return;
	nargs = default_argument(parser, nargs);
	if (xpath_func_strings(parser, nargs, false))
		xmlXPathStringLengthFunction(parser, nargs);
}

static void
number(xmlXPathParserContext *parser, int nargs)
{
	if (!has_arity(parser, nargs, 0, 1))
		return;
	nargs = default_argument(parser, nargs);
	if (xpath_func_strings(parser, nargs, true))
		xmlXPathNumberFunction(parser, nargs);
}

static void
normalize_space(xmlXPathParserContext *parser, int nargs)
{
	if (!has_arity(parser, nargs, 0, 1))
		return;
	nargs = default_argument(parser, nargs);
	if (xpath_func_strings(parser, nargs, false) &&
	    xpath_func_make(parser, strlen(argument(parser, 1, 0))))
		xmlXPathNormalizeFunction(parser, nargs);
}

/* Text, from where on, and for how long. */
static void
substring(xmlXPathParserContext *parser, int nargs)
{
	xmlXPathObject **text;

	if (!has_arity(parser, nargs, 2, 3))
		return;
	text = &parser->valueTab[parser->valueNr - nargs];
	*text = xmlXPathConvertString(*text);
	must(*text);
	if (xpath_func_make(parser, strlen((const char *)(*text)->stringval)))
		xmlXPathSubstringFunction(parser, nargs);
}

/* Each character of a text is looked up in all of the second. */
static void
translate(xmlXPathParserContext *parser, int nargs)
{
	size_t len, map;

	if (!has_arity(parser, nargs, 3, 3) ||
	    !xpath_func_strings(parser, nargs, false))
		return;
	len = strlen(argument(parser, nargs, 0));
	map = strlen(argument(parser, nargs, 1));
	if (map && len > SIZE_MAX / map)
		len = SIZE_MAX / map;
	if (xpath_func_make(parser, len) && xpath_func_read(parser, len * map))
		xmlXPathTranslateFunction(parser, nargs);
}

static void
sum(xmlXPathParserContext *parser, int nargs)
{
	if (!has_arity(parser, nargs, 1, 1))
		return;
	if (!is_set(parser->value) ||
	    xpath_func_read_set(parser, parser->value->nodesetval, NULL))
		xmlXPathSumFunction(parser, nargs);
}

/* ---- id() ---- */

/* Whether the element has this very id: in HTML the attribute of that name. */
static bool
has_id(const xmlNode *element, const char *id, size_t len)
{
	for (const xmlAttr *a = element->properties; a; a = a->next) {
		const char *value =
		    a->children ? (const char *)a->children->content : NULL;

		if (strcmp((const char *)a->name, "id") != 0 ||
		    (a->ns && strcmp((const char *)a->ns->prefix, "xml") != 0))
			continue;
		if (value && strlen(value) == len &&
		    memcmp(value, id, len) == 0)
			return true;
	}
	return false;
}

/* The first in the document; NULL: there is none, or it costs too much. */
static xmlNode *
find_id(xmlXPathParserContext *parser, const char *id, size_t len)
{
	xmlNode *node = parser->context->doc->children;
	size_t visited = 0;

	while (node &&
	       !(node->type == XML_ELEMENT_NODE && has_id(node, id, len))) {
		visited++;
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node && !node->next) {
			node = node->parent;
			if (node && node->type != XML_ELEMENT_NODE)
				node = NULL;
		}
		node = node ? node->next : NULL;
	}
	return xpath_func_charge(parser, visited) ? node : NULL;
}

/* Of each word of a text. */
static void
add_ids(xmlXPathParserContext *parser, const char *words, xmlNodeSet *found)
{
	while (*(words += strspn(words, " \t\r\n")) && !parser->error) {
		size_t len = strcspn(words, " \t\r\n");
		xmlNode *node = find_id(parser, words, len);

		if (node)
			xmlXPathNodeSetAdd(found, node);
		words += len;
	}
}

static void
id(xmlXPathParserContext *parser, int nargs)
{
	xmlXPathObject *found, *names;
	xmlNodeSet *set;

	if (!has_arity(parser, nargs, 1, 1))
		return;
	names = parser->value;
	set = is_set(names) ? names->nodesetval : NULL;
	if (is_set(names) ? !xpath_func_read_set(parser, set, NULL)
			  : !xpath_func_strings(parser, 1, false))
		return;
	names = parser->value;
	found = xmlXPathNewNodeSet(NULL);
	must(found);
	if (!is_set(names))
		add_ids(
		    parser, (const char *)names->stringval, found->nodesetval);
	for (int i = 0; set && i < set->nodeNr; i++) {
		xmlChar *text = xmlXPathCastNodeToString(set->nodeTab[i]);

		add_ids(
		    parser, text ? (const char *)text : "", found->nodesetval);
		xmlFree(text);
	}
	xmlXPathNodeSetSort(found->nodesetval);
	answer(parser, nargs, found);
}

void
xpath_func_register(xmlXPathContext *context)
{
	static const struct {
		const char *name;
		xmlXPathFunction function;
	} functions[] = {
	    {"concat", concat},
	    {"contains", contains},
	    {"id", id},
	    {"normalize-space", normalize_space},
	    {"number", number},
	    {"starts-with", starts_with},
	    {"string", string},
	    {"string-length", string_length},
	    {"substring", substring},
	    {"substring-after", substring_after},
	    {"substring-before", substring_before},
	    {"sum", sum},
	    {"translate", translate},
	};

	for (size_t i = 0; i < COUNT_OF(functions); i++) {
		const xmlChar *name = (const xmlChar *)functions[i].name;

		/* One that is there is not overwritten. */
		xmlXPathRegisterFunc(context, name, NULL);
		must(xmlXPathRegisterFunc(
			 context, name, functions[i].function) == 0);
	}
}
