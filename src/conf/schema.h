/* conf/schema.h - what may stand in a configuration file: one row per option
 *
 * A row says in which block the option stands, what its value looks like and
 * which field it sets. Each row is documented in livery.conf(5) with its
 * default; a test holds rows, manual and defaults together. */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

enum block {
	BLOCK_TOP, /* outside of all blocks */
	BLOCK_CACHE,
	BLOCK_FETCH,
	BLOCK_LIMITS,
	BLOCK_UPSTREAM,
	BLOCK_THEME,
	BLOCK_SITE,
	BLOCK_CERTIFICATE,
	BLOCKS
};

struct block_info {
	const char *name;
	int is_named; /* upstream NAME { } */
};
extern const struct block_info schema_blocks[BLOCKS];

enum value {
	VALUE_TEXT,  /* const char * */
	VALUE_PATH,  /* const char *: below the file's folder when relative */
	VALUE_PLACE, /* const char *: a URL or a path */
	VALUE_LIST,  /* const char *const *, NULL-ended */
	VALUE_PLACES, /* the same, and each begins with a place */
	VALUE_NETS,  /* struct nets * */
	VALUE_TIME,  /* milliseconds: 300ms 10s 5m 1h 7d */
	VALUE_SIZE,  /* bytes: 64k 16M 1G */
	VALUE_COUNT, /* a whole number */
	VALUE_MODE,  /* an octal number, of a file */
	VALUE_FLAG,  /* bool: on, off */
	VALUE_WORD,  /* an enum: the position in words */
};

struct option {
	enum block block;
	const char *name;
	enum value value;
	size_t offset; /* of the field in what the block fills, see conf.c */
	size_t size;   /* of the field */
	int64_t min, max;
	/* VALUE_WORD: "cache absolute" */
	const char *words;
	/* For texts, and each of a list: what is wrong with it, if anything.
	 * May be NULL. */
	int (*check)(const char *text, struct err *err);
};
extern const struct option schema[];
extern const size_t schema_count;

static inline bool
option_is_list(const struct option *option)
{
	return option->value == VALUE_LIST || option->value == VALUE_PLACES ||
	       option->value == VALUE_NETS;
}

/* The row, or NULL. */
const struct option *schema_find(enum block block, const char *name);
/* The option of that block that was probably meant, or NULL. */
const char *schema_nearest(enum block block, const char *name);
/* The block of that name, or BLOCKS. */
enum block schema_find_block(const char *name);

#endif
