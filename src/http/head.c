/* http/head.c - fields in an array, in the order they came
 *
 * A head has ten to thirty fields, so looking one up is a walk that compares
 * lengths first; an index would cost more than it saves. Old arrays and
 * dropped texts stay in the arena and die with it. */
#include "http/head.h"

#include <string.h>
#include <strings.h>

enum { FIRST_ROOM = 16 };

static bool
is_name(const struct field *field, const char *name, size_t len)
{
	return field->name_len == len &&
	    strncasecmp(field->name, name, len) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void
head_init(struct head *head, struct arena *arena)
{
	memset(head, 0, sizeof(*head));
	head->arena = arena;
}

static struct field *
next_field(struct head *head)
{
	struct field *more;

	if (head->count < head->room)
		return &head->fields[head->count++];
	head->room = head->room ? head->room * 2 : FIRST_ROOM;
	more = arena_get(head->arena, head->room * sizeof(*more));
	if (head->count)
		memcpy(more, head->fields, head->count * sizeof(*more));
	head->fields = more;
	return &head->fields[head->count++];
}

static void
fill(struct head *head, struct field *field, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	char *text;

	must(name_len <= UINT16_MAX && value_len <= UINT32_MAX);
	text = arena_room(head->arena, name_len + value_len + 2);
	field->name = text;
	memcpy(text, name, name_len);
	text[name_len] = '\0';
	text += name_len + 1;
	field->value = text;
	memcpy(text, value, value_len);
	text[value_len] = '\0';
	field->name_len = (uint16_t)name_len;
	field->value_len = (uint32_t)value_len;
}

void
head_add_n(struct head *head, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	while (value_len > 0 && is_blank(*value)) {
		value++;
		value_len--;
	}
	while (value_len > 0 && is_blank(value[value_len - 1]))
		value_len--;
	fill(head, next_field(head), name, name_len, value, value_len);
}

void
head_add(struct head *head, const char *name, const char *value)
{
	head_add_n(head, name, strlen(name), value, strlen(value));
}

void
head_set(struct head *head, const char *name, const char *value)
{
	/* The value may be one of those that are dropped; its bytes stay in
	 * the arena. */
	head_drop(head, name);
	head_add(head, name, value);
}

void
head_drop(struct head *head, const char *name)
{
	size_t len = strlen(name);
	unsigned i, kept = 0;

	for (i = 0; i < head->count; i++)
		if (!is_name(&head->fields[i], name, len))
			head->fields[kept++] = head->fields[i];
	head->count = kept;
}

void
head_copy(struct head *head, const struct head *from)
{
	unsigned i, count = from->count;
	struct field field;

	for (i = 0; i < count; i++) {
		field = from->fields[i];
		fill(head, next_field(head), field.name, field.name_len,
		    field.value, field.value_len);
	}
}

/* ---- looking up ---- */

const char *
head_next(const struct head *head, const char *name, unsigned *i)
{
	size_t len = strlen(name);
	const struct field *field;

	while (*i < head->count) {
		field = &head->fields[(*i)++];
		if (is_name(field, name, len))
			return field->value;
	}
	return NULL;
}

const char *
head_find(const struct head *head, const char *name)
{
	unsigned i = 0;

	return head_next(head, name, &i);
}

unsigned
head_count(const struct head *head, const char *name)
{
	unsigned i = 0, count = 0;

	while (head_next(head, name, &i))
		count++;
	return count;
}

const char *
head_joined(const struct head *head, const char *name, struct arena *into)
{
	size_t room = 1;
	unsigned i = 0, count = 0;
	const char *value;
	char *text, *at;

	while ((value = head_next(head, name, &i)) != NULL) {
		room += strlen(value) + 2;
		count++;
	}
	if (count == 0)
		return NULL;
	at = text = arena_room(into, room);
	for (i = 0; (value = head_next(head, name, &i)) != NULL;) {
		if (at != text)
			at = stpcpy(at, ", ");
		at = stpcpy(at, value);
	}
	*at = '\0';
	return text;
}

/* ---- what is legal ---- */

static bool
is_token_byte(unsigned char c)
{
	/* one bit a byte, RFC 9110 5.6.2 */
	static const uint32_t token[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff,
	    0, 0, 0, 0};

	return token[c >> 5] >> (c & 31) & 1;
}

bool
head_is_token(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!is_token_byte((unsigned char)text[i]))
			return false;
	return len > 0;
}

bool
head_is_value(const char *text, size_t len)
{
	size_t i;
	unsigned char c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)text[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

bool
head_is_field(const char *name, size_t name_len, const char *value,
    size_t value_len)
{
	return name_len <= UINT16_MAX && value_len <= UINT32_MAX &&
	       head_is_token(name, name_len) && head_is_value(value, value_len);
}

/* ---- hop by hop ---- */

/* Connection options read; nobody honest lists so many, and each is looked
 * for in the whole head. */
enum { CONNECTION_OPTIONS_MAX = 100 };

#define NAME(text)                                                         \
	{                                                                  \
		text, sizeof(text) - 1                                     \
	}

static bool
is_one_of(const char *name, size_t len, const struct slice *names,
    size_t count)
{
	for (; count > 0; names++, count--)
		if (names->len == len &&
		    strncasecmp(names->from, name, len) == 0)
			return true;
	return false;
}

/* Connection itself is here since it is still being read then. */
bool
head_is_protected(struct slice name)
{
	static const struct slice names[] = {NAME("connection"),
	    NAME("host"), NAME("content-length"), NAME("content-type"),
	    NAME("cookie"), NAME("set-cookie"), NAME("authorization"),
	    NAME("cache-control"), NAME("expires"), NAME("date"), NAME("age"),
	    NAME("vary"), NAME("etag"), NAME("via"), NAME("forwarded")};

	return is_one_of(name.from, name.len, names, COUNT_OF(names)) ||
	    (name.len > 12 && strncasecmp(name.from, "x-forwarded-", 12) == 0);
}

static bool
is_hop_by_hop(const struct field *field)
{
	static const struct slice names[] = {NAME("connection"),
	    NAME("keep-alive"), NAME("proxy-connection"),
	    NAME("proxy-authenticate"), NAME("proxy-authorization"),
	    NAME("te"), NAME("trailer"), NAME("transfer-encoding"),
	    NAME("upgrade"), NAME("http2-settings")};

	return is_one_of(field->name, field->name_len, names,
	    COUNT_OF(names));
}

/* A name of no length is the mark: no field has one, no list item either. */
static void
mark_listed(struct head *head, struct slice listed)
{
	unsigned i;

	if (head_is_protected(listed))
		return;
	for (i = 0; i < head->count; i++)
		if (is_name(&head->fields[i], listed.from, listed.len))
			head->fields[i].name_len = 0;
}

void
head_drop_hop_by_hop(struct head *head)
{
	unsigned i = 0, options = 0, kept = 0;
	const char *value;
	struct slice item;

	while ((value = head_next(head, "Connection", &i)) != NULL)
		while (options < CONNECTION_OPTIONS_MAX &&
		    list_next(&value, &item)) {
			mark_listed(head, item);
			options++;
		}
	for (i = 0; i < head->count; i++)
		if (head->fields[i].name_len &&
		    !is_hop_by_hop(&head->fields[i]))
			head->fields[kept++] = head->fields[i];
	head->count = kept;
}

/* ---- as text ---- */

int
head_write(const struct head *head, struct buf *out)
{
	const struct field *field = head->fields;
	unsigned i;

	for (i = 0; i < head->count; i++, field++) {
		buf_add(out, field->name, field->name_len);
		buf_add(out, ": ", 2);
		buf_add(out, field->value, field->value_len);
		buf_add(out, "\r\n", 2);
	}
	return out->failed ? -1 : 0;
}

/* One line without its end. */
static int
read_line(struct head *head, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *value;
	size_t name_len, value_len;

	if (!colon)
		return -1;
	name_len = (size_t)(colon - line);
	if (len - name_len < 2 || colon[1] != ' ')
		return -1;
	value = colon + 2;
	value_len = len - name_len - 2;
	if (!head_is_field(line, name_len, value, value_len))
		return -1;
	if (value_len > 0 &&
	    (is_blank(value[0]) || is_blank(value[value_len - 1])))
		return -1;
	fill(head, next_field(head), line, name_len, value, value_len);
	return 0;
}

int
head_read(struct head *head, const char *text, size_t len, struct err *err)
{
	const char *at = text, *end = text + len, *stop;
	unsigned before = head->count;

	for (; at < end; at = stop + 2) {
		stop = memchr(at, '\r', (size_t)(end - at));
		if (stop && end - stop >= 2 && stop[1] == '\n' &&
		    read_line(head, at, (size_t)(stop - at)) == 0)
			continue;
		head->count = before;
		return err_set(err, "byte %zu of a head begins no field",
		    (size_t)(at - text) + 1);
	}
	return 0;
}

/* ---- lists ---- */

/* Behind the quoted string that begins here; its end when it has none. */
static const char *
skip_quoted(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

bool
list_next(const char **rest, struct slice *item)
{
	const char *at = *rest, *from, *end;

	while (*at == ',' || is_blank(*at))
		at++;
	from = at;
	while (*at && *at != ',')
		at = *at == '"' ? skip_quoted(at) : at + 1;
	*rest = at;
	for (end = at; end > from && is_blank(end[-1]); end--)
		;
	*item = (struct slice){from, (size_t)(end - from)};
	return end > from;
}

bool
slice_is(struct slice slice, const char *text)
{
	size_t len = strlen(text);

	return slice.from && slice.len == len &&
	    strncasecmp(slice.from, text, len) == 0;
}
