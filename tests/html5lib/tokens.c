/* The tokenizer: tokens as JSON, compared with those that are wanted
 *
 * What tree construction would do to the tokenizer is left out: no state is
 * set after start tags. A case that begins within CDATA gets "<![CDATA[" before
 * it. Half surrogates, which no page in UTF-8 can have, are U+FFFD on both
 * sides. Errors are not compared. */
#include "run.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "dom/token.h"

enum {
	ARENA_FIRST = 4096,
	ATTRIBUTES_MAX = 1000,
	REPLACEMENT = 0xFFFD,
	TEXT_MAX = 1 << 20
};

/* ---- the second escaping: \uHHHH ---- */

static void
add_utf8(struct buf *out, unsigned c)
{
	if (c >= 0xD800 && c <= 0xDFFF)
		c = REPLACEMENT;
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_putc(out, (char)(0xC0 | c >> 6));
		buf_putc(out, (char)(0x80 | (c & 0x3F)));
	} else if (c < 0x10000) {
		buf_putc(out, (char)(0xE0 | c >> 12));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_putc(out, (char)(0x80 | (c & 0x3F)));
	} else {
		buf_putc(out, (char)(0xF0 | c >> 18));
		buf_putc(out, (char)(0x80 | (c >> 12 & 0x3F)));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_putc(out, (char)(0x80 | (c & 0x3F)));
	}
}

/* True, and the unit, when there is an escape at p. */
static bool
escape_at(const char *p, unsigned *unit)
{
	char digits[5] = "";
	char *end;

	if (p[0] != '\\' || p[1] != 'u')
		return false;
	memcpy(digits, p + 2, strnlen(p + 2, 4));
	*unit = (unsigned)strtoul(digits, &end, 16);
	return end == digits + 4;
}

static void
add_unescaped(struct buf *out, const char *p)
{
	unsigned unit, low;

	while (*p) {
		if (!escape_at(p, &unit)) {
			buf_putc(out, *p++);
			continue;
		}
		p += 6;
		if (unit >= 0xD800 && unit <= 0xDBFF && escape_at(p, &low) &&
		    low >= 0xDC00 && low <= 0xDFFF) {
			unit = 0x10000 + ((unit - 0xD800) << 10) + low - 0xDC00;
			p += 6;
		}
		add_utf8(out, unit);
	}
}

/* Gives the string as it is meant. */
static json_t *
string_of(const json_t *string, bool escaped)
{
	struct buf out;
	json_t *made;

	if (!escaped)
		return json_stringn(
		    json_string_value(string), json_string_length(string));
	buf_init(&out, TEXT_MAX);
	add_unescaped(&out, json_string_value(string));
	made = json_stringn(out.data ? out.data : "", out.len);
	buf_fini(&out);
	return made;
}

static json_t *
attributes_of(const json_t *object, bool escaped)
{
	json_t *made = json_object();
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		json_t *given = json_string(name);
		json_t *meant = string_of(given, escaped);

		json_object_set_new(
		    made, json_string_value(meant), string_of(value, escaped));
		json_decref(given);
		json_decref(meant);
	}
	return made;
}

static json_t *
token_of(const json_t *given, bool escaped)
{
	json_t *made = json_array();
	size_t i;
	json_t *part;

	json_array_foreach(given, i, part)
	{
		if (json_is_string(part))
			json_array_append_new(made, string_of(part, escaped));
		else if (json_is_object(part))
			json_array_append_new(
			    made, attributes_of(part, escaped));
		else
			json_array_append(made, part);
	}
	return made;
}

/* ---- our tokens ---- */

static bool
is_text(const json_t *token)
{
	return strcmp(json_string_value(json_array_get(token, 0)),
		   "Character") == 0;
}

/* Takes the token; text joins the text before it. */
static void
add_token(json_t *tokens, json_t *token)
{
	json_t *last = json_array_size(tokens)
			   ? json_array_get(tokens, json_array_size(tokens) - 1)
			   : NULL;
	const json_t *more = json_array_get(token, 1);
	const json_t *before;
	struct buf both;

	if (!last || !is_text(last) || !is_text(token)) {
		json_array_append_new(tokens, token);
		return;
	}
	before = json_array_get(last, 1);
	buf_init(&both, TEXT_MAX);
	buf_add(&both, json_string_value(before), json_string_length(before));
	buf_add(&both, json_string_value(more), json_string_length(more));
	json_array_set_new(last, 1, json_stringn(both.data, both.len));
	buf_fini(&both);
	json_decref(token);
}

static json_t *
start_tag(const struct token *token)
{
	json_t *attributes = json_object();
	json_t *made = json_pack("[ss%o]", "StartTag", token->name,
	    (size_t)token->name_len, attributes);

	for (uint32_t i = 0; i < token->attrs_count; i++)
		json_object_set_new(attributes, token->attrs[i].name,
		    json_stringn(
			token->attrs[i].value, token->attrs[i].value_len));
	if (token->self_closing)
		json_array_append_new(made, json_true());
	return made;
}

static json_t *
json_of(const struct token *token)
{
	switch (token->kind) {
	case TOKEN_START:
		return start_tag(token);
	case TOKEN_STOP:
		return json_pack(
		    "[ss%]", "EndTag", token->name, (size_t)token->name_len);
	case TOKEN_TEXT:
		return json_pack(
		    "[ss%]", "Character", token->text, (size_t)token->len);
	case TOKEN_COMMENT:
		return json_pack(
		    "[ss%]", "Comment", token->text, (size_t)token->len);
	case TOKEN_DOCTYPE:
		return json_pack("[ss?s?s?b]", "DOCTYPE", token->doctype,
		    token->public_id, token->system_id, !token->force_quirks);
	default:
		return NULL;
	}
}

/* ---- the run ---- */

struct start {
	enum token_state state;
	bool cdata;
	const char *last_tag;
};

static void
take_tokens(json_t *tokens, struct tokenizer *tokenizer)
{
	struct token token;
	json_t *made;

	while (token_next(tokenizer, &token) != TOKEN_MORE &&
	       token.kind != TOKEN_END && token.kind != TOKEN_LIMIT) {
		made = json_of(&token);
		must(made);
		add_token(tokens, made);
	}
}

static void
feed(json_t *tokens, struct tokenizer *tokenizer, struct arena *arena,
    struct span page, size_t size)
{
	size_t from = 0, to;

	do {
		const char *rest = NULL;
		size_t rest_len = from ? token_rest(tokenizer, &rest) : 0;
		char *bytes;

		to = piece_end(page, from, size);
		bytes = arena_room(arena, rest_len + to - from + 1);
		if (rest_len)
			memcpy(bytes, rest, rest_len);
		memcpy(bytes + rest_len, page.p + from, to - from);
		token_feed(
		    tokenizer, bytes, rest_len + to - from, to == page.len);
		take_tokens(tokens, tokenizer);
		from = to;
	} while (to < page.len);
}

/* Gives the list of tokens. */
static json_t *
tokens_of(const json_t *input, const struct start *start, size_t size)
{
	struct arena *arena = arena_new(ARENA_FIRST);
	struct tokenizer *tokenizer = token_new(arena, ATTRIBUTES_MAX);
	json_t *tokens = json_array();
	struct buf page;

	buf_init(&page, TEXT_MAX);
	buf_puts(&page, start->cdata ? "<![CDATA[" : "");
	buf_add(&page, json_string_value(input), json_string_length(input));
	token_state(tokenizer, start->state);
	if (start->last_tag)
		token_last_start(tokenizer, start->last_tag);
	token_allow_cdata(tokenizer, start->cdata);
	feed(tokens, tokenizer, arena,
	    (struct span){page.data ? page.data : "", page.len}, size);
	buf_fini(&page);
	token_free(&tokenizer);
	arena_free(&arena);
	return tokens;
}

static void
fail(const struct place *place, const char *how, const json_t *input,
    const json_t *wanted, const json_t *got)
{
	char *a = json_dumps(input, JSON_ENCODE_ANY);
	char *b = json_dumps(wanted, JSON_INDENT(1));
	char *c = json_dumps(got, JSON_INDENT(1));

	must(a && b && c);
	case_failed(place, how, (struct span){a, strlen(a)},
	    (struct span){b, strlen(b)}, (struct span){c, strlen(c)});
	free(a);
	free(b);
	free(c);
}

static bool
start_of(struct start *start, const char *words)
{
	static const struct {
		const char *words;
		enum token_state state;
	} states[] = {
	    {"Data state", TOKEN_DATA},
	    {"CDATA section state", TOKEN_DATA},
	    {"PLAINTEXT state", TOKEN_PLAINTEXT},
	    {"RAWTEXT state", TOKEN_RAWTEXT},
	    {"RCDATA state", TOKEN_RCDATA},
	    {"Script data state", TOKEN_SCRIPT},
	};

	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (strcmp(words, states[i].words) == 0) {
			start->state = states[i].state;
			start->cdata = *words == 'C';
			return true;
		}
	return false;
}

/* One case from one state. False when it failed. */
static bool
run_from(const struct place *place, const json_t *test, const char *state,
    const json_t *input, const json_t *wanted)
{
	struct start start = {.last_tag = json_string_value(
				  json_object_get(test, "lastStartTag"))};
	bool same = start_of(&start, state);

	if (!same)
		fail(place, state, input, wanted, NULL);
	for (size_t i = 0; i < PIECE_SIZES && same; i++) {
		json_t *got = tokens_of(input, &start, piece_sizes[i]);
		char how[128];

		same = json_equal(got, wanted);
		snprintf(how, sizeof(how), "%s, pieces of %zu, %s", state,
		    piece_sizes[i],
		    json_string_value(json_object_get(test, "description")));
		if (!same)
			fail(place, how, input, wanted, got);
		json_decref(got);
	}
	return same;
}

static void
run_case(const struct place *place, const json_t *test)
{
	bool escaped = json_is_true(json_object_get(test, "doubleEscaped"));
	json_t *input = string_of(json_object_get(test, "input"), escaped);
	const json_t *states = json_object_get(test, "initialStates");
	json_t *wanted = json_array();
	bool same = true;
	size_t i;
	json_t *part;

	json_array_foreach(json_object_get(test, "output"), i, part)
	    add_token(wanted, token_of(part, escaped));
	if (!states)
		same = run_from(place, test, "Data state", input, wanted);
	json_array_foreach(states, i, part) same =
	    same &&
	    run_from(place, test, json_string_value(part), input, wanted);
	if (same)
		case_passed();
	json_decref(input);
	json_decref(wanted);
}

void
tokens_run(const char *path, struct span file)
{
	json_error_t error;
	json_t *root = json_loadb(file.p, file.len, JSON_ALLOW_NUL, &error);
	struct place place = {path, 0};
	json_t *test;
	size_t i;

	if (!root) {
		place.line = (size_t)error.line;
		case_failed(&place, error.text, (struct span){"", 0},
		    (struct span){"", 0}, (struct span){"", 0});
		return;
	}
	json_array_foreach(json_object_get(root, "tests"), i, test)
	{
		place.line = i + 1;
		run_case(&place, test);
	}
	/* what an XML tree cannot hold is nobody's business here */
	json_array_foreach(json_object_get(root, "xmlViolationTests"), i, test)
	    case_skipped();
	json_decref(root);
}
