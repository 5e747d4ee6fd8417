/* cli/checking.c - counting and telling; waiting for one thing */
#include "cli/checking.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

void
check_ok(struct check *check, const char *format, ...)
{
	va_list args;

	check->good++;
	fputs("ok    ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void
check_bad(struct check *check, const char *format, ...)
{
	va_list args;

	check->bad++;
	fputs("FAIL  ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void
check_warn(struct check *check, const char *format, ...)
{
	va_list args;

	check->warned++;
	fputs("warn  ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* ---- waiting for one thing ---- */

void
check_wait_begin(struct check *check)
{
	lock_take(&check->lock);
	check->has_come = false;
	lock_drop(&check->lock);
}

void
check_wait_over(struct check *check)
{
	lock_take(&check->lock);
	check->has_come = true;
	cond_signal(&check->came);
	lock_drop(&check->lock);
}

void
check_wait_end(struct check *check)
{
	lock_take(&check->lock);
	while (!check->has_come)
		(void)cond_wait(&check->came, &check->lock, UINT64_MAX);
	lock_drop(&check->lock);
}
