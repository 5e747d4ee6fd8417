/* cache/vary.c - one URL, several answers (RFC 9111 4.1), and tags
 *
 * An object remembers which request fields chose it and what they were, as
 * text: "name: value\n" each, or "name\n" for one that was absent, since
 * absent matches only absent. Values are written in their normal form
 * (http/selecting.h). Where Accept-Language chose, a last line "=language"
 * tells which language that came to: who wants that one most need not have
 * asked in the same words. What a request was like (POLICY_SHAPE) is a line as
 * a field's. */
#include "cache/policy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/selecting.h"

enum {
	VARY_NAMES_MAX = 16,
	VARY_NAME_MAX = 64,
	VARIANT_MAX = 4 << 10, /* bytes of names and values together */
	TAGS_MAX = 8 << 10,
};

struct names {
	char name[VARY_NAMES_MAX][VARY_NAME_MAX];
	size_t count;
};

static int
names_add(struct names *names, struct slice item)
{
	char *name;

	if (slice_is(item, "*"))
		return -1;
	if (slice_is(item, "Accept-Encoding"))
		return 0;
	/* what is no name cannot be looked up, so nobody knows by what it
	 * varies */
	if (names->count == VARY_NAMES_MAX || item.len >= VARY_NAME_MAX ||
	    !head_is_token(item.from, item.len))
		return -1;
	name = names->name[names->count];
	for (size_t i = 0; i < item.len; i++)
		name[i] = (char)tolower((unsigned char)item.from[i]);
	name[item.len] = '\0';
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->name[i], name) == 0)
			return 0;
	}
	names->count++;
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
names_read(struct names *names, const struct head *head)
{
	const char *value, *rest;
	struct slice item;
	unsigned i = 0;

	names->count = 0;
	while ((value = head_next(head, "Vary", &i)) != NULL) {
		rest = value;
		while (list_next(&rest, &item)) {
			if (names_add(names, item) != 0)
				return -1;
		}
	}
	qsort(names->name, names->count, VARY_NAME_MAX, compare_names);
	return 0;
}

/* No field can have that name. */
static int
names_add_shape(struct names *names)
{
	if (names->count == VARY_NAMES_MAX)
		return -1;
	strcpy(names->name[names->count++], POLICY_SHAPE);
	return 0;
}

static bool
is_of_one_shape(int status)
{
	return status >= 400 && status != 404 && status != 410 &&
	    status != 414 && status != 451;
}

bool
policy_varies_by_anything(const struct head *head)
{
	struct names names;

	return names_read(&names, head) != 0;
}

static void
add_line(struct buf *buf, const char *name, const char *value)
{
	char room[VARIANT_MAX];
	ssize_t len;

	buf_puts(buf, name);
	if (value) {
		len = selecting_normal(room, sizeof(room), name, value);
		buf_puts(buf, ": ");
		if (len < 0)
			buf->failed = true;
		else
			buf_add(buf, room, (size_t)len);
	}
	buf_putc(buf, '\n');
}

static void
write_texts(const struct names *names, struct buf *vary, struct buf *variant,
    request_field_f field, void *arg)
{
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->name[i];

		if (i)
			buf_putc(vary, ',');
		buf_puts(vary, name);
		add_line(variant, name, field ? field(arg, name) : NULL);
	}
}

/* The one language that an answer is in. */
static void
add_language(struct buf *variant, const struct names *names,
    const struct head *head)
{
	const char *language = head_find(head, "Content-Language");

	if (!language || !*language || strpbrk(language, ", \t") ||
	    head_count(head, "Content-Language") != 1)
		return;
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->name[i], "accept-language") != 0)
			continue;
		buf_putc(variant, '=');
		buf_puts(variant, language);
		buf_putc(variant, '\n');
	}
}

int
policy_vary_set(struct object *object, request_field_f field, void *arg)
{
	struct buf vary, variant;
	struct names names;
	int rc = -1;

	if (names_read(&names, &object->head) != 0 ||
	    (is_of_one_shape(object->status) && names_add_shape(&names) != 0))
		return -1;
	if (names.count == 0) {
		object->vary = object->variant = "";
		return 0;
	}
	buf_init(&vary, VARIANT_MAX);
	buf_init(&variant, VARIANT_MAX);
	write_texts(&names, &vary, &variant, field, arg);
	add_language(&variant, &names, &object->head);
	if (!vary.failed && !variant.failed) {
		object->vary = arena_strndup(object->arena, vary.data,
		    vary.len);
		object->variant = arena_strndup(object->arena, variant.data,
		    variant.len);
		rc = 0;
	}
	buf_fini(&vary);
	buf_fini(&variant);
	return rc;
}

/* Does one line of a variant, from..end, agree with the request? */
static bool
line_matches(const char *from, const char *end, request_field_f field,
    void *arg)
{
	const char *colon = memchr(from, ':', (size_t)(end - from)), *value;
	size_t len = (size_t)((colon ? colon : end) - from);
	char name[VARY_NAME_MAX], room[VARIANT_MAX];
	ssize_t n;

	if (len >= sizeof(name))
		return false;
	memcpy(name, from, len);
	name[len] = '\0';
	value = field ? field(arg, name) : NULL;
	if (!colon || !value)
		return !colon && !value;
	n = selecting_normal(room, sizeof(room), name, value);
	colon += 2;
	return n >= 0 && colon <= end && n == end - colon &&
	    memcmp(room, colon, (size_t)n) == 0;
}

/* Does the request want the language most that the variant is in? */
static bool
language_matches(const char *variant, request_field_f field, void *arg)
{
	const char *asked = field ? field(arg, "accept-language") : NULL;
	const char *mark = strstr(variant, "\n=");

	return asked && mark &&
	    selecting_prefers(asked, mark + 2, strcspn(mark + 2, "\n"));
}

bool
policy_vary_matches(const struct object *object, request_field_f field,
    void *arg)
{
	static const char by_language[] = "accept-language:";
	const char *line = object->variant, *end;

	for (; *line && *line != '='; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			return false;
		if (line_matches(line, end, field, arg))
			continue;
		if (strncmp(line, by_language, sizeof(by_language) - 1) != 0 ||
		    !language_matches(line, field, arg))
			return false;
	}
	return true;
}

/* Add the words of one field's value. Tags are parted by spaces, commas or,
 * in X-Ids-Involved, by "#"; over TAGS_MAX the rest is left out. */
static void
add_tags(struct buf *tags, const char *value)
{
	size_t len;

	for (;; value += len) {
		value += strspn(value, " \t,#");
		len = strcspn(value, " \t,#");
		if (len == 0 || tags->len + 1 + len > TAGS_MAX)
			return;
		if (tags->len)
			buf_putc(tags, ' ');
		buf_add(tags, value, len);
	}
}

const char *
policy_tags(const struct head *head, struct arena *arena)
{
	static const char *const fields[] = {"xkey", "Surrogate-Key",
	    "Cache-Tag", "X-Cache-Tags", "X-Ids-Involved"};
	const char *value, *text;
	struct buf tags;
	unsigned at;

	buf_init(&tags, TAGS_MAX);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		at = 0;
		while ((value = head_next(head, fields[i], &at)) != NULL)
			add_tags(&tags, value);
	}
	text = tags.len ? arena_strndup(arena, tags.data, tags.len) : "";
	buf_fini(&tags);
	return text;
}
