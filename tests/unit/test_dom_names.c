/* names: each is found, nothing else is, and what is said of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/must.h"
#include "dom/entity.h"
#include "dom/names.h"

static const char *const attributes[] = {
#define NAMES_ATTR(text)	     text,
#define NAMES_ATTR_SVG(text, svg)    text,
#define NAMES_ATTR_MATHML(text, mml) text,
#include "dom/names_attr.h"
};

/* A copy of its own size, so that a read behind it is seen. */
static enum el
find_el(const char *name)
{
	size_t len = strlen(name);
	char *copy = test_malloc(len ? len : 1);
	enum el el;

	memcpy(copy, name, len);
	el = el_find(copy, len);
	test_free(copy);
	return el;
}

static const char *
find_attr(const char *name)
{
	size_t len = strlen(name);
	char *copy = test_malloc(len ? len : 1);
	const char *found;

	memcpy(copy, name, len);
	found = attr_find(copy, len);
	test_free(copy);
	return found;
}

static void
every_element_is_found_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(el_names[EL_NONE].len, 0);
	for (int el = EL_NONE + 1; el < EL_COUNT; el++) {
		assert_int_equal(find_el(el_names[el].text), el);
		assert_int_equal(el_names[el].len, strlen(el_names[el].text));
		assert_int_equal(
		    strcasecmp(el_names[el].text, el_names[el].svg), 0);
	}
	assert_int_equal(find_el("div"), EL_DIV);
	assert_int_equal(find_el("annotation-xml"), EL_ANNOTATION_XML);
	assert_int_equal(find_el("foreignobject"), EL_FOREIGNOBJECT);
}

static void
names_that_are_none_are_not_found(void **state)
{
	char name[64];

	(void)state;
	assert_int_equal(find_el(""), EL_NONE);
	assert_int_equal(find_el("DIV"), EL_NONE);
	assert_int_equal(find_el("x-y"), EL_NONE);
	assert_null(find_attr(""));
	assert_null(find_attr("Class"));
	assert_null(find_attr("@click"));
	for (int el = EL_NONE + 1; el < EL_COUNT; el++) {
		snprintf(name, sizeof(name), "%sq", el_names[el].text);
		assert_int_equal(find_el(name), EL_NONE);
		snprintf(name, sizeof(name), "%s", el_names[el].text);
		name[el_names[el].len / 2] = '!';
		assert_int_equal(find_el(name), EL_NONE);
	}
	for (size_t i = 0; i < COUNT_OF(attributes); i++) {
		snprintf(name, sizeof(name), "%s-q", attributes[i]);
		assert_null(find_attr(name));
	}
}

static void
every_attribute_is_found_and_is_one_pointer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(attributes); i++) {
		const char *found = find_attr(attributes[i]);

		assert_non_null(found);
		assert_string_equal(found, attributes[i]);
		assert_ptr_equal(found, find_attr(attributes[i]));
	}
}

static void
foreign_names_have_their_capitals(void **state)
{
	size_t svg = 0, mathml = 0, elements = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(attributes); i++) {
		const char *name = find_attr(attributes[i]);

		assert_int_equal(strcasecmp(attr_of_svg(name), name), 0);
		assert_int_equal(strcasecmp(attr_of_mathml(name), name), 0);
		svg += attr_of_svg(name) != name;
		mathml += attr_of_mathml(name) != name;
	}
	for (int el = EL_NONE + 1; el < EL_COUNT; el++)
		elements += strcmp(el_names[el].text, el_names[el].svg) != 0;
	/* as many as the standard's tables have rows */
	assert_int_equal(svg, 58);
	assert_int_equal(mathml, 1);
	assert_int_equal(elements, 37);
	assert_string_equal(el_names[EL_FOREIGNOBJECT].svg, "foreignObject");
	assert_string_equal(attr_of_svg(find_attr("viewbox")), "viewBox");
	assert_string_equal(
	    attr_of_mathml(find_attr("definitionurl")), "definitionURL");
	assert_string_equal(attr_of_svg(find_attr("class")), "class");
}

static const struct row {
	unsigned flag;
	const char *names;
} rows[] = {
    {EL_VOID, "area base basefont bgsound br col embed frame hr img input "
	      "keygen link meta param source track wbr"},
    {EL_FORMATTING, "a b big code em font i nobr s small strike strong tt u"},
    {EL_RAW, "iframe noembed noframes plaintext script style xmp"},
    {EL_IMPLIED_END, "dd dt li optgroup option p rb rp rt rtc"},
    {EL_THOROUGH_END, "caption colgroup dd dt li optgroup option p rb rp rt "
		      "rtc tbody td tfoot th thead tr"},
    {EL_SCOPE, "applet caption html marquee object select table td template "
	       "th"},
    {EL_HEADING, "h1 h2 h3 h4 h5 h6"},
    {EL_TABLE_PART, "table tbody template tfoot thead tr"},
    {EL_GRID, "caption col colgroup tbody td tfoot th thead tr"},
    {EL_BREAKOUT,
	"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 "
	"h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s "
	"small span strike strong sub sup table tt u ul var"},
    {EL_SPECIAL,
	"address applet area article aside base basefont bgsound blockquote "
	"body br button caption center col colgroup dd details dir div dl dt "
	"embed fieldset figcaption figure footer form frame frameset h1 h2 h3 "
	"h4 h5 h6 head header hgroup hr html iframe img input keygen li link "
	"listing main marquee menu meta nav noembed noframes noscript object "
	"ol p param plaintext pre script search section select source style "
	"summary table tbody td template textarea tfoot th thead title tr "
	"track ul wbr xmp"},
};

static void
flags_are_those_of_the_standard(void **state)
{
	char list[1024];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t len = 0;

		for (int el = EL_NONE + 1; el < EL_COUNT; el++)
			if (el_names[el].flags & rows[i].flag)
				len += (size_t)snprintf(list + len,
				    sizeof(list) - len, "%s%s", len ? " " : "",
				    el_names[el].text);
		assert_string_equal(list, rows[i].names);
	}
}

struct reference {
	const char *name, *text;
	bool is_old;
};

static const struct reference references[] = {
#define ENTITY(name, text)     {name, text, false},
#define ENTITY_OLD(name, text) {name, text, true},
#include "dom/entity_list.h"
};

static const char *
text_of(const char *name, size_t len, size_t *used)
{
	const struct entity *found = entity_look(name, len, used);

	return found ? found->text : NULL;
}

static void
every_reference_is_found_by_its_name(void **state)
{
	char name[64];
	size_t used, old = 0;

	(void)state;
	assert_int_equal(COUNT_OF(references), 2125);
	for (size_t i = 0; i < COUNT_OF(references); i++) {
		const struct reference *reference = &references[i];
		int len =
		    snprintf(name, sizeof(name), "%s;x", reference->name) - 1;
		const char *text = text_of(name, strlen(name), &used);

		assert_non_null(text);
		assert_string_equal(text, reference->text);
		assert_int_equal(used, len);
		if (!reference->is_old)
			continue;
		old++;
		assert_string_equal(
		    text_of(name, (size_t)len - 1, &used), text);
		assert_int_equal(used, len - 1);
	}
	assert_int_equal(old, 106);
}

static void
the_longest_reference_counts(void **state)
{
	size_t used;

	(void)state;
	assert_string_equal(text_of("notin;", 6, &used), "\xE2\x88\x89");
	assert_int_equal(used, 6);
	assert_string_equal(text_of("notit;", 6, &used), "\xC2\xAC");
	assert_int_equal(used, 3);
	assert_string_equal(text_of("frac123", 7, &used), "\xC2\xBD");
	assert_int_equal(used, 6);
	used = 77;
	assert_null(text_of("mdash ", 6, &used));
	assert_null(text_of(";", 1, &used));
	assert_null(text_of("", 0, &used));
	assert_null(text_of("nope;", 5, &used));
	assert_int_equal(used, 77);
	assert_int_equal(
	    entity_run("CounterClockwiseContourIntegralX;", 33), 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_element_is_found_by_its_name),
	    cmocka_unit_test(names_that_are_none_are_not_found),
	    cmocka_unit_test(every_attribute_is_found_and_is_one_pointer),
	    cmocka_unit_test(foreign_names_have_their_capitals),
	    cmocka_unit_test(flags_are_those_of_the_standard),
	    cmocka_unit_test(every_reference_is_found_by_its_name),
	    cmocka_unit_test(the_longest_reference_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
