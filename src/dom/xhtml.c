/* dom/xhtml.c - tags of HTML as XHTML writes them (contract: dom/xhtml.h)
 *
 * Token by token, without a tree: one that HTML's parser makes would not be the
 * one that was written, since libxml2's nests what HTML does not. What must be
 * known of it is which elements are open, and whether they are of SVG or
 * MathML, where text is text and names have capitals. */
#include "dom/xhtml.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "dom/emit.h"
#include "dom/names.h"
#include "dom/token.h"

enum {
	ATTRIBUTES_MAX = 1000000, /* rules may copy some to a tag; in all */
	ARENA_FIRST = 4096,
	OPEN_FIRST = 32,
};

enum space { OF_HTML, OF_SVG, OF_MATHML };

struct open {
	const char *name; /* as it was written */
	enum el el;
	enum space space; /* what its children are of */
};

struct writing {
	struct buf *out;
	const char *html;
	struct tokenizer *tokenizer;
	struct open *open; /* depth of them, the innermost last */
	size_t depth, room;
};

bool
xhtml_is_said(const char *page, size_t len)
{
	static const char doctype[] = "<!DOCTYPE ";
	const char *end;

	if (len < sizeof(doctype) - 1 ||
	    strncasecmp(page, doctype, sizeof(doctype) - 1) != 0)
		return false;
	end = memchr(page, '>', len);
	len = end ? (size_t)(end - page) : len;
	return memmem(page, len, "XHTML", 5) || memmem(page, len, "xhtml", 5);
}

/* ---- text ---- */

/* References for what would be markup, and in values for what a parser would
 * make a space; no control characters, which XML has no word for. */
static void
escape(struct buf *out, const char *text, size_t len, bool is_value)
{
	const char *stops = is_value ? "&<>\"\t\n\r" : "&<>\r";
	const char *end = text + len;

	while (text < end) {
		const char *from = text;

		while (text < end &&
		       ((unsigned char)*text >= ' ' || *text == '\n' ||
			   *text == '\t') &&
		       !strchr(stops, *text))
			text++;
		emit(out, from, (size_t)(text - from));
		if (text == end)
			return;
		if (*text == '&')
			buf_puts(out, "&amp;");
		else if (*text == '<')
			buf_puts(out, "&lt;");
		else if (*text == '>')
			buf_puts(out, "&gt;");
		else if (*text == '"')
			buf_puts(out, "&quot;");
		else if (*text && strchr(stops, *text))
			buf_printf(out, "&#%d;", *text);
		text++;
	}
}

/* XML has no "--" in a comment, nor a "-" at its end. */
static void
write_comment(struct buf *out, const char *text, size_t len)
{
	buf_puts(out, "<!--");
	for (size_t i = 0; i < len; i++) {
		emit_char(out, text[i]);
		if (text[i] == '-' && (i + 1 == len || text[i + 1] == '-'))
			emit_char(out, ' ');
	}
	buf_puts(out, "-->");
}

/* To HTML it is a comment that begins with "?". Only the first bytes of a page
 * may be "<?xml", and the DOCTYPE is there. */
static void
write_instruction(struct buf *out, const char *text, size_t len)
{
	if (len > 4 && strncasecmp(text, "?xml", 4) == 0 &&
	    strchr(" \t\n?", text[4]))
		return;
	emit_char(out, '<');
	emit(out, text, len);
	buf_puts(out, text[len - 1] == '?' && len > 1 ? ">" : "?>");
}

/* ---- names ---- */

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c >= 0x80;
}

/* A name of XML: what is not ASCII counts as a letter, and a colon stands
 * between two of them. */
static bool
is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_letter((unsigned char)name[i]) &&
		    (i == 0 || (!strchr("-.0123456789", name[i]) &&
				   (name[i] != ':' || i + 1 == len))))
			return false;
	return len > 0;
}

static const char *
attribute_name(const struct token_attr *attr, enum space space)
{
	if (!attr->known || space == OF_HTML)
		return attr->name;
	return space == OF_SVG ? attr_of_svg(attr->name)
			       : attr_of_mathml(attr->name);
}

/* ---- what is open ---- */

static enum space
space_here(const struct writing *w)
{
	return w->depth > 0 ? w->open[w->depth - 1].space : OF_HTML;
}

/* What an element is of that stands where such elements are. */
static enum space
space_of(enum el el, enum space around)
{
	if (el == EL_SVG)
		return OF_SVG;
	return el == EL_MATH ? OF_MATHML : around;
}

/* What the children of an element are of. */
static enum space
space_within(enum el el, enum space space)
{
	switch (el) {
	case EL_FOREIGNOBJECT:
	case EL_DESC:
	case EL_TITLE:
		return space == OF_SVG ? OF_HTML : space;
	case EL_ANNOTATION_XML:
	case EL_MI:
	case EL_MN:
	case EL_MO:
	case EL_MS:
	case EL_MTEXT:
		return space == OF_MATHML ? OF_HTML : space;
	default:
		return space;
	}
}

static void
push(struct writing *w, const char *name, enum el el, enum space space)
{
	if (w->depth == w->room) {
		w->room = 2 * w->room + OPEN_FIRST;
		w->open = mem_resize(w->open, w->room * sizeof(*w->open));
	}
	w->open[w->depth++] = (struct open){name, el, space_within(el, space)};
}

static void
end_down_to(struct writing *w, size_t depth)
{
	while (w->depth > depth)
		buf_printf(w->out, "</%s>", w->open[--w->depth].name);
}

/* ---- tags ---- */

static void
write_attributes(struct writing *w, const struct token *token, enum space space)
{
	for (uint32_t i = 0; i < token->attrs_count; i++) {
		const struct token_attr *attr = &token->attrs[i];

		if (!is_name(attr->name, attr->name_len))
			continue;
		buf_printf(w->out, " %s=\"", attribute_name(attr, space));
		escape(w->out, attr->value, attr->value_len, true);
		emit_char(w->out, '"');
	}
}

/* The page's namespace, unless it says one, or that of ESI, in which case lxml
 * says none either. */
static void
write_namespace(struct writing *w, const struct token *html)
{
	for (uint32_t i = 0; i < html->attrs_count; i++)
		if (strcmp(html->attrs[i].name, "xmlns") == 0 ||
		    strcmp(html->attrs[i].name, "xmlns:esi") == 0)
			return;
	buf_puts(w->out, " xmlns=\"http://www.w3.org/1999/xhtml\"");
}

/* How the tokenizer goes on behind a start tag of HTML. */
static enum token_state
state_behind(enum el el)
{
	if (el == EL_TITLE || el == EL_TEXTAREA)
		return TOKEN_RCDATA;
	if (el == EL_SCRIPT)
		return TOKEN_SCRIPT;
	if (el == EL_PLAINTEXT)
		return TOKEN_PLAINTEXT;
	return el_names[el].flags & EL_RAW ? TOKEN_RAWTEXT : TOKEN_DATA;
}

static void
write_start(struct writing *w, const struct token *token)
{
	enum space space = space_of(token->el, space_here(w));
	bool is_html = space == OF_HTML;
	const char *name = space == OF_SVG && token->el
			       ? el_names[token->el].svg
			       : token->name;

	if (is_html)
		token_state(w->tokenizer, state_behind(token->el));
	if (!is_name(token->name, token->name_len))
		return;
	buf_printf(w->out, "<%s", name);
	if (token->el == EL_HTML)
		write_namespace(w, token);
	write_attributes(w, token, space);
	if (is_html ? el_names[token->el].flags & EL_VOID
		    : token->self_closing) {
		buf_puts(w->out, " />");
		return;
	}
	emit_char(w->out, '>');
	push(w, name, token->el, space);
}

/* An end tag ends what is open within its element, too. That of a form may
 * stand where HTML takes it for a mark, and XML cannot. */
static void
write_stop(struct writing *w, const struct token *token)
{
	size_t depth = w->depth;

	while (
	    depth > 0 && strcasecmp(w->open[depth - 1].name, token->name) != 0)
		depth--;
	if (depth == 0 || (token->el == EL_FORM && depth != w->depth))
		return;
	end_down_to(w, depth - 1);
}

/* ---- the page ---- */

static bool
is_in_raw_text(const struct writing *w)
{
	return w->depth > 0 && w->open[w->depth - 1].space == OF_HTML &&
	       el_names[w->open[w->depth - 1].el].flags & EL_RAW;
}

static void
write_token(struct writing *w, const struct token *token)
{
	switch (token->kind) {
	case TOKEN_START:
		write_start(w, token);
		break;
	case TOKEN_STOP:
		write_stop(w, token);
		break;
	case TOKEN_TEXT:
		if (is_in_raw_text(w))
			emit(w->out, token->text, token->len);
		else
			escape(w->out, token->text, token->len, false);
		break;
	case TOKEN_COMMENT:
		if (w->html[token->from + 1] == '?')
			write_instruction(w->out, token->text, token->len);
		else
			write_comment(w->out, token->text, token->len);
		break;
	case TOKEN_DOCTYPE:
		emit(w->out, w->html + token->from, token->to - token->from);
		break;
	default:
		break;
	}
}

CHECKED int
xhtml_write(struct buf *out, const char *html, size_t len, struct err *err)
{
	struct arena *arena = arena_new(ARENA_FIRST);
	struct writing w = {
	    .out = out,
	    .html = html,
	    .tokenizer = token_new(arena, ATTRIBUTES_MAX),
	};
	char *bytes = arena_room(arena, len + 1);
	enum token_kind kind;
	struct token token;

	memcpy(bytes, html, len);
	token_feed(w.tokenizer, bytes, len, true);
	while ((kind = token_next(w.tokenizer, &token)) != TOKEN_END &&
	       kind != TOKEN_LIMIT && !out->failed)
		write_token(&w, &token);
	end_down_to(&w, 0);
	token_free(&w.tokenizer);
	arena_free(&arena);
	mem_free(&w.open);
	if (kind == TOKEN_LIMIT)
		return err_set(
		    err, "a tag has over %d attributes", ATTRIBUTES_MAX);
	return out->failed ? err_set(err, "the page grows too large") : 0;
}
