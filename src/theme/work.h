/* theme/work.h - one action of Deliverance being done: what mutate.c and
 * mutate_tag.c share */
#ifndef THEME_WORK_H
#define THEME_WORK_H

#include "theme/mutate.h"

/* One action that is being done. */
struct work {
	struct stage *stage;
	const struct action *action;
	struct arena *scratch; /* node lists may be long */
	xmlDoc *content;       /* the page, or the document of href */
	xmlNode *target;       /* in the theme */
	struct found theme, found;
};

/* The one of many that counts: MUTATED, and *out is set, or an abort. */
enum mutated work_pick(struct work *work, const struct found *found,
    const struct handling *handling, const struct selection *selection,
    xmlNode **out);

/* theme/mutate_tag.c: attributes by attributes, a tag by a tag. */
enum mutated work_attributes(struct work *work);
enum mutated work_tag(struct work *work);
/* Those that are named; all when none is. */
void work_drop_attributes(xmlNode *element, const struct words *names);

#endif
