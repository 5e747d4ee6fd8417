/* cli/input.h - files and URLs that a command line, or rules, name */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Whether it is to be had from the network, by get_url(). */
bool input_is_url(const char *text);

/* Add a file's bytes to out, which bounds them. -1: it cannot be read, or is
 * bigger; out may have a part. */
CHECKED int input_read(struct buf *out, const char *path, struct err *err);

/* What was read, as the arena's from here on; buf is empty then. */
const char *input_keep(struct arena *arena, struct buf *buf, size_t *len);

#endif
