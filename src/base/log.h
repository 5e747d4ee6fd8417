/* base/log.h - what the operator should know: one line each, lower case, no
 * full stop: what failed, where, what was done instead
 *
 * Goes to standard error with the journal's <N> priority in front when
 * standard error is not a terminal, or to a file. Any thread. Control bytes
 * in the text are written as \xNN, so that nobody forges a line. Nobody waits
 * for whoever reads it: with a full pipe lines are dropped and counted. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_error(const char *format, ...) PRINTF(1, 2);
void log_warn(const char *format, ...) PRINTF(1, 2);
void log_info(const char *format, ...) PRINTF(1, 2);
void log_debug(const char *format, ...) PRINTF(1, 2);

/* Lines above this level are not written. LOG_INFO until set. */
void log_set_level(enum log_level level);
/* Write to a file from now on; NULL: standard error. */
CHECKED int log_open(const char *path, struct err *err);
bool log_is_in_file(void);
/* Open the same path again, after logrotate moved it. */
CHECKED int log_reopen(struct err *err);

#endif
