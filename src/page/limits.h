/* page/limits.h - what a site's options say of how its pages are read */
#ifndef PAGE_LIMITS_H
#define PAGE_LIMITS_H

#include "page/route.h"
#include "theme/theme.h"

/* What a page of this site may be, and who reads it. */
void dress_set_limits(struct dress_ask *ask, const struct site_opts *opts);

#endif
