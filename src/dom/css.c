/* dom/css.c - selectors read in one pass, said again in XPath
 *
 * A selector is read into a chain of compounds ("a.b", combinator, "c"), each
 * with a node test and predicates that are XPath already; then the chain is
 * said as a path (from the left, `a/c`) or folded into one step that looks
 * back (`c[parent::a]`). Folding is what :not() and :is() need, what match
 * patterns need for siblings, and what libxml2 does fastest. Every condition is
 * a predicate of its own, and none is a number, so none depends on position.
 *
 * Selectors within selectors recurse, at most CSS_MAX_NESTING deep. */
#include "dom/css.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dom/css_word.h"
#include "dom/utf8.h"

enum {
	CSS_MAX_BYTES = 65536,	   /* a selector list */
	CSS_MAX_NESTING = 8,	   /* :not(:is(:has(... */
	CSS_MAX_COMPOUNDS = 32,	   /* "a b c" has three */
	CSS_MAX_PREDICATES = 65536 /* bytes of XPath for one compound */
};

struct compound {
	char combinator; /* ' ' '>' '+' '~': what stands before it */
	bool typed;	 /* it names an element */
	bool scope;	 /* it is :scope */
	struct buf test; /* "a", "*", "*[name() = 'a:b']" */
	struct buf predicates;
};

struct chain {
	size_t count;
	struct compound compounds[CSS_MAX_COMPOUNDS];
};

struct reader {
	struct css_cursor cursor;
	struct err *err;
	int nesting;
	bool as_pattern;
};

/* How a list within parentheses joins its outer compound. */
enum role { ROLE_MATCHES, ROLE_HAS };

static int read_list(struct reader *reader, struct buf *out, enum role role);

static int
wrong(const struct reader *reader, const char *what)
{
	const struct css_cursor *cursor = &reader->cursor;
	size_t at = 1;

	for (const char *p = cursor->text; p < cursor->at; p++)
		at += ((unsigned char)*p & 0xC0) != 0x80;
	return err_set(reader->err, "selector '%.200s', character %zu: %s",
	    cursor->text, at, what);
}

static int
wrong_word(const struct reader *reader, const char *before, const char *word,
    const char *behind)
{
	char what[160];

	snprintf(what, sizeof(what), "%s%.60s%s", before, word, behind);
	return wrong(reader, what);
}

static bool
take(struct reader *reader, char c)
{
	if (*reader->cursor.at != c)
		return false;
	reader->cursor.at++;
	return true;
}

/* ---- names ---- */

/* Two words of a qualified name: "ns|name", "*|name", "|name", "name". */
struct qname {
	struct buf space;
	struct buf name;
	bool any; /* the name is * */
};

static void
qname_init(struct qname *qname)
{
	buf_init(&qname->space, CSS_MAX_BYTES);
	buf_init(&qname->name, CSS_MAX_BYTES);
	qname->any = false;
}

static void
qname_fini(struct qname *qname)
{
	buf_fini(&qname->space);
	buf_fini(&qname->name);
}

/* "|" of a name and not of "|=" */
static bool
take_bar(struct reader *reader)
{
	if (reader->cursor.at[0] != '|' || reader->cursor.at[1] == '=')
		return false;
	reader->cursor.at++;
	return true;
}

/* 1: there is one, 0: there is none, -1 */
static int
read_qname(struct reader *reader, struct qname *qname)
{
	bool star = take(reader, '*');
	bool word = !star && css_ident(&reader->cursor, &qname->name);

	if (!take_bar(reader)) {
		qname->any = star;
		return star || word;
	}
	if (word) {
		buf_puts(&qname->space, qname->name.data);
		buf_clear(&qname->name);
	}
	if (take(reader, '*'))
		qname->any = true;
	else if (!css_ident(&reader->cursor, &qname->name))
		return wrong(reader, "a name must follow the bar");
	return 1;
}

/* How XPath says the name on an axis: 'a', 'ns:a', '*', or by name(). */
static void
say_qname(struct buf *out, const struct qname *qname, const char *any_of_axis)
{
	struct buf full;
	bool spaced = qname->space.len > 0;

	if (qname->any && !spaced) {
		buf_puts(out, any_of_axis);
		return;
	}
	buf_init(&full, CSS_MAX_BYTES);
	if (spaced)
		buf_printf(&full, "%s:", qname->space.data);
	buf_puts(&full, qname->any ? "*" : qname->name.data);
	if ((!spaced || css_is_plain_name(qname->space.data)) &&
	    (qname->any || css_is_plain_name(qname->name.data))) {
		buf_puts(out, full.data);
	} else {
		buf_printf(out, "%s[name() = ", any_of_axis);
		css_xpath_string(out, full.data);
		buf_putc(out, ']');
	}
	buf_fini(&full);
}

static int
read_type(struct reader *reader, struct compound *compound)
{
	struct qname qname;
	int rc;

	qname_init(&qname);
	rc = read_qname(reader, &qname);
	if (rc == 1) {
		compound->typed = !qname.any;
		say_qname(&compound->test, &qname, "*");
	} else if (rc == 0) {
		buf_putc(&compound->test, '*');
	}
	qname_fini(&qname);
	return rc;
}

/* ---- attributes ---- */

static void
predicate_never(struct compound *compound)
{
	buf_puts(&compound->predicates, "[false()]");
}

/* "[", the attribute, what stands between, the value as a string */
static void
say_call(struct buf *out, const char *before, const char *attribute,
    const char *between, const char *value, const char *behind)
{
	buf_puts(out, before);
	buf_puts(out, attribute);
	buf_puts(out, between);
	css_xpath_string(out, value);
	buf_puts(out, behind);
}

static void
say_includes(
    struct compound *compound, const char *attribute, const char *value)
{
	struct buf padded;

	if (!*value || strpbrk(value, " \t\r\n\f")) {
		predicate_never(compound);
		return;
	}
	buf_init(&padded, CSS_MAX_BYTES);
	buf_printf(&padded, " %s ", value);
	say_call(&compound->predicates,
	    "[contains(concat(' ', "
	    "normalize-space(",
	    attribute, "), ' '), ", padded.data ? padded.data : "", ")]");
	buf_fini(&padded);
}

static void
say_dash(struct compound *compound, const char *attribute, const char *value)
{
	struct buf *out = &compound->predicates;
	struct buf dashed;

	buf_init(&dashed, CSS_MAX_BYTES);
	buf_printf(&dashed, "%s-", value);
	say_call(out, "[", attribute, " = ", value, " or ");
	say_call(out, "starts-with(", attribute, ", ",
	    dashed.data ? dashed.data : "", ")]");
	buf_fini(&dashed);
}

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static void
say_suffix(struct compound *compound, const char *attribute, const char *value)
{
	struct buf *out = &compound->predicates;

	buf_printf(out, "[substring(%s, string-length(%s) - %zu) = ", attribute,
	    attribute, characters(value) - 1);
	css_xpath_string(out, value);
	buf_putc(out, ']');
}

static void
say_differs(struct compound *compound, const char *attribute, const char *value)
{
	struct buf *out = &compound->predicates;

	buf_putc(out, '[');
	/* an empty value asks for one that is there and not empty */
	if (*value)
		buf_printf(out, "not(%s) or ", attribute);
	say_call(out, "", attribute, " != ", value, "]");
}

static void
say_attribute(struct compound *compound, const char *attribute, char op,
    const char *value)
{
	struct buf *out = &compound->predicates;

	if (op == '=')
		say_call(out, "[", attribute, " = ", value, "]");
	else if (op == '!')
		say_differs(compound, attribute, value);
	else if (op == '~')
		say_includes(compound, attribute, value);
	else if (op == '|')
		say_dash(compound, attribute, value);
	else if (!*value)
		predicate_never(compound);
	else if (op == '^')
		say_call(out, "[starts-with(", attribute, ", ", value, ")]");
	else if (op == '*')
		say_call(out, "[contains(", attribute, ", ", value, ")]");
	else
		say_suffix(compound, attribute, value);
}

/* The operator without its "="; ']' when there is none, 0 when it is wrong. */
static char
read_operator(struct reader *reader)
{
	const char *at = reader->cursor.at;

	if (*at == ']' || *at == '=') {
		reader->cursor.at++;
		return *at;
	}
	if (!*at || !strchr("~|^$*!", *at) || at[1] != '=')
		return '\0';
	reader->cursor.at += 2;
	return *at;
}

static int
read_value(struct reader *reader, struct buf *value)
{
	css_skip_space(&reader->cursor);
	if (!css_string(&reader->cursor, value)) {
		if (strchr("'\"", *reader->cursor.at) && *reader->cursor.at)
			return wrong(reader, "the string does not end");
		if (!css_ident(&reader->cursor, value))
			return wrong(reader, "a word or a string in quotes "
					     "must follow the operator");
	}
	css_skip_space(&reader->cursor);
	if (!take(reader, ']'))
		return wrong(reader, "']' must follow the value");
	return 0;
}

static int
read_operation(
    struct reader *reader, struct compound *compound, const char *attribute)
{
	struct buf value;
	char op;
	int rc = -1;

	css_skip_space(&reader->cursor);
	op = read_operator(reader);
	if (op == '\0')
		return wrong(reader, "']' or an operator must follow the "
				     "attribute's name");
	if (op == ']') {
		buf_printf(&compound->predicates, "[%s]", attribute);
		return 0;
	}
	buf_init(&value, CSS_MAX_BYTES);
	buf_puts(&value, "");
	rc = read_value(reader, &value);
	if (rc == 0)
		say_attribute(compound, attribute, op, value.data);
	buf_fini(&value);
	return rc;
}

static int
read_attribute(struct reader *reader, struct compound *compound)
{
	struct buf attribute;
	struct qname qname;
	int rc;

	buf_init(&attribute, CSS_MAX_BYTES);
	qname_init(&qname);
	css_skip_space(&reader->cursor);
	rc = read_qname(reader, &qname);
	if (rc == 0 || (rc == 1 && qname.any))
		rc = wrong(reader, "an attribute's name must follow '['");
	if (rc == 1) {
		buf_putc(&attribute, '@');
		say_qname(&attribute, &qname, "*");
		rc = read_operation(reader, compound, attribute.data);
	}
	qname_fini(&qname);
	buf_fini(&attribute);
	return rc;
}

static int
read_class(struct reader *reader, struct compound *compound)
{
	struct buf name;
	int rc = 0;

	buf_init(&name, CSS_MAX_BYTES);
	if (css_ident(&reader->cursor, &name))
		say_includes(compound, "@class", name.data);
	else
		rc = wrong(reader, "a class name must follow the dot");
	buf_fini(&name);
	return rc;
}

static int
read_id(struct reader *reader, struct compound *compound)
{
	struct buf name;
	int rc = 0;

	buf_init(&name, CSS_MAX_BYTES);
	if (css_name(&reader->cursor, &name))
		say_call(
		    &compound->predicates, "[", "@id", " = ", name.data, "]");
	else
		rc = wrong(reader, "a name must follow '#'");
	buf_fini(&name);
	return rc;
}

/* ---- pseudo-classes without parentheses ---- */

static int
no_siblings(struct reader *reader, struct compound *compound, const char *sides,
    bool of_type)
{
	struct buf *out = &compound->predicates;
	const char *test = of_type ? compound->test.data : "*";

	if (of_type && !compound->typed)
		return wrong(reader, "of-type needs the element's name "
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
say_scope(struct reader *reader, struct compound *compound)
{
	if (reader->as_pattern || reader->nesting > 0 || compound->typed ||
	    compound->predicates.len > 0)
		return wrong(reader,
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
plain_pseudo(struct reader *reader, struct compound *compound, const char *name)
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
		predicate_never(compound);
	else
		return wrong_word(
		    reader, "no pseudo-class :", name, " is known");
	return 0;
}

/* ---- pseudo-classes with parentheses ---- */

/* a*n + b is the place among siblings, counted from 1, for some n >= 0. With
 * `before` siblings on the one side: before = a*n + (b - 1). */
static void
say_nth(
    struct compound *compound, const char *axis, const char *test, int a, int b)
{
	struct buf *out = &compound->predicates;
	int least = b - 1;
	int step = a < 0 ? -a : a;
	int shift;

	if (a <= 0 && least < 0) {
		predicate_never(compound);
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
read_nth(
    struct reader *reader, struct compound *compound, bool last, bool of_type)
{
	int a, b;

	if (of_type && !compound->typed)
		return wrong(reader, "of-type needs the element's name "
				     "before it");
	if (!css_an_plus_b(&reader->cursor, &a, &b))
		return wrong(reader, "a place like 2, odd or 2n+1 belongs "
				     "here");
	say_nth(compound, last ? "following-sibling::" : "preceding-sibling::",
	    of_type ? compound->test.data : "*", a, b);
	return 0;
}

/* word is set up here, and the caller's to end. */
static int
read_word(struct reader *reader, struct buf *word)
{
	buf_init(word, CSS_MAX_BYTES);
	buf_puts(word, "");
	if (css_string(&reader->cursor, word) ||
	    (buf_clear(word), css_ident(&reader->cursor, word)))
		return 0;
	return wrong(reader, "one word or string belongs here");
}

static int
read_contains(struct reader *reader, struct compound *compound)
{
	struct buf word;
	int rc = read_word(reader, &word);

	if (rc == 0)
		say_call(&compound->predicates, "[contains(., ", "", "",
		    word.data, ")]");
	buf_fini(&word);
	return rc;
}

/* XPath's lang() looks at xml:lang alone, and only at one that has its
 * namespace, which HTML has not: the nearest of either spelling counts. */
static int
read_lang(struct reader *reader, struct compound *compound)
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
		say_call(&compound->predicates, value, "", "", word.data, ")]");
	}
	buf_fini(&word);
	return rc;
}

static int
read_inner(struct reader *reader, struct compound *compound, const char *before,
    const char *behind, enum role role)
{
	int rc;

	if (reader->nesting == CSS_MAX_NESTING)
		return wrong(reader, "too many selectors within selectors");
	buf_puts(&compound->predicates, before);
	reader->nesting++;
	rc = read_list(reader, &compound->predicates, role);
	reader->nesting--;
	buf_puts(&compound->predicates, behind);
	return rc;
}

static int
call_pseudo(struct reader *reader, struct compound *compound, const char *name)
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
		    reader, compound, "[not(", ")]", ROLE_MATCHES);
	if (strcasecmp(name, "is") == 0 || strcasecmp(name, "where") == 0 ||
	    strcasecmp(name, "matches") == 0)
		return read_inner(reader, compound, "[", "]", ROLE_MATCHES);
	if (strcasecmp(name, "has") == 0)
		return read_inner(reader, compound, "[", "]", ROLE_HAS);
	if (strcasecmp(name, "contains") == 0)
		return read_contains(reader, compound);
	if (strcasecmp(name, "lang") == 0)
		return read_lang(reader, compound);
	return wrong_word(reader, "no pseudo-class :", name, "() is known");
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
    struct reader *reader, struct compound *compound, const char *name)
{
	if (is_pseudo_element(name))
		return wrong_word(reader, "::", name,
		    " is a pseudo-element: pages have none");
	if (!take(reader, '('))
		return plain_pseudo(reader, compound, name);
	css_skip_space(&reader->cursor);
	if (call_pseudo(reader, compound, name) != 0)
		return -1;
	css_skip_space(&reader->cursor);
	if (!take(reader, ')'))
		return wrong_word(reader, "')' must end :", name, "(");
	return 0;
}

static int
read_pseudo(struct reader *reader, struct compound *compound)
{
	struct buf name;
	int rc;

	if (*reader->cursor.at == ':')
		return wrong(reader, "a pseudo-element: pages have none");
	buf_init(&name, CSS_MAX_BYTES);
	if (css_ident(&reader->cursor, &name))
		rc = read_named_pseudo(reader, compound, name.data);
	else
		rc = wrong(reader, "a name must follow the colon");
	buf_fini(&name);
	return rc;
}

/* ---- chains ---- */

static void
chain_fini(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		buf_fini(&chain->compounds[i].test);
		buf_fini(&chain->compounds[i].predicates);
	}
}

static int
read_compound(struct reader *reader, struct compound *compound)
{
	int has_type = read_type(reader, compound);
	int rc = 0;

	if (has_type < 0)
		return -1;
	for (const char *from = reader->cursor.at; rc == 0;) {
		if (take(reader, '#'))
			rc = read_id(reader, compound);
		else if (take(reader, '.'))
			rc = read_class(reader, compound);
		else if (take(reader, '['))
			rc = read_attribute(reader, compound);
		else if (take(reader, ':'))
			rc = read_pseudo(reader, compound);
		else if (has_type == 0 && reader->cursor.at == from)
			return wrong(reader, "a selector belongs here");
		else
			break;
	}
	return rc;
}

/* The combinator here, '\0' at the end of the selector. Steps over it. */
static char
read_combinator(struct reader *reader)
{
	bool space = css_skip_space(&reader->cursor);
	char c = *reader->cursor.at;

	if (c == '>' || c == '+' || c == '~') {
		reader->cursor.at++;
		css_skip_space(&reader->cursor);
		return c;
	}
	if (c == '\0' || c == ',' || c == ')')
		return '\0';
	return space ? ' ' : '?';
}

static int
read_chain(struct reader *reader, struct chain *chain, char first)
{
	char combinator = first;

	do {
		struct compound *compound;

		if (chain->count == CSS_MAX_COMPOUNDS)
			return wrong(reader, "too long a selector");
		compound = &chain->compounds[chain->count++];
		compound->combinator = combinator;
		buf_init(&compound->test, CSS_MAX_PREDICATES);
		buf_init(&compound->predicates, CSS_MAX_PREDICATES);
		if (read_compound(reader, compound) != 0)
			return -1;
		if (compound->scope && chain->count > 1)
			return wrong(reader, ":scope may only begin a "
					     "selector");
		if (compound->test.failed || compound->predicates.failed)
			return wrong(reader, "too long a selector");
		combinator = read_combinator(reader);
		if (combinator == '?')
			return wrong(reader, "this cannot stand here");
	} while (combinator);
	return 0;
}

/* ---- saying it ---- */

static void
say_compound(struct buf *out, const struct compound *compound)
{
	buf_puts(out, compound->test.data);
	if (compound->predicates.len)
		buf_puts(out, compound->predicates.data);
}

/* Where the element on the left of a combinator is, seen from the right. */
static const char *
looking_back(char combinator)
{
	switch (combinator) {
	case '>':
		return "[parent::";
	case '+':
		return "[preceding-sibling::*[1][self::";
	case '~':
		return "[preceding-sibling::";
	default:
		return "[ancestor::";
	}
}

/* The compound before `to`, with those from `from` on as its conditions. */
static void
say_folded(struct buf *out, const struct chain *chain, size_t from, size_t to)
{
	size_t open = 0;

	for (size_t i = to; i-- > from;) {
		say_compound(out, &chain->compounds[i]);
		if (i == from)
			break;
		buf_puts(out, looking_back(chain->compounds[i].combinator));
		open += chain->compounds[i].combinator == '+' ? 2 : 1;
	}
	while (open--)
		buf_putc(out, ']');
}

/* One step to the right. */
static void
say_step(struct buf *out, const struct compound *compound)
{
	bool next = compound->combinator == '+';

	buf_puts(out, compound->combinator == '>'   ? "/"
		      : compound->combinator == '~' ? "/following-sibling::"
		      : next ? "/following-sibling::*[1][self::"
			     : "/descendant::");
	say_compound(out, compound);
	if (next)
		buf_putc(out, ']');
}

static bool
is_sibling(const struct compound *compound)
{
	return compound->combinator == '+' || compound->combinator == '~';
}

/* Only names, below each other: libxml2 finds such paths in one walk. */
static bool
is_stream(const struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->compounds[i].predicates.len > 0 ||
		    is_sibling(&chain->compounds[i]))
			return false;
	return true;
}

/* Patterns are sought in the whole page, so all but parents can be looked for
 * from the right. From the left, libxml2 compares every element found below
 * one ancestor with every one found below the others: 25 s for "div a" in a
 * page of 2 MB, where this way takes 30 ms. */
static void
say_pattern(struct buf *out, const struct chain *chain)
{
	bool stream = is_stream(chain);
	size_t folded = 1;

	for (size_t i = 1; !stream && i < chain->count; i++)
		if (chain->compounds[i].combinator != '>')
			folded = i + 1;
	say_folded(out, chain, 0, folded);
	for (size_t i = folded; i < chain->count; i++) {
		buf_puts(
		    out, chain->compounds[i].combinator == '>' ? "/" : "//");
		say_compound(out, &chain->compounds[i]);
	}
}

/* From the left, since ancestors outside of the context do not count; only
 * siblings are looked for from the right. */
static void
say_path(struct buf *out, const struct chain *chain)
{
	size_t from = 0;

	while (from < chain->count) {
		size_t to = from + 1;

		while (to < chain->count && is_sibling(&chain->compounds[to]))
			to++;
		if (from > 0)
			buf_puts(out, chain->compounds[from].combinator == '>'
					  ? "/"
					  : "/descendant::");
		say_folded(out, chain, from, to);
		from = to;
	}
}

static void
say_scoped(struct buf *out, const struct chain *chain)
{
	say_compound(out, &chain->compounds[0]);
	for (size_t i = 1; i < chain->count; i++)
		say_step(out, &chain->compounds[i]);
}

/* The first step of what :has() looks for. */
static void
say_relative(struct buf *out, const struct chain *chain)
{
	const struct compound *first = &chain->compounds[0];
	bool next = first->combinator == '+';

	buf_puts(out, first->combinator == '>'	 ? "child::"
		      : first->combinator == '~' ? "following-sibling::"
		      : next ? "following-sibling::*[1][self::"
			     : "descendant::");
	say_compound(out, first);
	if (next)
		buf_putc(out, ']');
	for (size_t i = 1; i < chain->count; i++)
		say_step(out, &chain->compounds[i]);
}

/* One selector of a list in parentheses, as a condition. */
static int
read_condition(struct reader *reader, struct buf *out, enum role role)
{
	struct chain *chain = mem_new(sizeof(*chain));
	char first = '\0';
	int rc;

	css_skip_space(&reader->cursor);
	if (role == ROLE_HAS && *reader->cursor.at &&
	    strchr(">+~", *reader->cursor.at))
		first = read_combinator(reader);
	rc = read_chain(reader, chain, first);
	if (rc == 0 && role == ROLE_HAS) {
		say_relative(out, chain);
	} else if (rc == 0) {
		buf_puts(out, "self::");
		say_folded(out, chain, 0, chain->count);
	}
	chain_fini(chain);
	mem_free(&chain);
	return rc;
}

static int
read_list(struct reader *reader, struct buf *out, enum role role)
{
	const char * or = "";

	do {
		buf_puts(out, or);
		if (read_condition(reader, out, role) != 0)
			return -1;
		or = " or ";
	} while (take(reader, ','));
	return 0;
}

static int
read_selector(struct reader *reader, struct buf *out, const char *prefix)
{
	struct chain *chain = mem_new(sizeof(*chain));
	int rc;

	css_skip_space(&reader->cursor);
	rc = read_chain(reader, chain, '\0');
	if (rc == 0) {
		buf_puts(out, prefix);
		if (reader->as_pattern)
			say_pattern(out, chain);
		else if (chain->compounds[0].scope)
			say_scoped(out, chain);
		else
			say_path(out, chain);
	}
	chain_fini(chain);
	mem_free(&chain);
	return rc;
}

static int
read_selectors(struct reader *reader, struct buf *out, const char *prefix)
{
	const char * or = "";

	do {
		buf_puts(out, or);
		if (read_selector(reader, out, prefix) != 0)
			return -1;
		or = " | ";
	} while (take(reader, ','));
	if (*reader->cursor.at)
		return wrong(reader, "this cannot stand here");
	return 0;
}

int
css_to_xpath(struct buf *out, const char *selectors, const char *prefix,
    bool as_pattern, struct err *err)
{
	struct reader reader = {
	    .cursor = {selectors, selectors},
	    .err = err,
	    .as_pattern = as_pattern,
	};
	size_t len = strlen(selectors);
	size_t before = out->len;
	int rc;

	if (len > CSS_MAX_BYTES)
		return err_set(
		    err, "a selector has more than %d bytes", CSS_MAX_BYTES);
	if (utf8_clean_len(selectors, len) != len)
		return err_set(err, "a selector is not UTF-8");
	rc = read_selectors(&reader, out, prefix);
	if (rc == 0 && out->failed)
		rc = wrong(&reader, "too long a selector");
	if (rc != 0 && out->len > before) {
		out->len = before;
		out->data[before] = '\0';
	}
	return rc;
}
