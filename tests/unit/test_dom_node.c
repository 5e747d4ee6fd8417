/* Trees in an arena: making, linking, copying. */
#include "build_help.h"

#include <libxml/HTMLtree.h>
#include <libxml/xpath.h>

static struct tree *
tree_of_page(const char *page)
{
	struct err err = {""};
	struct tree *tree =
	    help_build(&help_opts, page, strlen(page), 0, false, &err);

	assert_non_null(tree);
	return tree;
}

static void
a_tree_is_known_by_its_document(void **state)
{
	struct tree *tree = tree_new(arena_new(64));
	xmlDoc *other = htmlNewDocNoDtD(NULL, NULL);

	(void)state;
	assert_ptr_equal(tree_of(&tree->doc), tree);
	assert_null(tree_of(other));
	assert_null(tree_of(NULL));
	xmlFreeDoc(other);
	tree_free(&tree);
	assert_null(tree);
	tree_free(&tree);
}

static void
nodes_are_made_and_put_in_their_place(void **state)
{
	struct tree *tree = tree_new(arena_new(64));
	xmlNode *root = tree_element(tree, "div");
	xmlNode *b = tree_element(tree, "b"), *text = tree_text(tree, "x");
	xmlNode *comment = tree_comment(tree, "c");
	struct buf out;

	(void)state;
	node_insert((xmlNode *)&tree->doc, root, NULL);
	node_insert(root, text, NULL);
	node_insert(root, b, text);
	node_insert(root, comment, NULL);
	tree_attribute_after(tree, b,
	    tree_attribute_after(tree, b, NULL, "a", "1"), "b", NULL);
	tree_doctype(tree, "html", NULL, NULL);
	assert_int_equal(tree->nodes, 7);
	buf_init(&out, 4096);
	help_dump(&out, (const xmlNode *)&tree->doc);
	assert_string_equal(out.data, "!html div(b[a=1 b] \"x\" <!c>)");
	node_unlink(text);
	node_unlink(text);
	node_unlink(b);
	buf_clear(&out);
	help_dump(&out, (const xmlNode *)&tree->doc);
	assert_string_equal(out.data, "!html div(<!c>)");
	node_unlink(comment);
	assert_null(root->children);
	assert_null(root->last);
	buf_fini(&out);
	tree_free(&tree);
}

static void
xpath_finds_what_is_in_a_tree(void **state)
{
	struct tree *tree = tree_of_page(
	    "<p class=x>a<b>b</b><svg viewbox='1'/><table><tr><td>c</table>");
	xmlXPathContext *context = xmlXPathNewContext(&tree->doc);
	xmlXPathObject *found =
	    xmlXPathEval(BAD_CAST "concat(count(//svg/@viewBox), "
				  "//p[@class='x']/b, string(//table/tr))",
		context);

	(void)state;
	assert_string_equal((char *)found->stringval, "1bc");
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	tree_free(&tree);
}

static void
a_copy_is_the_same_and_may_be_edited(void **state)
{
	struct tree *tree = tree_of_page(
	    "<!DOCTYPE html PUBLIC 'p' 's'><!--c--><p id=i a b=''>x&amp;y"
	    "<svg><title>t</title></svg><br>");
	xmlDoc *copy = tree_editable(tree);
	struct buf one, other;
	xmlNode *p;

	(void)state;
	buf_init(&one, 4096);
	buf_init(&other, 4096);
	help_dump(&one, (const xmlNode *)&tree->doc);
	help_dump(&other, (const xmlNode *)copy);
	assert_string_equal(one.data, other.data);
	assert_null(tree_of(copy));
	assert_string_equal((char *)copy->intSubset->ExternalID, "p");
	assert_string_equal((char *)copy->intSubset->SystemID, "s");
	p = xmlDocGetRootElement(copy)->last->children;
	assert_ptr_equal(xmlGetID(copy, BAD_CAST "i"), p->properties);
	xmlUnlinkNode(p);
	xmlFreeNode(p);
	xmlFreeDoc(copy);
	buf_fini(&one);
	buf_fini(&other);
	tree_free(&tree);
}

static void
foreign_elements_are_known_in_trees_of_any_origin(void **state)
{
	struct tree *tree = tree_of_page("<svg><title></title></svg>");
	xmlNode *svg = xmlDocGetRootElement(&tree->doc)->last->children;
	xmlDoc *doc = xmlReadDoc(BAD_CAST
	    "<div><svg><title><b/></title></svg><title/></div>",
	    "x", NULL, 0);
	xmlNode *div = xmlDocGetRootElement(doc);
	xmlNode *title = div->children->children;

	(void)state;
	assert_true(node_is_foreign(svg));
	assert_true(node_is_foreign(svg->children));
	assert_false(node_is_foreign(svg->parent));
	assert_false(node_is_foreign(div));
	assert_true(node_is_foreign(div->children));
	assert_true(node_is_foreign(title));
	assert_false(node_is_foreign(title->children));
	assert_false(node_is_foreign(div->last));
	xmlFreeDoc(doc);
	tree_free(&tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tree_is_known_by_its_document),
	    cmocka_unit_test(nodes_are_made_and_put_in_their_place),
	    cmocka_unit_test(xpath_finds_what_is_in_a_tree),
	    cmocka_unit_test(a_copy_is_the_same_and_may_be_edited),
	    cmocka_unit_test(foreign_elements_are_known_in_trees_of_any_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
