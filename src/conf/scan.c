/* conf/scan.c - tokens, and three states: a name, its value, a block
 *
 * The grammar:  file  = { option | block }
 *               block = name [ title ] "{" { option } "}"
 *               option = name ( "=" | "+=" ) ( value | "{" [values] "}" )
 * Blocks do not nest, so there is no stack. */
#include "conf/scan.h"

#include <string.h>

enum token { END, WORD, STRING, EQUALS, OPEN, CLOSE, COMMA, BAD };

struct scan {
	char *at; /* behind the token */
	int line;
	enum token token;
	char *from; /* of the token */
	size_t len;
	struct arena *arena;
	struct mistakes *mistakes;
	struct scan_block *blocks, **last;
	struct scan_block *open; /* the one we are in */
};

/* What may stand without quotes. libconfuse would take some more, and lose
 * part of it. */
static const char word_bytes[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_-./:@%~?&[]";

static void
skip_space(struct scan *scan)
{
	char *p = scan->at;

	for (;;) {
		if (*p == '\n')
			scan->line++;
		if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
			p++;
		} else if (*p == '#' || (p[0] == '/' && p[1] == '/')) {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			for (p += 2; *p && !(p[0] == '*' && p[1] == '/'); p++)
				scan->line += *p == '\n';
			p += *p ? 2 : 0;
		} else {
			break;
		}
	}
	scan->at = p;
}

static void
take_string(struct scan *scan)
{
	char quote = *scan->at++;
	int line = scan->line;

	scan->from = scan->at;
	for (; *scan->at && *scan->at != quote; scan->at++) {
		if (*scan->at == '\\' && scan->at[1])
			scan->at++;
		line += *scan->at == '\n';
	}
	scan->len = (size_t)(scan->at - scan->from);
	if (!*scan->at) {
		mistake_tell(scan->mistakes, scan->line,
			     "the text that begins here with %c has no end",
			     quote);
		scan->token = BAD;
		return;
	}
	scan->line = line;
	scan->at++;
	scan->token = STRING;
}

static enum token
punctuation(const char *at, size_t *len)
{
	*len = 1;
	switch (*at) {
	case '=':
		return EQUALS;
	case '+':
		*len = 2;
		return at[1] == '=' ? EQUALS : BAD;
	case '{':
		return OPEN;
	case '}':
		return CLOSE;
	case ',':
		return COMMA;
	default:
		return BAD;
	}
}

/* A byte that no word has, or a word that runs into one. */
static void
tell_bad(struct scan *scan)
{
	if (*scan->from == ';' || *scan->at == ';')
		mistake_tell(
		    scan->mistakes, scan->line,
		    "no ';' is needed: the end of the value is enough");
	else
		mistake_tell(scan->mistakes, scan->line,
			     "'%.*s': put this value in quotes",
			     (int)strcspn(scan->from, " \t\r\n,}"), scan->from);
	scan->token = BAD;
}

static void
next_token(struct scan *scan)
{
	skip_space(scan);
	scan->from = scan->at;
	scan->len = 0;
	if (*scan->at == '\0') {
		scan->token = END;
		return;
	}
	if (*scan->at == '"' || *scan->at == '\'') {
		take_string(scan);
		return;
	}
	scan->len = strspn(scan->at, word_bytes);
	if (scan->len > 0)
		scan->token = WORD;
	else
		scan->token = punctuation(scan->at, &scan->len);
	scan->at += scan->len;
	if (scan->token == BAD || (scan->token == WORD && *scan->at != '\0' &&
				   strchr("*();+\\\"'$|!<>^", *scan->at)))
		tell_bad(scan);
}

static void
blank(char *from, const char *end)
{
	for (; from < end; from++)
		if (*from != '\n')
			*from = ' ';
}

/* One value, or a list in braces; scan->token is its last token then. */
static int
take_value(struct scan *scan, const char *name)
{
	next_token(scan);
	if (scan->token == WORD || scan->token == STRING)
		return 0;
	if (scan->token == BAD)
		return -1;
	if (scan->token != OPEN) {
		mistake_tell(scan->mistakes, scan->line,
			     "%s has no value behind its '='", name);
		return -1;
	}
	for (;;) {
		next_token(scan);
		if (scan->token == CLOSE)
			return 0;
		if (scan->token != WORD && scan->token != STRING)
			break;
		next_token(scan);
		if (scan->token == CLOSE)
			return 0;
		if (scan->token != COMMA)
			break;
	}
	if (scan->token != BAD)
		mistake_tell(scan->mistakes, scan->line,
			     "the list of %s is to be written {\"a\", \"b\"}",
			     name);
	return -1;
}

static void
tell_unknown(struct scan *scan, int line, const char *name)
{
	const char *near = schema_nearest(scan->open->block, name);
	const char *in = schema_blocks[scan->open->block].name;

	/* only a block is both unknown as an option and called so */
	if (near && strcmp(near, name) == 0) {
		mistake_tell(scan->mistakes, line,
			     "'%s' is a block: it is to be written %s { ... }",
			     name, name);
		return;
	}
	mistake_tell(scan->mistakes, line, "'%s' is not known%s%s%s%s%s", name,
		     *in ? " in " : "", in, near ? "; did you mean '" : "",
		     near ? near : "", near ? "'?" : "");
}

static void
see_option(struct scan *scan, int line, const char *name, char *start,
	   bool adds)
{
	const struct option *option = schema_find(scan->open->block, name);
	int *seen;

	if (!option) {
		tell_unknown(scan, line, name);
		blank(start, scan->at);
		return;
	}
	if (adds && !option_is_list(option)) {
		mistake_tell(scan->mistakes, line,
			     "%s is one value, and '+=' adds to lists: write "
			     "'='",
			     name);
		blank(start, scan->at);
		return;
	}
	scan->open->adds[option - schema] = adds;
	seen = &scan->open->lines[option - schema];
	if (*seen)
		mistake_tell(scan->mistakes, line,
			     "%s stands here again; it was set in line %d",
			     name, *seen);
	*seen = line;
}

static void
add_block(struct scan *scan, enum block kind, const char *title, int line)
{
	struct scan_block *block = arena_get(scan->arena, sizeof(*block));

	block->block = kind;
	block->title = title;
	block->line = line;
	block->lines =
	    arena_get(scan->arena, schema_count * sizeof(*block->lines));
	block->adds =
	    arena_get(scan->arena, schema_count * sizeof(*block->adds));
	*scan->last = block;
	scan->last = &block->next;
	scan->open = block;
}

static int
see_block(struct scan *scan, int line, enum block kind, const char *title)
{
	const struct scan_block *before;
	const char *name = schema_blocks[kind].name;

	if (schema_blocks[kind].is_named != (title != NULL)) {
		mistake_tell(scan->mistakes, line,
			     title ? "the block %s has no name: write just %s {"
				   : "the block %s needs a name: %s main {",
			     name, name);
		return -1;
	}
	before = scan_find(scan->blocks, kind, title);
	if (before)
		mistake_tell(scan->mistakes, line,
			     "there is a block %s%s%s already in line %d", name,
			     title ? " " : "", title ? title : "",
			     before->line);
	add_block(scan, kind, title, line);
	return 0;
}

/* An unknown block: told once, and blanked to its end. */
static int
skip_block(struct scan *scan, int line, const char *name, char *start)
{
	const char *near = schema_nearest(BLOCK_TOP, name);
	int depth = 1;

	mistake_tell(scan->mistakes, line, "no block is called '%s'%s%s%s",
		     name, near ? "; did you mean '" : "", near ? near : "",
		     near ? "'?" : "");
	while (depth > 0) {
		next_token(scan);
		if (scan->token == END || scan->token == BAD)
			return -1;
		depth += (scan->token == OPEN) - (scan->token == CLOSE);
	}
	blank(start, scan->at);
	return 0;
}

/* Behind a name that is no option's: the rest of a block's beginning. */
static int
open_block(struct scan *scan, int line, const char *name, char *start)
{
	enum block kind = schema_find_block(name);
	const char *title = NULL;

	if (scan->open->block != BLOCK_TOP) {
		mistake_tell(
		    scan->mistakes, line,
		    "'%s' needs a '=', or the block that began in line %d "
		    "needs its '}' before",
		    name, scan->open->line);
		return -1;
	}
	if (scan->token == WORD || scan->token == STRING) {
		title = arena_strndup(scan->arena, scan->from, scan->len);
		next_token(scan);
	}
	if (scan->token == BAD)
		return -1;
	if (scan->token != OPEN) {
		mistake_tell(scan->mistakes, line,
			     kind < BLOCKS ? "the block %s has no '{'"
					   : "%s has no '=' behind it",
			     name);
		return -1;
	}
	if (kind == BLOCKS)
		return skip_block(scan, line, name, start);
	return see_block(scan, line, kind, title);
}

static int
take_name(struct scan *scan)
{
	char *start = scan->from;
	int line = scan->line;
	const char *name = arena_strndup(scan->arena, scan->from, scan->len);

	next_token(scan);
	if (scan->token == BAD)
		return -1;
	if (scan->token == EQUALS) {
		bool adds = scan->len == 2; /* "+=" */

		if (take_value(scan, name) != 0)
			return -1;
		see_option(scan, line, name, start, adds);
		return 0;
	}
	return open_block(scan, line, name, start);
}

static int
close_block(struct scan *scan)
{
	if (scan->open->block == BLOCK_TOP) {
		mistake_tell(scan->mistakes, scan->line,
			     "this '}' closes nothing");
		return -1;
	}
	scan->open = scan->blocks;
	return 0;
}

static int
scan_all(struct scan *scan)
{
	for (;;) {
		next_token(scan);
		switch (scan->token) {
		case END:
			if (scan->open->block == BLOCK_TOP)
				return 0;
			mistake_tell(scan->mistakes, scan->open->line,
				     "the block that begins here has no '}'");
			return -1;
		case WORD:
			if (take_name(scan) != 0)
				return -1;
			break;
		case CLOSE:
			if (close_block(scan) != 0)
				return -1;
			break;
		case BAD:
			return -1;
		default:
			mistake_tell(
			    scan->mistakes, scan->line,
			    "an option's name is expected here, not '%.*s'",
			    (int)scan->len, scan->from);
			return -1;
		}
	}
}

int
scan_file(char *text, struct arena *arena, struct scan_block **blocks,
	  struct mistakes *mistakes)
{
	struct scan scan = {
	    .at = text, .line = 1, .arena = arena, .mistakes = mistakes};
	int rc;

	scan.last = &scan.blocks;
	add_block(&scan, BLOCK_TOP, NULL, 0);
	rc = scan_all(&scan);
	*blocks = scan.blocks;
	return rc;
}

const struct scan_block *
scan_find(const struct scan_block *blocks, enum block block, const char *title)
{
	for (; blocks; blocks = blocks->next)
		if (blocks->block == block &&
		    (!title || strcmp(blocks->title, title) == 0))
			return blocks;
	return NULL;
}

int
scan_line(const struct scan_block *block, const char *option)
{
	const struct option *row;

	if (!block)
		return 0;
	row = schema_find(block->block, option);
	return row && block->lines[row - schema] ? block->lines[row - schema]
						 : block->line;
}
