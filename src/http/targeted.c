/* http/targeted.c - the dictionary's members by the same names as
 * Cache-Control's directives */
#include "http/targeted.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "http/structured.h"

enum { FIELD_MAX = 8 << 10 }; /* a longer one is ignored */

/* The target list (RFC 9213 2.2), ours first. */
static const char *const targets[] = {
	"Livery-Cache-Control",
	"CDN-Cache-Control",
};

/* A value of another type than the directive wants is as if it were not
 * there (RFC 9213 2.1). Numbers below zero are none. */
static void
on_member(void *arg, const struct sf_member *member)
{
	bool is_flag = member->type == SF_BOOLEAN;
	bool is_number = member->type == SF_INTEGER && member->integer >= 0;

	/* qualified no-cache and private are taken for the whole, as in
	 * Cache-Control */
	if (member->type == SF_STRING || member->type == SF_INNER_LIST)
		is_flag = cachecontrol_may_be_qualified(member->key);
	cachecontrol_set(arg, member->key,
	    is_flag ? (member->type != SF_BOOLEAN || member->integer) : -1,
	    is_number ? member->integer : -1);
}

/* All lines of a field, joined; false: it is not there, or too long. */
static bool
join(struct buf *text, const struct head *head, const char *name)
{
	const char *value;
	unsigned i = 0;

	while ((value = head_next(head, name, &i)) != NULL) {
		if (text->len)
			buf_puts(text, ", ");
		buf_puts(text, value);
	}
	return text->len > 0 && !text->failed;
}

static bool
read_dictionary(struct cachecontrol *out, const struct head *head,
    const char *name)
{
	struct cachecontrol cc;
	struct buf text;
	int count = 0;

	if (!head_find(head, name))
		return false;
	cachecontrol_init(&cc);
	buf_init(&text, FIELD_MAX);
	if (join(&text, head, name))
		count = sf_dictionary(text.data, text.len, on_member,
		    &cc);
	buf_fini(&text);
	if (count <= 0)
		return false;
	cc.present = true;
	*out = cc;
	return true;
}

/* ---- Surrogate-Control ---- */

/* Is a directive for everybody or for us? Its parameters name surrogates. */
static bool
is_for_us(struct slice *item)
{
	const char *mark = memchr(item->from, ';', item->len);
	struct slice name;
	size_t rest;

	if (!mark)
		return true;
	rest = item->len - (size_t)(mark - item->from) - 1;
	item->len = (size_t)(mark - item->from);
	for (mark++; rest > 0;) {
		const char *next = memchr(mark, ';', rest);

		name.from = mark;
		name.len = next ? (size_t)(next - mark) : rest;
		while (name.len && (*name.from == ' ' || *name.from == '\t')) {
			name.from++;
			name.len--;
		}
		while (name.len && (name.from[name.len - 1] == ' ' ||
		    name.from[name.len - 1] == '\t'))
			name.len--;
		if (slice_is(name, SURROGATE_NAME))
			return true;
		if (!next)
			break;
		rest -= (size_t)(next - mark) + 1;
		mark = next + 1;
	}
	return false;
}

static bool
read_surrogate(struct cachecontrol *out, const struct head *head)
{
	struct cachecontrol all, ours;
	struct slice item;
	const char *value;
	unsigned i = 0;

	cachecontrol_init(&all);
	cachecontrol_init(&ours);
	while ((value = head_next(head, "Surrogate-Control", &i)) != NULL)
		while (list_next(&value, &item)) {
			bool is_targeted = memchr(item.from, ';', item.len);

			if (!is_for_us(&item))
				continue;
			cachecontrol_add(is_targeted ? &ours : &all, item);
		}
	/* what was said to us by name counts alone */
	if (ours.present)
		*out = ours;
	else if (all.present)
		*out = all;
	return ours.present || all.present;
}

/* ---- all of them ---- */

const char *
targeted_read(struct cachecontrol *out, const struct head *head)
{
	for (size_t i = 0; i < COUNT_OF(targets); i++)
		if (read_dictionary(out, head, targets[i]))
			return targets[i];
	if (read_surrogate(out, head))
		return "Surrogate-Control";
	return NULL;
}

const char *
targeted_or_plain(struct cachecontrol *out, const struct head *head)
{
	const char *name = targeted_read(out, head);

	if (!name)
		cachecontrol_read(out, head, "Cache-Control");
	return name;
}

bool
targeted_is_ours(const char *name, size_t len)
{
	struct slice slice = {name, len};

	return slice_is(slice, targets[0]) ||
	    slice_is(slice, "Surrogate-Control");
}

/* ---- ESI ---- */

const char *
surrogate_capability(bool resolves_esi)
{
	return resolves_esi ? SURROGATE_NAME "=\"Surrogate/1.0 ESI/1.0\""
			    : SURROGATE_NAME "=\"Surrogate/1.0\"";
}

static bool
has_word(const char *at, const char *end, const char *word)
{
	while (at < end) {
		struct slice next;

		while (at < end && (*at == ' ' || *at == '\t' || *at == '"'))
			at++;
		next.from = at;
		while (at < end && *at != ' ' && *at != '\t' && *at != '"')
			at++;
		next.len = (size_t)(at - next.from);
		if (next.len && slice_is(next, word))
			return true;
	}
	return false;
}

bool
targeted_has_content(const struct head *head, const char *word)
{
	static const char name[] = "content=";
	size_t len = strlen(name);
	struct slice item;
	const char *value;
	unsigned i = 0;

	while ((value = head_next(head, "Surrogate-Control", &i)) != NULL)
		while (list_next(&value, &item))
			if (is_for_us(&item) && item.len > len &&
			    strncasecmp(item.from, name, len) == 0 &&
			    has_word(item.from + len, item.from + item.len,
				word))
				return true;
	return false;
}
