/* base/err.c - reasons are written where they happen and grow towards the
 * caller that gives up, who logs them once. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
end_in_dots(struct err *err, int would_be)
{
	if (would_be >= (int)sizeof(err->text))
		memcpy(err->text + sizeof(err->text) - 4, "...", 4);
}

int
err_set(struct err *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	end_in_dots(err, vsnprintf(err->text, sizeof(err->text), format, args));
	va_end(args);
	return -1;
}

int
err_prefix(struct err *err, const char *format, ...)
{
	struct err old;
	va_list args;
	int n;

	if (!err)
		return -1;
	old = *err;
	va_start(args, format);
	n = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (n >= 0 && n < (int)sizeof(err->text))
		n += snprintf(err->text + n, sizeof(err->text) - (size_t)n,
		    ": %s", old.text);
	end_in_dots(err, n);
	return -1;
}
