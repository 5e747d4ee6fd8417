/* dom/token_decode.c - a value, a comment, a name, as it is meant
 *
 * In its place as long as that has room; it has too little only for U+FFFD in
 * the place of a NUL, and for two references (&nGt; and &nLt;). */
#include "dom/token_inside.h"

#include <string.h>

#include "dom/charref.h"
#include "dom/token_scan.h"

struct decode {
	char *out, *write;
	char *read, *end;
	size_t grown; /* whatever else shrank: pieces are as the whole */
	bool moved;   /* out is in the arena, with room for all that can come */
};

/* At most three bytes for a NUL, and six for the five of a reference. */
static void
move(struct tokenizer *tokenizer, struct decode *decode)
{
	size_t done = (size_t)(decode->write - decode->out);
	size_t room = done + (size_t)(decode->end - decode->read) + 1;
	char *out;

	for (const char *p = decode->read; p < decode->end; p++)
		room += *p == '\0' ? 2 : *p == '&';
	out = arena_room(tokenizer->arena, room);
	memcpy(out, decode->out, done);
	decode->out = out;
	decode->write = out + done;
	decode->moved = true;
}

/* Put text in the place of `read` bytes. */
static void
put(struct tokenizer *tokenizer, struct decode *decode, const char *text,
    size_t len, size_t read)
{
	if (!decode->moved && decode->write + len > decode->read + read)
		move(tokenizer, decode);
	if (len > read)
		decode->grown += len - read;
	memcpy(decode->write, text, len);
	decode->write += len;
	decode->read += read;
}

static void
on_reference(
    struct tokenizer *tokenizer, struct decode *decode, bool value, bool *plain)
{
	struct charref ref;
	enum charref_kind kind =
	    charref_read(&ref, decode->read + 1, decode->end, true, value);

	*plain &= ref.plain;
	if (kind == CHARREF_FOUND)
		put(tokenizer, decode, ref.text, ref.len, 1 + ref.used);
	else
		put(tokenizer, decode, "&", 1, 1);
}

static void
on_byte(struct tokenizer *tokenizer, struct decode *decode,
    enum token_refs refs, bool *plain)
{
	const char *next = decode->read + 1;

	switch (*decode->read) {
	case '\r':
		put(tokenizer, decode, "\n", 1,
		    next < decode->end && *next == '\n' ? 2 : 1);
		break;
	case '\0':
		*plain = false;
		put(tokenizer, decode, "\xEF\xBF\xBD", 3, 1);
		break;
	case '&':
		on_reference(tokenizer, decode, refs == REFS_VALUE, plain);
	}
}

char *
token_decode(struct tokenizer *tokenizer, char *text, uint32_t *len,
    enum token_refs refs, bool *plain)
{
	struct decode decode = {text, text, text, text + *len, 0, false};

	for (;;) {
		char *stop = refs == REFS_NONE
				 ? scan_raw(decode.read, decode.end)
				 : scan_any(decode.read, decode.end, '&', '\r',
				       '\0', '&', '&');
		size_t run = (size_t)(stop - decode.read);

		if (decode.write != decode.read)
			memmove(decode.write, decode.read, run);
		decode.write += run;
		decode.read = stop;
		if (stop == decode.end)
			break;
		on_byte(tokenizer, &decode, refs, plain);
	}
	*decode.write = '\0';
	if (decode.grown)
		token_grows(tokenizer, decode.grown);
	*len = (uint32_t)(decode.write - decode.out);
	return decode.out;
}
