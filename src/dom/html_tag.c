/* dom/html_tag.c - tags and attributes, and what HTML says of an element
 *
 * "<" and ">" are escaped in attributes too, as the standard has it since 2025:
 * what reads a <noscript> as text must not find a tag in an attribute. */
#include "dom/html_tag.h"

#include "dom/emit.h"
#include "dom/escape.h"
#include "dom/html.h"
#include "dom/place.h"

int
html_write_text(struct buf *out, const char *text, size_t len)
{
	return escape_add(out, text, len, 0);
}

int
html_write_attribute(struct buf *out, const char *name, const char *value)
{
	emit_char(out, ' ');
	emit(out, name, strlen(name));
	if (value) {
		emit(out, "=\"", 2);
		escape_add(out, value, strlen(value), SPAN_QUOTES);
		emit_char(out, '"');
	}
	return emit_state(out);
}

/* ---- of HTML, SVG or MathML ---- */

/* Of each first letter the lengths of the names that are void or raw: most
 * names are known not to be by that alone. */
static inline bool
may_be_special(const char *name, size_t len)
{
#define LEN(n) (1U << (n))
	static const uint16_t lengths[] = {
	    ['a' - 'a'] = LEN(4),			     /* area */
	    ['b' - 'a'] = LEN(2) | LEN(4) | LEN(7) | LEN(8), /* br, base, ... */
	    ['c' - 'a'] = LEN(3),			     /* col */
	    ['e' - 'a'] = LEN(5),			     /* embed */
	    ['f' - 'a'] = LEN(5),			     /* frame */
	    ['h' - 'a'] = LEN(2),			     /* hr */
	    ['i' - 'a'] = LEN(3) | LEN(5) | LEN(6), /* img, input, iframe */
	    ['k' - 'a'] = LEN(6),		    /* keygen */
	    ['l' - 'a'] = LEN(4),		    /* link */
	    ['m' - 'a'] = LEN(4),		    /* meta */
	    ['n' - 'a'] = LEN(7) | LEN(8),	    /* noembed, noframes */
	    ['p' - 'a'] = LEN(5) | LEN(9),	    /* param, plaintext */
	    ['s' - 'a'] = LEN(5) | LEN(6),	    /* style, script, source */
	    ['t' - 'a'] = LEN(5),		    /* track */
	    ['w' - 'a'] = LEN(3),		    /* wbr */
	    ['x' - 'a'] = LEN(3),		    /* xmp */
	};
#undef LEN
	unsigned letter = (unsigned char)*name - 'a';

	return len < 16 && letter < COUNT_OF(lengths) &&
	       lengths[letter] >> len & 1;
}

enum el
html_el(const xmlNode *node, size_t len)
{
	enum el el;

	if (!may_be_special((const char *)node->name, len))
		return EL_NONE;
	el = el_find((const char *)node->name, len);
	if (!(el_names[el].flags & (EL_VOID | EL_RAW)) ||
	    (node->ns && node->ns->prefix) || node_is_foreign(node))
		return EL_NONE;
	return el;
}

static unsigned
flags_of(const xmlNode *node)
{
	return el_names[html_el(node, strlen((const char *)node->name))].flags;
}

bool
html_holds_raw_text(const xmlNode *element)
{
	return flags_of(element) & EL_RAW || element->extra & NODE_RAW;
}

bool
html_holds_escaped_text(const xmlNode *element)
{
	const char *name = (const char *)element->name;
	enum el el = el_find(name, strlen(name));

	if (el == EL_TITLE || el == EL_TEXTAREA)
		return true;
	return el_names[el].flags & EL_RAW && !(flags_of(element) & EL_RAW);
}

/* ---- tags ---- */

/* Before it `before`, behind it c, in one go. */
static inline void
write_name(struct buf *out, const char *before, size_t before_len,
    const xmlNs *ns, const xmlChar *name, size_t len, char c)
{
	char *to;

	if (ns && ns->prefix) {
		buf_printf(out, "%s%s:", before, (const char *)ns->prefix);
		before_len = 0;
	}
	to = emit_room(out, before_len + len + 1);
	if (!to)
		return;
	to = emit_copy(
	    emit_copy(to, before, before_len), (const char *)name, len);
	if (c)
		*to++ = c;
	emit_end(out, to);
}

static void
write_value(struct buf *out, const xmlNode *part, unsigned returns)
{
	for (; part; part = part->next) {
		const char *text = (const char *)part->content;

		if (part->type == XML_ENTITY_REF_NODE)
			buf_printf(out, "&%s;", (const char *)part->name);
		else if (text)
			escape_add(
			    out, text, strlen(text), SPAN_QUOTES | returns);
	}
}

/* Without a value it would take one from a name that begins with "=". */
static bool
needs_value(const xmlAttr *a)
{
	return a->next && *a->next->name == '=';
}

static void
write_attribute(struct buf *out, const xmlAttr *a, unsigned returns)
{
	bool has_value = a->children || needs_value(a);

	write_name(out, " ", 1, a->ns, a->name, name_len(a->name),
	    has_value ? '=' : '\0');
	if (has_value) {
		emit_char(out, '"');
		write_value(out, a->children, returns);
		emit_char(out, '"');
	}
}

void
html_tag_start(struct buf *out, const xmlNode *node, size_t len)
{
	const xmlAttr *a = node->properties;
	unsigned returns;

	if (!a) {
		write_name(out, "<", 1, node->ns, node->name, len, '>');
		return;
	}
	returns = returns_of(node->doc);
	write_name(out, "<", 1, node->ns, node->name, len, '\0');
	for (; a; a = a->next)
		write_attribute(out, a, returns);
	emit_char(out, '>');
}

int
html_write_open(struct buf *out, const xmlNode *node)
{
	html_tag_start(out, node, name_len(node->name));
	return emit_state(out);
}

void
html_tag_end(struct buf *out, const xmlNode *node, size_t len)
{
	write_name(out, "</", 2, node->ns, node->name, len, '>');
}

/* A form that is open still, in an element that ends. */
static bool
holds_form_apart(const xmlNode *node)
{
	const xmlNode *c = node->children;

	if (!place_is_table_part(node))
		return false;
	while (c && !(c->type == XML_ELEMENT_NODE && place_is_apart(c)))
		c = c->next;
	return c;
}

int
html_write_close(struct buf *out, const xmlNode *node)
{
	if (flags_of(node) & EL_VOID || place_is_apart(node))
		return emit_state(out);
	if (holds_form_apart(node))
		emit(out, "</form>", 7);
	html_tag_end(out, node, name_len(node->name));
	return emit_state(out);
}
