/* dom/token_tag.c - start tags and end tags */
#include "dom/token_inside.h"

/* Make a tag's name small, and find where it ends; NULL: not in these bytes.
 * There is no other NUL than the one that ends the bytes, or *nul is set. */
static char *
read_name(struct tokenizer *tokenizer, char *p, bool *nul)
{
	for (;; p++) {
		if (!token_is(*p, CLASS_NAME_END | CLASS_NUL | CLASS_UPPER))
			continue;
		if (token_is(*p, CLASS_NAME_END))
			return p;
		if (token_is(*p, CLASS_UPPER))
			*p |= 0x20;
		else if (p == tokenizer->end)
			return NULL;
		else
			*nul = true;
	}
}

static void
set_name(struct tokenizer *tokenizer, struct token *token, char *name, bool nul)
{
	token->el = el_find(name, token->name_len);
	if (token->el != EL_NONE) {
		token->name = el_names[token->el].text;
		return;
	}
	if (nul) {
		token->plain = false;
		name = token_decode(tokenizer, name, &token->name_len,
		    REFS_NONE, &token->plain);
	}
	name[token->name_len] = '\0';
	token->name = name;
}

static void
finish(struct tokenizer *tokenizer, struct token *token)
{
	token_attrs_finish(tokenizer, token);
	if (token->kind == TOKEN_START) {
		tokenizer->start_name = token->name;
		tokenizer->start_len = token->name_len;
		return;
	}
	token->plain &= token->attrs_count == 0 && !token->self_closing;
	token->attrs_count = 0;
	token->self_closing = false;
}

int
token_tag(struct tokenizer *tokenizer, struct token *token,
    enum token_kind kind, char *name)
{
	bool nul = false, limit = false;
	char *p = read_name(tokenizer, name, &nul);

	if (!p)
		return token_cut(tokenizer);
	token->name_len = (uint32_t)(p - name);
	p = token_attrs_read(tokenizer, token, p, &limit);
	if (limit)
		return TOKEN_LIMIT;
	if (!p)
		return token_cut(tokenizer);
	token->kind = kind;
	set_name(tokenizer, token, name, nul);
	finish(tokenizer, token);
	tokenizer->lead = LEAD_NONE;
	tokenizer->at = p + 1;
	return kind;
}
