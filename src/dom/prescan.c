/* dom/prescan.c - looking for <meta charset> before there is a parser
 *
 * The standard's own small reader: it knows comments, tags and attributes, and
 * nothing of scripts or of what may stand where. What a page says here is ASCII
 * by what it is read as, so it cannot mean UTF-16.
 *
 * A meta element that comes later makes a browser begin again when its parser
 * finds it; that is done here by a second look, which goes further and knows
 * of scripts and other text that is no markup. */
#include "dom/prescan.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "dom/label.h"

enum {
	SOON = 1024, /* bytes, as the standard has it */
	LATE = 65536
};

struct reader {
	const char *p, *end;
	bool skip_raw;
};

struct attribute {
	const char *name, *value;
	size_t name_len, value_len;
};

/* The encoding by this name, where it is said in ASCII. */
static const char *
in_ascii(const char *label, size_t len)
{
	const char *name = label_find(label, len);

	if (!name && len == 14 && strncasecmp(label, "x-user-defined", 14) == 0)
		return "WINDOWS-1252";
	return name && strncmp(name, "UTF-16", 6) == 0 ? label_utf8 : name;
}

static void
skip_space(struct reader *reader)
{
	while (reader->p < reader->end && label_is_space(*reader->p))
		reader->p++;
}

/* ---- an attribute ---- */

static void
read_name(struct reader *reader, struct attribute *attribute)
{
	attribute->name = reader->p;
	while (reader->p < reader->end && !label_is_space(*reader->p) &&
	       *reader->p != '/' && *reader->p != '>' &&
	       (*reader->p != '=' || reader->p == attribute->name))
		reader->p++;
	attribute->name_len = (size_t)(reader->p - attribute->name);
}

static void
read_value(struct reader *reader, struct attribute *attribute)
{
	char quote = '\0';

	if (reader->p < reader->end &&
	    (*reader->p == '"' || *reader->p == '\''))
		quote = *reader->p++;
	attribute->value = reader->p;
	while (reader->p < reader->end &&
	       (quote ? *reader->p != quote
		      : !label_is_space(*reader->p) && *reader->p != '>'))
		reader->p++;
	attribute->value_len = (size_t)(reader->p - attribute->value);
	if (quote && reader->p < reader->end)
		reader->p++;
}

/* False when the tag ends here, or the bytes do. */
static bool
next_attribute(struct reader *reader, struct attribute *attribute)
{
	while (reader->p < reader->end &&
	       (label_is_space(*reader->p) || *reader->p == '/'))
		reader->p++;
	if (reader->p == reader->end || *reader->p == '>')
		return false;
	read_name(reader, attribute);
	attribute->value = "";
	attribute->value_len = 0;
	skip_space(reader);
	if (reader->p < reader->end && *reader->p == '=') {
		reader->p++;
		skip_space(reader);
		read_value(reader, attribute);
	}
	return reader->p < reader->end;
}

static bool
is(const struct attribute *attribute, const char *name)
{
	return attribute->name_len == strlen(name) &&
	       strncasecmp(attribute->name, name, attribute->name_len) == 0;
}

/* ---- meta ---- */

/* The encoding in a content attribute: "text/html; charset=x". */
static const char *
in_content(const struct attribute *attribute)
{
	struct reader reader = {
	    .p = attribute->value,
	    .end = attribute->value + attribute->value_len,
	};
	const char *from, *to;

	for (;; reader.p++) {
		if (reader.end - reader.p < 8)
			return NULL;
		if (strncasecmp(reader.p, "charset", 7) != 0)
			continue;
		reader.p += 7;
		skip_space(&reader);
		if (reader.p < reader.end && *reader.p == '=')
			break;
		reader.p--; /* what is here may begin another one */
	}
	reader.p++;
	skip_space(&reader);
	if (reader.p == reader.end)
		return NULL;
	if (*reader.p == '"' || *reader.p == '\'') {
		from = reader.p + 1;
		to = memchr(from, *reader.p, (size_t)(reader.end - from));
		return to ? in_ascii(from, (size_t)(to - from)) : NULL;
	}
	for (to = reader.p;
	     to < reader.end && !label_is_space(*to) && *to != ';'; to++)
		;
	return in_ascii(reader.p, (size_t)(to - reader.p));
}

/* Of each name the first attribute counts. */
struct meta {
	bool has_pragma, has_content, has_charset;
	bool is_pragma;	     /* http-equiv="content-type" */
	const char *content; /* the encodings, or NULL */
	const char *charset;
};

static void
take(struct meta *meta, const struct attribute *attribute)
{
	if (is(attribute, "http-equiv") && !meta->has_pragma) {
		meta->has_pragma = true;
		meta->is_pragma =
		    attribute->value_len == 12 &&
		    strncasecmp(attribute->value, "content-type", 12) == 0;
	} else if (is(attribute, "content") && !meta->has_content) {
		meta->has_content = true;
		meta->content = in_content(attribute);
	} else if (is(attribute, "charset") && !meta->has_charset) {
		meta->has_charset = true;
		meta->charset =
		    in_ascii(attribute->value, attribute->value_len);
	}
}

/* Behind "<meta": the encoding that it names, if the tag is whole. */
static const char *
read_meta(struct reader *reader)
{
	struct meta meta = {false};
	struct attribute attribute;

	while (next_attribute(reader, &attribute))
		take(&meta, &attribute);
	if (reader->p == reader->end)
		return NULL;
	if (meta.has_charset)
		return meta.charset;
	return meta.is_pragma ? meta.content : NULL;
}

/* ---- the rest ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
at_meta(const struct reader *reader)
{
	return reader->end - reader->p > 5 &&
	       strncasecmp(reader->p, "<meta", 5) == 0 &&
	       (label_is_space(reader->p[5]) || reader->p[5] == '/');
}

/* Behind the start tag of a script or the like: to its end tag. */
static void
skip_raw(struct reader *reader, const char *name, size_t len)
{
	static const char *const raw[] = {"script", "style", "title",
	    "textarea", "xmp", "iframe", "noembed", "noframes"};
	bool is_raw = false;

	for (size_t i = 0; i < COUNT_OF(raw); i++)
		is_raw |= strlen(raw[i]) == len &&
			  strncasecmp(raw[i], name, len) == 0;
	if (!is_raw)
		return;
	for (const char *p = reader->p;; p++) {
		p = memmem(p, (size_t)(reader->end - p), "</", 2);
		if (!p || (size_t)(reader->end - p) < len + 2) {
			reader->p = reader->end;
			return;
		}
		if (strncasecmp(p + 2, name, len) == 0) {
			reader->p = p - 1;
			return;
		}
	}
}

/* A tag other than meta. */
static void
skip_tag(struct reader *reader)
{
	const char *name = reader->p + 1;
	struct attribute attribute;
	size_t len;

	while (reader->p < reader->end && !label_is_space(*reader->p) &&
	       *reader->p != '>')
		reader->p++;
	len = (size_t)(reader->p - name);
	while (next_attribute(reader, &attribute))
		;
	if (reader->skip_raw && reader->p < reader->end)
		skip_raw(reader, name, len);
}

/* To the end of what begins with the '<' at p: its last byte, or end. */
static void
skip_markup(struct reader *reader)
{
	const char *p = reader->p;
	size_t left = (size_t)(reader->end - p);

	if (left > 3 && memcmp(p, "<!--", 4) == 0) {
		/* the dashes may be those of "<!--" */
		p = memmem(p + 2, left - 2, "-->", 3);
		reader->p = p ? p + 2 : reader->end;
	} else if (left > 2 &&
		   (is_letter(p[1]) || (p[1] == '/' && is_letter(p[2])))) {
		skip_tag(reader);
	} else if (left > 1 && strchr("!/?", p[1])) {
		p = memchr(p, '>', left);
		reader->p = p ? p : reader->end;
	}
}

/* <?xml version="1.0" encoding="x"?> */
static const char *
in_declaration(const char *bytes, size_t len)
{
	const char *end = memchr(bytes, '>', len);
	const char *p, *close;

	if (!end || len < 5 || memcmp(bytes, "<?xml", 5) != 0)
		return NULL;
	p = memmem(bytes, (size_t)(end - bytes), "encoding", 8);
	if (!p)
		return NULL;
	for (p += 8; p < end && (unsigned char)*p <= ' '; p++)
		;
	if (p == end || *p++ != '=')
		return NULL;
	while (p < end && (unsigned char)*p <= ' ')
		p++;
	if (p == end || (*p != '"' && *p != '\''))
		return NULL;
	close = memchr(p + 1, *p, (size_t)(end - p) - 1);
	return close ? in_ascii(p + 1, (size_t)(close - p) - 1) : NULL;
}

static const char *
in_markup(const char *bytes, size_t len, bool skip_raw_text)
{
	struct reader reader = {bytes, bytes + len, skip_raw_text};
	const char *name;

	for (; reader.p < reader.end; reader.p++) {
		reader.p =
		    memchr(reader.p, '<', (size_t)(reader.end - reader.p));
		if (!reader.p)
			break;
		if (!at_meta(&reader)) {
			skip_markup(&reader);
			continue;
		}
		reader.p += 5;
		name = read_meta(&reader);
		if (name)
			return name;
	}
	return NULL;
}

const char *
prescan_encoding(const char *bytes, size_t len)
{
	size_t soon = len < SOON ? len : SOON;
	const char *name;

	if (len >= 6 && memcmp(bytes, "<\0?\0x", 6) == 0)
		return "UTF-16LE";
	if (len >= 6 && memcmp(bytes, "\0<\0?\0x", 6) == 0)
		return "UTF-16BE";
	name = in_markup(bytes, soon, false);
	if (!name)
		name = in_declaration(bytes, soon);
	if (!name && len > SOON)
		name = in_markup(bytes, len < LATE ? len : LATE, true);
	return name;
}
