/* theme/xsltext.c - str:tokenize(), str:split(), str:replace(), str:padding()
 *
 * They answer what libexslt's answer, which take the square of their texts or
 * grow without a bound. */
#include <string.h>
#include <strings.h>
#include <libxml/xpathInternals.h>

#include "base/buf.h"
#include "base/mem.h"
#include "theme/xslnodes.h"

/* ---- texts ---- */

/* The length of the character that begins here; at the end 0. */
static size_t
character_len(const char *at)
{
	size_t len = *at ? 1 : 0;

	while (len && ((unsigned char)at[len] & 0xC0) == 0x80)
		len++;
	return len;
}

/* Two strings, of which the second has a default. Free both. */
static bool
pop_two(xmlXPathParserContext *parser, int nargs, const char *or_else,
    xmlChar **text, xmlChar **mark)
{
	if (!xslnodes_arity(parser, nargs, 1, 2) ||
	    !xpath_func_strings(parser, nargs, false))
		return false;
	*mark = nargs == 2 ? xmlXPathPopString(parser)
			   : xmlStrdup(BAD_CAST or_else);
	*text = xmlXPathPopString(parser);
	must(*text && *mark);
	return true;
}

/* Whether the character is one of them. */
static bool
is_among(const char *marks, const char *at, size_t len)
{
	if (len == 1)
		return strchr(marks, *at) != NULL;
	return memmem(marks, strlen(marks), at, len) != NULL;
}

/* Whether a token ends here: *len is what the mark takes. */
static bool
ends_token(const char *at, const char *marks, bool whole, size_t *len)
{
	size_t mark = strlen(marks);

	*len = character_len(at);
	if (mark == 0)
		return false;
	if (!whole)
		return is_among(marks, at, *len);
	if (strncasecmp(at, marks, mark) != 0) /* as libexslt has it */
		return false;
	*len = mark;
	return true;
}

/* Parts of a text between marks, without the empty ones; without a mark each
 * character is a part. */
static void
cut(struct xslnodes *nodes, const char *text, const char *marks, bool whole)
{
	const char *from = text, *at = text;
	size_t len;

	while (*at) {
		bool ends = ends_token(at, marks, whole, &len);
		const char *behind = at + len;
		const char *end = !*marks ? behind : at;

		if ((ends || !*marks) && end > from &&
		    !xslnodes_add(
			nodes, "token", NULL, from, (size_t)(end - from)))
			return;
		if (ends || !*marks)
			from = behind;
		at = behind;
	}
	if (at > from)
		(void)xslnodes_add(
		    nodes, "token", NULL, from, (size_t)(at - from));
}

static void
pieces(
    xmlXPathParserContext *parser, int nargs, const char *or_else, bool whole)
{
	xmlChar *text, *marks;
	struct xslnodes nodes;

	if (!pop_two(parser, nargs, or_else, &text, &marks))
		return;
	/* at worst, each character is compared with all marks */
	if (xpath_func_read(parser,
		strlen((char *)text) * (strlen((char *)marks) / 8 + 1))) {
		xslnodes_begin(&nodes, parser);
		cut(&nodes, (char *)text, (char *)marks, whole);
		xslnodes_end(&nodes);
	}
	xmlFree(text);
	xmlFree(marks);
}

/* str:tokenize(text, characters) */
void
xsltext_tokenize(xmlXPathParserContext *parser, int nargs)
{
	pieces(parser, nargs, "\t\r\n ", false);
}

/* str:split(text, mark) */
void
xsltext_split(xmlXPathParserContext *parser, int nargs)
{
	pieces(parser, nargs, " ", true);
}

/* ---- str:padding(length, text) ---- */

/* The bytes of so many characters of the text said over and over. Over
 * XPATH_TEXT_MAX it is only sure to be more than that. */
static size_t
padding_len(const char *text, double wanted)
{
	size_t all = 0, part = 0, left;

	for (const char *at = text; *at; at += character_len(at))
		all++;
	if (!(wanted >= 1))
		return 0;
	if (wanted > XPATH_TEXT_MAX)
		return (size_t)XPATH_TEXT_MAX + 1;
	for (left = (size_t)wanted % all; left > 0; left--)
		part += character_len(text + part);
	return (size_t)wanted / all * strlen(text) + part;
}

static xmlChar *
padding_new(const char *text, size_t len)
{
	char *room = xmlMalloc(len + 1);
	size_t have = strlen(text);

	must(room);
	have = have < len ? have : len;
	memcpy(room, text, have);
	while (have < len) {
		size_t more = have < len - have ? have : len - have;

		memcpy(room + have, room, more);
		have += more;
	}
	room[len] = '\0';
	return (xmlChar *)room;
}

void
xsltext_padding(xmlXPathParserContext *parser, int nargs)
{
	xmlChar *given = NULL;
	const char *text;
	size_t len;

	if (!xslnodes_arity(parser, nargs, 1, 2) ||
	    !xpath_func_strings(parser, nargs, true))
		return;
	if (nargs == 2)
		given = xmlXPathPopString(parser);
	text = given && *given ? (char *)given : " ";
	len = padding_len(text, xmlXPathPopNumber(parser));
	if (xpath_func_make(parser, len))
		valuePush(parser, xmlXPathWrapString(padding_new(text, len)));
	xmlFree(given);
}

/* ---- str:replace(text, what, by what) ---- */

struct pair {
	xmlChar *what, *by; /* by: NULL, nothing */
	size_t len;
	int next; /* with the same first byte, no longer than this; or -1 */
};

struct replacing {
	xmlXPathParserContext *parser;
	struct pair *pairs;
	int count;
	int first[256]; /* of the pairs that begin with this byte; or -1 */
	const struct pair *empty; /* what is "", or NULL */
	size_t compared;
	struct buf out;
};

static xmlChar *
value_at(const xmlXPathObject *object, int i)
{
	const xmlNodeSet *set = xslnodes_of(object);

	if (set)
		return i < set->nodeNr
			   ? xmlXPathCastNodeToString(set->nodeTab[i])
			   : NULL;
	return object->type == XPATH_STRING && i == 0
		   ? xmlStrdup(object->stringval)
		   : NULL;
}

/* The longest that fits counts, and among equals the first. */
static void
file_pair(struct replacing *r, int i)
{
	struct pair *pair = &r->pairs[i];
	int *at;

	if (pair->len == 0) {
		r->empty = r->empty ? r->empty : pair;
		return;
	}
	at = &r->first[pair->what[0]];
	while (*at >= 0 && r->pairs[*at].len >= pair->len)
		at = &r->pairs[*at].next;
	pair->next = *at;
	*at = i;
}

static bool
read_pairs(
    struct replacing *r, const xmlXPathObject *what, const xmlXPathObject *by)
{
	const xmlNodeSet *set = xslnodes_of(what);
	size_t count = set ? (size_t)set->nodeNr : what->type == XPATH_STRING;

	/* filing takes the square of what begins alike */
	if (!xpath_func_charge(r->parser, count * count / 8 + 8 * count))
		return false;
	r->pairs = mem_new_array(count + 1, sizeof(*r->pairs));
	memset(r->first, -1, sizeof(r->first));
	for (; r->count < (int)count; r->count++) {
		struct pair *pair = &r->pairs[r->count];

		pair->what = value_at(what, r->count);
		pair->by = value_at(by, r->count);
		pair->len = pair->what ? strlen((char *)pair->what) : 0;
		file_pair(r, r->count);
	}
	return true;
}

static const struct pair *
pair_at(struct replacing *r, const char *at)
{
	int i = r->first[(unsigned char)*at];

	while (i >= 0) {
		r->compared += r->pairs[i].len + XPATH_READ_A_STEP;
		if (strncmp(at, (char *)r->pairs[i].what, r->pairs[i].len) == 0)
			return &r->pairs[i];
		i = r->pairs[i].next;
	}
	return NULL;
}

static void
add_by(struct replacing *r, const struct pair *pair)
{
	if (pair->by)
		buf_puts(&r->out, (char *)pair->by);
}

static void
replace_all(struct replacing *r, const char *text)
{
	enum { OFTEN = 1024 * 1024 };
	const char *at = text;

	while (*at && !r->out.failed) {
		const struct pair *pair = pair_at(r, at);
		size_t len = pair ? pair->len : character_len(at);

		if (pair) {
			add_by(r, pair);
		} else {
			buf_add(&r->out, at, len);
			if (r->empty && at[len])
				add_by(r, r->empty);
		}
		at += len;
		if (r->compared < OFTEN)
			continue;
		if (!xpath_func_read(r->parser, r->compared))
			return;
		r->compared = 0;
	}
	(void)xpath_func_read(r->parser, r->compared);
}

static void
replacing_fini(struct replacing *r)
{
	for (int i = 0; i < r->count; i++) {
		xmlFree(r->pairs[i].what);
		xmlFree(r->pairs[i].by);
	}
	mem_free(&r->pairs);
	buf_fini(&r->out);
}

void
xsltext_replace(xmlXPathParserContext *parser, int nargs)
{
	struct replacing r = {.parser = parser};
	xmlXPathObject *what, *by;
	xmlChar *text;

	if (!xslnodes_arity(parser, nargs, 3, 3) ||
	    !xslnodes_pay(parser, 2, false))
		return;
	by = valuePop(parser);
	what = valuePop(parser);
	by = xslnodes_of(by) || by->type == XPATH_NODESET
		 ? by
		 : xmlXPathConvertString(by);
	what = xslnodes_of(what) || what->type == XPATH_NODESET
		   ? what
		   : xmlXPathConvertString(what);
	must(by && what);
	buf_init(&r.out, XPATH_TEXT_MAX);
	if (xpath_func_strings(parser, 1, false) && read_pairs(&r, what, by)) {
		text = xmlXPathPopString(parser);
		replace_all(&r, (char *)text);
		xmlFree(text);
		if (r.out.failed)
			xmlXPathErr(parser, XPATH_OP_LIMIT_EXCEEDED);
		else if (xpath_func_make(parser, r.out.len))
			valuePush(parser,
			    xmlXPathNewCString(r.out.len ? r.out.data : ""));
	}
	replacing_fini(&r);
	xmlXPathFreeObject(what);
	xmlXPathFreeObject(by);
}
