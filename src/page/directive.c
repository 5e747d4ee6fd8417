/* page/directive.c - SSI and ESI includes found in text (contract:
 * page/directive.h)
 *
 * A text is looked through from "<" to "<". Whatever has to be looked for
 * ahead of that, an end or a quote, is remembered where it was found, so no
 * byte is looked at more than a few times. */
#include "page/directive.h"

#include <string.h>
#include <strings.h>

#include "http/url.h"

static const char filter[] = ";filter_xpath=";

static bool
starts(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - at) >= len && strncasecmp(at, word, len) == 0;
}

/* The next word at or behind `at`, or NULL. */
static const char *
find(const struct scan *scan, struct found *found, const char *at,
    const char *word)
{
	bool is_known =
	    found->from && at >= found->from && (!found->at || at <= found->at);

	if (!is_known) {
		found->from = at;
		found->at =
		    memmem(at, (size_t)(scan->end - at), word, strlen(word));
	}
	return found->at;
}

/* ---- tags ---- */

/* White space of HTML. */
static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

struct attribute {
	struct slice name, value;
};

/* The name of an attribute, or of an element, ends here; at a NUL, too. */
static bool
ends_name(char c)
{
	return is_space(c) || strchr("=/<>\"'", c);
}

static const char *
read_value(
    struct scan *scan, struct slice *value, const char *at, const char *end)
{
	const char *stop;

	if (at == end)
		return NULL;
	if (*at == '"')
		stop = find(scan, &scan->double_quote, at + 1, "\"");
	else if (*at == '\'')
		stop = find(scan, &scan->quote, at + 1, "'");
	else {
		for (stop = at; stop < end && !is_space(*stop) && *stop != '>';
		     stop++)
			;
		*value = (struct slice){at, (size_t)(stop - at)};
		return stop;
	}
	if (!stop || stop >= end)
		return NULL;
	*value = (struct slice){at + 1, (size_t)(stop - at - 1)};
	return stop + 1;
}

/* One attribute from its first byte on; gives what is behind it. NULL: that is
 * none. */
static const char *
read_attribute(
    struct scan *scan, struct attribute *out, const char *at, const char *end)
{
	const char *from = at;

	memset(out, 0, sizeof(*out));
	while (at < end && !ends_name(*at))
		at++;
	if (at == from)
		return NULL;
	out->name = (struct slice){from, (size_t)(at - from)};
	at = skip_space(at, end);
	if (at < end && *at == '=')
		at =
		    read_value(scan, &out->value, skip_space(at + 1, end), end);
	return at;
}

/* What a directive's attributes say; the first of a name counts. */
static void
note(struct directive *directive, const struct attribute *attribute,
    const char *address)
{
	if (slice_is(attribute->name, address) && !directive->address.from)
		directive->address = attribute->value;
	else if (slice_is(attribute->name, "alt") && !directive->otherwise.from)
		directive->otherwise = attribute->value;
	else if (slice_is(attribute->name, "onerror"))
		directive->may_fail = slice_is(attribute->value, "continue");
}

/* The attributes between at and end, up to ">" where that ends them. Gives
 * where they end; NULL: they are broken. */
static const char *
read_attributes(struct scan *scan, struct directive *directive, const char *at,
    const char *end, const char *address)
{
	struct attribute attribute;
	unsigned count = 0;

	for (;;) {
		while (at < end && (is_space(*at) || *at == '/'))
			at++;
		if (at == end || *at == '>')
			return at;
		if (count++ == INCLUDE_ATTRIBUTES_MAX)
			return NULL;
		at = read_attribute(scan, &attribute, at, end);
		if (!at)
			return NULL;
		note(directive, &attribute, address);
	}
}

static const char *
no_further(const char *at, const char *end)
{
	return end - at > INCLUDE_MAX ? at + INCLUDE_MAX : end;
}

/* A tag whose name ends at `at`, to its end. */
static bool
read_tag(struct scan *scan, struct directive *directive, const char *at)
{
	const char *end = no_further(directive->from, scan->end);
	const char *stop = read_attributes(scan, directive, at, end, "src");

	if (!stop || stop == end)
		return false;
	directive->end = stop + 1;
	return true;
}

/* ---- elements ---- */

static bool
read_nothing(struct scan *scan, struct directive *directive, const char *at)
{
	return read_tag(scan, directive, at);
}

static bool
read_include(struct scan *scan, struct directive *directive, const char *at)
{
	directive->kind = DIRECTIVE_INCLUDE;
	return read_tag(scan, directive, at) && directive->address.len > 0;
}

static bool
read_remove(struct scan *scan, struct directive *directive, const char *at)
{
	const char *stop;

	if (!read_tag(scan, directive, at))
		return false;
	if (directive->end[-2] == '/')
		return true;
	stop = find(scan, &scan->remove_end, directive->end, "</esi:remove>");
	if (stop)
		directive->end = stop + strlen("</esi:remove>");
	return stop != NULL;
}

static const struct element {
	const char *name;
	bool (*read)(
	    struct scan *scan, struct directive *directive, const char *at);
	enum directive_kind start, end;
	bool has_end; /* a tag that may stand where it does not belong */
} elements[] = {
    {"include", read_include, DIRECTIVE_INCLUDE, DIRECTIVE_NOTHING, true},
    {"remove", read_remove, DIRECTIVE_NOTHING, DIRECTIVE_NOTHING, false},
    {"comment", read_nothing, DIRECTIVE_NOTHING, DIRECTIVE_NOTHING, true},
    {"try", read_tag, DIRECTIVE_TRY, DIRECTIVE_TRY_END, true},
    {"attempt", read_tag, DIRECTIVE_ATTEMPT, DIRECTIVE_ATTEMPT_END, true},
    {"except", read_tag, DIRECTIVE_EXCEPT, DIRECTIVE_EXCEPT_END, true},
};

static const struct element *
find_element(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(elements); i++)
		if (slice_is(name, elements[i].name))
			return &elements[i];
	return NULL;
}

/* at: behind "<esi:" or "</esi:". */
static bool
read_element(
    struct scan *scan, struct directive *directive, const char *at, bool is_end)
{
	const char *end = no_further(at, scan->end), *from = at;
	const struct element *element;

	while (at < end && !ends_name(*at))
		at++;
	element = find_element((struct slice){from, (size_t)(at - from)});
	if (!element || (is_end && !element->has_end))
		return false;
	directive->kind = is_end ? element->end : element->start;
	return is_end ? read_tag(scan, directive, at)
		      : element->read(scan, directive, at);
}

/* ---- comments ---- */

static bool
read_ssi(struct scan *scan, struct directive *directive, const char *at)
{
	const char *stop = find(scan, &scan->comment_end, at, "-->");

	if (!stop || stop - directive->from > INCLUDE_MAX - 3)
		return false;
	directive->kind = DIRECTIVE_INCLUDE;
	directive->end = stop + 3;
	return read_attributes(scan, directive, at, stop, "virtual") == stop &&
	       directive->address.len > 0;
}

static bool
read_inside(struct scan *scan, struct directive *directive, const char *at)
{
	const char *stop = find(scan, &scan->comment_end, at, "-->");

	if (!stop)
		return false;
	directive->kind = DIRECTIVE_INSIDE;
	directive->end = stop + 3;
	directive->inside = (struct slice){at, (size_t)(stop - at)};
	return true;
}

/* ---- one after the other ---- */

static bool
is_opener(const struct scan *scan, const char *at, const char *word)
{
	size_t len = strlen(word);

	return starts(at, scan->end, word) &&
	       (at + len == scan->end || ends_name(at[len]) || at[len] == '<');
}

/* Something that begins like a directive: is it one? */
static bool
read_here(struct scan *scan, struct directive *directive, const char *at)
{
	bool is_esi = scan->how & INCLUDES_ESI, is_read;

	memset(directive, 0, sizeof(*directive));
	directive->from = at;
	if (scan->how & INCLUDES_SSI && is_opener(scan, at, "<!--#include"))
		is_read = read_ssi(scan, directive, at + 12);
	else if (is_esi && starts(at, scan->end, "<esi:"))
		is_read = read_element(scan, directive, at + 5, false);
	else if (is_esi && starts(at, scan->end, "</esi:"))
		is_read = read_element(scan, directive, at + 6, true);
	else if (is_esi && (is_opener(scan, at, "<!--esi") ||
			       starts(at, scan->end, "<!--esi-->")))
		is_read = read_inside(scan, directive, at + 7);
	else
		return false;
	scan->is_broken |= !is_read;
	return is_read;
}

/* Behind a comment or a CDATA section that begins here; or `at`. */
static const char *
behind_comment(struct scan *scan, const char *at)
{
	const char *stop = NULL;

	if (!(scan->how & INCLUDES_ESI))
		return at;
	if (starts(at, scan->end, "<!--") &&
	    !starts(at, scan->end, "<!--#include"))
		stop = find(scan, &scan->comment_end, at + 4, "-->");
	else if (starts(at, scan->end, "<![CDATA["))
		stop = find(scan, &scan->cdata_end, at + 9, "]]>");
	return stop ? stop + 3 : at;
}

bool
directive_next(struct directive *directive, struct scan *scan)
{
	const char *at = scan->at, *behind;

	while ((at = memchr(at, '<', (size_t)(scan->end - at))) != NULL) {
		if (read_here(scan, directive, at)) {
			scan->at = directive->end;
			return true;
		}
		behind = behind_comment(scan, at);
		at = behind > at ? behind : at + 1;
	}
	scan->at = scan->end;
	return false;
}

/* ---- <esi:try> ---- */

/* The tries that are open, each with what it is in: NOTHING between its
 * parts. */
struct tries {
	enum directive_kind in[INCLUDE_TRIES_MAX];
	unsigned depth;
};

/* One more tag of them; false: it does not belong there. */
static bool
tries_take(struct tries *tries, enum directive_kind kind)
{
	enum directive_kind *in =
	    tries->depth ? &tries->in[tries->depth - 1] : NULL;

	if (kind == DIRECTIVE_TRY) {
		if (tries->depth == INCLUDE_TRIES_MAX ||
		    (in && *in == DIRECTIVE_NOTHING))
			return false;
		tries->in[tries->depth++] = DIRECTIVE_NOTHING;
		return true;
	}
	if (!in)
		return false;
	if (kind == DIRECTIVE_ATTEMPT_END || kind == DIRECTIVE_EXCEPT_END) {
		bool fits =
		    *in == (kind == DIRECTIVE_ATTEMPT_END ? DIRECTIVE_ATTEMPT
							  : DIRECTIVE_EXCEPT);

		*in = DIRECTIVE_NOTHING;
		return fits;
	}
	if (*in != DIRECTIVE_NOTHING)
		return false;
	if (kind == DIRECTIVE_TRY_END)
		tries->depth--;
	else
		*in = kind;
	return true;
}

bool
directive_tries_are_whole(const struct scan *scan)
{
	struct scan rest = *scan;
	struct directive directive;
	struct tries tries = {.depth = 0};

	while (directive_next(&directive, &rest))
		if (directive.kind >= DIRECTIVE_TRY &&
		    !tries_take(&tries, directive.kind))
			return false;
	return tries.depth == 0;
}

/* ---- addresses ---- */

static const struct reference {
	const char *name;
	char c;
} references[] = {
    {"&amp;", '&'},
    {"&#38;", '&'},
    {"&quot;", '"'},
    {"&#34;", '"'},
    {"&apos;", '\''},
    {"&#39;", '\''},
    {"&lt;", '<'},
    {"&gt;", '>'},
};

static size_t
read_reference(const char *at, const char *end, char *c)
{
	for (size_t i = 0; *at == '&' && i < COUNT_OF(references); i++)
		if (starts(at, end, references[i].name)) {
			*c = references[i].c;
			return strlen(references[i].name);
		}
	*c = *at;
	return 1;
}

const char *
directive_address(char room[INCLUDE_MAX], struct slice slice)
{
	const char *at = slice.from, *end = at + slice.len;
	char *to = room;

	must(slice.len < INCLUDE_MAX);
	while (at < end)
		at += read_reference(at, end, to++);
	*to = '\0';
	return room;
}

size_t
directive_page_len(const char *address)
{
	const char *part = strstr(address, filter);
	size_t len = part ? (size_t)(part - address) : strlen(address);

	/* "/x?;filter_xpath=...": the page is /x. */
	return part && len > 0 && address[len - 1] == '?' ? len - 1 : len;
}

const char *
directive_expression(struct arena *arena, const char *address)
{
	const char *at = strstr(address, filter), *expression;
	struct buf plain;

	if (!at)
		return NULL;
	at += strlen(filter);
	buf_init(&plain, INCLUDE_MAX);
	expression =
	    url_decode(&plain, at, strlen(at)) == 0
		? arena_strndup(arena, plain.len ? plain.data : "", plain.len)
		: at;
	buf_fini(&plain);
	return expression;
}
