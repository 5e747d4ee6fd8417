/* http/etag.c - a suffix inside the quotes, put on and taken off */
#include "http/etag.h"

#include <string.h>

enum { WIDEN_MAX = 8 << 10 }; /* bytes of a list that is made wider */

bool
etag_read(const char **at, struct slice *tag)
{
	const char *from = *at, *end;

	if (strncmp(from, "W/", 2) == 0)
		from += 2;
	if (*from != '"')
		return false;
	end = strchr(from + 1, '"');
	if (!end)
		return false;
	tag->from = from;
	tag->len = (size_t)(end + 1 - from);
	*at = end + 1;
	return true;
}

const char *
etag_packed(const char *etag, enum packing packing, struct arena *arena)
{
	const char *at = etag;
	struct slice tag;

	if (packing == PACKING_NONE || *etag != '"' || !etag_read(&at, &tag) ||
	    *at)
		return etag;
	return arena_printf(
	    arena, "%.*s-%s\"", (int)tag.len - 1, etag, packing_name(packing));
}

/* How much of a tag "...-gzip" is its suffix, without the last quote; 0: it has
 * none. */
static size_t
suffix_of(struct slice tag, enum packing *as)
{
	unsigned i;

	for (i = PACKING_NONE + 1; i < PACKINGS; i++) {
		const char *name = packing_name(i);
		size_t len = strlen(name);

		if (tag.len >= len + 3 && tag.from[tag.len - len - 2] == '-' &&
		    memcmp(tag.from + tag.len - len - 1, name, len) == 0) {
			*as = i;
			return len + 1;
		}
	}
	return 0;
}

bool
etag_is_packed(struct slice ours, struct slice theirs, enum packing *as)
{
	enum packing found;
	size_t suffix = suffix_of(theirs, &found);

	if (suffix == 0 || theirs.len != ours.len + suffix ||
	    memcmp(theirs.from, ours.from, ours.len - 1) != 0)
		return false;
	*as = found;
	return true;
}

static void
widen(struct buf *out, const char *list)
{
	enum packing as;
	struct slice tag;
	const char *from;
	size_t suffix;

	for (;;) {
		list += strspn(list, " \t,");
		from = list;
		if (!etag_read(&list, &tag))
			break;
		if (out->len > 0)
			buf_puts(out, ", ");
		buf_add(out, from, (size_t)(list - from));
		suffix = suffix_of(tag, &as);
		if (suffix > 0)
			buf_printf(out, ", %.*s\"",
			    (int)(tag.from + tag.len - 1 - suffix - from),
			    from);
	}
	/* what follows is no tag: better left as it is */
	out->failed |= *list != '\0';
}

const char *
etag_widen(const char *list, struct arena *arena)
{
	const char *wide = list;
	struct buf out;

	if (!strchr(list, '-'))
		return list;
	buf_init(&out, WIDEN_MAX);
	widen(&out, list);
	if (!out.failed && out.len > 0)
		wide = arena_strndup(arena, out.data, out.len);
	buf_fini(&out);
	return wide;
}
