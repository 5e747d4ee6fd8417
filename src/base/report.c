/* base/report.c - counts every problem, and passes it upward */
#include "base/report.h"

#include <stddef.h>

#include "base/counter.h"
#include "base/lock.h"

static struct lock lock = LOCK_INIT;
static struct report_sink sink; /* shared: under lock */

void
report_set_sink(const struct report_sink *new_sink)
{
	static const struct report_sink nobody;

	lock_take(&lock);
	sink = new_sink ? *new_sink : nobody;
	lock_drop(&lock);
}

static struct report_sink
sink_now(void)
{
	struct report_sink now;

	lock_take(&lock);
	now = sink;
	lock_drop(&lock);
	return now;
}

void
report_problem(const char *what, const char *url, const char *reason,
    const char *instead)
{
	struct report_sink to = sink_now();

	counter_up(COUNT_PROBLEMS);
	if (to.problem)
		to.problem(to.arg, what, url, reason, instead);
}

void
report_address(const char *host, const char *address)
{
	struct report_sink to = sink_now();

	if (to.address)
		to.address(to.arg, host, address);
}
