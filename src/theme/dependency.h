/* theme/dependency.h - files that document() of XSLT reads: they are part of
 * what rules are, so a change of one is another version of the rules
 *
 * Those that the rules name are known when the rules are read. A name that is
 * worked out shows only when a page is dressed; such files are noted then, and
 * count as soon as the rules are read again. What was dressed in an earlier
 * process is never used for such rules: nobody knows what was read there. */
#ifndef THEME_DEPENDENCY_H
#define THEME_DEPENDENCY_H

#include <libxml/tree.h>
#include "theme/rule.h"

enum { DEPENDENCIES_MAX = 64 }; /* of one set of rules; others go unnoticed */

/* Find them in the rules' files; before (may be NULL) are the rules that are
 * read again. What they are now goes into digest. */
void dependency_read(struct rules *rules, const xmlDoc *doc,
    const struct rules *before, struct digest *digest);

/* A page was dressed with that file. Any thread. */
void dependency_note(const struct rules *rules, const char *path);

/* What is noted of rules. */
struct dependencies;
struct dependencies *dependencies_new(void);
void dependencies_free(struct dependencies **dependencies);

#endif
