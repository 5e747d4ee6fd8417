/* dom/token.h - the tokenizer of HTML (WHATWG 13.2.5), one token a call
 *
 * It works in place: the bytes that it is given are its own to write into, and
 * what a token points to lies in them, or in static memory, or in the arena,
 * and stays for as long as the bytes do. Who takes tokens steers: raw text and
 * CDATA depend on the tree (state, allow_cdata), so no token is read ahead.
 *
 * Bytes are UTF-8 that has no malformed sequence; line ends of any kind and NUL
 * are dealt with here, as the standard says. Parse errors are not listed: a
 * token says whether it was written as plainly as our own writer would write
 * it (plain). Nothing recurses; time is linear in the bytes whatever they are. */
#ifndef DOM_TOKEN_H
#define DOM_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "dom/names.h"

enum token_kind {
	TOKEN_MORE, /* the rest is no whole token: token_feed() more */
	TOKEN_END,  /* of the page */
	TOKEN_START,
	TOKEN_STOP, /* an end tag */
	TOKEN_TEXT,
	TOKEN_COMMENT,
	TOKEN_DOCTYPE,
	TOKEN_LIMIT, /* a tag has more than attributes_max attributes, with
		      * those whose name was there before */
	TOKEN_LONG   /* with what grew, there are more than bytes_max */
};

/* What the tree construction stage sets after some start tags. A start tag of
 * the same name as the last one's ends RCDATA, RAWTEXT and SCRIPT; the state is
 * DATA again then. */
enum token_state {
	TOKEN_DATA,
	TOKEN_RCDATA,
	TOKEN_RAWTEXT,
	TOKEN_SCRIPT,
	TOKEN_PLAINTEXT,
};

struct token_attr {
	const char *name;  /* lower case, NUL-ended; the table's if known */
	const char *value; /* NUL-ended; "" when there was none */
	uint32_t name_len, value_len;
	bool known;	/* name is of attr_find() */
	bool has_value; /* there was a '=' */
};

struct token {
	enum token_kind kind;
	/* Where it stood: offsets from the first byte that was ever fed. */
	uint32_t from, to;
	/* It is written so that the same bytes, found in any other place where
	 * its element may stand, mean the same, and nothing else could be meant:
	 * no parse error, no NUL, values quoted or absent, references ended by
	 * ';', no '<' in a value. (Names may have capitals.) */
	bool plain;
	/* TEXT, COMMENT: NUL-ended, so the byte at text[len] is no one's.
	 * Text that does not fit there (U+FFFD for a NUL, with all behind it; a
	 * reference that is longer than its name; what the end of a piece cut)
	 * is static or in the arena, and a token of its own; in_place is false
	 * then. One run of text may come as several tokens. */
	char *text;
	uint32_t len;
	bool in_place;
	bool is_space;	/* only tab, LF, FF, CR, space */
	bool has_nul;	/* of DATA and of CDATA: NULs are left in the text, for
			 * the tree construction to drop or replace */
	/* START, STOP */
	enum el el;
	const char *name; /* lower case, NUL-ended; of the table if known */
	uint32_t name_len;
	bool self_closing;
	const struct token_attr *attrs; /* valid until the next token */
	uint32_t attrs_count;		/* no name twice: the first counts */
	/* DOCTYPE; NULL: missing */
	const char *doctype, *public_id, *system_id;
	bool force_quirks;
};

struct tokenizer;

/* Names and values that do not fit into their place are made in the arena. */
struct tokenizer *token_new(struct arena *arena, size_t attributes_max);
void token_free(struct tokenizer **tokenizer);
/* Bytes that the page may have, where what is longer than it was written (U+FFFD
 * for a NUL, two references) counts as long as it is. */
void token_bytes_max(struct tokenizer *tokenizer, size_t bytes_max);
/* Some text has become so much longer. */
void token_grows(struct tokenizer *tokenizer, size_t growth);

/* After a start tag, for what follows. For tests also: last_start_tag, the
 * name that ends RCDATA, RAWTEXT and SCRIPT. */
void token_state(struct tokenizer *tokenizer, enum token_state state);
void token_last_start(struct tokenizer *tokenizer, const char *name);
/* Leave so many bytes of what follows out: they are no more than there are. */
void token_skip(struct tokenizer *tokenizer, size_t len);
/* The adjusted current node is of SVG or MathML: <![CDATA[ begins text. May be
 * set before each token. */
void token_allow_cdata(struct tokenizer *tokenizer, bool allow);

/* Go on with these bytes, which stay, and after which one more byte is ours
 * to write. At first, and after TOKEN_MORE. The caller puts in front of them
 * what token_rest() gives: bytes that were no whole token. last: nothing will
 * follow. To keep the time linear it does not look again at a rest before that
 * has doubled: TOKEN_MORE may come although a token is whole. */
void token_feed(
    struct tokenizer *tokenizer, char *bytes, size_t len, bool last);
size_t token_rest(const struct tokenizer *tokenizer, const char **rest);

/* The next token. The struct is the caller's, all of it is set. */
enum token_kind token_next(struct tokenizer *tokenizer, struct token *token);

#endif
