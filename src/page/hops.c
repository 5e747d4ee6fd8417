/* page/hops.c - Via, read and written (contract: page/hops.h) */
#include "page/hops.h"

#include <string.h>

/* "HTTP/1.1 livery (comment)" or "1.1 livery": who received it. */
static struct slice
received_by(struct slice item)
{
	const char *end = item.from + item.len, *at = item.from;
	struct slice by;

	while (at < end && *at != ' ' && *at != '\t')
		at++;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	by.from = at;
	while (at < end && *at != ' ' && *at != '\t' && *at != '(')
		at++;
	by.len = (size_t)(at - by.from);
	return by;
}

unsigned
hops_count(const struct head *fields, const char *name)
{
	const char *value;
	struct slice item;
	unsigned i = 0, count = 0;

	while ((value = head_next(fields, "Via", &i)) != NULL)
		while (list_next(&value, &item))
			count += slice_is(received_by(item), name);
	return count;
}

const char *
hops_via(const struct head *fields, const char *name, struct arena *arena)
{
	const char *before = head_joined(fields, "Via", arena);

	return arena_printf(arena, "%s%s1.1 %s", before ? before : "",
	    before ? ", " : "", name);
}

struct key
hops_key(const struct key *key, unsigned hops, struct arena *arena)
{
	struct key other = *key;

	if (hops == 0 || key->len == 0)
		return other;
	/* No key has a line end in it. */
	other.text =
	    arena_printf(arena, "%.*s\n%u", (int)key->len, key->text, hops);
	other.len = strlen(other.text);
	key_hash(&other);
	return other;
}
