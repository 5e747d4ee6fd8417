/* theme/xpointer.c - each scheme becomes XPath, which libxml2 evaluates with a
 * limit; its own xmlXPtrEval() also knows ranges, and prints what it dislikes
 */
#include "theme/xpointer.h"

#include <string.h>
#include <libxml/xpathInternals.h>

#include "base/buf.h"
#include "dom/xpath.h"
#include "theme/pattern.h"

struct pointer {
	const char *at;
	xmlXPathContext *context;
	xmlXPathObject *found; /* NULL: nothing yet */
	struct buf name, data; /* of the scheme in hand */
	struct buf xpath;
	struct err *err;
};

/* ---- its grammar ---- */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
past_space(const char *at)
{
	while (is_space(*at))
		at++;
	return at;
}

/* What stands in the parentheses; ^ goes before one that has no twin. */
static int
read_data(struct pointer *pointer)
{
	unsigned depth = 1;

	for (const char *at = pointer->at; *at; at++) {
		if (*at == '^' && at[1] && strchr("()^", at[1]))
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0) {
			pointer->at = at + 1;
			return 0;
		}
		buf_putc(&pointer->data, *at);
	}
	return err_set(pointer->err, "')' is missing");
}

/* The next NAME(DATA). */
static int
read_scheme(struct pointer *pointer)
{
	size_t n = strcspn(pointer->at, "( \t\r\n");

	buf_clear(&pointer->name);
	buf_clear(&pointer->data);
	buf_add(&pointer->name, pointer->at, n);
	pointer->at += n;
	if (*pointer->at != '(')
		return err_set(pointer->err,
		    "should be xpointer(XPATH), element(/1/2) or a name");
	pointer->at++;
	buf_puts(&pointer->data, "");
	return read_data(pointer);
}

/* ---- what it finds ---- */

static void
on_error(void *data, xmlError *error)
{
	struct pointer *pointer = data;

	err_set(pointer->err, "%s", xpath_words(error->code));
}

static bool
is_inside(const xmlNode *node, const xmlNode *outer)
{
	while (node && node != outer)
		node = node->parent;
	return node != NULL;
}

/* Only what can stand in the place of an element. */
static int
check_nodes(struct pointer *pointer, xmlNodeSet *nodes)
{
	const xmlNode *last = NULL;

	xmlXPathOrderDocElems(pointer->context->doc);
	xmlXPathNodeSetSort(nodes);
	for (int i = 0; nodes && i < nodes->nodeNr; i++) {
		xmlNode *node = nodes->nodeTab[i];

		if (node->type == XML_DOCUMENT_NODE)
			node = nodes->nodeTab[i] =
			    xmlDocGetRootElement((xmlDoc *)node);
		if (node->type == XML_ATTRIBUTE_NODE ||
		    node->type == XML_NAMESPACE_DECL)
			return err_set(pointer->err,
			    "it selects attributes; elements can be included");
		if (last && is_inside(node, last))
			return err_set(pointer->err,
			    "it selects an element and what is inside of it");
		last = node;
	}
	return 0;
}

static int
check_unions(struct pointer *pointer, const char *xpath)
{
	size_t count = 0;

	while ((xpath = strchr(xpath, '|')) != NULL && xpath++)
		count++;
	return count <= XPOINTER_UNIONS_MAX
		   ? 0
		   : err_set(pointer->err, "more than %d times '|'",
			 XPOINTER_UNIONS_MAX);
}

static int
evaluate(struct pointer *pointer, const char *xpath)
{
	xmlXPathObject *found;
	size_t len;

	if (check_unions(pointer, xpath) != 0 ||
	    xpath_check(xpath, pointer->err) != 0)
		return -1;
	if (pattern_needs_xslt(xpath) || pattern_unknown_function(xpath, &len))
		return err_set(pointer->err,
		    "XPath '%s': only the functions "
		    "of XPath 1.0 are known here",
		    xpath);
	err_set(pointer->err, "it cannot be evaluated");
	found = xmlXPathEval(BAD_CAST xpath, pointer->context);
	if (!found)
		return -1;
	if (found->type != XPATH_NODESET) {
		xmlXPathFreeObject(found);
		return err_set(pointer->err, "it selects no nodes but a value");
	}
	xmlXPathFreeObject(pointer->found);
	pointer->found = found;
	return check_nodes(pointer, found->nodesetval);
}

/* ---- schemes ---- */

static int
by_name(struct pointer *pointer, const char *name, size_t len)
{
	if (len == 0 || memchr(name, '\'', len))
		return err_set(pointer->err, "a name is missing");
	buf_printf(&pointer->xpath, "(//*[@xml:id='%.*s' or @id='%.*s'])[1]",
	    (int)len, name, (int)len, name);
	return 0;
}

/* element(NAME/1/2) or element(/1/2) */
static int
element(struct pointer *pointer)
{
	const char *at = pointer->data.data;
	size_t n = strcspn(at, "/");

	if (n && by_name(pointer, at, n) != 0)
		return -1;
	for (at += n; *at; at += n) {
		n = 1 + strspn(at + 1, "0123456789");
		if (*at != '/' || n == 1)
			return err_set(pointer->err,
			    "element() takes places among siblings: /1/2");
		buf_printf(&pointer->xpath, "/*[%.*s]", (int)(n - 1), at + 1);
	}
	return evaluate(pointer, pointer->xpath.data);
}

/* xmlns(PREFIX=URI) */
static int
declare(struct pointer *pointer)
{
	char *uri = strchr(pointer->data.data, '=');

	if (!uri)
		return err_set(
		    pointer->err, "xmlns() should be xmlns(PREFIX=URI)");
	*uri++ = '\0';
	must(xmlXPathRegisterNs(pointer->context, BAD_CAST pointer->data.data,
		 BAD_CAST past_space(uri)) == 0);
	return 0;
}

static int
apply(struct pointer *pointer)
{
	const char *name = pointer->name.data;

	buf_clear(&pointer->xpath);
	buf_puts(&pointer->xpath, "");
	if (strcmp(name, "xpointer") == 0)
		return evaluate(pointer, pointer->data.data);
	if (strcmp(name, "element") == 0)
		return element(pointer);
	if (strcmp(name, "xmlns") == 0)
		return declare(pointer);
	return err_set(pointer->err,
	    "%s() is not known; there are xpointer(), element() and xmlns()",
	    name);
}

static bool
is_found(const struct pointer *pointer)
{
	return pointer->found &&
	       !xmlXPathNodeSetIsEmpty(pointer->found->nodesetval);
}

static int
find(struct pointer *pointer)
{
	pointer->at = past_space(pointer->at);
	if (*pointer->at && !strchr(pointer->at, '(')) {
		if (by_name(pointer, pointer->at,
			strcspn(pointer->at, " \t\r\n")) != 0)
			return -1;
		return evaluate(pointer, pointer->xpath.data);
	}
	do {
		if (read_scheme(pointer) != 0 || apply(pointer) != 0)
			return -1;
		pointer->at = past_space(pointer->at);
	} while (*pointer->at && !is_found(pointer));
	if (!pointer->found)
		return err_set(pointer->err, "it says nothing to look for");
	return 0;
}

static bool
is_too_big(const xmlDoc *doc)
{
	const xmlNode *node = doc->children;
	size_t count = 0;

	while (node && ++count <= XPOINTER_NODES_MAX) {
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node && !node->next)
			node = node->parent;
		node = node ? node->next : NULL;
	}
	return node != NULL;
}

CHECKED int
xpointer_find(
    xmlDoc *doc, const char *pointer, xmlXPathObject **out, struct err *err)
{
	struct pointer p = {.at = pointer, .err = err};
	int rc;

	if (strlen(pointer) > XPOINTER_MAX)
		return err_set(err, "it is over %d bytes", XPOINTER_MAX);
	if (is_too_big(doc))
		return err_set(err,
		    "parts are taken of files with up to %d nodes; put what "
		    "is to be included into a file of its own",
		    XPOINTER_NODES_MAX);
	buf_init(&p.name, XPOINTER_MAX);
	buf_init(&p.data, XPOINTER_MAX);
	buf_init(&p.xpath, 4 * XPOINTER_MAX);
	p.context = xmlXPathNewContext(doc);
	must(p.context);
	p.context->error = on_error;
	p.context->userData = &p;
	p.context->opLimit = XPOINTER_OPERATIONS_MAX;
	rc = find(&p);
	if (rc == 0) {
		*out = p.found;
		p.found = NULL;
	}
	xmlXPathFreeObject(p.found);
	xmlXPathFreeContext(p.context);
	buf_fini(&p.xpath);
	buf_fini(&p.data);
	buf_fini(&p.name);
	return rc;
}
