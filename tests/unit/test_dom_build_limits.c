/* Pages that were made to hurt: each is refused by a named limit, or done in a
 * time that goes with its length. */
#include "build_help.h"

#include <stdio.h>

enum { MANY = 1000000, SOME = 100000 };

/* count times `with`, behind `first`. */
static struct buf
repeat(const char *first, const char *with, size_t count)
{
	struct buf page;

	buf_init(&page, 1 << 26);
	buf_puts(&page, first);
	for (size_t i = 0; i < count; i++)
		buf_puts(&page, with);
	assert_false(page.failed);
	return page;
}

static void
refused(const struct build_opts *opts, const char *first, const char *with,
    size_t count, const char *limit)
{
	struct buf page = repeat(first, with, count);
	struct err err = {""};
	struct tree *tree =
	    help_build(opts, page.data, page.len, 0, false, &err);

	if (tree || !strstr(err.text, limit))
		fail_msg("%s%s: %s", first, with, err.text);
	buf_fini(&page);
}

/* Give the tree of what is within every limit. */
static struct tree *
done(const char *first, const char *with, size_t count)
{
	struct buf page = repeat(first, with, count);
	struct err err = {""};
	struct tree *tree =
	    help_build(&help_opts, page.data, page.len, 0, false, &err);

	if (!tree)
		fail_msg("%s%s: %s", first, with, err.text);
	buf_fini(&page);
	return tree;
}

static void
read_all(const char *first, const char *with, size_t count)
{
	struct tree *tree = done(first, with, count);

	tree_free(&tree);
}

static void
each_limit_is_told_by_its_name(void **state)
{
	struct build_opts opts = help_opts;

	(void)state;
	opts.depth = 4;
	refused(&opts, "<p>", "<b>", 2, "more than 4 deep (html_max_depth)");
	opts = help_opts;
	opts.attributes = 2;
	refused(&opts, "<p a=1 b=2", " c=3>", 1,
	    "more than 2 attributes (html_max_attributes)");
	refused(&opts, "<body a=1 b=2>", "<body c=3>", 1,
	    "more than 2 attributes (html_max_attributes)");
	opts = help_opts;
	opts.nodes = 8;
	refused(&opts, "<p a=1 b=2 c=3>", "x<br>", 2,
	    "more than 8 tags and texts (html_max_nodes)");
}

static void
what_is_just_within_a_limit_is_read(void **state)
{
	struct build_opts opts = help_opts;

	(void)state;
	opts.depth = 4;
	opts.attributes = 2;
	opts.nodes = 8;
	help_tree_of(&opts, "<p a=1 b=2><b>x", 15,
	    "html(head body(p[a=1 b=2](b(\"x\"))))");
}

static void
what_is_too_deep_is_refused_at_once(void **state)
{
	(void)state;
	refused(&help_opts, "", "<div>", MANY, "html_max_depth");
	refused(&help_opts, "", "<b>", MANY, "html_max_depth");
	refused(&help_opts, "<svg>", "<g>", MANY, "html_max_depth");
	refused(&help_opts, "", "<x-y>", MANY, "html_max_depth");
	refused(&help_opts, "", "<template>", MANY, "html_max_depth");
	refused(&help_opts, "", "<table><td>", SOME, "html_max_depth");
}

static void
what_makes_many_nodes_is_refused(void **state)
{
	(void)state;
	refused(&help_opts, "<body>", "</p>", MANY, "html_max_nodes");
	refused(&help_opts, "", "<br>", MANY, "html_max_nodes");
	read_all("", "<b><p>", SOME / 2);
	refused(&help_opts, "", "<p><b><i><u></p>", SOME, "html_");
	refused(&help_opts, "<body>", "<p><b a><b b><i c><u d><s e></p>", SOME,
	    "html_");
}

/* As much of `with` as 16 MB hold is refused, by then in 64 MB with the page;
 * and 8 MB more, which the arena may have asked for and not used. */
static void
refused_in_time(const char *first, const char *with)
{
	enum { PAGE = 16 << 20, MOST = (64 + 8) << 20 };
	struct buf page = repeat(first, with, PAGE / strlen(with));
	struct arena *arena = arena_new(4096);
	struct tree *tree = tree_new(arena);
	struct build *build = build_new(tree, &help_opts);
	struct err err = {""};
	size_t len = page.len;

	buf_putc(&page, '\0');
	assert_int_equal(build_feed(build, page.data, len, true, &err), -1);
	assert_non_null(strstr(err.text, "html_max_nodes"));
	if (arena_size(arena) + len > MOST)
		fail_msg("%s%.40s: %zu", first, with, arena_size(arena) + len);
	build_free(&build);
	tree_free(&tree);
	buf_fini(&page);
}

static void
what_is_refused_has_taken_a_bounded_memory(void **state)
{
	struct buf first;

	(void)state;
	refused_in_time("", "<br>");
	refused_in_time("", "<br a= b= c= d= e= f= g= h=>");
	refused_in_time("", "<br a b c d e f g h>");
	refused_in_time("", "x<!---->");
	refused_in_time("<table>", "x<tr>");
	/* few bytes that ask for many attributes */
	buf_init(&first, 1 << 16);
	buf_puts(&first, "<p><b");
	for (int i = 0; i < 990; i++)
		buf_printf(&first, " a%d=", i);
	buf_puts(&first, ">");
	refused_in_time(first.data, "<p>x");
	buf_fini(&first);
}

/* 21 times as large as the page. */
static void
a_long_page_is_read_up_to_the_limit_of_nodes(void **state)
{
	(void)state;
	read_all("<ul>", "<li id=\"abcd\">some</li>", 160000);
	refused(&help_opts, "<ul>", "<li id=\"abcd\">some</li>", 170000,
	    "html_max_nodes");
}

/* So many nodes that it is looked at whether they are too many for what was
 * read: what the rest will take is still reckoned, so that the last block of
 * memory is none of the large ones. */
static void
a_long_page_takes_little_more_memory_than_its_nodes(void **state)
{
	(void)state;
	for (size_t count = 140000; count <= 160000; count += 10000) {
		struct tree *tree = done(
		    "", "<p class=\"k\">some words, and some more of them</p>",
		    count);

		if (arena_size(tree->arena) - tree->slabs_len > 2 << 20)
			fail_msg("%zu of %zu", tree->slabs_len,
			    arena_size(tree->arena));
		tree_free(&tree);
	}
}

static void
what_is_ignored_costs_next_to_nothing(void **state)
{
	(void)state;
	read_all("", "</x>", MANY);
	read_all("<div><p><b><i>", "</a>", MANY);
	read_all("", "</b>", MANY);
	read_all("", "<tr>", MANY);
	read_all("<svg><g><g><g>", "</x>", MANY);
	read_all("<table>", "</td>", MANY);
	read_all("<table><select>", "</caption>", MANY);
	read_all("<body a=1>", "<body a=1>", SOME);
	read_all("x", "</body> <!---->x", SOME);
}

/* 500 open elements, and an end tag that looks through all of them. */
static void
walks_of_the_stack_are_short(void **state)
{
	static const struct {
		const char *open, *end;
	} walks[] = {
	    {"<i id=", "</b>"},
	    {"<i id=", "</li>"},
	    {"<x", "</x>"},
	    {"<x ", "</y>"},
	    {"<div ", "</h1>"},
	    {"<svg><desc ", "</x>"},
	    {"<i id=", "</option>"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(walks); i++) {
		struct buf first;

		buf_init(&first, 1 << 16);
		buf_puts(&first, "<b><li><table><td>");
		for (int n = 0; n < 240; n++)
			buf_printf(&first, "%s%d>", walks[i].open, n);
		read_all(first.data, walks[i].end, MANY / 2);
		buf_fini(&first);
	}
}

static void
text_in_pieces_is_put_together_in_linear_time(void **state)
{
	struct tree *tree = done("", "a</x>", MANY);
	const xmlNode *body = xmlDocGetRootElement(&tree->doc)->last;

	(void)state;
	assert_ptr_equal(body->children, body->last);
	assert_int_equal(strlen((char *)body->children->content), MANY);
	tree_free(&tree);
	tree = done("<table>", "a<!----></x>", SOME);
	body = xmlDocGetRootElement(&tree->doc)->last;
	assert_int_equal(strlen((char *)body->children->content), SOME);
	tree_free(&tree);
	tree = done("<p>", "&notin;", SOME);
	tree_free(&tree);
}

static void
misnested_formatting_is_adopted_in_linear_time(void **state)
{
	(void)state;
	read_all("", "<a>", SOME);
	read_all("", "<a>x", SOME);
	read_all("", "<b><i></b></i>", SOME);
	read_all("", "<nobr>", SOME);
	read_all("", "<b><p></b></p>", SOME);
	read_all("", "<table><a>", SOME);
	read_all("", "<table><a>x", SOME);
	read_all("", "<font a=1><div></font></div>", SOME / 2);
	refused(&help_opts, "", "<b><u><i><p></b></u>", SOME, "html_");
}

static void
a_very_deep_tree_is_copied_and_freed(void **state)
{
	struct build_opts opts = help_opts;
	struct buf page = repeat("", "<div>", SOME);
	struct err err = {""};
	struct tree *tree;
	xmlDoc *copy;
	size_t depth = 0;

	(void)state;
	opts.depth = MANY;
	tree = help_build(&opts, page.data, page.len, 0, false, &err);
	assert_non_null(tree);
	copy = tree_editable(tree);
	assert_non_null(copy);
	for (xmlNode *p = xmlDocGetRootElement(copy); p; p = p->last)
		depth++;
	assert_int_equal(depth, SOME + 2);
	xmlFreeDoc(copy);
	tree_free(&tree);
	buf_fini(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_limit_is_told_by_its_name),
	    cmocka_unit_test(what_is_just_within_a_limit_is_read),
	    cmocka_unit_test(what_is_too_deep_is_refused_at_once),
	    cmocka_unit_test(what_makes_many_nodes_is_refused),
	    cmocka_unit_test(what_is_refused_has_taken_a_bounded_memory),
	    cmocka_unit_test(a_long_page_is_read_up_to_the_limit_of_nodes),
	    cmocka_unit_test(
		a_long_page_takes_little_more_memory_than_its_nodes),
	    cmocka_unit_test(what_is_ignored_costs_next_to_nothing),
	    cmocka_unit_test(walks_of_the_stack_are_short),
	    cmocka_unit_test(text_in_pieces_is_put_together_in_linear_time),
	    cmocka_unit_test(misnested_formatting_is_adopted_in_linear_time),
	    cmocka_unit_test(a_very_deep_tree_is_copied_and_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
