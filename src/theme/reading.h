/* theme/reading.h - what was read of a page while it arrived, for apply.c
 * (theme.h has what others do with it) */
#ifndef THEME_READING_H
#define THEME_READING_H

#include "dom/html_feed.h"
#include "theme/theme.h"

/* Give the feed, once; then NULL. */
struct html_feed *reading_use(struct reading *reading);

#endif
