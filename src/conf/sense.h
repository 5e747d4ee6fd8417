/* conf/sense.h - values that are right each by itself, and make no sense
 * beside each other
 *
 * What contradicts itself is a mistake. What only counts for nothing (a probe's
 * status without a probe) is noted: the operator believes that it holds, and
 * livery check says that it does not. */
#ifndef CONF_SENSE_H
#define CONF_SENSE_H

#include <stdbool.h>
#include "conf/conf.h"
#include "conf/mistake.h"
#include "conf/scan.h"

struct sense {
	struct conf *conf;
	const struct scan_block *blocks;
	struct mistakes *mistakes;
};

/* When all blocks are filled in. */
void sense_check(const struct sense *sense);

/* ---- its parts ---- */

/* The line where the option is written; 0: it is not. title: of a block with a
 * name, or NULL. */
int sense_line(const struct sense *sense, enum block block, const char *title,
    const char *option);
/* Where two sockets would listen at one address, or nobody could connect. */
void sense_sockets(const struct sense *sense);
void sense_upstream(
    const struct sense *sense, const struct upstream_opts *opts);
void sense_site(const struct sense *sense, const struct conf_site *site);
/* What counts for nothing. */
void sense_idle(const struct sense *sense);

#endif
