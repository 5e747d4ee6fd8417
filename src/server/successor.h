/* server/successor.h - the program that this process is of, started anew
 *
 * For USR2: the file that the command line names, which may be another version
 * by now, with the same words and --takeover, as a child in the same place (so
 * that a service manager takes it for one of the service). It must not be
 * waited for: it outlives this process if it takes over. */
#ifndef SERVER_SUCCESSOR_H
#define SERVER_SUCCESSOR_H

#include <stdbool.h>
#include <sys/types.h>
#include "base/err.h"

/* *out: the child. The signal mask it gets is empty, signals are as at a
 * start. */
CHECKED int successor_start(pid_t *out, struct err *err);
/* Whether it has ended; how, for people. Asked on SIGCHLD. */
bool successor_has_ended(pid_t pid, char *how, unsigned size);

#endif
