/* dom/entity.c - a named character reference by its name
 *
 * Those of 1999 may stand without their semicolon: behind them the name may go
 * on with anything. */
#include "dom/entity.h"

#include "dom/entity_hash.h"
#include "dom/key.h"

/* The longest that may do without a semicolon. */
enum { OLD_LEN_MAX = 6 };

static const struct entity entities[] = {
    {"", "", 0, 0, false},
#define ENTITY(name, text) {name, text, sizeof(name) - 1, sizeof(text) - 1, 0},
#define ENTITY_OLD(name, text)                                                 \
	{name, text, sizeof(name) - 1, sizeof(text) - 1, 1},
#include "dom/entity_list.h"
#undef ENTITY
#undef ENTITY_OLD
};

static const struct entity *
find(const char *name, size_t len)
{
	struct key key = key_of(name, len);
	uint32_t hashed = key_hash(key, len, ENTITY_FACTOR);
	const struct entity *found =
	    &entities[entity_slots[(hashed / ENTITY_SHIFTS +
				       entity_shifts[hashed % ENTITY_SHIFTS]) %
				   ENTITY_SLOTS]];

	if (found->name_len != len || !key_is(key, name, found->name, len))
		return NULL;
	return found;
}

static bool
is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

size_t
entity_run(const char *name, size_t len)
{
	size_t n = 0;

	while (n < len && n <= ENTITY_LEN_MAX && is_alphanumeric(name[n]))
		n++;
	return n;
}

/* The longest that stands here without a semicolon. */
static const struct entity *
find_old(const char *name, size_t len)
{
	for (; len > 1; len--) {
		const struct entity *found = find(name, len);

		if (found && found->is_old)
			return found;
	}
	return NULL;
}

const struct entity *
entity_look(const char *name, size_t len, size_t *used)
{
	const struct entity *found;
	size_t n = entity_run(name, len);

	if (n > 0 && n < len && name[n] == ';' && (found = find(name, n))) {
		*used = n + 1;
		return found;
	}
	found = find_old(name, n < OLD_LEN_MAX ? n : OLD_LEN_MAX);
	if (found)
		*used = found->name_len;
	return found;
}
