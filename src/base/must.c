/* base/must.c - the end of a process that found a bug in itself
 *
 * A wrong answer is worse than a restart, and the cache outlives us, so a
 * broken invariant aborts at once and leaves a core for whoever wants it. */
#include "base/must.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void
must_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "<2>livery: bug at %s:%d: must(%s)\n", file, line,
	    what);
	abort();
}
