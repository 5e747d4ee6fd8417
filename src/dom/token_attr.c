/* dom/token_attr.c - the attributes of a tag
 *
 * They are first only found, so that a tag that is cut by the end of a piece
 * can be read again; what must be written is written when the '>' is there. */
#include "dom/token_inside.h"

#include "base/mem.h"
#include "dom/token_scan.h"

enum { FIRST_ROOM = 16 };

static struct token_attr *
attr_new(struct tokenizer *tokenizer)
{
	size_t room = tokenizer->attrs_room;

	if (tokenizer->attrs_count == room) {
		room = room ? room * 2 : FIRST_ROOM;
		tokenizer->attrs = mem_resize(
		    tokenizer->attrs, room * sizeof(*tokenizer->attrs));
		tokenizer->dirt = mem_resize(tokenizer->dirt, room);
		tokenizer->attrs_room = room;
	}
	tokenizer->dirt[tokenizer->attrs_count] = 0;
	return &tokenizer->attrs[tokenizer->attrs_count++];
}

static char *
skip_space(char *p)
{
	while (token_is(*p, CLASS_SPACE))
		p++;
	return p;
}

/* As read_name() of a tag; the first byte may be a '='. */
static char *
read_name(const struct tokenizer *tokenizer, struct token *token, char *p,
    uint8_t *dirt)
{
	const unsigned stop =
	    CLASS_ATTR_END | CLASS_NUL | CLASS_UPPER | CLASS_ODD;

	if (*p == '=') {
		token->plain = false;
		p++;
	}
	for (;; p++) {
		if (!token_is(*p, stop))
			continue;
		if (token_is(*p, CLASS_ATTR_END))
			return p;
		if (token_is(*p, CLASS_UPPER)) {
			*p |= 0x20;
			continue;
		}
		if (p == tokenizer->end)
			return NULL;
		token->plain = false;
		if (*p == '\0')
			*dirt |= DIRT_NAME;
	}
}

/* Behind the quote; gives the place of the other. */
static char *
read_quoted(const struct tokenizer *tokenizer, struct token *token, char *p,
    char quote, uint8_t *dirt)
{
	for (;; p++) {
		p = scan_value(p, tokenizer->end, quote);
		if (p == tokenizer->end)
			return NULL;
		if (*p == quote)
			return p;
		if (*p == '<')
			token->plain = false;
		else
			*dirt |= DIRT_VALUE;
	}
}

static char *
read_bare(const struct tokenizer *tokenizer, char *p, uint8_t *dirt)
{
	for (; !token_is(*p, CLASS_BARE_END); p++) {
		if (*p == '&')
			*dirt |= DIRT_VALUE;
		if (*p != '\0')
			continue;
		if (p == tokenizer->end)
			return NULL;
		*dirt |= DIRT_VALUE;
	}
	return p;
}

/* Behind the '=' and space. */
static char *
read_value(const struct tokenizer *tokenizer, struct token *token,
    struct token_attr *attr, char *p, uint8_t *dirt)
{
	char quote = *p, *end;

	if (quote == '"' || quote == '\'') {
		end = read_quoted(tokenizer, token, p + 1, quote, dirt);
		attr->value = p + 1;
		attr->value_len = end ? (uint32_t)(end - p) - 1 : 0;
		return end ? end + 1 : NULL;
	}
	token->plain = false;
	if (quote == '>') /* value stays "" */
		return p;
	end = read_bare(tokenizer, p, dirt);
	attr->value = p;
	attr->value_len = end ? (uint32_t)(end - p) : 0;
	return end;
}

/* At the first byte of the name; gives the place behind the value. */
static char *
read_attr(struct tokenizer *tokenizer, struct token *token, char *p)
{
	struct token_attr *attr = attr_new(tokenizer);
	uint8_t *dirt = &tokenizer->dirt[tokenizer->attrs_count - 1];

	*attr = (struct token_attr){.name = p, .value = ""};
	p = read_name(tokenizer, token, p, dirt);
	if (!p)
		return NULL;
	attr->name_len = (uint32_t)(p - attr->name);
	if (*p != '=') {
		p = skip_space(p);
		if (*p != '=')
			return p;
	}
	attr->has_value = true;
	p = read_value(tokenizer, token, attr, skip_space(p + 1), dirt);
	if (p && !token_is(*p, CLASS_NAME_END))
		token->plain = false;
	return p;
}

char *
token_attrs_read(
    struct tokenizer *tokenizer, struct token *token, char *p, bool *limit)
{
	tokenizer->attrs_count = 0;
	for (;;) {
		p = skip_space(p);
		if (*p == '>')
			return p;
		if (*p == '/' && p[1] == '>') {
			token->self_closing = true;
			return p + 1;
		}
		if (p == tokenizer->end)
			return NULL;
		if (*p == '/') {
			token->plain = false;
			p++;
			continue;
		}
		if (tokenizer->attrs_count == tokenizer->attrs_max) {
			*limit = true;
			return NULL;
		}
		p = read_attr(tokenizer, token, p);
		if (!p)
			return NULL;
	}
}

static void
finish_name(struct tokenizer *tokenizer, struct token *token,
    struct token_attr *attr, bool dirty)
{
	const char *known = attr_find(attr->name, attr->name_len);
	char *name = (char *)(uintptr_t)attr->name;

	if (known) {
		attr->name = known;
		attr->known = true;
		return;
	}
	if (dirty)
		name = token_decode(
		    tokenizer, name, &attr->name_len, REFS_NONE, &token->plain);
	name[attr->name_len] = '\0';
	attr->name = name;
}

static void
finish_value(struct tokenizer *tokenizer, struct token *token,
    struct token_attr *attr, bool dirty)
{
	char *value = (char *)(uintptr_t)attr->value;

	if (dirty)
		attr->value = token_decode(tokenizer, value, &attr->value_len,
		    REFS_VALUE, &token->plain);
	else if (attr->value_len)
		value[attr->value_len] = '\0';
	else
		attr->value = "";
}

void
token_attrs_finish(struct tokenizer *tokenizer, struct token *token)
{
	for (size_t i = 0; i < tokenizer->attrs_count; i++) {
		struct token_attr *attr = &tokenizer->attrs[i];
		uint8_t dirt = tokenizer->dirt[i];

		finish_name(tokenizer, token, attr, dirt & DIRT_NAME);
		finish_value(tokenizer, token, attr, dirt & DIRT_VALUE);
	}
	token->attrs = tokenizer->attrs;
	token->attrs_count = (uint32_t)tokenizer->attrs_count;
	if (token->attrs_count > 1)
		token_attrs_once(tokenizer, token);
}
