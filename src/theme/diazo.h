/* theme/diazo.h - the reader of Diazo's rules language, its older spellings
 * and its older names (XDV, the rules of Deliverance 0.2) */
#ifndef THEME_DIAZO_H
#define THEME_DIAZO_H

#include "theme/rule.h"

/* Fill rules from a file and what it includes. Errors say file:line, what is
 * wrong and what would be right. */
CHECKED int diazo_read(struct rules *rules, const char *path,
    const struct rules_opts *opts, struct err *err);

#endif
