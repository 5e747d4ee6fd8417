/* conf/mistake.c - one line of text for each */
#include "conf/mistake.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_LEN = 768, WORDS_MAX_LEN = 512 };

static void
put(char text[LINE_MAX_LEN], const struct mistakes *mistakes, int line,
    const char *words)
{
	if (!mistakes->file)
		snprintf(text, LINE_MAX_LEN, "%s", words);
	else if (line > 0)
		snprintf(text, LINE_MAX_LEN, "%s:%d: %s", mistakes->file, line,
		    words);
	else
		snprintf(text, LINE_MAX_LEN, "%s: %s", mistakes->file, words);
}

void
mistake_tell(struct mistakes *mistakes, int line, const char *format, ...)
{
	char text[LINE_MAX_LEN], words[WORDS_MAX_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	mistakes->count++;
	put(text, mistakes, line, words);
	mistakes->told(mistakes->arg, text);
}

void
mistake_note(struct mistakes *mistakes, int line, const char *format, ...)
{
	char text[LINE_MAX_LEN], words[WORDS_MAX_LEN];
	struct note *note = arena_get(mistakes->arena, sizeof(*note));
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	put(text, mistakes, line, words);
	note->text = arena_strdup(mistakes->arena, text);
	*mistakes->notes = note;
	mistakes->notes = &note->next;
}
