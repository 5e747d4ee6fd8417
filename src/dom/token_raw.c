/* dom/token_raw.c - text whose end is looked for first
 *
 * That of title, style, script and others goes up to its own end tag, that of a
 * CDATA section up to "]]>". No part of it is given before the end is found,
 * or the page ends: so a script that hides its end tag ("<!-- <script>") needs
 * no state that outlives a piece. */
#include "dom/token_inside.h"

#include <string.h>

#include "dom/token_scan.h"

/* Whether the name at p is this one, and ends as a tag's. */
static bool
is_name(const char *p, const char *end, const char *name, size_t len)
{
	if ((size_t)(end - p) <= len || !token_begins(p, end, name))
		return false;
	return token_is(p[len], CLASS_NAME_END);
}

/* Whether the '<' at p begins the end tag that is waited for. */
static bool
is_end(const struct tokenizer *tokenizer, const char *p)
{
	if (!tokenizer->start_name || tokenizer->end - p < 2 || p[1] != '/')
		return false;
	return is_name(
	    p + 2, tokenizer->end, tokenizer->start_name, tokenizer->start_len);
}

static char *
find_end(struct tokenizer *tokenizer)
{
	char *p = tokenizer->at, *end = tokenizer->end;

	while ((p = scan_pair(p, end, '<', '<', '/')) < end)
		if (is_end(tokenizer, p - 1))
			return p - 1;
	return end;
}

/* How deep within "<!--", and "<script>" within that. */
enum depth { OPEN, ESCAPED, ESCAPED_TWICE };

/* On dashes: the first byte behind them; two and a '>' end it. */
static char *
script_dashes(char *p, const char *end, enum depth *depth)
{
	char *from = p;

	while (p < end && *p == '-')
		p++;
	if (p - from >= 2 && p < end && *p == '>')
		*depth = OPEN;
	return p;
}

/* On a '<' in "<!--": <script> hides, </script> behind it shows again. */
static char *
script_tag(char *p, const char *end, enum depth *depth)
{
	if (*depth == ESCAPED && is_name(p + 1, end, "script", 6))
		*depth = ESCAPED_TWICE;
	else if (*depth == ESCAPED_TWICE && end - p > 1 && p[1] == '/' &&
		 is_name(p + 2, end, "script", 6))
		*depth = ESCAPED;
	return p + 1;
}

static char *
find_script_end(struct tokenizer *tokenizer)
{
	char *p = tokenizer->at, *end = tokenizer->end;
	enum depth depth = OPEN;

	for (;;) {
		char dash = depth == OPEN ? '<' : '-';

		p = scan_any(p, end, '<', dash, '<', dash, '<');
		if (p == end)
			return end;
		if (*p == '-') {
			p = script_dashes(p, end, &depth);
		} else if (depth != ESCAPED_TWICE && is_end(tokenizer, p)) {
			return p;
		} else if (depth != OPEN) {
			p = script_tag(p, end, &depth);
		} else if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
			depth = ESCAPED;
			tokenizer->stop_plain = false;
			p += 2;
		} else {
			p++;
		}
	}
}

/* The "]]>", or the end. */
static char *
find_cdata_end(struct tokenizer *tokenizer)
{
	char *p = tokenizer->at, *end = tokenizer->end;

	while ((p = scan_pair(p, end, ']', ']', '>')) < end)
		if (p - tokenizer->at >= 2 && p[-2] == ']')
			return p - 2;
	return end;
}

static void
find_stop(struct tokenizer *tokenizer)
{
	tokenizer->stop_plain = !tokenizer->cdata;
	if (tokenizer->cdata)
		tokenizer->stop = find_cdata_end(tokenizer);
	else if (tokenizer->state == TOKEN_SCRIPT)
		tokenizer->stop = find_script_end(tokenizer);
	else
		tokenizer->stop = find_end(tokenizer);
}

/* The text is done: what follows is of DATA. */
static int
leave(struct tokenizer *tokenizer)
{
	if (tokenizer->at == tokenizer->end)
		return token_cut(tokenizer);
	tokenizer->stop = NULL;
	if (tokenizer->cdata) {
		tokenizer->cdata = false;
		tokenizer->at += 3;
		return TOKEN_NONE;
	}
	tokenizer->state = TOKEN_DATA;
	tokenizer->lead = '<';
	tokenizer->at++;
	return TOKEN_NONE;
}

int
token_raw(struct tokenizer *tokenizer, struct token *token)
{
	unsigned how = tokenizer->cdata			  ? TEXT_KEEP_NUL
		       : tokenizer->state == TOKEN_RCDATA ? TEXT_REFS
							  : 0;

	if (!tokenizer->stop)
		find_stop(tokenizer);
	if (tokenizer->stop == tokenizer->end && !tokenizer->last) {
		tokenizer->stop = NULL;
		return token_cut(tokenizer);
	}
	if (tokenizer->at == tokenizer->stop)
		return leave(tokenizer);
	token->plain = tokenizer->stop_plain;
	return token_text(tokenizer, token, tokenizer->stop, how);
}
