/* conf/mistake.c - one line of text for each */
#include "conf/mistake.h"

#include <stdarg.h>
#include <stdio.h>

void
mistake_tell(struct mistakes *mistakes, int line, const char *format, ...)
{
	char text[768], words[512];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	mistakes->count++;
	if (!mistakes->file)
		snprintf(text, sizeof(text), "%s", words);
	else if (line > 0)
		snprintf(text, sizeof(text), "%s:%d: %s", mistakes->file, line,
			 words);
	else
		snprintf(text, sizeof(text), "%s: %s", mistakes->file, words);
	mistakes->told(mistakes->arg, text);
}
