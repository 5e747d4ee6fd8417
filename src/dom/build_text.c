/* dom/build_text.c - characters that some modes drop, keep, or treat apart */
#include "dom/build_inside.h"

#include <string.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r';
}

static bool
is_all_space(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_space(text[i]))
			return false;
	return true;
}

bool
build_drop_nul(struct build *build, struct token *token)
{
	uint32_t len = 0;

	if (!token->has_nul)
		return true;
	if (!token->in_place) {
		token->text =
		    arena_strndup(build->tree->arena, token->text, token->len);
	}
	for (uint32_t i = 0; i < token->len; i++)
		if (token->text[i] != '\0')
			token->text[len++] = token->text[i];
	token->text[len] = '\0';
	token->len = len;
	token->has_nul = false;
	token->plain = false;
	token->is_space = is_all_space(token->text, len);
	return len > 0;
}

void
build_replace_nul(struct build *build, struct token *token)
{
	static const char sign[] = "\xEF\xBF\xBD";
	size_t count = 0;
	bool only_space = true;
	char *text, *p;

	if (!token->has_nul)
		return;
	for (uint32_t i = 0; i < token->len; i++) {
		count += token->text[i] == '\0';
		only_space &= !token->text[i] || is_space(token->text[i]);
	}
	/* each is one of those bytes already */
	text = p = arena_room(
	    build->tree->arena, token->len + count * (sizeof(sign) - 2) + 1);
	for (uint32_t i = 0; i < token->len; i++) {
		if (token->text[i] == '\0')
			p = mempcpy(p, sign, sizeof(sign) - 1);
		else
			*p++ = token->text[i];
	}
	*p = '\0';
	token_grows(build->tokenizer, (size_t)(p - text) - token->len);
	token->text = text;
	token->len = (uint32_t)(p - text);
	token->has_nul = token->in_place = token->plain = false;
	/* a NUL is no character that takes a frameset's chance */
	token->is_space = only_space;
}

/* Drop all else; false: nothing is left. */
bool
build_keep_space(struct token *token)
{
	uint32_t len = 0;

	if (token->is_space)
		return true;
	if (!token->in_place)
		return false; /* no space is written as a reference to static
			       * text */
	for (uint32_t i = 0; i < token->len; i++)
		if (is_space(token->text[i]))
			token->text[len++] = token->text[i];
	token->text[len] = '\0';
	token->len = len;
	token->is_space = true;
	token->has_nul = token->plain = false;
	return len > 0;
}

bool
build_cut_space(struct build *build, struct token *token, struct token *space)
{
	uint32_t len = 0;

	while (len < token->len && is_space(token->text[len]))
		len++;
	if (len == 0)
		return false;
	*space = *token;
	space->is_space = true;
	space->has_nul = false;
	space->len = len;
	if (len < token->len) {
		space->text =
		    arena_strndup(build->tree->arena, token->text, len);
		space->in_place = space->plain = false;
		token->plain = false;
	}
	token->text += len;
	token->len -= len;
	return true;
}
