/* conf/fixed.c - two configurations, option by option */
#include "conf/fixed.h"

#include <string.h>
#include "base/net.h"
#include "conf/schema.h"
#include "conf/value.h"

/* A longer one counts as the same as what it begins with. */
enum { VALUE_MAX = 1 << 20 };

/* What a reload puts in force, of the blocks that fill struct conf. */
static const struct {
	enum block block;
	const char *name;
} live[] = {
    {BLOCK_TOP, "log_level"},
    {BLOCK_TOP, "drain_timeout"},
    {BLOCK_CACHE, "size_max"},
    {BLOCK_CACHE, "memory_max"},
    {BLOCK_CACHE, "wal_max"},
    {BLOCK_CACHE, "variants_max"},
};

static bool
is_live(const struct option *option)
{
	if (schema_blocks[option->block].is_named)
		return true;
	for (size_t i = 0; i < COUNT_OF(live); i++)
		if (live[i].block == option->block &&
		    strcmp(live[i].name, option->name) == 0)
			return true;
	return false;
}

static const struct nets *
nets_of(const struct option *option, const struct conf *conf)
{
	const struct nets *nets;

	memcpy(&nets, (const char *)conf + option->offset, sizeof(nets));
	return nets;
}

static bool
same(const struct option *option, const struct conf *a, const struct conf *b)
{
	struct buf left, right;
	bool same;

	if (option->value == VALUE_NETS)
		return nets_same(nets_of(option, a), nets_of(option, b));
	buf_init(&left, VALUE_MAX);
	buf_init(&right, VALUE_MAX);
	value_write(option, a, &left);
	value_write(option, b, &right);
	same = left.len == right.len &&
	       (left.len == 0 || memcmp(left.data, right.data, left.len) == 0);
	buf_fini(&left);
	buf_fini(&right);
	return same;
}

void
fixed_differences(
    struct buf *names, const struct conf *before, const struct conf *now)
{
	const char *block;

	for (size_t i = 0; i < schema_count; i++) {
		if (is_live(&schema[i]) || same(&schema[i], before, now))
			continue;
		block = schema_blocks[schema[i].block].name;
		buf_printf(names, "%s%s%s%s", names->len ? ", " : "", block,
		    *block ? "." : "", schema[i].name);
	}
}
