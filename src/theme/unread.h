/* theme/unread.h - attributes in rules that nobody reads, for lint.h: Diazo's
 * own code passes over them in silence, and a condition that is one letter off
 * always holds */
#ifndef THEME_UNREAD_H
#define THEME_UNREAD_H

#include "theme/selector.h"

/* What an element may say beside conditions. */
enum unread {
	UNREAD_GROUP, /* rules, notheme: nothing */
	UNREAD_THEME,
	UNREAD_RULE,
	UNREAD_INCLUDE,
};

/* Note what it says besides that. Nothing of Deliverance 0.2, whose rules had
 * more, nor of foreign namespaces. */
void unread_note(
    struct reading *reading, const xmlNode *node, enum unread element);

#endif
