/* theme/source.h - rules files from disk: strict XML, nothing from outside
 *
 * A file may be read when it lies, symlinks followed, below the folder of the
 * first one or below the root that the caller allows. XInclude is resolved
 * here. Entities must be declared in the file itself; external ones, and
 * external DTDs, are refused. */
#ifndef THEME_SOURCE_H
#define THEME_SOURCE_H

#include <libxml/tree.h>
#include "base/arena.h"
#include "base/err.h"
#include "theme/rule.h"

enum {
	SOURCE_BYTES_MAX = 4 * 1024 * 1024, /* of one file */
	SOURCE_FILES_MAX = 200,		    /* in one set of rules */
	SOURCE_DEPTH_MAX = 16,		    /* files that include files */
};

/* Read path and all that it includes. The tree belongs to the rules' arena;
 * _private of each element is its struct source. Each byte read goes into
 * digest. */
CHECKED int source_load(xmlDoc **out, struct rules *rules, const char *path,
    struct digest *digest, struct err *err);

/* One more file as a tree, for document(): XML, or HTML when its name ends so.
 * The caller has seen that it may be read. Gives the tree. */
CHECKED int source_document(xmlDoc **out, const char *path, struct err *err);

/* Put such a file's name and bytes into digest; of one that cannot be read, the
 * name. */
void source_digest(const char *path, struct digest *digest);

/* The file or URL that href means in this file, in the arena. A file need
 * not be there. */
const char *source_resolve(
    struct arena *arena, const struct source *source, const char *href);

#endif
