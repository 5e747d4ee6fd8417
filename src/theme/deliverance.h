/* theme/deliverance.h - reading the language of Deliverance 0.3 and later: the
 * root is <ruleset>, without a namespace */
#ifndef THEME_DELIVERANCE_H
#define THEME_DELIVERANCE_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "theme/selector.h"

bool deliverance_is_root(const xmlNode *root);
/* Fill rules->ruleset, and rules->hrefs. Errors say file:line. */
CHECKED int deliverance_read(struct reading *reading, const xmlNode *root);

#endif
