/* What of a page may go out as it came: NODE_PLAIN, and where nodes stand. */
#include "build_help.h"

#include <stdio.h>

static struct tree *tree;
static const char *page;

static void
read_page(const char *text)
{
	struct err err;

	tree_free(&tree);
	page = text;
	tree = help_build(&help_opts, text, strlen(text), 0, false, &err);
	assert_non_null(tree);
}

static int
forget_page(void **state)
{
	(void)state;
	tree_free(&tree);
	return 0;
}

/* The first element of that name. */
static const struct node *
find(const char *name)
{
	const xmlNode *node = xmlDocGetRootElement(&tree->doc);

	while (node) {
		if (node->type == XML_ELEMENT_NODE &&
		    strcmp((const char *)node->name, name) == 0)
			return (const struct node *)node;
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node && !node->next)
			node = node->parent->type == XML_ELEMENT_NODE
				   ? node->parent
				   : NULL;
		node = node ? node->next : NULL;
	}
	fail_msg("no %s in %s", name, page);
	return NULL;
}

static void
span_is(const char *name, const char *wanted)
{
	const struct node *node = find(name);
	char *got = strndup(page + node->from, node->to - node->from);

	assert_string_equal(got, wanted);
	free(got);
}

static void
plain(const char *text, const char *name, bool wanted)
{
	read_page(text);
	if (!(find(name)->x.extra & NODE_PLAIN) == wanted)
		fail_msg(
		    "%s in %s is %splain", name, text, wanted ? "not " : "");
}

static void
what_is_well_formed_is_plain(void **state)
{
	(void)state;
	plain("<div><p>a<b>c</b></p> <br><img src=\"x\"/></div>", "div", true);
	span_is("div", "<div><p>a<b>c</b></p> <br><img src=\"x\"/></div>");
	span_is("p", "<p>a<b>c</b></p>");
	span_is("img", "<img src=\"x\"/>");
	plain("<div><!--c--></div>", "div", true);
	plain("<div></div>", "div", true);
	plain("<ul><li>a</li>\n<li>b</li></ul>", "ul", true);
	plain("<table><tr><td>x</td></tr>\n</table>", "table", true);
	plain("<table>\n<tbody><tr><td>x</td></tr></tbody></table>", "table",
	    true);
	plain("<svg viewbox=\"a\"><path d=\"x\"/><g>a</g></svg>", "svg", true);
	plain("<pre>\na</pre>", "pre", true);
	plain("<pre>\n</pre>", "pre", true);
	plain("<textarea>\na</textarea>", "textarea", true);
	plain("<script>a<b</script>", "script", true);
	plain("<template><td>x</td></template>", "template", true);
	plain("<select><option>x</option></select>", "select", true);
	plain("<DIV>x</DIV>", "div", true);
}

static void
what_the_parser_mended_is_not(void **state)
{
	(void)state;
	plain("<div><p>a</div>", "div", false);
	plain("<div><p>a</div>", "p", false);
	plain("<div>a</x>b</div>", "div", false);
	plain("<div><i>a</i></x><i>b</i></div>", "div", false);
	plain("<div></x></div>", "div", false);
	plain("<div>a", "div", false);
	plain("<div/>a</div>", "div", false);
	plain("<div><b>a<p>b</b>c</p></div>", "div", false);
	plain("<div><b>a<p>b</b>c</p></div>", "p", false);
	plain("<p><b>a</p><p>b</p>", "p", false);
	plain("<div><table><b>x</b></table></div>", "table", false);
	plain("<div><table><b>x</b></table></div>", "div", false);
	plain("<div><table>x<tr><td></td></tr></table></div>", "table", false);
	plain("<table><td>x</td></table>", "table", false);
	plain("<h1>a</h2>", "h1", false);
	plain("<div><form><p></form></p></div>", "div", false);
	plain("<div></p></div>", "div", false);
	plain("<div></br></div>", "div", false);
	plain("<div><image></div>", "div", false);
	plain("<div><svg><g><p>x</p></g></svg></div>", "div", false);
	plain("<a>x<a>y</a></a>", "a", false);
	plain("<div><a href=x'>y</a></div>", "div", false);
}

static void
a_start_tag_alone_may_be_plain(void **state)
{
	(void)state;
	read_page("<div class=\"a\"><p>x</div><i/>");
	assert_true(find("div")->x.extra & NODE_PLAIN_TAG);
	assert_int_equal(find("div")->from, 0);
	assert_int_equal(find("div")->inner, 15);
	assert_int_equal(find("div")->inner_end, 19);
	assert_false(find("i")->x.extra & NODE_PLAIN_TAG);
	read_page("<html><body class=\"a\"><p>x<body id=\"b\">");
	assert_false(find("body")->x.extra & NODE_PLAIN_TAG);
	assert_true(find("html")->x.extra & NODE_PLAIN_TAG);
	assert_true(find("head")->x.extra & NODE_IMPLIED);
	read_page("<body>x</body></html>");
	assert_int_equal(find("body")->inner_end, 7);
}

/* All that is plain is one behind the other, and nothing is left of the bits
 * that the tree construction needs. */
static void
look_at(const struct node *node)
{
	uint32_t at = node->inner;
	const xmlNode *child;

	assert_int_equal(
	    node->x.extra & ~(NODE_FOREIGN | NODE_PLAIN | NODE_PLAIN_TAG |
				NODE_IMPLIED | NODE_FOSTERED),
	    0);
	if (node->x.type != XML_ELEMENT_NODE || !(node->x.extra & NODE_PLAIN) ||
	    strcmp((const char *)node->x.name, "pre") == 0)
		return;
	for (child = node->x.children; child; child = child->next) {
		const struct node *n = (const struct node *)child;

		assert_true(child->extra & NODE_PLAIN);
		assert_int_equal(n->from, at);
		at = n->to;
	}
	assert_int_equal(at, node->inner_end);
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void
of_any_soup_only_what_has_no_gap_is_plain(void **state)
{
	static const char *const bits[] = {"<p>", "</p>", "<b>", "</b>", "<a>",
	    "</a>", "<div>", "</div>", "<table>", "</table>", "<tr>", "</tr>",
	    "<td>", "</td>", "x", " ", "<i>", "</i>", "<li>", "</li>", "<ul>",
	    "</ul>", "<svg>", "</svg>", "<g/>", "<desc>", "</desc>",
	    "<template>", "</template>", "<select>", "</select>", "<option>",
	    "</option>", "<form>", "</form>", "<!--c-->", "<br>", "<col>",
	    "<caption>", "</caption>", "<body>", "</body>", "&amp;", "<pre>",
	    "\n", "</pre>", "<button>", "</button>", "<math>", "<mi>", "</mi>",
	    "</math>", "<nobr>", "<h1>", "</h1>"};
	unsigned seed = 1;
	char text[512];

	(void)state;
	for (int round = 0; round < 4000; round++) {
		const xmlNode *node;

		text[0] = '\0';
		for (int i = 0; i < 40; i++)
			strcat(text, bits[next_random(&seed) % COUNT_OF(bits)]);
		read_page(text);
		node = xmlDocGetRootElement(&tree->doc);
		while (node) {
			look_at((const struct node *)node);
			if (node->type == XML_ELEMENT_NODE && node->children) {
				node = node->children;
				continue;
			}
			while (node->parent && !node->next)
				node = node->parent;
			node = node->next;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(
		what_is_well_formed_is_plain, forget_page),
	    cmocka_unit_test_teardown(
		what_the_parser_mended_is_not, forget_page),
	    cmocka_unit_test_teardown(
		a_start_tag_alone_may_be_plain, forget_page),
	    cmocka_unit_test_teardown(
		of_any_soup_only_what_has_no_gap_is_plain, forget_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
