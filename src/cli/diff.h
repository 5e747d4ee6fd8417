/* cli/diff.h - how two pages differ, in a few lines */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include <stddef.h>

enum {
	DIFF_LINE_MAX = 160,  /* bytes of a line that are shown */
	DIFF_EDITS_MAX = 400, /* past so many all between counts as changed */
};

/* Call told(arg, sign, line) for each line that went ('-') or came ('+'), in
 * their order, at most max times. Lines are those of the page, and a tag
 * begins one, so that a page in one line can be read. Answers how many lines
 * differ, shown or not; control bytes are shown as "?". */
size_t diff_pages(const char *was, size_t was_len, const char *is,
    size_t is_len, size_t max,
    void (*told)(void *arg, char sign, const char *line), void *arg);

#endif
