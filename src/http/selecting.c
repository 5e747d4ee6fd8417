/* http/selecting.c - white space, case and order that mean nothing */
#include "http/selecting.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/head.h"

enum {
	RANGES_MAX = 32,     /* more are taken as they came */
	WEIGHT_WHOLE = 1000, /* q=1 (RFC 9110 12.4.2) */
	WEIGHT_DIGITS = 3,
};

struct room {
	char *at, *end;
	bool full;
};

static void
put(struct room *room, char c)
{
	if (room->at == room->end)
		room->full = true;
	else
		*room->at++ = c;
}

static bool
is_white(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trimmed(const char *value)
{
	struct slice slice;

	while (is_white(*value))
		value++;
	slice.from = value;
	slice.len = strlen(value);
	while (slice.len && is_white(value[slice.len - 1]))
		slice.len--;
	return slice;
}

static void
put_as_it_came(struct room *room, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		put(room, value.from[i]);
}

/* White space beside a comma goes, but within quotes. */
static void
put_list(struct room *room, struct slice value)
{
	bool quoted = false;
	size_t i, next;

	for (i = 0; i < value.len; i++) {
		char c = value.from[i];

		if (quoted && c == '\\' && i + 1 < value.len) {
			put(room, c);
			c = value.from[++i];
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && is_white(c)) {
			next = i;
			while (next < value.len && is_white(value.from[next]))
				next++;
			if (next < value.len && value.from[next] == ',') {
				i = next - 1;
				continue;
			}
		}
		put(room, c);
		if (!quoted && c == ',')
			while (i + 1 < value.len &&
			    is_white(value.from[i + 1]))
				i++;
	}
}

/* ---- Accept-Language ---- */

struct range {
	struct slice tag;
	int weight; /* thousandths */
};

/* "0.5" and the like; -1: it is none. */
static int
read_weight(struct slice text)
{
	int weight, step = WEIGHT_WHOLE / 10;
	size_t i;

	if (text.len == 0 || text.len > 2 + WEIGHT_DIGITS ||
	    (text.from[0] != '0' && text.from[0] != '1') ||
	    (text.len > 1 && text.from[1] != '.'))
		return -1;
	weight = (text.from[0] - '0') * WEIGHT_WHOLE;
	for (i = 2; i < text.len; i++, step /= 10) {
		if (text.from[i] < '0' || text.from[i] > '9')
			return -1;
		weight += (text.from[i] - '0') * step;
	}
	return weight > WEIGHT_WHOLE ? -1 : weight;
}

static void
trim(struct slice *slice)
{
	while (slice->len && is_white(*slice->from)) {
		slice->from++;
		slice->len--;
	}
	while (slice->len && is_white(slice->from[slice->len - 1]))
		slice->len--;
}

/* RFC 4647 2.1: letters, digits, "-"; or "*" */
static bool
is_tag(struct slice tag)
{
	for (size_t i = 0; i < tag.len; i++) {
		char c = tag.from[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || c == '-' || c == '*'))
			return false;
	}
	return tag.len > 0;
}

/* "de-AT;q=0.8" */
static bool
read_range(struct range *range, struct slice item)
{
	const char *mark = memchr(item.from, ';', item.len);
	struct slice rest;

	range->tag = item;
	range->weight = WEIGHT_WHOLE;
	if (!mark)
		return is_tag(range->tag);
	range->tag.len = (size_t)(mark - item.from);
	trim(&range->tag);
	rest.from = mark + 1;
	rest.len = item.len - (size_t)(mark - item.from) - 1;
	trim(&rest);
	if (!is_tag(range->tag) || rest.len < 2 || (rest.from[0] | 0x20) != 'q' || rest.from[1] != '=')
		return false;
	rest.from += 2;
	rest.len -= 2;
	range->weight = read_weight(rest);
	return range->weight >= 0;
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	size_t least = x->tag.len < y->tag.len ? x->tag.len : y->tag.len;
	int order;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	order = strncasecmp(x->tag.from, y->tag.from, least);
	return order ? order : (x->tag.len > y->tag.len) -
	    (x->tag.len < y->tag.len);
}

static void
put_range(struct room *room, const struct range *range)
{
	for (size_t i = 0; i < range->tag.len; i++) {
		char c = range->tag.from[i];

		put(room, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
	if (range->weight == WEIGHT_WHOLE)
		return;
	put(room, ';');
	for (int step = WEIGHT_WHOLE / 10; step; step /= 10)
		put(room, (char)('0' + range->weight / step % 10));
}

/* In their normal order. False: that is no such list. */
static bool
read_ranges(struct range *ranges, size_t *count, const char *value)
{
	struct slice item;

	for (*count = 0; list_next(&value, &item); ++*count)
		if (*count == RANGES_MAX ||
		    !read_range(&ranges[*count], item))
			return false;
	qsort(ranges, *count, sizeof(*ranges), compare_ranges);
	return true;
}

bool
selecting_prefers(const char *accept_language, const char *language,
    size_t len)
{
	struct range ranges[RANGES_MAX];
	size_t count;

	return read_ranges(ranges, &count, accept_language) && count > 0 &&
	    ranges[0].weight > 0 && ranges[0].tag.len == len &&
	    strncasecmp(ranges[0].tag.from, language, len) == 0 &&
	    (count == 1 || ranges[1].weight < ranges[0].weight);
}

/* False: it stays as it came. */
static bool
put_languages(struct room *room, const char *value)
{
	struct range ranges[RANGES_MAX];
	size_t count;

	if (!read_ranges(ranges, &count, value))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (i)
			put(room, ',');
		put_range(room, &ranges[i]);
	}
	return true;
}

static bool
is_no_list(const char *name)
{
	return strcmp(name, "cookie") == 0 ||
	    strcmp(name, "authorization") == 0 ||
	    strcmp(name, "user-agent") == 0;
}

ssize_t
selecting_normal(char *into, size_t size, const char *name, const char *value)
{
	struct room room = {into, into + size, false};

	if (is_no_list(name))
		put_as_it_came(&room, trimmed(value));
	else if (strcmp(name, "accept-language") != 0 ||
	    !put_languages(&room, value))
		put_list(&room, trimmed(value));
	return room.full ? -1 : room.at - into;
}
