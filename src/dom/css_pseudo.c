/* dom/css_pseudo.c - pseudo-classes as predicates of XPath
 *
 * Every condition is a predicate of its own, and none is a number, so none
 * depends on position. */
#include "dom/css_inside.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* ---- pseudo-classes without parentheses ---- */

static int
no_siblings(struct css_reader *reader, struct css_compound *compound,
    const char *sides, bool of_type)
{
	struct buf *out = &compound->predicates;
	const char *test = of_type ? compound->test.data : "*";

	if (of_type && !compound->typed)
		return css_wrong(reader, "of-type needs the element's name "
					 "before it");
	/* "[1]" lets libxml2 stop at the first one */
	if (strchr(sides, '<'))
		buf_printf(out, "[not(preceding-sibling::%s[1])]", test);
	if (strchr(sides, '>'))
		buf_printf(out, "[not(following-sibling::%s[1])]", test);
	/* the root element is its parent's first and last child for the
	 * other two, but not the only one: as cssselect has it */
	if (strlen(sides) == 2)
		buf_puts(out, "[parent::*]");
	return 0;
}

static int
say_scope(struct css_reader *reader, struct css_compound *compound)
{
	if (reader->as_pattern || reader->nesting > 0 || compound->typed ||
	    compound->predicates.len > 0)
		return css_wrong(reader,
		    ":scope may only stand alone, at the "
		    "start of a selector for a part of the page");
	compound->scope = true;
	buf_puts(&compound->predicates, "[1]");
	return 0;
}

static bool
is_dynamic(const char *name)
{
	static const char *const names[] = {"active", "checked", "disabled",
	    "enabled", "focus", "focus-visible", "focus-within", "hover",
	    "indeterminate", "link", "target", "visited"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static int
plain_pseudo(
    struct css_reader *reader, struct css_compound *compound, const char *name)
{
	static const struct {
		const char *name, *sides;
		bool of_type;
	} places[] = {
	    {"first-child", "<", false},
	    {"last-child", ">", false},
	    {"only-child", "<>", false},
	    {"first-of-type", "<", true},
	    {"last-of-type", ">", true},
	    {"only-of-type", "<>", true},
	};

	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (strcasecmp(name, places[i].name) == 0)
			return no_siblings(reader, compound, places[i].sides,
			    places[i].of_type);
	if (strcasecmp(name, "root") == 0)
		buf_puts(&compound->predicates, "[not(parent::*)]");
	else if (strcasecmp(name, "empty") == 0)
		buf_puts(
		    &compound->predicates, "[not(*) and not(string-length())]");
	else if (strcasecmp(name, "scope") == 0)
		return say_scope(reader, compound);
	else if (is_dynamic(name))
		css_say_never(compound);
	else
		return css_wrong_word(
		    reader, "no pseudo-class :", name, " is known");
	return 0;
}

/* ---- pseudo-classes with parentheses ---- */

/* a*n + b is the place among siblings, counted from 1, for some n >= 0. With
 * `before` siblings on the one side: before = a*n + (b - 1). */
static void
say_nth(struct css_compound *compound, const char *axis, const char *test,
    int a, int b)
{
	struct buf *out = &compound->predicates;
	int least = b - 1;
	int step = a < 0 ? -a : a;
	int shift;

	if (a <= 0 && least < 0) {
		css_say_never(compound);
		return;
	}
	if (a == 0) {
		buf_printf(out, "[count(%s%s) = %d]", axis, test, least);
		return;
	}
	if (a < 0 || least > 0)
		buf_printf(out, "[count(%s%s) %s %d]", axis, test,
		    a < 0 ? "<=" : ">=", least);
	if (step == 1)
		return;
	shift = (step - least % step) % step;
	buf_printf(
	    out, "[(count(%s%s) + %d) mod %d = 0]", axis, test, shift, step);
}

static int
read_nth(struct css_reader *reader, struct css_compound *compound, bool last,
    bool of_type)
{
	int a, b;

	if (of_type && !compound->typed)
		return css_wrong(reader, "of-type needs the element's name "
					 "before it");
	if (!css_an_plus_b(&reader->cursor, &a, &b))
		return css_wrong(reader, "a place like 2, odd or 2n+1 belongs "
					 "here");
	say_nth(compound, last ? "following-sibling::" : "preceding-sibling::",
	    of_type ? compound->test.data : "*", a, b);
	return 0;
}

/* word is set up here, and the caller's to end. */
static int
read_word(struct css_reader *reader, struct buf *word)
{
	buf_init(word, CSS_MAX_BYTES);
	buf_puts(word, "");
	if (css_string(&reader->cursor, word) ||
	    (buf_clear(word), css_ident(&reader->cursor, word)))
		return 0;
	return css_wrong(reader, "one word or string belongs here");
}

static int
read_contains(struct css_reader *reader, struct css_compound *compound)
{
	struct buf word;
	int rc = read_word(reader, &word);

	if (rc == 0)
		css_say_call(&compound->predicates, "[contains(., ", "", "",
		    word.data, ")]");
	buf_fini(&word);
	return rc;
}

/* XPath's lang() looks at xml:lang alone, and only at one that has its
 * namespace, which HTML has not: the nearest of either spelling counts. */
static int
read_lang(struct css_reader *reader, struct css_compound *compound)
{
	static const char value[] =
	    "[starts-with(translate(concat(ancestor-or-self::*[@lang or "
	    "@*[name() = 'xml:lang']][1]/@*[name() = 'lang' or "
	    "name() = 'xml:lang'][1], '-'), "
	    "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), ";
	struct buf word;
	int rc = read_word(reader, &word);

	if (rc == 0) {
		for (size_t i = 0; i < word.len; i++)
			word.data[i] =
			    (char)tolower((unsigned char)word.data[i]);
		buf_puts(&word, "-");
		css_say_call(
		    &compound->predicates, value, "", "", word.data, ")]");
	}
	buf_fini(&word);
	return rc;
}

static int
read_inner(struct css_reader *reader, struct css_compound *compound,
    const char *before, const char *behind, enum css_role role)
{
	int rc;

	if (reader->nesting == CSS_MAX_NESTING)
		return css_wrong(reader, "too many selectors within selectors");
	buf_puts(&compound->predicates, before);
	reader->nesting++;
	rc = css_read_list(reader, &compound->predicates, role);
	reader->nesting--;
	buf_puts(&compound->predicates, behind);
	return rc;
}

static int
call_pseudo(
    struct css_reader *reader, struct css_compound *compound, const char *name)
{
	static const struct {
		const char *name;
		bool last, of_type;
	} nths[] = {
	    {"nth-child", false, false},
	    {"nth-last-child", true, false},
	    {"nth-of-type", false, true},
	    {"nth-last-of-type", true, true},
	};

	for (size_t i = 0; i < COUNT_OF(nths); i++)
		if (strcasecmp(name, nths[i].name) == 0)
			return read_nth(
			    reader, compound, nths[i].last, nths[i].of_type);
	if (strcasecmp(name, "not") == 0)
		return read_inner(
		    reader, compound, "[not(", ")]", CSS_ROLE_MATCHES);
	if (strcasecmp(name, "is") == 0 || strcasecmp(name, "where") == 0 ||
	    strcasecmp(name, "matches") == 0)
		return read_inner(reader, compound, "[", "]", CSS_ROLE_MATCHES);
	if (strcasecmp(name, "has") == 0)
		return read_inner(reader, compound, "[", "]", CSS_ROLE_HAS);
	if (strcasecmp(name, "contains") == 0)
		return read_contains(reader, compound);
	if (strcasecmp(name, "lang") == 0)
		return read_lang(reader, compound);
	return css_wrong_word(reader, "no pseudo-class :", name, "() is known");
}

static bool
is_pseudo_element(const char *name)
{
	/* those that CSS 2 wrote with one colon */
	return strcasecmp(name, "before") == 0 ||
	       strcasecmp(name, "after") == 0 ||
	       strcasecmp(name, "first-line") == 0 ||
	       strcasecmp(name, "first-letter") == 0;
}

static int
read_named_pseudo(
    struct css_reader *reader, struct css_compound *compound, const char *name)
{
	if (is_pseudo_element(name))
		return css_wrong_word(reader, "::", name,
		    " is a pseudo-element: pages have none");
	if (!css_take(reader, '('))
		return plain_pseudo(reader, compound, name);
	css_skip_space(&reader->cursor);
	if (call_pseudo(reader, compound, name) != 0)
		return -1;
	css_skip_space(&reader->cursor);
	if (!css_take(reader, ')'))
		return css_wrong_word(reader, "')' must end :", name, "(");
	return 0;
}

int
css_read_pseudo(struct css_reader *reader, struct css_compound *compound)
{
	struct buf name;
	int rc;

	if (*reader->cursor.at == ':')
		return css_wrong(reader, "a pseudo-element: pages have none");
	buf_init(&name, CSS_MAX_BYTES);
	if (css_ident(&reader->cursor, &name))
		rc = read_named_pseudo(reader, compound, name.data);
	else
		rc = css_wrong(reader, "a name must follow the colon");
	buf_fini(&name);
	return rc;
}
