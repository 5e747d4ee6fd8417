/* upstream/health.h - how an upstream did lately, and when to try it again
 *
 * upstream.h has the questions that others ask of it. Locked inside; any
 * thread. Times are the caller's clock_mono_ms(): a back-off is patience, not
 * a deadline, so that a test may move it. */
#ifndef UPSTREAM_HEALTH_H
#define UPSTREAM_HEALTH_H

#include "upstream/upstream.h"

struct upstream_health;

struct upstream_health *health_new(const struct upstream_opts *opts);
void health_free(struct upstream_health **health);

#endif
