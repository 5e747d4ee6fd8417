/* http/forwarded.c - for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"
 *
 * A cursor goes over the text once; nothing is copied. */
#include "http/forwarded.h"

#include <string.h>
#include <strings.h>

#include "http/head.h"

/* ---- bytes ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip_blanks(const char **at)
{
	while (is_blank(**at))
		(*at)++;
}

static struct slice
read_token(const char **at)
{
	const char *from = *at;

	while (**at && head_is_token(*at, 1))
		(*at)++;
	return (struct slice){from, (size_t)(*at - from)};
}

struct text {
	struct slice inner;
	bool has_escape;
};

/* At its opening quote. False: it does not end. */
static bool
read_quoted(const char **at, struct text *out)
{
	const char *from = ++*at;

	out->has_escape = false;
	while (**at && **at != '"') {
		if (**at == '\\') {
			out->has_escape = true;
			if (!*++*at)
				return false;
		}
		++*at;
	}
	if (!**at)
		return false;
	out->inner = (struct slice){from, (size_t)(*at - from)};
	++*at;
	return true;
}

static bool
read_value(const char **at, struct text *out)
{
	if (**at == '"')
		return read_quoted(at, out);
	out->inner = read_token(at);
	out->has_escape = false;
	return out->inner.len > 0;
}

/* ---- nodes (RFC 7239 6) ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_obfuscated(struct slice text)
{
	size_t i;

	if (text.len < 2 || text.from[0] != '_')
		return false;
	for (i = 1; i < text.len; i++) {
		char c = text.from[i], lower = (char)(c | 0x20);

		if (!(lower >= 'a' && lower <= 'z') && !is_digit(c) &&
		    c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool
is_port(struct slice text)
{
	size_t i;

	if (is_obfuscated(text))
		return true;
	for (i = 0; i < text.len && is_digit(text.from[i]); i++)
		;
	return i == text.len && i > 0 && i <= 5;
}

/* Without ":port", if there is one. False: what stands there is none. */
static bool
cut_port(struct slice *node)
{
	size_t len = 0;

	if (node->len > 0 && node->from[0] == '[')
		while (len < node->len && node->from[len] != ']')
			len++;
	while (len < node->len && node->from[len] != ':')
		len++;
	if (len < node->len &&
	    !is_port((struct slice){node->from + len + 1, node->len - len - 1}))
		return false;
	node->len = len;
	return true;
}

static bool
read_node(struct slice text, struct forwarded *out)
{
	bool in_brackets;

	if (!cut_port(&text) || text.len == 0)
		return false;
	if (slice_is(text, "unknown")) {
		out->node = FORWARDED_UNKNOWN;
		return true;
	}
	if (text.from[0] == '_') {
		out->node = FORWARDED_HIDDEN;
		return is_obfuscated(text);
	}
	in_brackets = text.from[0] == '[' && text.from[text.len - 1] == ']';
	out->node = FORWARDED_ADDRESS;
	/* IPv6 has brackets, and IPv4 none */
	return in_brackets == (memchr(text.from, ':', text.len) != NULL) &&
	       net_parse(&out->address, text.from, text.len) == 0;
}

bool
forwarded_is_node(const char *text, size_t len)
{
	struct forwarded scrap;

	return read_node((struct slice){text, len}, &scrap);
}

/* ---- elements ---- */

enum { SAID_FOR = 1, SAID_PROTO = 2, SAID_HOST = 4 };

static unsigned
which(struct slice name)
{
	return slice_is(name, "for")	 ? SAID_FOR
	       : slice_is(name, "proto") ? SAID_PROTO
	       : slice_is(name, "host")	 ? SAID_HOST
					 : 0;
}

static bool
take(struct forwarded *out, unsigned name, const struct text *value)
{
	if (name && (value->has_escape || value->inner.len == 0))
		return false;
	switch (name) {
	case SAID_FOR:
		return read_node(value->inner, out);
	case SAID_PROTO:
		out->proto = value->inner;
		return slice_is(out->proto, "http") ||
		       slice_is(out->proto, "https");
	case SAID_HOST:
		out->host = value->inner;
		return true;
	default:
		return true; /* by, of which nothing is made; an extension */
	}
}

/* name=value */
static bool
read_pair(const char **at, struct forwarded *out, unsigned *said)
{
	struct slice name = read_token(at);
	unsigned bit = which(name);
	struct text value;

	/* each once in an element (RFC 7239 4) */
	if (name.len == 0 || **at != '=' || (*said & bit))
		return false;
	*said |= bit;
	++*at;
	return read_value(at, &value) && take(out, bit, &value);
}

int
forwarded_next(const char **rest, struct forwarded *out)
{
	const char *at = *rest;
	unsigned said = 0;

	memset(out, 0, sizeof(*out));
	while (*at == ',' || is_blank(*at))
		at++;
	*rest = at;
	if (!*at)
		return FORWARDED_END;
	for (;;) {
		/* a pair may be missing between two ";" */
		skip_blanks(&at);
		if (*at != ';' && *at != ',' && *at &&
		    !read_pair(&at, out, &said))
			return FORWARDED_MALFORMED;
		skip_blanks(&at);
		if (*at != ';')
			break;
		at++;
	}
	if (*at && *at != ',')
		return FORWARDED_MALFORMED;
	*rest = at;
	return FORWARDED_GOT;
}

/* ---- writing ---- */

static void
add_value(struct buf *out, const char *text, size_t len)
{
	size_t i;

	if (head_is_token(text, len)) {
		buf_add(out, text, len);
		return;
	}
	buf_putc(out, '"');
	for (i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, text[i]);
	}
	buf_putc(out, '"');
}

static void
add_pair(struct buf *out, const char *name, const char *text, size_t len,
    size_t start)
{
	if (out->len > start)
		buf_putc(out, ';');
	buf_puts(out, name);
	buf_putc(out, '=');
	add_value(out, text, len);
}

void
forwarded_write(struct buf *out, const struct net_address *from,
    const struct slice *host, const char *proto, const char *by)
{
	char text[NET_TEXT + 2];
	size_t start = out->len;

	if (from && !from->is_unix) {
		net_write(text + 1, from);
		if (strchr(text + 1, ':')) {
			text[0] = '[';
			strcat(text, "]");
			add_pair(out, "for", text, strlen(text), start);
		} else {
			add_pair(out, "for", text + 1, strlen(text + 1), start);
		}
	}
	if (host)
		add_pair(out, "host", host->from, host->len, start);
	if (proto)
		add_pair(out, "proto", proto, strlen(proto), start);
	if (by)
		add_pair(out, "by", by, strlen(by), start);
}

unsigned
forwards_bit(const char *name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} fields[] = {
	    {"X-Forwarded-For", FORWARDS_FOR},
	    {"X-Forwarded-Host", FORWARDS_HOST},
	    {"X-Forwarded-Proto", FORWARDS_PROTO},
	    {"X-Forwarded-Port", FORWARDS_PORT},
	    {"Forwarded", FORWARDS_STANDARD},
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcasecmp(fields[i].name, name) == 0)
			return fields[i].bit;
	return 0;
}
