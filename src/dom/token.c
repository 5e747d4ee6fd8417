/* dom/token.c - pieces of a page in, one token out
 *
 * The states of the standard that are met in the middle of a token are places
 * in the code here: a token that is cut by the end of a piece is read again
 * from its first byte when there is more. What remains of the states between
 * tokens is text, raw text of several kinds, and behind a '<'. */
#include "dom/token_inside.h"

#include <string.h>

#include "base/mem.h"
#include "base/must.h"

/* clang-format off */
#define SPACE  (CLASS_SPACE | CLASS_NAME_END | CLASS_ATTR_END | CLASS_BARE_END)
#define UPPER  (CLASS_LETTER | CLASS_UPPER)
/* clang-format on */

const uint8_t token_class[256] = {
    ['\0'] = CLASS_NUL,
    ['\t'] = SPACE,
    ['\n'] = SPACE,
    ['\f'] = SPACE,
    ['\r'] = SPACE,
    [' '] = SPACE,
    ['/'] = CLASS_NAME_END | CLASS_ATTR_END,
    ['>'] = CLASS_NAME_END | CLASS_ATTR_END | CLASS_BARE_END,
    ['='] = CLASS_ATTR_END,
    ['"'] = CLASS_ODD,
    ['\''] = CLASS_ODD,
    ['<'] = CLASS_ODD,
    ['A' ... 'Z'] = UPPER,
    ['a' ... 'z'] = CLASS_LETTER,
};

struct tokenizer *
token_new(struct arena *arena, size_t attributes_max)
{
	struct tokenizer *tokenizer = mem_new(sizeof(*tokenizer));

	tokenizer->arena = arena;
	tokenizer->attrs_max = attributes_max;
	tokenizer->bytes_max = SIZE_MAX;
	tokenizer->lead = LEAD_NONE;
	return tokenizer;
}

void
token_free(struct tokenizer **tokenizer)
{
	if (!*tokenizer)
		return;
	mem_free(&(*tokenizer)->attrs);
	mem_free(&(*tokenizer)->dirt);
	mem_free(tokenizer);
}

void
token_bytes_max(struct tokenizer *tokenizer, size_t bytes_max)
{
	tokenizer->bytes_max = bytes_max;
}

/* In whatever pieces it comes, it is the same pages that are too long. */
static void
check_length(struct tokenizer *tokenizer)
{
	if (tokenizer->grown > 0 &&
	    token_offset(tokenizer, tokenizer->end) + tokenizer->grown >
		tokenizer->bytes_max)
		tokenizer->starved = tokenizer->is_long = true;
}

void
token_grows(struct tokenizer *tokenizer, size_t growth)
{
	tokenizer->grown += growth;
	check_length(tokenizer);
}

void
token_state(struct tokenizer *tokenizer, enum token_state state)
{
	tokenizer->state = state;
	tokenizer->stop = NULL;
}

void
token_last_start(struct tokenizer *tokenizer, const char *name)
{
	tokenizer->start_name = name;
	tokenizer->start_len = strlen(name);
}

void
token_skip(struct tokenizer *tokenizer, size_t len)
{
	must(tokenizer->lead == LEAD_NONE &&
	     len <= (size_t)(tokenizer->end - tokenizer->at));
	tokenizer->at += len;
}

void
token_allow_cdata(struct tokenizer *tokenizer, bool allow)
{
	tokenizer->allow_cdata = allow;
}

void
token_feed(struct tokenizer *tokenizer, char *bytes, size_t len, bool last)
{
	must(!tokenizer->last);
	must(len >= (size_t)(tokenizer->end - tokenizer->at));
	if (tokenizer->bytes)
		tokenizer->offset = token_offset(tokenizer, tokenizer->at);
	tokenizer->bytes = tokenizer->at = bytes;
	tokenizer->end = bytes + len;
	*tokenizer->end = '\0';
	tokenizer->last = last;
	tokenizer->stop = NULL;
	tokenizer->starved = !last && len < tokenizer->look_again;
	if (!tokenizer->starved)
		tokenizer->look_again = 0;
	check_length(tokenizer);
}

size_t
token_rest(const struct tokenizer *tokenizer, const char **rest)
{
	*rest = tokenizer->at;
	return (size_t)(tokenizer->end - tokenizer->at);
}

bool
token_begins(const char *at, const char *end, const char *word)
{
	for (; *word; at++, word++)
		if (at == end ||
		    (*at != *word &&
			(!token_is(*at, CLASS_UPPER) || (*at | 0x20) != *word)))
			return false;
	return true;
}

int
token_cut(struct tokenizer *tokenizer)
{
	if (!tokenizer->last) {
		tokenizer->look_again =
		    2 * (size_t)(tokenizer->end - tokenizer->at);
		return TOKEN_MORE;
	}
	tokenizer->lead = LEAD_NONE;
	tokenizer->at = tokenizer->end;
	return TOKEN_END;
}

static bool
is_all_space(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!token_is(text[i], CLASS_SPACE))
			return false;
	return true;
}

int
token_static(struct tokenizer *tokenizer, struct token *token, const char *text,
    size_t len, char *to)
{
	token->plain = false;
	token->text = (char *)(uintptr_t)text;
	token->len = (uint32_t)len;
	token->in_place = false;
	token->is_space = is_all_space(text, len);
	tokenizer->lead = LEAD_NONE;
	tokenizer->at = to;
	return TOKEN_TEXT;
}

/* Behind "<!". */
static int
declaration(struct tokenizer *tokenizer, struct token *token, char *p)
{
	size_t left = (size_t)(tokenizer->end - p);

	if (left >= 2 && p[0] == '-' && p[1] == '-')
		return token_comment(tokenizer, token, p + 2);
	if (token_begins(p, tokenizer->end, "doctype"))
		return token_doctype(tokenizer, token, p + 7);
	if (tokenizer->allow_cdata && left >= 7 &&
	    memcmp(p, "[CDATA[", 7) == 0) {
		tokenizer->lead = LEAD_NONE;
		tokenizer->at = p + 7;
		tokenizer->cdata = true;
		return TOKEN_NONE;
	}
	if (left < 7 && !tokenizer->last && !memchr(p, '>', left))
		return token_cut(tokenizer);
	return token_bogus(tokenizer, token, p);
}

/* Behind "</". */
static int
end_tag(struct tokenizer *tokenizer, struct token *token, char *p)
{
	if (p == tokenizer->end && !tokenizer->last)
		return token_cut(tokenizer);
	if (p == tokenizer->end)
		return token_static(tokenizer, token, "</", 2, p);
	if (token_is(*p, CLASS_LETTER))
		return token_tag(tokenizer, token, TOKEN_STOP, p);
	if (*p != '>')
		return token_bogus(tokenizer, token, p);
	tokenizer->lead = LEAD_NONE;
	tokenizer->at = p + 1;
	return TOKEN_NONE;
}

/* Behind a '<', which is the lead. */
static int
markup(struct tokenizer *tokenizer, struct token *token)
{
	char *p = tokenizer->at;

	if (token_is(*p, CLASS_LETTER))
		return token_tag(tokenizer, token, TOKEN_START, p);
	if (*p == '/')
		return end_tag(tokenizer, token, p + 1);
	if (*p == '!')
		return declaration(tokenizer, token, p + 1);
	if (*p == '?')
		return token_bogus(tokenizer, token, p);
	if (p == tokenizer->end && !tokenizer->last)
		return token_cut(tokenizer);
	return token_static(tokenizer, token, "<", 1, p);
}

static int
after_lead(struct tokenizer *tokenizer, struct token *token)
{
	char *limit = tokenizer->stop ? tokenizer->stop : tokenizer->end;

	token->from--;
	if (tokenizer->lead == '<')
		return markup(tokenizer, token);
	if (tokenizer->lead == '&')
		return token_reference(tokenizer, token, limit);
	return token_replaced(tokenizer, token, limit);
}

static void
skip_newline(struct tokenizer *tokenizer)
{
	if (tokenizer->at == tokenizer->end)
		return;
	tokenizer->skip_newline = false;
	if (*tokenizer->at == '\n')
		tokenizer->at++;
}

static int
text(struct tokenizer *tokenizer, struct token *token)
{
	if (tokenizer->skip_newline)
		skip_newline(tokenizer);
	if (tokenizer->at == tokenizer->end)
		return token_cut(tokenizer);
	token->from = token_offset(tokenizer, tokenizer->at);
	if (tokenizer->state == TOKEN_DATA)
		return token_text(tokenizer, token, tokenizer->end,
		    TEXT_MARKUP | TEXT_REFS | TEXT_KEEP_NUL);
	token->plain = false;
	return token_text(tokenizer, token, tokenizer->end, 0);
}

static int
step(struct tokenizer *tokenizer, struct token *token)
{
	if (tokenizer->lead != LEAD_NONE)
		return after_lead(tokenizer, token);
	if (!tokenizer->cdata && (tokenizer->state == TOKEN_DATA ||
				     tokenizer->state == TOKEN_PLAINTEXT))
		return text(tokenizer, token);
	return token_raw(tokenizer, token);
}

enum token_kind
token_next(struct tokenizer *tokenizer, struct token *token)
{
	int kind = TOKEN_NONE;

	*token = (struct token){.kind = TOKEN_MORE};
	must(tokenizer->bytes);
	if (tokenizer->starved)
		return token->kind =
			   tokenizer->is_long ? TOKEN_LONG : TOKEN_MORE;
	while (kind == TOKEN_NONE) {
		token->from = token_offset(tokenizer, tokenizer->at);
		token->plain = true;
		kind = step(tokenizer, token);
	}
	token->kind = (enum token_kind)kind;
	token->to = token_offset(tokenizer, tokenizer->at);
	if (tokenizer->lead != LEAD_NONE)
		token->to--;
	return token->kind;
}
