/* conf/place.h - paths and places as they are written, and as they are meant
 *
 * What is relative is meant from the folder of the configuration file. A place
 * (an upstream's, a theme's) is a path too where it has no scheme. */
#ifndef CONF_PLACE_H
#define CONF_PLACE_H

#include "base/arena.h"
#include "base/err.h"

/* folder/path when path is relative, in the arena; path when folder is NULL. */
const char *place_path(
    struct arena *arena, const char *folder, const char *path);

/* The place that the first word of text names, and behind it what stands behind
 * that word, in the arena. NULL: it looks like an address without its scheme,
 * and err says how that is written (conf/guess.h). */
const char *place_read(struct arena *arena, const char *folder,
    const char *text, struct err *err);

#endif
