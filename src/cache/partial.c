/* cache/partial.c - parts of an answer (contract: cache/partial.h) */
#include "cache/partial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/date.h"

enum {
	DIGITS_MAX = 18, /* of a position: sums of two never overflow */
	PART_TEXT = 2 * DIGITS_MAX + 2,
	LIST_TEXT = PARTIAL_PARTS_MAX * PART_TEXT + DIGITS_MAX + 16,
};

/* ---- words ---- */

/* Digits. False: none there, or too many. */
static bool
read_number(const char **at, uint64_t *out)
{
	const char *from = *at;
	uint64_t n = 0;

	while (**at >= '0' && **at <= '9' && *at - from < DIGITS_MAX)
		n = n * 10 + (uint64_t)(*(*at)++ - '0');
	if (*at == from || (**at >= '0' && **at <= '9'))
		return false;
	*out = n;
	return true;
}

static bool
read_span(const char **at, struct span *span)
{
	return read_number(at, &span->first) && *(*at)++ == '-' &&
	    read_number(at, &span->last) && span->first <= span->last;
}

static uint64_t
span_len(struct span span)
{
	return span.last - span.first + 1;
}

/* ---- what a client asks for ---- */

struct asked
partial_asked(const char *range)
{
	struct asked asked = {ASKED_SPAN, 0, UINT64_MAX};
	const struct asked other = {ASKED_ELSE, 0, 0};

	if (strncasecmp(range, "bytes=", 6) != 0)
		return other;
	range += 6;
	if (*range == '-') {
		range++;
		asked.form = ASKED_SUFFIX;
		return read_number(&range, &asked.first) && !*range ? asked :
								      other;
	}
	if (!read_number(&range, &asked.first) || *range++ != '-')
		return other;
	if (*range && (!read_number(&range, &asked.last) || *range))
		return other;
	return asked.last < asked.first ? other : asked;
}

bool
partial_asks_too_much(const char *range)
{
	unsigned count = 1;
	size_t len = 0;

	for (; range[len] && len <= PARTIAL_FIELD_MAX; len++)
		count += range[len] == ',';
	return len > PARTIAL_FIELD_MAX || count > PARTIAL_ASKED_MAX;
}

enum satisfied
partial_resolve(struct asked asked, uint64_t len, struct span *span)
{
	uint64_t n = asked.first;

	if (asked.form == ASKED_SUFFIX) {
		if (n == 0 || len == 0)
			return SPAN_NONE;
		if (len == PARTIAL_UNKNOWN)
			return SPAN_UNSURE;
		span->first = n < len ? len - n : 0;
		span->last = len - 1;
		return SPAN_IS;
	}
	if (asked.first >= len)
		return SPAN_NONE;
	/* it may end before what is asked for does */
	if (len == PARTIAL_UNKNOWN && asked.last == UINT64_MAX)
		return SPAN_UNSURE;
	span->first = asked.first;
	span->last = asked.last < len ? asked.last : len - 1;
	return SPAN_IS;
}

/* ---- what an answer says ---- */

static bool
follows(const struct parts *parts, struct span span)
{
	return parts->count < PARTIAL_PARTS_MAX &&
	    (parts->count == 0 ||
		parts->span[parts->count - 1].last + 1 < span.first);
}

bool
partial_read(struct parts *parts, const char *text)
{
	struct span span;

	parts->count = 0;
	if (!text || strncasecmp(text, "bytes ", 6) != 0)
		return false;
	text += 5;
	do {
		text++;
		if (!read_span(&text, &span) || !follows(parts, span))
			return false;
		parts->span[parts->count++] = span;
	} while (*text == ',');
	if (*text++ != '/')
		return false;
	parts->len = PARTIAL_UNKNOWN;
	if (*text == '*')
		return text[1] == '\0';
	return read_number(&text, &parts->len) && !*text &&
	    span.last < parts->len;
}

static void
write_list(char text[LIST_TEXT], const struct parts *parts)
{
	int at = snprintf(text, LIST_TEXT, "bytes ");

	for (unsigned i = 0; i < parts->count; i++)
		at += snprintf(text + at, (size_t)(LIST_TEXT - at),
		    "%s%" PRIu64 "-%" PRIu64, i ? "," : "",
		    parts->span[i].first, parts->span[i].last);
	if (parts->len == PARTIAL_UNKNOWN)
		at += snprintf(text + at, (size_t)(LIST_TEXT - at), "/*");
	else
		at += snprintf(text + at, (size_t)(LIST_TEXT - at),
		    "/%" PRIu64, parts->len);
	must(at < LIST_TEXT);
}

static void
set_list(struct object *object, const struct parts *parts)
{
	char text[LIST_TEXT];

	write_list(text, parts);
	head_set(&object->head, "Content-Range", text);
}

static bool
is_what_was_asked(const struct parts *parts, struct asked asked)
{
	struct span got = parts->span[0], wanted;

	if (asked.form == ASKED_SPAN)
		return got.first == asked.first && got.last <= asked.last;
	return asked.form == ASKED_SUFFIX &&
	    partial_resolve(asked, parts->len, &wanted) == SPAN_IS &&
	    got.first == wanted.first;
}

bool
partial_is_answer(const struct head *head, int64_t length, struct asked asked)
{
	const char *type = head_find(head, "Content-Type");
	struct parts parts;

	/* a list of several is ours alone, and no answer has one */
	if (head_count(head, "Content-Range") != 1 ||
	    head_find(head, "Content-Encoding") ||
	    (type && strncasecmp(type, "multipart/byteranges", 20) == 0) ||
	    !partial_read(&parts, head_find(head, "Content-Range")) ||
	    parts.count != 1)
		return false;
	return is_what_was_asked(&parts, asked) &&
	    (length < 0 || (uint64_t)length == span_len(parts.span[0]));
}

/* ---- validators ---- */

static bool
read_date(int64_t *out_s, const char *text)
{
	/* of the forms, the one whose year has four digits and which every
	 * sender of today writes */
	return text && strlen(text) == HTTP_DATE_LEN &&
	    date_parse(out_s, text, HTTP_DATE_LEN, 0) == 0;
}

/* Of two changes within one second both have the same date. */
static bool
is_strong_date(const struct head *head)
{
	int64_t changed_s, sent_s;

	return head_count(head, "Last-Modified") == 1 &&
	    read_date(&changed_s, head_find(head, "Last-Modified")) &&
	    read_date(&sent_s, head_find(head, "Date")) &&
	    sent_s > changed_s;
}

static bool
is_strong_etag(const char *etag)
{
	size_t len = strlen(etag);

	return len >= 2 && etag[0] == '"' && etag[len - 1] == '"';
}

const char *
partial_validator(const struct head *head)
{
	const char *etag = head_find(head, "ETag");

	if (etag)
		return head_count(head, "ETag") == 1 && is_strong_etag(etag) ?
		    etag : NULL;
	return is_strong_date(head) ? head_find(head, "Last-Modified") : NULL;
}

bool
partial_is_same(const struct head *a, const struct head *b)
{
	const char *one = partial_validator(a), *other = partial_validator(b);

	return one && other && strcmp(one, other) == 0;
}

bool
partial_if_range(const struct head *head, const char *if_range)
{
	const char *etag = head_find(head, "ETag");
	const char *changed = head_find(head, "Last-Modified");

	if (!if_range)
		return true;
	if (if_range[0] == '"')
		return etag && strcmp(etag, if_range) == 0;
	return changed && strcmp(changed, if_range) == 0 &&
	    is_strong_date(head);
}

/* ---- stored ones ---- */

bool
partial_of(struct parts *parts, const struct object *object)
{
	uint64_t sum = 0;

	if (object->kind != KIND_RANGE || !object->body ||
	    head_count(&object->head, "Content-Range") != 1 ||
	    !partial_read(parts, head_find(&object->head, "Content-Range")))
		return false;
	for (unsigned i = 0; i < parts->count; i++)
		sum += span_len(parts->span[i]);
	return sum == object->body->len;
}

/* Where a span stands in the body; NULL: not all of it is there. */
static const char *
bytes_of(const struct object *object, const struct parts *parts,
    struct span span)
{
	const char *at = object->body->bytes;

	for (unsigned i = 0; i < parts->count; i++) {
		struct span part = parts->span[i];

		if (span.first >= part.first && span.last <= part.last)
			return at + (span.first - part.first);
		at += span_len(part);
	}
	return NULL;
}

bool
partial_has(const struct parts *parts, struct span span)
{
	for (unsigned i = 0; i < parts->count; i++) {
		if (span.first >= parts->span[i].first &&
		    span.last <= parts->span[i].last)
			return true;
	}
	return false;
}

static void
set_body(struct object *object, char *bytes, uint64_t len)
{
	body_unref(&object->body);
	object->body = body_new(&bytes, (size_t)len);
}

static struct object *
cut_none(const struct object *stored, const struct parts *parts)
{
	struct object *object = object_copy(stored);
	char text[LIST_TEXT];

	object->status = 416;
	head_init(&object->head, object->arena);
	snprintf(text, sizeof(text), "bytes */%" PRIu64, parts->len);
	head_add(&object->head, "Content-Range", text);
	body_unref(&object->body);
	return object;
}

struct object *
partial_cut(const struct object *stored, const struct parts *parts,
    enum satisfied how, struct span span)
{
	struct parts one = {.count = 1, .len = parts->len, .span = {span}};
	const char *from;
	struct object *object;

	if (how == SPAN_NONE && parts->len != PARTIAL_UNKNOWN)
		return cut_none(stored, parts);
	from = how == SPAN_IS ? bytes_of(stored, parts, span) : NULL;
	if (!from)
		return NULL;
	object = object_copy(stored);
	body_unref(&object->body);
	object->body = body_part(stored->body,
	    (size_t)(from - stored->body->bytes), (size_t)span_len(span));
	set_list(object, &one);
	return object;
}

/* ---- combining ---- */

/* Do their lengths agree, and lies what each has within it? */
static bool
lengths_agree(struct parts *all, const struct parts *a, const struct parts *b)
{
	if (a->len != PARTIAL_UNKNOWN && b->len != PARTIAL_UNKNOWN &&
	    a->len != b->len)
		return false;
	all->len = a->len < b->len ? a->len : b->len;
	return a->span[a->count - 1].last < all->len &&
	    b->span[b->count - 1].last < all->len;
}

/* The parts of a, and one more, in order; those that it touches become one with
 * it. Gives which of them has it. */
static unsigned
join(struct parts *all, struct span room[PARTIAL_PARTS_MAX + 1],
    const struct parts *a, struct span more)
{
	unsigned at = 0, i = 0;

	for (; i < a->count && a->span[i].last + 1 < more.first; i++)
		room[at++] = a->span[i];
	for (; i < a->count && a->span[i].first <= more.last + 1; i++) {
		if (a->span[i].first < more.first)
			more.first = a->span[i].first;
		if (a->span[i].last > more.last)
			more.last = a->span[i].last;
	}
	all->count = at + 1;
	room[at] = more;
	for (; i < a->count; i++)
		room[all->count++] = a->span[i];
	return at;
}

/* One too many: the smallest but `newest` goes. */
static void
drop_smallest(struct parts *all, struct span *room, unsigned newest)
{
	unsigned least = newest == 0 ? 1 : 0;

	for (unsigned i = 0; i < all->count; i++) {
		if (i != newest && span_len(room[i]) < span_len(room[least]))
			least = i;
	}
	all->count--;
	memmove(room + least, room + least + 1,
	    (all->count - least) * sizeof(*room));
}

static uint64_t
parts_len(const struct parts *parts)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < parts->count; i++)
		sum += span_len(parts->span[i]);
	return sum;
}

static bool
is_all(const struct parts *parts)
{
	return parts->count == 1 && parts->span[0].first == 0 &&
	    parts->len != PARTIAL_UNKNOWN &&
	    parts->span[0].last == parts->len - 1;
}

/* What both have in one. False: it is not worth it. */
static bool
add_up(struct parts *all, const struct parts *old, struct span more,
    uint64_t max)
{
	struct span room[PARTIAL_PARTS_MAX + 1];
	uint64_t before = parts_len(old);
	unsigned newest = join(all, room, old, more);

	if (all->count > PARTIAL_PARTS_MAX)
		drop_smallest(all, room, newest);
	memcpy(all->span, room, all->count * sizeof(*room));
	if (parts_len(all) > max)
		return false;
	return is_all(all) || before <= PARTIAL_SMALL ||
	    span_len(more) > before / PARTIAL_FRACTION;
}

/* The bytes of one list: the old ones, and the new over them. NULL: no
 * memory. */
static char *
write_bytes(const struct parts *all, const struct object *stored,
    const struct parts *old, const struct object *fresh, struct span more)
{
	char *bytes = malloc((size_t)parts_len(all) + 1), *to = bytes;

	for (unsigned i = 0; bytes && i < all->count; i++) {
		struct span span = all->span[i];

		for (unsigned j = 0; j < old->count; j++) {
			struct span part = old->span[j];

			if (part.first >= span.first && part.last <= span.last)
				memcpy(to + (part.first - span.first),
				    bytes_of(stored, old, part),
				    (size_t)span_len(part));
		}
		if (more.first >= span.first && more.last <= span.last)
			memcpy(to + (more.first - span.first),
			    fresh->body->bytes, (size_t)span_len(more));
		to += span_len(span);
	}
	if (bytes)
		*to = '\0';
	return bytes;
}

struct object *
partial_combine(const struct object *stored, struct object *fresh,
    uint64_t max, const struct policy_answer *facts,
    const struct policy_opts *opts)
{
	struct parts old, one, all;
	struct object *object;
	char *bytes;

	if (!partial_of(&one, fresh) || one.count != 1)
		return NULL;
	set_list(fresh, &one);
	if (!stored || !partial_of(&old, stored) ||
	    !partial_is_same(&stored->head, &fresh->head) ||
	    strcmp(stored->variant, fresh->variant) != 0 ||
	    !lengths_agree(&all, &old, &one))
		return object_ref(fresh);
	object = policy_freshen(stored, facts, opts);
	if (partial_has(&old, one.span[0]) ||
	    !add_up(&all, &old, one.span[0], max)) {
		old.len = all.len;
		set_list(object, &old);
		return object;
	}
	bytes = write_bytes(&all, stored, &old, fresh, one.span[0]);
	if (!bytes) {
		object_unref(&object);
		return NULL;
	}
	set_body(object, bytes, parts_len(&all));
	set_list(object, &all);
	return object;
}

struct object *
partial_whole(const struct object *object, const struct key *key)
{
	struct object *whole;
	struct parts parts;

	if (!partial_of(&parts, object) || !is_all(&parts))
		return NULL;
	whole = object_copy(object);
	whole->kind = KIND_PAGE;
	whole->key = *key;
	whole->key.text = arena_strndup(whole->arena, key->text, key->len);
	whole->url = key_url(&whole->key);
	whole->status = 200;
	head_drop(&whole->head, "Content-Range");
	return whole;
}

struct object *
partial_freshen(const struct object *whole, const struct policy_answer *facts,
    const struct policy_opts *opts)
{
	struct parts parts;

	if (whole->status != 200 || !whole->body ||
	    !partial_is_same(&whole->head, facts->head) ||
	    !partial_read(&parts, head_find(facts->head, "Content-Range")) ||
	    (parts.len != PARTIAL_UNKNOWN && parts.len != whole->body->len))
		return NULL;
	return policy_freshen(whole, facts, opts);
}
