/* tests/unit/token_help.h - a page's tokens written out, read in one piece or
 * in many, for the tests and the fuzzer of the tokenizer */
#ifndef TOKEN_HELP_H
#define TOKEN_HELP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/token.h"

struct help {
	enum token_state state;
	const char *last_start;
	bool allow_cdata;
	bool steer;   /* into raw text, as tree construction would */
	size_t piece; /* 0: the whole */
	size_t attributes_max;
	/* Told of each token; the page is what was fed in all. */
	void (*on_token)(const struct help *help, const struct token *token,
	    const char *page);
	void *told; /* for on_token */
};

struct help_pieces {
	char **bytes;
	size_t count;
};

static inline void
help_text(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *word = text[i] == '\0'   ? "\\0"
				   : text[i] == '\r' ? "\\r"
						     : NULL;
		int rc =
		    word ? buf_add(out, word, 2) : buf_add(out, &text[i], 1);

		must(rc == 0);
	}
}

static inline void
help_word(struct buf *out, const char *word)
{
	help_text(out, word, strlen(word));
}

static inline void
help_tag(struct buf *out, const struct token *token)
{
	help_word(out, token->kind == TOKEN_START ? "<" : "</");
	help_text(out, token->name, token->name_len);
	must(token->name[token->name_len] == '\0');
	must(token->el == el_find(token->name, token->name_len));
	for (uint32_t i = 0; i < token->attrs_count; i++) {
		const struct token_attr *attr = &token->attrs[i];

		must(attr->name[attr->name_len] == '\0');
		must(attr->value[attr->value_len] == '\0');
		must(attr->has_value || attr->value_len == 0);
		must(attr->known == !!attr_find(attr->name, attr->name_len));
		help_word(out, " ");
		help_text(out, attr->name, attr->name_len);
		if (!attr->has_value)
			continue;
		help_word(out, "='");
		help_text(out, attr->value, attr->value_len);
		help_word(out, "'");
	}
	help_word(out, token->self_closing ? "/>" : ">");
}

static inline void
help_id(struct buf *out, const char *id)
{
	help_word(out, id ? " '" : " -");
	if (id) {
		help_word(out, id);
		help_word(out, "'");
	}
}

static inline void
help_token(struct buf *out, const struct token *token)
{
	switch (token->kind) {
	case TOKEN_START:
	case TOKEN_STOP:
		help_tag(out, token);
		break;
	case TOKEN_TEXT:
		must(token->len > 0 && token->text[token->len] == '\0');
		help_text(out, token->text, token->len);
		break;
	case TOKEN_COMMENT:
		must(token->text[token->len] == '\0');
		help_word(out, "<!--");
		help_text(out, token->text, token->len);
		help_word(out, "-->");
		break;
	case TOKEN_DOCTYPE:
		help_word(out, "<!DOCTYPE");
		help_id(out, token->doctype);
		help_id(out, token->public_id);
		help_id(out, token->system_id);
		help_word(out, token->force_quirks ? " quirks>" : ">");
		break;
	case TOKEN_LIMIT:
		help_word(out, "LIMIT");
		break;
	case TOKEN_LONG:
		help_word(out, "LONG");
		break;
	case TOKEN_MORE:
	case TOKEN_END:
		must(!"written out");
	}
}

static inline void
help_steer(struct tokenizer *tokenizer, const struct token *token)
{
	switch (token->el) {
	case EL_TITLE:
	case EL_TEXTAREA:
		token_state(tokenizer, TOKEN_RCDATA);
		break;
	case EL_STYLE:
	case EL_XMP:
		token_state(tokenizer, TOKEN_RAWTEXT);
		break;
	case EL_SCRIPT:
		token_state(tokenizer, TOKEN_SCRIPT);
		break;
	case EL_PLAINTEXT:
		token_state(tokenizer, TOKEN_PLAINTEXT);
		break;
	default:
		break;
	}
}

/* Feed the next piece with the rest before it, in memory of its own size. */
static inline bool
help_feed(struct tokenizer *tokenizer, struct help_pieces *pieces,
    const char **page, const char *end, size_t piece)
{
	size_t left = (size_t)(end - *page), rest_len = 0;
	size_t len = piece && piece < left ? piece : left;
	const char *rest = "";
	char *bytes;

	if (pieces->count)
		rest_len = token_rest(tokenizer, &rest);
	pieces->bytes = mem_resize(
	    pieces->bytes, (pieces->count + 1) * sizeof(*pieces->bytes));
	bytes = mem_resize(NULL, rest_len + len + 1);
	pieces->bytes[pieces->count++] = bytes;
	memcpy(bytes, rest, rest_len);
	memcpy(bytes + rest_len, *page, len);
	*page += len;
	token_feed(tokenizer, bytes, rest_len + len, *page == end);
	return *page == end;
}

/* The tokens of the bytes, with a '|' between them; text is joined. */
static inline void
help_run(struct buf *out, const struct help *help, const char *page, size_t len)
{
	struct arena *arena = arena_new(1000);
	struct tokenizer *tokenizer = token_new(arena, help->attributes_max);
	struct help_pieces pieces = {NULL, 0};
	struct token token;
	enum token_kind kind = TOKEN_MORE, before = TOKEN_MORE;
	const char *at = page;
	bool last = false;
	uint32_t to = 0;

	token_state(tokenizer, help->state);
	if (help->last_start)
		token_last_start(tokenizer, help->last_start);
	token_allow_cdata(tokenizer, help->allow_cdata);
	while (kind != TOKEN_END && kind != TOKEN_LIMIT &&
	       kind != TOKEN_LONG) {
		if (kind == TOKEN_MORE) {
			must(!last);
			last = help_feed(
			    tokenizer, &pieces, &at, page + len, help->piece);
		}
		kind = token_next(tokenizer, &token);
		if (kind == TOKEN_MORE || kind == TOKEN_END)
			continue;
		must(token.from >= to && token.to >= token.from);
		to = token.to;
		must(to <= len);
		if (before != TOKEN_MORE &&
		    (kind != TOKEN_TEXT || before != TOKEN_TEXT))
			help_word(out, "|");
		before = kind;
		if (help->on_token)
			help->on_token(help, &token, page);
		help_token(out, &token);
		if (help->steer && kind == TOKEN_START)
			help_steer(tokenizer, &token);
	}
	for (size_t i = 0; i < pieces.count; i++)
		mem_free(&pieces.bytes[i]);
	mem_free(&pieces.bytes);
	token_free(&tokenizer);
	arena_free(&arena);
}

#endif
