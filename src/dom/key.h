/* dom/key.h - what a name is hashed by, for the tables of names
 *
 * The first and the last eight bytes (of shorter names four), which cover a
 * name of up to sixteen, so that a look-up reads each byte once. The tables are
 * made by tests/tools/names_hash.py, which does the same sums. */
#ifndef DOM_KEY_H
#define DOM_KEY_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct key {
	uint64_t first, last;
};

static inline uint64_t
key_read_8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

static inline uint32_t
key_read_4(const char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return le32toh(word);
}

/* Of a name that is not empty. */
static inline struct key
key_of(const char *name, size_t len)
{
	const unsigned char *p = (const unsigned char *)name;

	if (len >= 8)
		return (struct key){
		    key_read_8(name), key_read_8(name + len - 8)};
	if (len >= 4)
		return (struct key){
		    key_read_4(name), key_read_4(name + len - 4)};
	return (struct key){p[0] | (uint64_t)p[len / 2] << 8, p[len - 1]};
}

static inline uint32_t
key_hash(struct key key, size_t len, uint64_t factor)
{
	uint64_t mixed = (key.first + len) * factor;

	mixed = (mixed ^ mixed >> 32 ^ key.last ^ key.last >> 32) * factor;
	return (uint32_t)(mixed >> 32);
}

/* Whether a name with this key is a known one of the same length. */
static inline bool
key_is(struct key key, const char *name, const char *known, size_t len)
{
	struct key other = key_of(known, len);

	if (key.first != other.first || key.last != other.last)
		return false;
	return len <= 16 || memcmp(name, known, len) == 0;
}

#endif
