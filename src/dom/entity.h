/* dom/entity.h - named character references */
#ifndef DOM_ENTITY_H
#define DOM_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* What the name at `name` (behind the '&', at most len bytes) stands for, in
 * UTF-8, or NULL. *used is the length of the name, with its semicolon if it
 * has one; without one the longest name that may do without counts (&copyx:
 * "copy"), as browsers read it. */
const char *entity_find(const char *name, size_t len, size_t *used);

#endif
