/* conf/cross.h - what blocks say about each other */
#ifndef CONF_CROSS_H
#define CONF_CROSS_H

#include "conf/conf.h"
#include "conf/mistake.h"
#include "conf/scan.h"

/* Names that are no block's, two sites for the same host and path, what is
 * missing. Fills in what follows from the rest: a site's upstream when there
 * is only one, a theme's rules. */
void cross_check(struct conf *conf, const struct scan_block *blocks,
    struct mistakes *mistakes);

#endif
