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

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dom/css_inside.h"
#include "dom/utf8.h"

/* ---- chains ---- */

static int
read_type(struct css_reader *reader, struct css_compound *compound)
{
	struct css_qname qname;
	int rc;

	css_qname_init(&qname);
	rc = css_read_qname(reader, &qname);
	if (rc == 1) {
		compound->typed = !qname.any;
		css_say_qname(&compound->test, &qname, "*");
	} else if (rc == 0) {
		buf_putc(&compound->test, '*');
	}
	css_qname_fini(&qname);
	return rc;
}

static void
chain_fini(struct css_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		buf_fini(&chain->compounds[i].test);
		buf_fini(&chain->compounds[i].predicates);
	}
}

static int
read_compound(struct css_reader *reader, struct css_compound *compound)
{
	int has_type = read_type(reader, compound);
	int rc = 0;

	if (has_type < 0)
		return -1;
	for (const char *from = reader->cursor.at; rc == 0;) {
		if (css_take(reader, '#'))
			rc = css_read_id(reader, compound);
		else if (css_take(reader, '.'))
			rc = css_read_class(reader, compound);
		else if (css_take(reader, '['))
			rc = css_read_attribute(reader, compound);
		else if (css_take(reader, ':'))
			rc = css_read_pseudo(reader, compound);
		else if (has_type == 0 && reader->cursor.at == from)
			return css_wrong(reader, "a selector belongs here");
		else
			break;
	}
	return rc;
}

/* The combinator here, '\0' at the end of the selector. Steps over it. */
static char
read_combinator(struct css_reader *reader)
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
read_chain(struct css_reader *reader, struct css_chain *chain, char first)
{
	char combinator = first;

	do {
		struct css_compound *compound;

		if (chain->count == CSS_MAX_COMPOUNDS)
			return css_wrong(reader, "too long a selector");
		compound = &chain->compounds[chain->count++];
		compound->combinator = combinator;
		buf_init(&compound->test, CSS_MAX_PREDICATES);
		buf_init(&compound->predicates, CSS_MAX_PREDICATES);
		if (read_compound(reader, compound) != 0)
			return -1;
		if (compound->scope && chain->count > 1)
			return css_wrong(reader, ":scope may only begin a "
						 "selector");
		if (compound->test.failed || compound->predicates.failed)
			return css_wrong(reader, "too long a selector");
		combinator = read_combinator(reader);
		if (combinator == '?')
			return css_wrong(reader, "this cannot stand here");
	} while (combinator);
	return 0;
}

/* ---- saying it ---- */

static void
say_compound(struct buf *out, const struct css_compound *compound)
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
say_folded(
    struct buf *out, const struct css_chain *chain, size_t from, size_t to)
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
say_step(struct buf *out, const struct css_compound *compound)
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
is_sibling(const struct css_compound *compound)
{
	return compound->combinator == '+' || compound->combinator == '~';
}

/* Only names, below each other: libxml2 finds such paths in one walk. */
static bool
is_stream(const struct css_chain *chain)
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
say_pattern(struct buf *out, const struct css_chain *chain)
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
say_path(struct buf *out, const struct css_chain *chain)
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
say_scoped(struct buf *out, const struct css_chain *chain)
{
	say_compound(out, &chain->compounds[0]);
	for (size_t i = 1; i < chain->count; i++)
		say_step(out, &chain->compounds[i]);
}

/* The first step of what :has() looks for. */
static void
say_relative(struct buf *out, const struct css_chain *chain)
{
	const struct css_compound *first = &chain->compounds[0];
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
read_condition(struct css_reader *reader, struct buf *out, enum css_role role)
{
	struct css_chain *chain = mem_new(sizeof(*chain));
	char first = '\0';
	int rc;

	css_skip_space(&reader->cursor);
	if (role == CSS_ROLE_HAS && *reader->cursor.at &&
	    strchr(">+~", *reader->cursor.at))
		first = read_combinator(reader);
	rc = read_chain(reader, chain, first);
	if (rc == 0 && role == CSS_ROLE_HAS) {
		say_relative(out, chain);
	} else if (rc == 0) {
		buf_puts(out, "self::");
		say_folded(out, chain, 0, chain->count);
	}
	chain_fini(chain);
	mem_free(&chain);
	return rc;
}

int
css_read_list(struct css_reader *reader, struct buf *out, enum css_role role)
{
	const char * or = "";

	do {
		buf_puts(out, or);
		if (read_condition(reader, out, role) != 0)
			return -1;
		or = " or ";
	} while (css_take(reader, ','));
	return 0;
}

static int
read_selector(struct css_reader *reader, struct buf *out, const char *prefix)
{
	struct css_chain *chain = mem_new(sizeof(*chain));
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
read_selectors(struct css_reader *reader, struct buf *out, const char *prefix)
{
	const char * or = "";

	do {
		buf_puts(out, or);
		if (read_selector(reader, out, prefix) != 0)
			return -1;
		or = " | ";
	} while (css_take(reader, ','));
	if (*reader->cursor.at)
		return css_wrong(reader, "this cannot stand here");
	return 0;
}

int
css_to_xpath(struct buf *out, const char *selectors, const char *prefix,
    bool as_pattern, struct err *err)
{
	struct css_reader reader = {
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
		rc = css_wrong(&reader, "too long a selector");
	if (rc != 0 && out->len > before) {
		out->len = before;
		out->data[before] = '\0';
	}
	return rc;
}
