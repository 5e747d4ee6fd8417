/* dom/charset.h - in what a page is written, and that in UTF-8 */
#ifndef DOM_CHARSET_H
#define DOM_CHARSET_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

/* The name iconv has for the encoding of a page: by its BOM, else the
 * Content-Type field (or NULL), else what the page says itself (prescan.h)
 * when look_inside; NULL when none of them says. *skip is set to the length
 * of the BOM. Fewer bytes than the page has are fine from 1024 up. "UTF-8" is
 * one of the names. Labels are the WHATWG's; unknown ones do not count, and
 * UTF-7 is not known. */
const char *charset_sniff(const char *bytes, size_t len,
    const char *content_type, bool look_inside, size_t *skip);

/* Bytes to UTF-8 in pieces. NULL: iconv lacks the encoding. */
struct charset;
struct charset *charset_open(const char *name, struct err *err);
void charset_close(struct charset **charset);
/* Add what bytes mean to out, U+FFFD for what cannot be read, and say how many
 * were used: all of the last piece; of others maybe not a few at its end, which
 * come again in front of the next. When out is full (out->failed), anything. */
size_t charset_feed(struct charset *charset, struct buf *out,
    const char *bytes, size_t len, bool last);

/* The same with all of it: add the bytes to out as UTF-8. -1: out is full, or
 * iconv lacks the encoding. */
CHECKED int charset_to_utf8(struct buf *out, const char *charset,
    const char *bytes, size_t len, struct err *err);

#endif
