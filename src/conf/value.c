/* conf/value.c - from what is written in the file to what a field holds */
#include "conf/value.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "base/net.h"
#include "conf/place.h"

struct unit {
	const char *name;
	int64_t times;
};
/* The largest first, for writing. */
static const struct unit times[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
static const struct unit sizes[] = {
    {"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {"", 1}};

/* Digits, as a number; the rest of the text is given back. */
static int
read_digits(const char *text, unsigned base, int64_t *out, const char **rest)
{
	int64_t number = 0;
	const char *p = text;

	for (; isdigit((unsigned char)*p) && *p < '0' + (int)base; p++) {
		if (number > INT64_MAX / 16)
			return -1;
		number = number * base + (*p - '0');
	}
	*out = number;
	*rest = p;
	return p > text ? 0 : -1;
}

static int
read_units(const char *text, const struct unit *units, size_t count,
	   int64_t *out)
{
	const char *unit;
	int64_t number;

	if (read_digits(text, 10, &number, &unit) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(unit, units[i].name) != 0)
			continue;
		return __builtin_mul_overflow(number, units[i].times, out) ? -1
									   : 0;
	}
	if (number != 0 || *unit != '\0')
		return -1;
	*out = 0; /* nothing is nothing in every unit */
	return 0;
}

static int
read_flag(const char *text, int64_t *out)
{
	static const char *const words[] = {"off", "on",    "no",
					    "yes", "false", "true"};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = i & 1;
			return 0;
		}
	}
	return -1;
}

static int
read_word(const char *text, const char *words, int64_t *out)
{
	size_t len = strlen(text), word_len;

	for (int64_t i = 0; *words != '\0'; i++) {
		word_len = strcspn(words, " ");
		if (word_len == len && memcmp(words, text, len) == 0) {
			*out = i;
			return 0;
		}
		words += word_len + (words[word_len] == ' ');
	}
	return -1;
}

static int
read_number(const struct option *option, const char *text, int64_t *out,
	    struct err *err)
{
	const char *rest;

	switch (option->value) {
	case VALUE_TIME:
		if (read_units(text, times, COUNT_OF(times), out) == 0)
			return 0;
		return err_set(err,
			       "'%s' is no time: say 300ms, 10s, 5m, 1h "
			       "or 7d",
			       text);
	case VALUE_SIZE:
		if (read_units(text, sizes, COUNT_OF(sizes), out) == 0)
			return 0;
		return err_set(err, "'%s' is no size: say 512, 64k, 16M or 1G",
			       text);
	case VALUE_FLAG:
		if (read_flag(text, out) == 0)
			return 0;
		return err_set(err, "'%s': say on or off", text);
	case VALUE_WORD:
		/* a flag that has grown a third word */
		if (strncmp(option->words, "off on ", 7) == 0 &&
		    read_flag(text, out) == 0)
			return 0;
		if (read_word(text, option->words, out) == 0)
			return 0;
		return err_set(err, "'%s': say one of: %s", text,
			       option->words);
	case VALUE_MODE:
		if (read_digits(text, 8, out, &rest) == 0 && *rest == '\0')
			return 0;
		return err_set(err, "'%s' is no mode: say 0660", text);
	default:
		if (read_digits(text, 10, out, &rest) == 0 && *rest == '\0')
			return 0;
		return err_set(err, "'%s' is no whole number", text);
	}
}

/* ---- fields by their address and size ---- */

static void *
field_of(const struct option *option, void *base)
{
	return (char *)base + option->offset;
}

static void
number_store(const struct option *option, void *base, int64_t number)
{
	void *field = field_of(option, base);
	uint32_t word = (uint32_t)number;
	bool flag = number != 0;

	if (option->value == VALUE_FLAG)
		memcpy(field, &flag, sizeof(flag));
	else if (option->size == sizeof(word))
		memcpy(field, &word, sizeof(word));
	else
		memcpy(field, &number, sizeof(number));
}

static int64_t
number_load(const struct option *option, const void *base)
{
	const char *field = (const char *)base + option->offset;
	uint32_t word;
	int64_t number;
	bool flag;

	if (option->value == VALUE_FLAG) {
		memcpy(&flag, field, sizeof(flag));
		return flag;
	}
	if (option->size == sizeof(word)) {
		memcpy(&word, field, sizeof(word));
		return word;
	}
	must(option->size == sizeof(number));
	memcpy(&number, field, sizeof(number));
	return number;
}

static void
write_units(int64_t number, const struct unit *units, size_t count,
	    struct buf *out)
{
	size_t i = 0;

	while (i + 1 < count && (number == 0 || number % units[i].times != 0))
		i++;
	if (number == 0)
		buf_putc(out, '0');
	else
		buf_printf(out, "%lld%s", (long long)(number / units[i].times),
			   units[i].name);
}

static int
set_number(const struct option *option, void *base, const char *text,
	   struct err *err)
{
	struct buf low, high;
	int64_t number = 0;
	bool is_time = option->value == VALUE_TIME;
	const struct unit *units = is_time ? times : sizes;
	size_t count = is_time ? COUNT_OF(times) : COUNT_OF(sizes);

	if (read_number(option, text, &number, err) != 0)
		return -1;
	if (option->value == VALUE_COUNT) {
		units = sizes + COUNT_OF(sizes) - 1;
		count = 1;
	}
	if (option->value == VALUE_WORD ||
	    (number >= option->min && number <= option->max)) {
		number_store(option, base, number);
		return 0;
	}
	buf_init(&low, 64);
	buf_init(&high, 64);
	write_units(option->min, units, count, &low);
	write_units(option->max, units, count, &high);
	err_set(err, "'%s' is out of range: %s to %s", text, low.data,
		high.data);
	buf_fini(&low);
	buf_fini(&high);
	return -1;
}

/* ---- texts ---- */

/* "none" is how one says NULL where there is a default to get rid of. */
static const char *
read_text(const struct option *option, const char *text, struct arena *arena,
	  const char *folder)
{
	if (strcmp(text, "none") == 0)
		return NULL;
	return option->value == VALUE_PATH && strcmp(text, "-") != 0
		   ? place_path(arena, folder, text)
		   : arena_strdup(arena, text);
}

static int
set_text(const struct option *option, void *base, const char *text,
	 struct arena *arena, const char *folder, struct err *err)
{
	const char *value;

	if (option->value == VALUE_PATH && text[0] == '\0')
		return err_set(err, "is empty: say a path, or none");
	if (option->check && strcmp(text, "none") != 0 &&
	    option->check(text, err) != 0)
		return -1;
	if (option->value == VALUE_PLACE && strcmp(text, "none") != 0) {
		value = place_read(arena, folder, text, err);
		if (!value)
			return -1;
	} else {
		value = read_text(option, text, arena, folder);
	}
	memcpy(field_of(option, base), &value, sizeof(value));
	return 0;
}

/* before: what the list has already. */
static int
set_list(const struct option *option, void *base, const char *const *before,
	 const char *const *texts, size_t count, struct arena *arena,
	 const char *folder, struct err *err)
{
	const char **list;
	size_t n = 0;

	while (before && before[n])
		n++;
	list = arena_get(arena, (n + count + 1) * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = before[i];
	for (size_t i = 0; i < count; i++) {
		if (option->check && option->check(texts[i], err) != 0)
			return -1;
		list[n + i] = option->value == VALUE_PLACES
				  ? place_read(arena, folder, texts[i], err)
				  : arena_strdup(arena, texts[i]);
		if (!list[n + i])
			return -1;
	}
	memcpy(field_of(option, base), &list, sizeof(list));
	return 0;
}

static int
set_nets(const struct option *option, void *base, const char *const *texts,
	 size_t count, struct arena *arena, struct err *err)
{
	struct nets *nets = nets_in(arena);

	for (size_t i = 0; i < count; i++)
		if (nets_add(nets, texts[i], err) != 0)
			return -1;
	memcpy(field_of(option, base), &nets, sizeof(nets));
	return 0;
}

int
value_set(const struct option *option, void *base, const char *const *texts,
	  size_t count, struct arena *arena, const char *folder,
	  struct err *err)
{
	switch (option->value) {
	case VALUE_LIST:
	case VALUE_PLACES:
		return set_list(option, base, NULL, texts, count, arena, folder,
				err);
	case VALUE_NETS:
		return set_nets(option, base, texts, count, arena, err);
	case VALUE_TEXT:
	case VALUE_PATH:
	case VALUE_PLACE:
		return set_text(option, base, texts[0], arena, folder, err);
	default:
		return set_number(option, base, texts[0], err);
	}
}

int
value_add(const struct option *option, void *base, const char *const *texts,
	  size_t count, struct arena *arena, const char *folder,
	  struct err *err)
{
	const char *const *list;
	struct nets *nets;

	if (option->value != VALUE_NETS) {
		memcpy(&list, field_of(option, base), sizeof(list));
		return set_list(option, base, list, texts, count, arena, folder,
				err);
	}
	memcpy(&nets, field_of(option, base), sizeof(nets));
	for (size_t i = 0; i < count; i++)
		if (nets_add(nets, texts[i], err) != 0)
			return -1;
	return 0;
}

static void
write_list(const void *field, struct buf *out)
{
	const char *const *list;

	memcpy(&list, field, sizeof(list));
	for (size_t i = 0; list && list[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", list[i]);
}

static void
write_word(const char *words, int64_t number, struct buf *out)
{
	while (number-- > 0)
		words += strcspn(words, " ") + 1;
	buf_printf(out, "%.*s", (int)strcspn(words, " "), words);
}

void
value_write(const struct option *option, const void *base, struct buf *out)
{
	const char *field = (const char *)base + option->offset;
	const char *text;

	switch (option->value) {
	case VALUE_LIST:
	case VALUE_PLACES:
		write_list(field, out);
		break;
	case VALUE_NETS:
		buf_puts(out, "(set)");
		break;
	case VALUE_TEXT:
	case VALUE_PATH:
	case VALUE_PLACE:
		memcpy(&text, field, sizeof(text));
		buf_puts(out, text ? text : "none");
		break;
	case VALUE_TIME:
		write_units(number_load(option, base), times, COUNT_OF(times),
			    out);
		break;
	case VALUE_SIZE:
		write_units(number_load(option, base), sizes, COUNT_OF(sizes),
			    out);
		break;
	case VALUE_MODE:
		buf_printf(out, "%04o", (unsigned)number_load(option, base));
		break;
	case VALUE_FLAG:
		buf_puts(out, number_load(option, base) ? "on" : "off");
		break;
	case VALUE_WORD:
		write_word(option->words, number_load(option, base), out);
		break;
	case VALUE_COUNT:
		buf_printf(out, "%lld", (long long)number_load(option, base));
		break;
	}
}
