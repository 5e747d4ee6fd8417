/* dom/token_doctype.c - <!DOCTYPE name PUBLIC "id" "id">
 *
 * Whatever is in it, it ends at the first '>', so it is cut out before it is
 * read. The states of the standard are the functions; each gives the place
 * behind what it read, or NULL when the rest is bogus. */
#include "dom/token_inside.h"

#include <string.h>

struct doctype {
	struct tokenizer *tokenizer;
	struct token *token;
	char *end;
	bool is_cut; /* by the end of the page, not by a '>' */
};

static char *
skip_space(const struct doctype *doctype, char *p)
{
	while (p < doctype->end && token_is(*p, CLASS_SPACE))
		p++;
	return p;
}

/* Force-quirks, and no more. */
static char *
give_up(struct doctype *doctype)
{
	doctype->token->plain = false;
	doctype->token->force_quirks = true;
	return NULL;
}

/* The end, in a place where it may be if a '>' ends it. */
static char *
end_well(struct doctype *doctype)
{
	return doctype->is_cut ? give_up(doctype) : NULL;
}

static const char *
decoded(struct doctype *doctype, char *from, char *end)
{
	uint32_t len = (uint32_t)(end - from);

	return token_decode(
	    doctype->tokenizer, from, &len, REFS_NONE, &doctype->token->plain);
}

static char *
read_name(struct doctype *doctype, char *from)
{
	char *p = from, *behind;

	for (; p < doctype->end && !token_is(*p, CLASS_SPACE); p++)
		if (token_is(*p, CLASS_UPPER))
			*p |= 0x20;
	behind = p < doctype->end ? p + 1 : p;
	doctype->token->doctype = decoded(doctype, from, p);
	behind = skip_space(doctype, behind);
	return behind < doctype->end ? behind : end_well(doctype);
}

/* At the quote. */
static char *
read_id(struct doctype *doctype, char *p, const char **id)
{
	char *from = p + 1;
	char *end = memchr(from, *p, (size_t)(doctype->end - from));

	*id = decoded(doctype, from, end ? end : doctype->end);
	return end ? end + 1 : give_up(doctype);
}

/* Behind PUBLIC or SYSTEM. */
static char *
read_first_id(struct doctype *doctype, char *p, const char **id)
{
	char *quote = skip_space(doctype, p);

	if (quote == doctype->end || (*quote != '"' && *quote != '\''))
		return give_up(doctype);
	if (quote == p)
		doctype->token->plain = false;
	return read_id(doctype, quote, id);
}

static void
read_system_end(struct doctype *doctype, char *p)
{
	if (!p)
		return;
	p = skip_space(doctype, p);
	if (p == doctype->end)
		end_well(doctype);
	else
		doctype->token->plain = false;
}

static void
read_public(struct doctype *doctype, char *p)
{
	char *quote;

	p = read_first_id(doctype, p, &doctype->token->public_id);
	if (!p)
		return;
	quote = skip_space(doctype, p);
	if (quote == doctype->end) {
		end_well(doctype);
		return;
	}
	if (*quote != '"' && *quote != '\'') {
		give_up(doctype);
		return;
	}
	if (quote == p)
		doctype->token->plain = false;
	read_system_end(
	    doctype, read_id(doctype, quote, &doctype->token->system_id));
}

/* Behind "<!DOCTYPE". */
static void
read_doctype(struct doctype *doctype, char *from)
{
	char *p = skip_space(doctype, from);

	if (p == doctype->end) {
		give_up(doctype);
		return;
	}
	if (p == from)
		doctype->token->plain = false;
	p = read_name(doctype, p);
	if (!p)
		return;
	if (token_begins(p, doctype->end, "public"))
		read_public(doctype, p + 6);
	else if (token_begins(p, doctype->end, "system"))
		read_system_end(doctype,
		    read_first_id(doctype, p + 6, &doctype->token->system_id));
	else
		give_up(doctype);
}

int
token_doctype(struct tokenizer *tokenizer, struct token *token, char *from)
{
	char *end = memchr(from, '>', (size_t)(tokenizer->end - from));
	struct doctype doctype = {tokenizer, token, end, !end};

	if (!end && !tokenizer->last)
		return token_cut(tokenizer);
	if (!end)
		doctype.end = tokenizer->end;
	read_doctype(&doctype, from);
	tokenizer->lead = LEAD_NONE;
	tokenizer->at = end ? end + 1 : tokenizer->end;
	return TOKEN_DOCTYPE;
}
