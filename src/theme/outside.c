/* theme/outside.c - which expressions of somebody unknown are evaluated
 * (contract: theme_filter_check() of theme/theme.h)
 *
 * libxml2 counts the nodes that an expression visits, and stops at a limit.
 * It does not count what it compares when it joins what several nodes led to
 * (the following siblings of all elements take half a minute where there are
 * 20,000), nor what it copies when it makes a text of the whole page for each
 * node. So a list of words would not do; here is what may stand where.
 * In a predicate nothing leads out of the node that it is about. */
#include <stdbool.h>
#include <string.h>

#include "dom/xpath.h"
#include "theme/theme.h"

#define BLANKS	  " \t\r\n"
#define DIGITS	  "0123456789"
#define NAME_ENDS BLANKS "/[]()@,|=!<>+*$'\":"

enum token_kind {
	TOKEN_NONE, /* the start, or the end */
	TOKEN_NAME,
	TOKEN_AXIS,	/* a name before "::" */
	TOKEN_FUNCTION, /* a name before "(" */
	TOKEN_VALUE,	/* a literal or number */
	TOKEN_SLASH,
	TOKEN_DEEP,	/* "//" */
	TOKEN_SELF,	/* "." */
	TOKEN_PARENT,	/* ".." */
	TOKEN_COMPARES, /* = != < <= > >= */
	TOKEN_OPERATOR, /* and or mod div + - * */
	TOKEN_UNION,
	TOKEN_OPENS,  /* ( [ , @ :: */
	TOKEN_CLOSES, /* ) ] */
};

struct token {
	enum token_kind kind;
	const char *from;
	size_t len;
};

struct reader {
	const char *at;
	struct token last, token;
	unsigned unions, predicates, deeps;
	unsigned inside;    /* of so many "[" */
	bool is_first_step; /* the "/" in hand begins a path */
	struct err *err;
};

static bool
is_word(const struct token *token, const char *words)
{
	for (const char *at = words; *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strcspn(at, " ") == token->len &&
		    memcmp(at, token->from, token->len) == 0)
			return true;
	}
	return false;
}

/* ---- words of XPath 1.0 (3.7) ---- */

/* After one of these a "*" or a name is no operator. */
static bool
wants_operand(const struct reader *reader)
{
	switch (reader->last.kind) {
	case TOKEN_NAME:
	case TOKEN_VALUE:
	case TOKEN_SELF:
	case TOKEN_PARENT:
	case TOKEN_CLOSES:
		return false;
	default:
		return true;
	}
}

static enum token_kind
kind_of_name(struct reader *reader, size_t len)
{
	const char *behind = reader->at + len;

	if (!wants_operand(reader))
		return TOKEN_OPERATOR;
	behind += strspn(behind, BLANKS);
	if (behind[0] == ':' && behind[1] == ':')
		return TOKEN_AXIS;
	return *behind == '(' ? TOKEN_FUNCTION : TOKEN_NAME;
}

static enum token_kind
kind_of_mark(struct reader *reader, size_t *len)
{
	const char *at = reader->at;

	*len = 1;
	switch (*at) {
	case '/':
		*len += at[1] == '/';
		return at[1] == '/' ? TOKEN_DEEP : TOKEN_SLASH;
	case '|':
		return TOKEN_UNION;
	case '[':
	case '(':
	case ',':
	case '@':
		return TOKEN_OPENS;
	case ']':
	case ')':
		return TOKEN_CLOSES;
	case '+':
	case '-':
		return TOKEN_OPERATOR;
	case '*':
		return wants_operand(reader) ? TOKEN_NAME : TOKEN_OPERATOR;
	case '=':
		return TOKEN_COMPARES;
	case '!':
	case '<':
	case '>':
		*len += at[1] == '=';
		return TOKEN_COMPARES;
	default:
		return TOKEN_NONE;
	}
}

static enum token_kind
kind_of_literal(const struct reader *reader, size_t *len)
{
	const char *end = strchr(reader->at + 1, *reader->at);

	*len = end ? (size_t)(end - reader->at) + 1 : strlen(reader->at);
	return TOKEN_VALUE;
}

static enum token_kind
kind_of_token(struct reader *reader, size_t *len)
{
	const char *at = reader->at;

	if (*at == '\'' || *at == '"')
		return kind_of_literal(reader, len);
	if (strchr(DIGITS, *at) ||
	    (*at == '.' && at[1] && strchr(DIGITS, at[1]))) {
		*len = strspn(at, DIGITS ".");
		return TOKEN_VALUE;
	}
	if (*at == '.') {
		*len = at[1] == '.' ? 2 : 1;
		return at[1] == '.' ? TOKEN_PARENT : TOKEN_SELF;
	}
	if (at[0] == ':' && at[1] == ':') {
		*len = 2;
		return TOKEN_OPENS;
	}
	*len = strcspn(at, NAME_ENDS);
	/* "a-b" is a name, "-b" is none. */
	if (*len == 0 || *at == '-')
		return kind_of_mark(reader, len);
	return kind_of_name(reader, *len);
}

static bool
next(struct reader *reader)
{
	reader->last = reader->token;
	reader->at += strspn(reader->at, BLANKS);
	reader->token.from = reader->at;
	if (!*reader->at)
		return false;
	reader->token.kind = kind_of_token(reader, &reader->token.len);
	reader->at += reader->token.len;
	return true;
}

/* ---- what may stand where ---- */

static int
refuse(const struct reader *reader, const char *why)
{
	return err_set(reader->err, "'%.*s': %s", (int)reader->token.len,
	    reader->token.from, why);
}

static int
too_many(const struct reader *reader, int most)
{
	return err_set(reader->err, "'%.*s': more than %d of them",
	    (int)reader->token.len, reader->token.from, most);
}

static bool
ends_a_step(enum token_kind kind)
{
	return kind == TOKEN_NAME || kind == TOKEN_SELF ||
	       kind == TOKEN_PARENT || kind == TOKEN_CLOSES;
}

static int
judge_slash(struct reader *reader)
{
	reader->is_first_step = !ends_a_step(reader->last.kind);
	if (reader->inside > 0 && reader->is_first_step)
		return refuse(reader, "a predicate may only look below its "
				      "own node");
	if (reader->token.kind == TOKEN_DEEP &&
	    ++reader->deeps > FILTER_DEPTHS_MAX)
		return too_many(reader, FILTER_DEPTHS_MAX);
	return 0;
}

static int
judge_axis(const struct reader *reader)
{
	bool within = (reader->last.kind == TOKEN_SLASH ||
			  reader->last.kind == TOKEN_DEEP) &&
		      !reader->is_first_step;

	if (is_word(&reader->token, "child attribute self"))
		return 0;
	if (is_word(&reader->token, "descendant descendant-or-self"))
		return within ? refuse(reader, "// says the same in the middle "
					       "of a path")
			      : 0;
	return refuse(reader, "only the axes child, attribute, self, "
			      "descendant and descendant-or-self are known");
}

static int
judge_function(const struct reader *reader)
{
	if (is_word(&reader->token,
		"text node comment last position count not true false "
		"boolean contains starts-with concat normalize-space string "
		"string-length name local-name"))
		return 0;
	return refuse(reader, "no such function is known here");
}

/* Two sets of nodes would be compared each with each. */
static int
judge_comparison(struct reader *reader)
{
	struct reader ahead = *reader;

	if (reader->last.kind == TOKEN_VALUE)
		return 0;
	if (next(&ahead) && (ahead.token.kind == TOKEN_VALUE ||
				is_word(&ahead.token, "last position count "
						      "string-length")))
		return 0;
	return refuse(reader, "a text or a number should stand beside it");
}

static int
judge_bracket(struct reader *reader)
{
	if (*reader->token.from == '[') {
		reader->inside++;
		if (++reader->predicates > FILTER_PREDICATES_MAX)
			return too_many(reader, FILTER_PREDICATES_MAX);
	}
	if (*reader->token.from == ']' && reader->inside > 0)
		reader->inside--;
	return 0;
}

static int
judge(struct reader *reader)
{
	switch (reader->token.kind) {
	case TOKEN_NONE:
		return refuse(reader, "this cannot stand here");
	case TOKEN_SLASH:
	case TOKEN_DEEP:
		return judge_slash(reader);
	case TOKEN_AXIS:
		return judge_axis(reader);
	case TOKEN_FUNCTION:
		return judge_function(reader);
	case TOKEN_PARENT:
		return refuse(reader, "only what is below a node is looked at");
	case TOKEN_COMPARES:
		return judge_comparison(reader);
	case TOKEN_UNION:
		return ++reader->unions > FILTER_UNIONS_MAX
			   ? too_many(reader, FILTER_UNIONS_MAX)
			   : 0;
	case TOKEN_OPENS:
	case TOKEN_CLOSES:
		return judge_bracket(reader);
	case TOKEN_NAME:
	case TOKEN_VALUE:
	case TOKEN_SELF:
	case TOKEN_OPERATOR:
		return 0;
	}
	must(!"a word of no kind");
	return -1;
}

CHECKED int
theme_filter_check(const char *xpath, struct err *err)
{
	struct reader reader = {.at = xpath, .err = err};

	if (strlen(xpath) > FILTER_XPATH_MAX)
		return err_set(
		    err, "the expression is over %d bytes", FILTER_XPATH_MAX);
	if (xpath_check(xpath, err) != 0)
		return -1;
	while (next(&reader))
		if (judge(&reader) != 0)
			return -1;
	return 0;
}
