/* dom/build_noscript_text.c - the text of a noscript that may be read in two
 * ways (dom/build_noscript_body.c)
 *
 * It is made so that it is one text, in raw text and among tags, and is not fit
 * when it is read again. */
#include "dom/build_inside.h"

#include <string.h>

#include "dom/build_look.h"

static const char lt[] = "&lt;", nul[] = "\xEF\xBF\xBD", never_fit[] = "<?>";

/* Bytes that the text takes in place of *p, or NULL: that one. */
static const char *
instead_of(const char *p, const char *end, const char *loose)
{
	if (*p == '\0')
		return nul;
	if (*p == '<' && (p >= loose || look_is_stop(p, end)))
		return lt;
	return NULL;
}

static char *
add(char *to, const char *word)
{
	return mempcpy(to, word, strlen(word));
}

static char *
make_text(struct arena *arena, const char *p, const struct noscript_text *text)
{
	const char *end = p + text->len, *loose = p + text->loose, *word;
	size_t room = text->len + sizeof(never_fit);
	char *made, *to;

	for (const char *at = p; at < end; at++)
		if ((word = instead_of(at, end, loose)))
			room += strlen(word);
	made = to = arena_room(arena, room);
	for (; p < end; p++) {
		if (p == loose)
			to = add(to, never_fit);
		if ((word = instead_of(p, end, loose)))
			to = add(to, word);
		else if (*p != '\r')
			*to++ = *p;
		else if (p + 1 == end || p[1] != '\n')
			*to++ = '\n';
	}
	*to = '\0';
	return made;
}

void
build_put_noscript_text(struct build *build, const struct noscript_text *text)
{
	const char *p;
	size_t len = build_rest(build, &p);
	struct token token = {.kind = TOKEN_TEXT};

	must(text->len <= len);
	token.text = make_text(build->tree->arena, p, text);
	token.len = (uint32_t)strlen(token.text);
	if (build->opts.spans) {
		token.from = build->to;
		token.to = build->to + (uint32_t)text->len;
	}
	if (token.len > text->len)
		token_grows(build->tokenizer, token.len - text->len);
	token_skip(build->tokenizer, text->len);
	if (token.len)
		build_insert_text(build, &token);
}
