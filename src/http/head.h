/* http/head.h - a list of header fields, in order (RFC 9110 5)
 *
 * Fields and texts live in the arena that the head was begun with. Names keep
 * the case they came in; every comparison ignores it. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/url.h"

struct field {
	const char *name; /* NUL-ended */
	const char *value; /* NUL-ended, no white space around it */
	uint16_t name_len;
	uint32_t value_len;
};

struct head {
	struct arena *arena;
	struct field *fields;
	unsigned count, room;
};

void head_init(struct head *head, struct arena *arena);
/* Add a copy at the end. The name is a token and the value free of CR, LF
 * and NUL: checked by whoever lets strangers' bytes in (head_is_field). */
void head_add(struct head *head, const char *name, const char *value);
void head_add_n(struct head *head, const char *name, size_t name_len,
    const char *value, size_t value_len);
/* Replace all fields of that name with one. */
void head_set(struct head *head, const char *name, const char *value);
void head_drop(struct head *head, const char *name);
/* Copy every field of from. */
void head_copy(struct head *head, const struct head *from);

/* The first field's value of that name, or NULL. */
const char *head_find(const struct head *head, const char *name);
/* Walk the fields of one name: start with *i = 0; NULL at the end. */
const char *head_next(const struct head *head, const char *name,
    unsigned *i);
/* All values of that name joined with ", " (RFC 9110 5.3), in the arena of
 * `into`; NULL when there is none. */
const char *head_joined(const struct head *head, const char *name,
    struct arena *into);
unsigned head_count(const struct head *head, const char *name);

/* Name is a token and value is one. */
bool head_is_field(const char *name, size_t name_len, const char *value,
    size_t value_len);
bool head_is_token(const char *text, size_t len);
/* No control byte but HTAB. */
bool head_is_value(const char *text, size_t len);

/* Fields that belong to one connection (RFC 9110 7.6.1): Connection and what
 * it lists, Keep-Alive, Proxy-Connection, Proxy-Authenticate,
 * Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade,
 * HTTP2-Settings. A Connection field may not take away what the message
 * needs: Host, Content-Length, Content-Type, Cookie, Set-Cookie,
 * Authorization, Cache-Control, Expires, Date, Age, Vary, ETag, Via,
 * Forwarded, X-Forwarded-*; and no more than 100 options are read. */
void head_drop_hop_by_hop(struct head *head);
/* A Connection field may not take it away. */
bool head_is_protected(struct slice name);

/* "Name: value\r\n" for each field; and the way back. head_read answers -1
 * on anything that head_write would not have written. */
int head_write(const struct head *head, struct buf *out);
CHECKED int head_read(struct head *head, const char *text, size_t len,
    struct err *err);

/* Walk a comma list, quoted strings respected (RFC 9110 5.6.1): start with
 * *rest = the value; false at the end. Items are trimmed, empty ones
 * skipped. */
bool list_next(const char **rest, struct slice *item);
bool slice_is(struct slice slice, const char *text); /* case ignored */

#endif
