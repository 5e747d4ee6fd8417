/* dom/token_inside.h - between the files of the tokenizer alone
 *
 * Each function makes one token, or none (TOKEN_NONE), from tokenizer->at on,
 * and moves it. A token that is not whole yet leaves `at` where it was: what
 * has been written into the bytes until then means the same when it is read
 * again (a capital made small). The byte at `end` is a NUL of ours, so that a
 * loop over single bytes needs to look for the end at a NUL only. */
#ifndef DOM_TOKEN_INSIDE_H
#define DOM_TOKEN_INSIDE_H

#include "dom/token.h"

enum { TOKEN_NONE = -1, LEAD_NONE = -1 };

struct tokenizer {
	struct arena *arena;
	char *bytes, *at, *end; /* the piece that was fed last */
	uint32_t offset;	/* of bytes, in all that was fed */
	bool last;
	size_t look_again; /* not before the rest is so long */
	bool starved, is_long;
	size_t grown, bytes_max;
	enum token_state state;
	bool allow_cdata;
	/* The byte before `at`, which begins what follows, but is the NUL that
	 * ends the text before: '<', '&', or NUL. */
	int lead;
	bool cdata;	   /* inside <![CDATA[ */
	bool skip_newline; /* a CR was the last byte of a piece */
	/* Where RCDATA, RAWTEXT, SCRIPT, CDATA end in these bytes; NULL: that
	 * was not looked for yet. */
	char *stop;
	bool stop_plain;
	const char *start_name; /* of the last start tag */
	size_t start_len;
	struct token_attr *attrs;
	uint8_t *dirt; /* of each: enum token_dirt */
	size_t attrs_count, attrs_room, attrs_max;
};

enum token_dirt {
	DIRT_NAME = 1,	/* has NULs */
	DIRT_VALUE = 2, /* has NULs, CRs or references */
};

/* What each byte is within a tag. */
enum token_class {
	CLASS_SPACE = 1,
	CLASS_NAME_END = 2, /* space / > */
	CLASS_ATTR_END = 4, /* space / > = */
	CLASS_NUL = 8,
	CLASS_UPPER = 16,
	CLASS_ODD = 32, /* " ' < in a name */
	CLASS_LETTER = 64,
	CLASS_BARE_END = 128, /* of a value without quotes: space > */
};

extern const uint8_t token_class[256];

static inline bool
token_is(char c, unsigned classes)
{
	return (token_class[(unsigned char)c] & classes) != 0;
}

static inline uint32_t
token_offset(const struct tokenizer *tokenizer, const char *at)
{
	return tokenizer->offset + (uint32_t)(at - tokenizer->bytes);
}

/* Whether at..end begins with this word, in capitals or not (word: small). */
bool token_begins(const char *at, const char *end, const char *word);

/* The bytes end before the token does: it is dropped if nothing follows. */
int token_cut(struct tokenizer *tokenizer);
/* Text that lies elsewhere, for what stands up to `to`; never plain. */
int token_static(struct tokenizer *tokenizer, struct token *token,
    const char *text, size_t len, char *to);

/* token_text.c */
enum text_how {
	TEXT_MARKUP = 1,   /* ends at a tag, a comment, ... */
	TEXT_REFS = 2,	   /* has character references */
	TEXT_KEEP_NUL = 4, /* else it is replaced */
};
int token_text(struct tokenizer *tokenizer, struct token *token, char *limit,
    unsigned how);
/* Behind an '&' that is the lead. */
int token_reference(
    struct tokenizer *tokenizer, struct token *token, char *limit);
/* Behind a NUL that is the lead: all text up to the limit, in the arena. */
int token_replaced(
    struct tokenizer *tokenizer, struct token *token, char *limit);

/* token_raw.c: of RCDATA, RAWTEXT, SCRIPT, and CDATA */
int token_raw(struct tokenizer *tokenizer, struct token *token);

/* token_tag.c, at the first letter; token_attr.c */
int token_tag(struct tokenizer *tokenizer, struct token *token,
    enum token_kind kind, char *name);
/* Read attributes up to the '>', which is given; NULL: the bytes end before.
 * Too many: *limit is set. */
char *token_attrs_read(
    struct tokenizer *tokenizer, struct token *token, char *p, bool *limit);
void token_attrs_finish(struct tokenizer *tokenizer, struct token *token);
/* token_twice.c: drop each attribute whose name was before. */
void token_attrs_once(struct tokenizer *tokenizer, struct token *token);

/* token_comment.c, behind "<!--"; at the first byte of the text;
 * token_doctype.c, behind "<!DOCTYPE" */
int token_comment(struct tokenizer *tokenizer, struct token *token, char *from);
int token_bogus(struct tokenizer *tokenizer, struct token *token, char *from);
int token_doctype(struct tokenizer *tokenizer, struct token *token, char *from);

/* token_decode.c: text without NULs, CRs, and references if it may have such;
 * ended by a NUL. In place, or in the arena if it grows. */
enum token_refs { REFS_NONE, REFS_TEXT, REFS_VALUE };
char *token_decode(struct tokenizer *tokenizer, char *text, uint32_t *len,
    enum token_refs refs, bool *plain);

#endif
