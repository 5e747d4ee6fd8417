/* page/shape.c - a sum over the names of a request's fields */
#include "page/shape.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cache/hash.h"
#include "page/life.h"

enum { NAME_COUNTED = 64 };

/* A value such as few clients send. */
static bool
is_odd(const struct field *field)
{
	if (field->value_len >= SHAPE_LONG)
		return true;
	for (size_t i = 0; i < field->value_len; i++) {
		unsigned char c = (unsigned char)field->value[i];

		if ((c < ' ' && c != '\t') || c >= 0x7f)
			return true;
	}
	return false;
}

/* Fields by whose value many a guard refuses a client. */
static bool
value_counts(const struct field *field)
{
	static const char *const names[] = {"User-Agent", "Referer", "Origin",
	    "Accept", "Accept-Language", "Accept-Charset", "Content-Type"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcasecmp(field->name, names[i]) == 0)
			return true;
	return false;
}

static struct sum
sum_field(const struct field *field)
{
	char text[NAME_COUNTED + 1];
	size_t n = field->name_len < NAME_COUNTED ? field->name_len :
	    NAME_COUNTED;

	for (size_t i = 0; i < n; i++)
		text[i] = (char)tolower((unsigned char)field->name[i]);
	text[n] = is_odd(field) ? '!' : '.';
	return sum_of(text, n + 1);
}

static void
add_sum(struct shape *shape, struct sum sum)
{
	uint64_t half[2];

	memcpy(half, sum.bytes, sizeof(half));
	shape->sum[0] += half[0];
	shape->sum[1] += half[1];
}

void
shape_add(struct shape *shape, const struct field *field)
{
	add_sum(shape, sum_field(field));
	if (value_counts(field))
		add_sum(shape, sum_of(field->value, field->value_len));
}

const char *
shape_text(const struct shape *shape, struct arena *arena)
{
	return arena_printf(arena, "%016llx%016llx",
	    (unsigned long long)shape->sum[0],
	    (unsigned long long)shape->sum[1]);
}

const char *
shape_of(const struct request *request, struct arena *arena)
{
	const struct head *fields = request->fields;
	struct shape shape = {{0, 0}};

	for (unsigned i = 0; i < fields->count; i++) {
		const struct field *field = &fields->fields[i];

		if (!sent_is_dropped(request, field->name, true) &&
		    !sent_is_listed(request, field->name))
			shape_add(&shape, field);
	}
	return shape_text(&shape, arena);
}
