/* cache/group.c - lists of strings become tags */
#include "cache/group.h"

#include <string.h>

#include "cache/meaning.h"
#include "cache/policy.h"
#include "http/structured.h"
#include "http/url.h"

enum {
	ORIGIN_MAX = 8 << 10,
	/* Behind which one more has room in a purge. */
	ENOUGH = MEANING_KEY_MAX - ORIGIN_MAX - 4 - 3 * GROUP_NAME_MAX,
};

struct groups {
	const char *url;
	struct arena *arena;
	const char *origin;
	struct slice names[GROUPS_MAX];
	unsigned count;
};

static void
on_item(void *arg, const struct sf_item *item)
{
	struct groups *groups = arg;

	if (item->type == SF_STRING && item->text.len <= GROUP_NAME_MAX &&
	    groups->count < GROUPS_MAX)
		groups->names[groups->count++] = item->text;
}

/* False: there are none. What they are in is on the arena. */
static bool
read_groups(struct groups *groups, const struct head *head, const char *field,
    const char *url, struct arena *arena)
{
	const char *list = head_find(head, field) ?
	    head_joined(head, field, arena) : NULL;
	struct buf origin;

	groups->count = 0;
	groups->arena = arena;
	if (!list || sf_list(list, strlen(list), on_item, groups) < 0)
		return false;
	buf_init(&origin, ORIGIN_MAX);
	if (url_origin(&origin, url) != 0)
		groups->count = 0;
	else
		groups->origin = arena_strndup(arena, origin.data,
		    origin.len);
	buf_fini(&origin);
	return groups->count > 0;
}

/* What parts tags, and what a name is written with. */
static bool
is_plain(char c)
{
	return c > ' ' && c < 0x7f && !strchr(",#%", c);
}

static void
add_tag(struct buf *out, const struct groups *groups, struct slice name)
{
	buf_printf(out, "#%s#", groups->origin);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.from[i];

		if (c == '\\' && i + 1 < name.len)
			c = name.from[++i];
		if (is_plain(c))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02x", (unsigned char)c);
	}
}

/* Each name may be three times as long as it came, behind the origin. */
static size_t
room_for(const struct groups *groups)
{
	return groups->count * (strlen(groups->origin) + 4 +
	    3 * (size_t)GROUP_NAME_MAX) + 1;
}

const char *
group_all_tags(struct object *object)
{
	const char *tags = policy_tags(&object->head, object->arena), *all;
	struct groups groups;
	struct buf out;

	if (!read_groups(&groups, &object->head, "Cache-Groups", object->url,
	    object->arena))
		return tags;
	buf_init(&out, strlen(tags) + 1 + room_for(&groups));
	buf_puts(&out, tags);
	for (unsigned i = 0; i < groups.count; i++) {
		if (out.len)
			buf_putc(&out, ' ');
		add_tag(&out, &groups, groups.names[i]);
	}
	all = arena_strndup(object->arena, out.data, out.len);
	buf_fini(&out);
	return all;
}

void
group_invalidated(const struct head *head, const char *url,
    void (*told)(void *arg, const char *tags), void *arg)
{
	struct groups groups;
	struct arena *arena;
	struct buf tags;

	if (!head_find(head, "Cache-Group-Invalidation"))
		return;
	arena = arena_new(1024);
	if (read_groups(&groups, head, "Cache-Group-Invalidation", url,
	    arena)) {
		buf_init(&tags, room_for(&groups));
		for (unsigned i = 0; i < groups.count; i++) {
			if (tags.len > ENOUGH) {
				told(arg, tags.data);
				buf_clear(&tags);
			}
			if (tags.len)
				buf_putc(&tags, ' ');
			add_tag(&tags, &groups, groups.names[i]);
		}
		told(arg, tags.data);
		buf_fini(&tags);
	}
	arena_free(&arena);
}
