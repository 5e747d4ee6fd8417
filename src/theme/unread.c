/* theme/unread.c - contract: theme/unread.h */
#include "theme/unread.h"

#include <string.h>

#include "base/must.h"
#include "theme/spelling.h"

enum { ON_RULE = 1 << UNREAD_RULE, ON_INCLUDE = 1 << UNREAD_INCLUDE };
enum {
	ON_THEME = 1 << UNREAD_THEME,
	ON_ALL = 1 << UNREAD_GROUP | ON_THEME | ON_RULE | ON_INCLUDE
};

static const struct known {
	const char *name;
	unsigned on;	 /* elements that have it */
	unsigned as_css; /* elements where it may be css:... */
} known[] = {
    {"attributes", ON_RULE, 0},
    {"content", ON_RULE | ON_INCLUDE, ON_RULE | ON_INCLUDE},
    {"content-children", ON_RULE | ON_INCLUDE, ON_RULE | ON_INCLUDE},
    {"href", ON_RULE | ON_INCLUDE | ON_THEME, 0},
    {"if", ON_ALL, ON_ALL},
    {"if-content", ON_ALL, ON_ALL},
    {"if-not", ON_ALL, ON_ALL},
    {"if-not-content", ON_ALL, ON_ALL},
    {"if-not-path", ON_ALL, 0},
    {"if-path", ON_ALL, 0},
    {"method", ON_RULE | ON_INCLUDE, 0},
    {"mode", ON_RULE | ON_INCLUDE, 0},
    {"prefix", ON_THEME, ON_ALL},
    {"separator", ON_RULE, 0},
    {"theme", ON_RULE, ON_RULE},
    {"theme-children", ON_RULE, ON_RULE},
};

/* The attribute that was meant, as css:... if it may be; NULL: none is. */
static const struct known *
meant(const char *name, enum unread element)
{
	const char *names[COUNT_OF(known)];
	const struct known *of[COUNT_OF(known)];
	const char *nearest;
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (known[i].on & 1U << element) {
			of[count] = &known[i];
			names[count++] = known[i].name;
		}
	nearest = spelling_nearest(name, names, count);
	for (size_t i = 0; i < count; i++)
		if (names[i] == nearest)
			return of[i];
	return NULL;
}

static bool
is_known(const char *name, bool css, enum unread element)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return (css ? known[i].as_css : known[i].on) &
			       1U << element;
	return false;
}

void
unread_note(struct reading *reading, const xmlNode *node, enum unread element)
{
	if (selector_dialect(node) == DIALECT_OLD)
		return;
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;
		bool css = selector_is_css(a->ns);
		const struct known *near;

		if ((a->ns && !css) || is_known(name, css, element))
			continue;
		near = meant(name, element);
		rules_doubt(reading->rules, node->_private, xmlGetLineNo(node),
		    "<%s> has no %s%s, so it is ignored; %s%s%s",
		    (const char *)node->name, css ? "css:" : "", name,
		    near ? "did you mean " : "take it away",
		    near && css && near->as_css & 1U << element ? "css:" : "",
		    near ? near->name : "");
	}
}
