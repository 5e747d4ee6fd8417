/* conf/fixed.h - what is read at the start only
 *
 * A reload puts upstreams, themes, sites, the cache's limits, log_level and
 * drain_timeout in force. Sockets, threads and what belongs to them stay as
 * they are until the next start. */
#ifndef CONF_FIXED_H
#define CONF_FIXED_H

#include "base/buf.h"
#include "conf/conf.h"

/* Add the names of what stands otherwise in `now` and yet stays as it was
 * `before`: "listen, limits.fields_max". Nothing when there is none. */
void fixed_differences(
    struct buf *names, const struct conf *before, const struct conf *now);

#endif
