/* dom/css_name.c - where a selector is read, what is wrong there, and names */
#include "dom/css_inside.h"

#include <stdio.h>

int
css_wrong(const struct css_reader *reader, const char *what)
{
	const struct css_cursor *cursor = &reader->cursor;
	size_t at = 1;

	for (const char *p = cursor->text; p < cursor->at; p++)
		at += ((unsigned char)*p & 0xC0) != 0x80;
	return err_set(reader->err, "selector '%.200s', character %zu: %s",
	    cursor->text, at, what);
}

int
css_wrong_word(const struct css_reader *reader, const char *before,
    const char *word, const char *behind)
{
	char what[160];

	snprintf(what, sizeof(what), "%s%.60s%s", before, word, behind);
	return css_wrong(reader, what);
}

bool
css_take(struct css_reader *reader, char c)
{
	if (*reader->cursor.at != c)
		return false;
	reader->cursor.at++;
	return true;
}

/* ---- names ---- */

void
css_qname_init(struct css_qname *qname)
{
	buf_init(&qname->space, CSS_MAX_BYTES);
	buf_init(&qname->name, CSS_MAX_BYTES);
	qname->any = false;
}

void
css_qname_fini(struct css_qname *qname)
{
	buf_fini(&qname->space);
	buf_fini(&qname->name);
}

/* "|" of a name and not of "|=" */
static bool
take_bar(struct css_reader *reader)
{
	if (reader->cursor.at[0] != '|' || reader->cursor.at[1] == '=')
		return false;
	reader->cursor.at++;
	return true;
}

/* 1: there is one, 0: there is none, -1 */
int
css_read_qname(struct css_reader *reader, struct css_qname *qname)
{
	bool star = css_take(reader, '*');
	bool word = !star && css_ident(&reader->cursor, &qname->name);

	if (!take_bar(reader)) {
		qname->any = star;
		return star || word;
	}
	if (word) {
		buf_puts(&qname->space, qname->name.data);
		buf_clear(&qname->name);
	}
	if (css_take(reader, '*'))
		qname->any = true;
	else if (!css_ident(&reader->cursor, &qname->name))
		return css_wrong(reader, "a name must follow the bar");
	return 1;
}

/* How XPath says the name on an axis: 'a', 'ns:a', '*', or by name(). */
void
css_say_qname(
    struct buf *out, const struct css_qname *qname, const char *any_of_axis)
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
