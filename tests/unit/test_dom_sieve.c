/* dom/sieve: many paths in one walk select what each selects alone */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/must.h"
#include "dom/html.h"
#include "dom/path.h"
#include "dom/sieve.h"

enum { PATHS = 60, PAGES = 60, WALKS = 40 };

static xmlDoc *
parse(const char *text)
{
	struct err err;
	xmlDoc *doc = NULL;

	assert_int_equal(html_parse(&doc, text, strlen(text), NULL, &err), 0);
	return doc;
}

static unsigned
pick(unsigned n)
{
	return (unsigned)rand() % n;
}

static void
random_step(struct buf *out)
{
	static const char *const tests[] = {"div", "p", "b", "x-y", "*", "*",
	    "div", "node()", "div[@id = 'a']", "*[@id='b']", "p[@title]",
	    "*[contains(concat(' ', normalize-space(@class), ' '), ' k ')]",
	    "div[not(@id)]", "*[ancestor::div[@id]]",
	    "*[starts-with(@class, 'k')]", "div[contains(@class, 'l')]",
	    "div[contains(concat(' ', normalize-space(@class), ' '), ' l ')]"};

	buf_puts(out, tests[pick(COUNT_OF(tests))]);
}

static void
random_path(struct buf *out)
{
	static const char *const ends[] = {
	    "", "", "", "/node()", "/text()", "//text()", "/@id", "/@class", "//@id"};
	unsigned alternatives = pick(4) ? 1 : 2;

	buf_clear(out);
	for (unsigned i = 0; i < alternatives; i++) {
		unsigned steps = 1 + pick(4);

		buf_puts(out, i ? " | " : "");
		if (pick(5) == 0) {
			buf_puts(out, "/html/body");
			steps = pick(3);
		}
		for (unsigned s = 0; s < steps; s++) {
			buf_puts(out, pick(2) ? "//" : "/");
			random_step(out);
		}
		buf_puts(out, ends[pick(COUNT_OF(ends))]);
	}
}

static void
random_page(struct buf *out)
{
	static const char *const tags[] = {"<div>", "<div id=a>", "<div id=b>",
	    "<div class='k l'>", "<div class=' l' title=t>", "<x-y class=k>",
	    "<x-y id=b>"};
	unsigned open = 0;

	buf_clear(out);
	buf_puts(out, "<!DOCTYPE html><html><head></head><body class=k>");
	for (unsigned i = 0; i < 60; i++) {
		unsigned which = pick(10);

		if (which < COUNT_OF(tags)) {
			buf_puts(out, tags[which]);
			open++;
		} else if (which == 7) {
			buf_puts(out, "t<b id=a title>u</b><!-- c -->");
		} else if (open > 0) {
			buf_puts(out, pick(2) ? "</div>" : "</x-y>");
			open--;
		}
	}
	buf_puts(out, "</body></html>");
}

static void
same(const char *path, xmlDoc *doc, const xmlNodeSet *set)
{
	struct path *alone = path_new(path);
	unsigned long visited;
	xmlXPathObject *wanted;
	int n;

	assert_non_null(alone);
	wanted = path_select(alone, (xmlNode *)doc, 0, &visited);
	n = wanted->nodesetval ? wanted->nodesetval->nodeNr : 0;
	if (n != (set ? set->nodeNr : 0))
		fail_msg("%s: %d nodes, not %d", path, set ? set->nodeNr : 0, n);
	for (int i = 0; i < n; i++)
		if (wanted->nodesetval->nodeTab[i] != set->nodeTab[i])
			fail_msg("%s: node %d is another", path, i);
	xmlXPathFreeObject(wanted);
	path_free(&alone);
}

static void
paths_find_together_what_they_find_alone(void **state)
{
	struct buf text;
	unsigned taken = 0;

	(void)state;
	srand(7);
	buf_init(&text, 1 << 20);
	for (unsigned walk = 0; walk < WALKS; walk++) {
		struct sieve *sieve = sieve_new();
		char *paths[PATHS] = {NULL};
		xmlNodeSet *sets[PATHS] = {NULL};
		xmlDoc *doc;

		for (unsigned i = 0; i < PATHS; i++) {
			random_path(&text);
			if (!sieve_add(sieve, text.data, i))
				continue;
			paths[i] = strdup(text.data);
			taken++;
		}
		random_page(&text);
		doc = parse(text.data);
		assert_true(sieve_run(sieve, doc, 0, sets) > 1);
		for (unsigned i = 0; i < PATHS; i++) {
			if (paths[i])
				same(paths[i], doc, sets[i]);
			xmlXPathFreeNodeSet(sets[i]);
			free(paths[i]);
		}
		html_free(&doc);
		sieve_free(&sieve);
	}
	assert_true(taken > WALKS * PATHS / 3);
	buf_fini(&text);
}

static void
what_is_no_plain_path_from_the_root_is_left_to_others(void **state)
{
	static const char *const others[] = {"count(//a)", "div", "//div[1]",
	    "descendant::a", "//@id", "//a//@id", "//a/@id | //b/@id",
	    "/descendant-or-self::node()", "//a[", ""};
	struct sieve *sieve = sieve_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (sieve_add(sieve, others[i], 0))
			fail_msg("%s was taken", others[i]);
	sieve_free(&sieve);
}

static void
a_walk_ends_at_its_limit(void **state)
{
	struct sieve *sieve = sieve_new();
	xmlDoc *doc = parse("<div><div><div><p><p><p><p></div></div></div>");
	xmlNodeSet *sets[1] = {NULL};

	(void)state;
	assert_true(sieve_add(sieve, "//div//div//p", 0));
	assert_int_equal(sieve_run(sieve, doc, 5, sets), 0);
	xmlXPathFreeNodeSet(sets[0]);
	sets[0] = NULL;
	assert_true(sieve_run(sieve, doc, 500, sets) > 5);
	assert_int_equal(sets[0]->nodeNr, 4);
	xmlXPathFreeNodeSet(sets[0]);
	html_free(&doc);
	sieve_free(&sieve);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_find_together_what_they_find_alone),
	    cmocka_unit_test(
		what_is_no_plain_path_from_the_root_is_left_to_others),
	    cmocka_unit_test(a_walk_ends_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
