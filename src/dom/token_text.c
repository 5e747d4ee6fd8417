/* dom/token_text.c - text, made as it is meant where it stands
 *
 * Most runs have nothing to replace: they are found and ended by a NUL. What a
 * reference stands for is written over it and the text behind it moves up, so
 * that a run is one token. Where something does not fit, which only happens
 * when nothing was replaced before it, the token ends before it, and as before
 * a tag, the byte that the NUL is written over is kept as the lead. */
#include "dom/token_inside.h"

#include <string.h>

#include "dom/charref.h"
#include "dom/token_scan.h"

struct run {
	char *from;
	char *write;
	char *read; /* at or behind write */
	char *limit;
	unsigned how;
	bool whole;   /* nothing that belongs to it follows the limit */
	size_t grown; /* also where what shrank before it made room */
};

static bool
is_all_space(const char *p, const char *end)
{
	while (p < end && token_is(*p, CLASS_SPACE))
		p++;
	return p == end;
}

/* Whether the '<' at p begins a tag, a comment, ...; or may, when more comes.
 */
static bool
is_markup(const struct run *run, const char *p)
{
	if (p + 1 == run->limit)
		return !run->whole;
	if (p[1] == '/' && p + 2 == run->limit)
		return !run->whole;
	return token_is(p[1], CLASS_LETTER) || p[1] == '/' || p[1] == '!' ||
	       p[1] == '?';
}

static void
put(struct run *run, const char *text, size_t len, size_t read)
{
	if (len > read)
		run->grown += len - read;
	memcpy(run->write, text, len);
	run->write += len;
	run->read += read;
}

/* The text ends here; what is at `read` comes next. */
static bool
end_before(struct tokenizer *tokenizer, struct run *run)
{
	tokenizer->lead = (unsigned char)*run->read;
	run->read++;
	return false;
}

static bool
on_reference(struct tokenizer *tokenizer, struct token *token, struct run *run)
{
	struct charref ref;
	char *p = run->read;

	switch (charref_read(&ref, p + 1, run->limit, run->whole, false)) {
	case CHARREF_MORE:
		return end_before(tokenizer, run);
	case CHARREF_NONE:
		put(run, p, 1, 1);
		break;
	case CHARREF_FOUND:
		if (run->write + ref.len > p + 1 + ref.used)
			return end_before(tokenizer, run);
		put(run, ref.text, ref.len, 1 + ref.used);
		break;
	}
	token->plain &= ref.plain;
	return true;
}

static bool
on_nul(struct tokenizer *tokenizer, struct token *token, struct run *run)
{
	token->plain = false;
	if (run->how & TEXT_KEEP_NUL) {
		token->has_nul = true;
		put(run, "", 1, 1);
		return true;
	}
	if (run->write + 3 > run->read + 1)
		return end_before(tokenizer, run);
	put(run, "\xEF\xBF\xBD", 3, 1);
	return true;
}

static void
on_return(struct tokenizer *tokenizer, struct run *run)
{
	put(run, "\n", 1, 1);
	if (run->read < run->limit && *run->read == '\n')
		run->read++;
	else if (run->read == run->limit && !run->whole)
		tokenizer->skip_newline = true;
}

/* Not a byte like others, at `read`. false: the text ends. */
static bool
on_byte(struct tokenizer *tokenizer, struct token *token, struct run *run)
{
	switch (*run->read) {
	case '<':
		if ((run->how & TEXT_MARKUP) && is_markup(run, run->read))
			return end_before(tokenizer, run);
		token->plain = false;
		put(run, "<", 1, 1);
		return true;
	case '&':
		if (run->how & TEXT_REFS)
			return on_reference(tokenizer, token, run);
		put(run, "&", 1, 1);
		return true;
	case '\r':
		on_return(tokenizer, run);
		return true;
	default:
		return on_nul(tokenizer, token, run);
	}
}

static void
copy(struct run *run, size_t len)
{
	if (run->write != run->read)
		memmove(run->write, run->read, len);
	run->write += len;
	run->read += len;
}

static int
finish(struct tokenizer *tokenizer, struct token *token, struct run *run)
{
	tokenizer->at = run->read;
	if (run->grown)
		token_grows(tokenizer, run->grown);
	if (run->write == run->from)
		return TOKEN_NONE;
	*run->write = '\0';
	token->text = run->from;
	token->len = (uint32_t)(run->write - run->from);
	token->in_place = true;
	token->is_space = is_all_space(run->from, run->write);
	return TOKEN_TEXT;
}

int
token_text(
    struct tokenizer *tokenizer, struct token *token, char *limit, unsigned how)
{
	char *from = tokenizer->at;
	struct run run = {from, from, from, limit, how,
	    limit < tokenizer->end || tokenizer->last, 0};

	for (;;) {
		char *stop = how & (TEXT_REFS | TEXT_MARKUP)
				 ? scan_text(run.read, limit)
				 : scan_raw(run.read, limit);

		copy(&run, (size_t)(stop - run.read));
		if (stop == limit || !on_byte(tokenizer, token, &run))
			return finish(tokenizer, token, &run);
	}
}

int
token_reference(struct tokenizer *tokenizer, struct token *token, char *limit)
{
	bool whole = limit < tokenizer->end || tokenizer->last;
	struct charref ref;
	char *at = tokenizer->at;

	switch (charref_read(&ref, at, limit, whole, false)) {
	case CHARREF_MORE:
		return token_cut(tokenizer);
	case CHARREF_NONE:
		return token_static(tokenizer, token, "&", 1, at);
	case CHARREF_FOUND:
		break;
	}
	if (ref.text == ref.made)
		ref.text = arena_strndup(tokenizer->arena, ref.made, ref.len);
	if (ref.len > 1 + ref.used)
		token_grows(tokenizer, ref.len - 1 - ref.used);
	return token_static(tokenizer, token, ref.text, ref.len, at + ref.used);
}

int
token_replaced(struct tokenizer *tokenizer, struct token *token, char *limit)
{
	/* the NUL that ended the text before is the one that is meant */
	char *from = tokenizer->at - 1;
	uint32_t len = (uint32_t)(limit - from);
	char *text;

	tokenizer->skip_newline =
	    limit == tokenizer->end && !tokenizer->last && limit[-1] == '\r';
	text = token_decode(tokenizer, from, &len,
	    tokenizer->state == TOKEN_RCDATA ? REFS_TEXT : REFS_NONE,
	    &token->plain);
	return token_static(tokenizer, token, text, len, limit);
}
