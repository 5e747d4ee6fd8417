/* conf/value.h - from what is written in the file to what a field holds */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/schema.h"

/* Set the option's field in the struct at base. Texts are copied into the
 * arena; nets live until the arena is freed. A relative path is taken from
 * folder (NULL: left as it is). count is 1 but for lists.
 * -1: the field is untouched, and err says what would be right. */
CHECKED int value_set(const struct option *option, void *base,
    const char *const *texts, size_t count, struct arena *arena,
    const char *folder, struct err *err);
/* The same for what is added to a list of any kind; it keeps what it has.
 * After -1 nets may have some of it. */
CHECKED int value_add(const struct option *option, void *base,
    const char *const *texts, size_t count, struct arena *arena,
    const char *folder, struct err *err);

/* Add what the field holds, as it would be written in a file: "3s", "64k",
 * "on", "none". Lists: their values joined by ", ". Nets: "(set)". */
void value_write(
    const struct option *option, const void *base, struct buf *out);

#endif
