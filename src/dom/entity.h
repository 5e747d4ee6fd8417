/* dom/entity.h - named character references */
#ifndef DOM_ENTITY_H
#define DOM_ENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENTITY_LEN_MAX = 31 }; /* of a name, without its semicolon */

struct entity {
	const char *name, *text; /* UTF-8 */
	uint8_t name_len, text_len;
	bool is_old; /* may stand without its semicolon */
};

/* What the name at `name` (behind the '&', at most len bytes) stands for, or
 * NULL. *used is the length of the name, with its semicolon if it has one;
 * without one the longest name that may do without counts (&copyx: "copy"), as
 * browsers read it. */
const struct entity *entity_look(const char *name, size_t len, size_t *used);

/* How many of these bytes may belong to a name; ENTITY_LEN_MAX + 1 at most. */
size_t entity_run(const char *name, size_t len);

#endif
