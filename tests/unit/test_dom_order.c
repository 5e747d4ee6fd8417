/* dom/order: with the numbers of elements, nodes are still put in order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "base/must.h"
#include "dom/order.h"

enum { NODES = 300, ROUNDS = 500 };

static uint32_t seed = 1;

static unsigned
some(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % below;
}

static xmlNode *
one_more(xmlNode *parent)
{
	unsigned kind = some(10);

	if (kind < 6)
		return xmlNewChild(parent, NULL, BAD_CAST "e", NULL);
	if (kind < 8 && (!parent->last || parent->last->type != XML_TEXT_NODE))
		return xmlAddChild(parent, xmlNewText(BAD_CAST "t"));
	return xmlAddChild(parent, xmlNewComment(BAD_CAST "c"));
}

/* A tree that grows where its last node, or one of those above it, is. */
static xmlDoc *
some_tree(void)
{
	xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *at = xmlNewNode(NULL, BAD_CAST "root");
	unsigned n;

	xmlDocSetRootElement(doc, at);
	for (n = 0; n < NODES; n++) {
		xmlNode *node = one_more(at);

		must(node);
		if (node->type == XML_ELEMENT_NODE && some(2))
			at = node;
		while (at->parent->type == XML_ELEMENT_NODE && !some(3))
			at = at->parent;
	}
	return doc;
}

static xmlNode *
following(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

/* Some of the nodes, each with its place in the tree, and all mixed up. */
static xmlNodeSet *
some_nodes(xmlDoc *doc)
{
	xmlNodeSet *set = xmlXPathNodeSetCreate(NULL);
	intptr_t place = 0;
	xmlNode *node;
	int i;

	for (node = doc->children; node; node = following(node)) {
		node->_private = (void *)++place;
		if (!some(3))
			must(xmlXPathNodeSetAdd(set, node) == 0);
	}
	for (i = set->nodeNr - 1; i > 0; i--) {
		unsigned other = some((unsigned)i + 1);

		node = set->nodeTab[i];
		set->nodeTab[i] = set->nodeTab[other];
		set->nodeTab[other] = node;
	}
	return set;
}

static void
nodes_of_all_kinds_are_put_in_the_order_of_the_tree(void **state)
{
	unsigned round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		xmlDoc *doc = some_tree();
		xmlNodeSet *set = some_nodes(doc);
		int i;

		assert_true(xmlXPathOrderDocElems(doc) > 0);
		order_mend(doc);
		xmlXPathNodeSetSort(set);
		for (i = 1; i < set->nodeNr; i++)
			assert_true((intptr_t)set->nodeTab[i - 1]->_private <
				    (intptr_t)set->nodeTab[i]->_private);
		xmlXPathFreeNodeSet(set);
		xmlFreeDoc(doc);
	}
}

static void
an_empty_document_is_in_order(void **state)
{
	xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");

	(void)state;
	order_mend(doc);
	xmlFreeDoc(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		nodes_of_all_kinds_are_put_in_the_order_of_the_tree),
	    cmocka_unit_test(an_empty_document_is_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
