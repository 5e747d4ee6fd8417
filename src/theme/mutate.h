/* theme/mutate.h - Deliverance's actions: one move after another, on a page's
 * own copy of the theme and on its content
 *
 * What an action moves or drops is not there for the next. Where the reference
 * loses what stands after a moved element, or moves it twice, only the
 * selected element goes. */
#ifndef THEME_MUTATE_H
#define THEME_MUTATE_H

#include "dom/html.h"
#include "theme/ruleset.h"
#include "theme/tree.h"

enum { COPIED_NODES_MAX = 1000000 }; /* by move="0", in one page */

/* One page in work. */
struct stage {
	xmlDoc *theme, *content; /* both are this page's alone */
	const struct dress_ask *ask;
	struct xpath_eval *eval;
	struct arena *arena;
	bool compat;
	enum html_parser parser;
	struct tree_budget budget;
	struct tree_bin bin;
	struct words told; /* warnings, "file:line: words" */
	struct err *err;
};

enum mutated {
	MUTATED,
	MUTATED_ABORT,	/* serve the page as it came; why is in told */
	MUTATED_FAILED, /* err says why */
};

/* Do one action. Its href document, if any, must be among those of ask. */
CHECKED enum mutated mutate(struct stage *stage, const struct action *action);
void stage_fini(struct stage *stage);

/* Read a page that came from elsewhere, within the limits of ask. Where nobody
 * says its charset it is UTF-8, in compat too. */
CHECKED int stage_parse(xmlDoc **out, struct stage *stage, const char *bytes,
    size_t len, const char *content_type, struct err *err);
/* Add a warning. */
void stage_tell(struct stage *stage, const struct action *action,
    const char *format, ...) PRINTF(3, 4);

#endif
