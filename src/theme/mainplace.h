/* theme/mainplace.h - how much stands in a page's main place: main,
 * [role=main], #content or #main */
#ifndef THEME_MAINPLACE_H
#define THEME_MAINPLACE_H

#include <stddef.h>

/* Bytes of text in it that are not blank, and a few for each picture or
 * control; -1: there is no such place, or it is no page that can be read. */
long mainplace_measure(const char *bytes, size_t len);

#endif
