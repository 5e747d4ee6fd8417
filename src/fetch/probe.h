/* fetch/probe.h - asking servers how they are, whether anybody else does or not
 *
 * Servers of upstreams with a `probe` path are asked for it every
 * probe_interval, each a little aside of the others. An answer within
 * probe_timeout whose status is probe_status (0: below 400) is good. So many
 * bad ones in a row (probe_fall) make the server down, so many good ones
 * (probe_rise) bring it back, and its slow start begins. A probe goes past the
 * queue, over the upstream's engine, and never counts as a page's question; a
 * good answer also ends the server's back-off (upstream/health.h).
 *
 * One thread that sleeps until the next is due. probes_set() from the thread
 * that reloads; probes_stop() before fetch_stop(). */
#ifndef FETCH_PROBE_H
#define FETCH_PROBE_H

#include "fetch/fetch.h"

struct probes;

CHECKED int probes_start(
    struct probes **out, struct fetch *fetch, struct err *err);
/* These upstreams from now on (counted here). What was known of a server that
 * is among them still counts. */
void probes_set(struct probes *probes, struct upstream *const *upstreams,
    unsigned count);
/* What is in the air still ends; nothing is told by it any more. */
void probes_stop(struct probes **probes);

#endif
