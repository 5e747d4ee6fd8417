/* dom/token_comment.c - comments, and what is read as one */
#include "dom/token_inside.h"

#include <string.h>

#include "dom/token_scan.h"

static int
finish(struct tokenizer *tokenizer, struct token *token, char *from, char *end,
    char *behind)
{
	token->len = (uint32_t)(end - from);
	token->text = token_decode(
	    tokenizer, from, &token->len, REFS_NONE, &token->plain);
	token->in_place = token->text == from;
	tokenizer->lead = LEAD_NONE;
	tokenizer->at = behind;
	return TOKEN_COMMENT;
}

int
token_bogus(struct tokenizer *tokenizer, struct token *token, char *from)
{
	char *end = memchr(from, '>', (size_t)(tokenizer->end - from));

	token->plain = false;
	if (end)
		return finish(tokenizer, token, from, end, end + 1);
	if (!tokenizer->last)
		return token_cut(tokenizer);
	return finish(tokenizer, token, from, tokenizer->end, tokenizer->end);
}

/* The '>' that ends it, behind "--" or "--!"; or the end. */
static char *
find_end(char *from, char *end)
{
	char *p = from;

	while ((p = scan_pair(p, end, '-', '!', '>')) < end) {
		if (p - from >= 2 && p[-1] == '-' && p[-2] == '-')
			return p;
		if (p - from >= 3 && p[-1] == '!' && p[-2] == '-' &&
		    p[-3] == '-')
			return p;
	}
	return end;
}

/* The page ends within it: what could have been its end is left out. */
static int
cut_short(struct tokenizer *tokenizer, struct token *token, char *from)
{
	char *end = tokenizer->end;

	if (!tokenizer->last)
		return token_cut(tokenizer);
	token->plain = false;
	if (end - from >= 3 && memcmp(end - 3, "--!", 3) == 0)
		end -= 3;
	else if (end - from >= 2 && memcmp(end - 2, "--", 2) == 0)
		end -= 2;
	else if (end > from && end[-1] == '-')
		end--;
	return finish(tokenizer, token, from, end, tokenizer->end);
}

static bool
has_open(const char *from, const char *end)
{
	return memmem(from, (size_t)(end - from), "<!--", 4) != NULL;
}

int
token_comment(struct tokenizer *tokenizer, struct token *token, char *from)
{
	char *end;
	int back;

	if (*from == '>' || (*from == '-' && from[1] == '>')) {
		token->plain = false;
		end = strchr(from, '>') + 1;
		return finish(tokenizer, token, from, from, end);
	}
	end = find_end(from, tokenizer->end);
	if (end == tokenizer->end)
		return cut_short(tokenizer, token, from);
	back = end[-1] == '!' ? 3 : 2;
	if (back == 3 || has_open(from, end))
		token->plain = false;
	return finish(tokenizer, token, from, end - back, end + 1);
}
