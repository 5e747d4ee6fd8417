/* conf/mistake.h - every mistake of a file is told, not only the first */
#ifndef CONF_MISTAKE_H
#define CONF_MISTAKE_H

#include "base/must.h"

struct mistakes {
	const char *file; /* NULL: the command line */
	void (*told)(void *arg, const char *line);
	void *arg;
	unsigned count;
};

/* Say "file:line: words". line 0: the file as a whole. */
void mistake_tell(struct mistakes *mistakes, int line, const char *format, ...)
    PRINTF(3, 4);

#endif
