/* cli/warm_run.h - ask for many pages, some at a time and so many a second,
 * and show how far it is */
#ifndef CLI_WARM_RUN_H
#define CLI_WARM_RUN_H

#include <stddef.h>
#include "cli/warm_ask.h"

enum {
	WARM_RATE = 10, /* a second, unless told otherwise */
	WARM_RATE_MAX = 10000,
	WARM_PARALLEL = 2,
	WARM_PARALLEL_MAX = 64,
	/* So many failures in a row, and it stops: whoever is behind livery
	 * has trouble enough. */
	WARM_FAILURES_MAX = 20,
};

struct warm_opts {
	const char *through; /* the listener's address */
	unsigned rate, parallel;
};

/* answers has room for count. Gives how many were asked for: fewer than count
 * when it stopped, or when no thread could be had. Progress goes to standard
 * error: a bar on a terminal, else a line now and then. */
size_t warm_run(struct warm_answer *answers, const char *const *urls,
    size_t count, const struct warm_opts *opts);

#endif
