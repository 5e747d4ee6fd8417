/* base/report.c - counts every problem, and passes it upward */
#include "base/report.h"

#include <stddef.h>

#include "base/counter.h"

static struct report_sink sink;

void
report_set_sink(const struct report_sink *new_sink)
{
	static const struct report_sink nobody;

	sink = new_sink ? *new_sink : nobody;
}

void
report_problem(const char *what, const char *url, const char *reason,
    const char *instead)
{
	counter_up(COUNT_PROBLEMS);
	if (sink.problem)
		sink.problem(sink.arg, what, url, reason, instead);
}

void
report_address(const char *host, const char *address)
{
	if (sink.address)
		sink.address(sink.arg, host, address);
}
