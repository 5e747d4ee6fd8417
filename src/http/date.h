/* http/date.h - HTTP dates (RFC 9110 5.6.7), strictly */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include <stddef.h>
#include <stdint.h>
#include "base/must.h"

enum { HTTP_DATE_LEN = 29 };

/* Seconds since 1970 of an IMF-fixdate, RFC 850 or asctime date, -1 for
 * anything else: a lenient reader makes an invalid Expires look valid. A two
 * digit year is read as within 50 years of now_s. */
CHECKED int date_parse(int64_t *out_s, const char *text, size_t len,
    int64_t now_s);
/* IMF-fixdate, NUL-ended. */
void date_write(char out[HTTP_DATE_LEN + 1], int64_t seconds);

#endif
