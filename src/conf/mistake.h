/* conf/mistake.h - every mistake of a file is told, not only the first */
#ifndef CONF_MISTAKE_H
#define CONF_MISTAKE_H

#include "base/arena.h"
#include "base/must.h"

/* What is no mistake, and yet not what the operator believes. */
struct note {
	const char *text;
	struct note *next;
};

struct mistakes {
	const char *file; /* NULL: the command line */
	void (*told)(void *arg, const char *line);
	void *arg;
	unsigned count;
	/* Notes are kept, in the arena; at the end of the list. */
	struct arena *arena;
	struct note **notes;
};

/* Say "file:line: words". line 0: the file as a whole. */
void mistake_tell(struct mistakes *mistakes, int line, const char *format, ...)
    PRINTF(3, 4);
/* The same, kept as a note: it counts as no mistake. */
void mistake_note(struct mistakes *mistakes, int line, const char *format, ...)
    PRINTF(3, 4);

#endif
