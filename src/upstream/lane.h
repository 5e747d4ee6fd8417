/* upstream/lane.h - which lane of an upstream a request belongs to
 *
 * Long: what changes something (edits, uploads) or has a body, a WebSocket, and
 * what lies at paths that the operator knows to be slow (long_paths: shell
 * patterns over the path, without the query). */
#ifndef UPSTREAM_LANE_H
#define UPSTREAM_LANE_H

#include <stddef.h>
#include "upstream/pool.h"

/* LANE_LONG or LANE_PAGES. target: the path as it is asked, with its query.
 * is_safe: RFC 9110 9.2.1, and without a body. *is_slow: by long_paths, so
 * that long_timeout counts. */
enum lane lane_of(const struct upstream_opts *opts, const char *target,
    bool is_safe, bool *is_slow);

#endif
