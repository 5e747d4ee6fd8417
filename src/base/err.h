/* base/err.h - why something failed, for people */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/must.h"

/* One line: what failed, where, and what would be right. No full stop. The
 * caller owns the struct, usually on its stack. */
struct err {
	char text[512];
};

/* Write the reason and answer -1, so that a caller may `return err_set(...)`.
 * err may be NULL. Too long a text ends in "...". */
int err_set(struct err *err, const char *format, ...) PRINTF(2, 3);

/* Put words before the reason that is there: "words: reason". Answers -1. */
int err_prefix(struct err *err, const char *format, ...) PRINTF(2, 3);

#endif
