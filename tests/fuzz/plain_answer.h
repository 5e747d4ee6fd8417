/* tests/fuzz/plain_answer.h - an answer that is there at once
 *
 * What RFC 9112 2, 4, 5, 6, 7 and 9.3 say of bytes on a connection, read from
 * left to right, to compare with what reads them in pieces. Where the RFC lets
 * a reader choose, the strict way. */
#ifndef TESTS_FUZZ_PLAIN_ANSWER_H
#define TESTS_FUZZ_PLAIN_ANSWER_H

#include <strings.h>

#include "fetch/reading.h"
#include "plain_chunked.h"

enum {
	FIELDS_MAX = 8,
	HEAD_MAX = 2000,
	LENGTH_MAX = 18, /* digits */
};

enum plain_ended {
	ENDED_WHOLE,
	ENDED_MORE, /* or by the end of the connection */
	ENDED_BAD_HEAD,
	ENDED_BAD_BODY,
	ENDED_TUNNEL,
};

struct plain_field {
	struct slice name, value;
};

struct plain_answer {
	const struct ingest_opts *opts;
	struct plain_text text;
	size_t head_bytes;
	int status, minor, interim;
	struct plain_field fields[FIELDS_MAX];
	unsigned count;
	enum plain_ended ended;
	bool has_head, until_close, may_be_followed;
	struct buf body;
};

static inline bool
plain_is_digit(char c)
{
	return plain_is_one_of(c, PLAIN_DIGITS);
}

/* Without its end; PLAIN_BAD: too long. */
static inline enum plain
plain_line(struct plain_answer *plain, struct slice *line)
{
	const char *from = plain->text.at;
	size_t there = (size_t)(plain->text.end - from);
	const char *end = there ? memchr(from, '\n', there) : NULL;
	size_t len = end ? (size_t)(end - from) + 1 : there;

	if (len > HEAD_LINE_MAX || plain->head_bytes + len > HEAD_MAX)
		return PLAIN_BAD;
	if (!end)
		return PLAIN_MORE;
	plain->head_bytes += len;
	plain->text.at = end + 1;
	len--;
	if (len > 0 && from[len - 1] == '\r')
		len--;
	*line = (struct slice){from, len};
	return PLAIN_OVER;
}

static inline bool
plain_status(struct plain_answer *plain, struct slice line)
{
	struct plain_text text = {line.from, line.from + line.len};

	if (plain_expect(&text, "HTTP/1.") != PLAIN_OVER || line.len < 12 ||
	    !plain_is_digit(text.at[0]) || text.at[1] != ' ')
		return false;
	plain->minor = text.at[0] - '0';
	text.at += 2;
	plain->status = 0;
	for (int i = 0; i < 3; i++, text.at++) {
		if (!plain_is_digit(*text.at))
			return false;
		plain->status = plain->status * 10 + (*text.at - '0');
	}
	return (text.at == text.end || *text.at == ' ') &&
	       plain->status >= 100 && plain->status < 600;
}

static inline bool
plain_add(struct plain_answer *plain, struct slice line)
{
	struct plain_text text = {line.from, line.from + line.len};
	struct plain_field *field;
	size_t len = plain_span(&text, plain_is_name);

	if (len == 0 || plain_expect(&text, ":") != PLAIN_OVER ||
	    plain->count == FIELDS_MAX)
		return false;
	field = &plain->fields[plain->count++];
	field->name = (struct slice){line.from, len};
	plain_span(&text, plain_is_blank);
	field->value.from = text.at;
	plain_span(&text, plain_is_value);
	if (text.at < text.end)
		return false;
	while (text.at > field->value.from && plain_is_blank(text.at[-1]))
		text.at--;
	field->value.len = (size_t)(text.at - field->value.from);
	return true;
}

/* The first from that one on, of that name. */
static inline const struct plain_field *
plain_find(const struct plain_answer *plain, const char *name, unsigned from)
{
	for (; from < plain->count; from++)
		if (slice_is(plain->fields[from].name, name))
			return &plain->fields[from];
	return NULL;
}

/* How many there are, and the first. */
static inline unsigned
plain_count(
    const struct plain_answer *plain, const char *name, struct slice *value)
{
	unsigned count = 0;

	for (unsigned i = plain->count; i-- > 0;)
		if (slice_is(plain->fields[i].name, name)) {
			*value = plain->fields[i].value;
			count++;
		}
	return count;
}

/* Up to the next comma and past it; those in quotation marks are none. */
static inline struct slice
plain_item(struct plain_text *text)
{
	struct slice item;
	bool quoted = false;

	plain_span(text, plain_is_blank);
	item.from = text->at;
	for (; text->at < text->end && (quoted || *text->at != ',');
	     text->at++) {
		if (quoted && *text->at == '\\' && text->at + 1 < text->end)
			text->at++;
		else if (*text->at == '"')
			quoted = !quoted;
	}
	item.len = (size_t)(text->at - item.from);
	while (item.len > 0 && plain_is_blank(item.from[item.len - 1]))
		item.len--;
	text->at += text->at < text->end;
	return item;
}

static inline bool
plain_option(const struct plain_answer *plain, const char *option)
{
	for (unsigned i = 0; i < plain->count; i++) {
		struct slice value = plain->fields[i].value;
		struct plain_text text = {value.from, value.from + value.len};

		if (!slice_is(plain->fields[i].name, "Connection"))
			continue;
		while (text.at < text.end)
			if (slice_is(plain_item(&text), option))
				return true;
	}
	return false;
}

static inline bool
plain_switches(const struct plain_answer *plain, const char *accept)
{
	struct slice to, granted;

	return plain->opts->key && plain_option(plain, "upgrade") &&
	       plain_count(plain, "Upgrade", &to) == 1 &&
	       slice_is(to, "websocket") &&
	       plain_count(plain, "Sec-WebSocket-Accept", &granted) == 1 &&
	       granted.len == strlen(accept) &&
	       memcmp(granted.from, accept, granted.len) == 0;
}

static inline bool
plain_types_agree(const struct plain_answer *plain)
{
	const struct plain_field *first = plain_find(plain, "Content-Type", 0);
	const struct plain_field *other = first;

	while (other) {
		if (other->value.len != first->value.len ||
		    strncasecmp(other->value.from, first->value.from,
			first->value.len) != 0)
			return false;
		other = plain_find(plain, "Content-Type",
		    (unsigned)(other - plain->fields) + 1);
	}
	return true;
}

/* Bytes of the body. */
static inline void
plain_pass(struct plain_answer *plain, uint64_t max)
{
	size_t there = (size_t)(plain->text.end - plain->text.at);

	if (there > max)
		there = (size_t)max;
	must(buf_add(&plain->body, plain->text.at, there) == 0);
	plain->text.at += there;
	if (there == max)
		plain->ended = ENDED_WHOLE;
}

static inline bool
plain_length(struct slice text, uint64_t *length)
{
	*length = 0;
	if (text.len == 0 || text.len > LENGTH_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!plain_is_digit(text.from[i]))
			return false;
		*length = *length * 10 + (unsigned)(text.from[i] - '0');
	}
	return true;
}

static inline void
plain_body(struct plain_answer *plain)
{
	struct slice length_text, coding;
	unsigned lengths = plain_count(plain, "Content-Length", &length_text);
	unsigned codings = plain_count(plain, "Transfer-Encoding", &coding);
	bool is_head = plain->opts->is_head;
	bool none = is_head || plain->status == 204 || plain->status == 304;
	uint64_t length = 0;

	plain->ended = ENDED_BAD_HEAD;
	if (lengths + codings > 1 || !plain_types_agree(plain) ||
	    (lengths && !plain_length(length_text, &length)) ||
	    (codings && (plain->minor == 0 || !slice_is(coding, "chunked"))))
		return;
	plain->has_head = true;
	plain->ended = ENDED_MORE;
	plain->may_be_followed =
	    plain->minor > 0 && !plain_option(plain, "close") &&
	    !(none && (codings || length > 0 || (is_head && !lengths)));
	if (none)
		plain_pass(plain, 0);
	else if (lengths)
		plain_pass(plain, length);
	else if (codings)
		switch (plain_chunked(&plain->text, &plain->body)) {
		case PLAIN_OVER:
			plain->ended = ENDED_WHOLE;
			break;
		case PLAIN_BAD:
			plain->ended = ENDED_BAD_BODY;
			break;
		case PLAIN_MORE:
			break;
		}
	else {
		plain_pass(plain, UINT64_MAX);
		plain->until_close = true;
	}
}

/* False: there is another head. */
static inline bool
plain_head(struct plain_answer *plain, const char *accept)
{
	if (plain->status == 101 && plain_switches(plain, accept)) {
		plain_pass(plain, UINT64_MAX);
		plain->has_head = true;
		plain->ended = ENDED_TUNNEL;
	} else if (plain->status == 101 ||
		   (plain->status == 206 && !plain->opts->is_range)) {
		plain->ended = ENDED_BAD_HEAD;
	} else if (plain->status >= 200) {
		plain_body(plain);
	} else if (++plain->interim > INTERIM_MAX) {
		plain->ended = ENDED_BAD_HEAD;
	} else {
		return false;
	}
	return true;
}

/* accept: what the key is granted with. */
static inline void
plain_answer(struct plain_answer *plain, const struct ingest_opts *opts,
    const char *accept, const char *bytes, size_t len)
{
	bool in_head = false, is_good = true;
	struct slice line;

	memset(plain, 0, sizeof(*plain));
	buf_init(&plain->body, 1 << 20);
	plain->opts = opts;
	plain->text = (struct plain_text){bytes, bytes + len};
	plain->ended = ENDED_MORE;
	while (is_good) {
		switch (plain_line(plain, &line)) {
		case PLAIN_MORE:
			return;
		case PLAIN_BAD:
			is_good = false;
			continue;
		case PLAIN_OVER:
			break;
		}
		if (!in_head) {
			is_good = in_head = plain_status(plain, line);
			plain->count = 0;
		} else if (line.len > 0) {
			is_good = plain_add(plain, line);
		} else if (plain_head(plain, accept)) {
			return;
		} else {
			in_head = false;
		}
	}
	plain->ended = ENDED_BAD_HEAD;
}

#endif
