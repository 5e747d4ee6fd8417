/* cli/bring.h - what a stored page brings in: documents of its rules, and
 * includes
 *
 * They come from the cache file, redirects followed, and from files that the
 * rules may read. What is not there is missing, and the page a guess. */
#ifndef CLI_BRING_H
#define CLI_BRING_H

#include "base/arena.h"
#include "cli/fitting.h"

/* For one page. All borrowed, includes begins with 0. */
struct bring {
	const struct fitting_with *with;
	const struct object *page;
	struct arena *arena; /* what is brought is its */
	struct outfit_doubt *doubt;
	unsigned includes; /* that were put in */
};

/* Say why the page is a guess; the first reason stays. */
void bring_doubt(struct bring *bring, const char *format, ...) PRINTF(2, 3);

/* Get the document that document->href names. */
void bring_document(struct bring *bring, struct dress_document *document);
/* Put into text what its includes name, some levels deep. -1: it would be too
 * big. */
CHECKED int bring_includes(
    struct bring *bring, struct buf *text, struct err *err);

#endif
