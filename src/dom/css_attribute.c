/* dom/css_attribute.c - [attribute], .class and #id as predicates of XPath */
#include "dom/css_inside.h"

#include <string.h>

void
css_say_never(struct css_compound *compound)
{
	buf_puts(&compound->predicates, "[false()]");
}

/* "[", the attribute, what stands between, the value as a string */
void
css_say_call(struct buf *out, const char *before, const char *attribute,
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
    struct css_compound *compound, const char *attribute, const char *value)
{
	struct buf padded;

	if (!*value || strpbrk(value, " \t\r\n\f")) {
		css_say_never(compound);
		return;
	}
	buf_init(&padded, CSS_MAX_BYTES);
	buf_printf(&padded, " %s ", value);
	css_say_call(&compound->predicates,
	    "[contains(concat(' ', "
	    "normalize-space(",
	    attribute, "), ' '), ", padded.data ? padded.data : "", ")]");
	buf_fini(&padded);
}

static void
say_dash(
    struct css_compound *compound, const char *attribute, const char *value)
{
	struct buf *out = &compound->predicates;
	struct buf dashed;

	buf_init(&dashed, CSS_MAX_BYTES);
	buf_printf(&dashed, "%s-", value);
	css_say_call(out, "[", attribute, " = ", value, " or ");
	css_say_call(out, "starts-with(", attribute, ", ",
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
say_suffix(
    struct css_compound *compound, const char *attribute, const char *value)
{
	struct buf *out = &compound->predicates;

	buf_printf(out, "[substring(%s, string-length(%s) - %zu) = ", attribute,
	    attribute, characters(value) - 1);
	css_xpath_string(out, value);
	buf_putc(out, ']');
}

static void
say_differs(
    struct css_compound *compound, const char *attribute, const char *value)
{
	struct buf *out = &compound->predicates;

	buf_putc(out, '[');
	/* an empty value asks for one that is there and not empty */
	if (*value)
		buf_printf(out, "not(%s) or ", attribute);
	css_say_call(out, "", attribute, " != ", value, "]");
}

static void
say_attribute(struct css_compound *compound, const char *attribute, char op,
    const char *value)
{
	struct buf *out = &compound->predicates;

	if (op == '=')
		css_say_call(out, "[", attribute, " = ", value, "]");
	else if (op == '!')
		say_differs(compound, attribute, value);
	else if (op == '~')
		say_includes(compound, attribute, value);
	else if (op == '|')
		say_dash(compound, attribute, value);
	else if (!*value)
		css_say_never(compound);
	else if (op == '^')
		css_say_call(
		    out, "[starts-with(", attribute, ", ", value, ")]");
	else if (op == '*')
		css_say_call(out, "[contains(", attribute, ", ", value, ")]");
	else
		say_suffix(compound, attribute, value);
}

/* The operator without its "="; ']' when there is none, 0 when it is wrong. */
static char
read_operator(struct css_reader *reader)
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
read_value(struct css_reader *reader, struct buf *value)
{
	css_skip_space(&reader->cursor);
	if (!css_string(&reader->cursor, value)) {
		if (strchr("'\"", *reader->cursor.at) && *reader->cursor.at)
			return css_wrong(reader, "the string does not end");
		if (!css_ident(&reader->cursor, value))
			return css_wrong(reader, "a word or a string in quotes "
						 "must follow the operator");
	}
	css_skip_space(&reader->cursor);
	if (!css_take(reader, ']'))
		return css_wrong(reader, "']' must follow the value");
	return 0;
}

static int
read_operation(struct css_reader *reader, struct css_compound *compound,
    const char *attribute)
{
	struct buf value;
	char op;
	int rc = -1;

	css_skip_space(&reader->cursor);
	op = read_operator(reader);
	if (op == '\0')
		return css_wrong(reader, "']' or an operator must follow the "
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

int
css_read_attribute(struct css_reader *reader, struct css_compound *compound)
{
	struct buf attribute;
	struct css_qname qname;
	int rc;

	buf_init(&attribute, CSS_MAX_BYTES);
	css_qname_init(&qname);
	css_skip_space(&reader->cursor);
	rc = css_read_qname(reader, &qname);
	if (rc == 0 || (rc == 1 && qname.any))
		rc = css_wrong(reader, "an attribute's name must follow '['");
	if (rc == 1) {
		buf_putc(&attribute, '@');
		css_say_qname(&attribute, &qname, "*");
		rc = read_operation(reader, compound, attribute.data);
	}
	css_qname_fini(&qname);
	buf_fini(&attribute);
	return rc;
}

int
css_read_class(struct css_reader *reader, struct css_compound *compound)
{
	struct buf name;
	int rc = 0;

	buf_init(&name, CSS_MAX_BYTES);
	if (css_ident(&reader->cursor, &name))
		say_includes(compound, "@class", name.data);
	else
		rc = css_wrong(reader, "a class name must follow the dot");
	buf_fini(&name);
	return rc;
}

int
css_read_id(struct css_reader *reader, struct css_compound *compound)
{
	struct buf name;
	int rc = 0;

	buf_init(&name, CSS_MAX_BYTES);
	if (css_name(&reader->cursor, &name))
		css_say_call(
		    &compound->predicates, "[", "@id", " = ", name.data, "]");
	else
		rc = css_wrong(reader, "a name must follow '#'");
	buf_fini(&name);
	return rc;
}
