/* dom/build_look.c - tags and comments, as the tokenizer will find them
 * (contract: dom/build_look.h) */
#include "dom/build_look.h"

#include <string.h>
#include <strings.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool
look_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
look_ends_name(char c)
{
	return is_space(c) || c == '/' || c == '>';
}

void
look_skip_space(struct look *look)
{
	while (look->p < look->end && is_space(*look->p))
		look->p++;
}

bool
look_begins(const char *p, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - p) >= len && strncasecmp(p, with, len) == 0;
}

/* Not the tag of a longer name. */
bool
look_is_stop(const char *p, const char *end)
{
	static const char stop[] = "</noscript";
	size_t len = sizeof(stop) - 1;

	return (size_t)(end - p) > len && look_begins(p, end, stop) &&
	       look_ends_name(p[len]);
}

const char *
look_stop(const char *p, const char *end)
{
	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		if (look_is_stop(p, end))
			return p;
		p++;
	}
	return NULL;
}

/* ---- tags ---- */

static enum part
skip_value(struct look *look)
{
	char quote;

	look_skip_space(look);
	if (look->p == look->end)
		return PART_CUT;
	quote = *look->p;
	if (quote == '"' || quote == '\'') {
		look->p++;
		look->p = memchr(look->p, quote, (size_t)(look->end - look->p));
		if (!look->p)
			return PART_CUT;
		look->p++;
		return PART_WHOLE;
	}
	while (look->p < look->end && !is_space(*look->p) && *look->p != '>')
		look->p++;
	return PART_WHOLE;
}

enum part
look_tag(struct look *look, bool *closes)
{
	bool slash = false;

	for (;;) {
		while (look->p < look->end &&
		       (is_space(*look->p) || *look->p == '/'))
			slash = *look->p++ == '/';
		if (look->p == look->end)
			return PART_CUT;
		if (*look->p == '>')
			break;
		slash = false;
		look->p++; /* a name may begin with "=" */
		while (look->p < look->end && !look_ends_name(*look->p) &&
		       *look->p != '=')
			look->p++;
		look_skip_space(look);
		if (look->p == look->end || *look->p != '=')
			continue;
		look->p++;
		if (skip_value(look) == PART_CUT)
			return PART_CUT;
	}
	look->p++;
	if (closes)
		*closes = slash;
	return PART_WHOLE;
}

/* ---- comments ---- */

enum part
look_comment(struct look *look)
{
	const char *from = look->p + 4, *close, *bang;
	size_t left = (size_t)(look->end - from);

	if (look_begins(from, look->end, ">") ||
	    look_begins(from, look->end, "->"))
		return PART_UNFIT;
	close = memmem(from, left, "-->", 3);
	if (close)
		left = (size_t)(close - from);
	bang = memmem(from, left, "--!>", 4);
	if (bang)
		return PART_UNFIT;
	if (!close)
		return PART_CUT;
	look->p = close + 3;
	return PART_WHOLE;
}
