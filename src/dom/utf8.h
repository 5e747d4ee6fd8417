/* dom/utf8.h - code points and the bytes that spell them */
#ifndef DOM_UTF8_H
#define DOM_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

enum { UTF8_REPLACEMENT = 0xFFFD };

/* The length of the well-formed sequence that begins at p (1 to 4), 0 if
 * there is none: stray or missing continuation, overlong, surrogate, past
 * U+10FFFF. *code is set when the answer is not 0. */
unsigned utf8_decode(const char *p, const char *end, uint32_t *code);

/* Spell code in out (4 bytes of room); the length. */
unsigned utf8_encode(char out[4], uint32_t code);
int utf8_add(struct buf *out, uint32_t code);

/* Whether XML allows the character: what libxml2 keeps in a tree. */
bool utf8_is_xml(uint32_t code);

/* How many bytes from the start are well-formed and fit for a tree; len when
 * all are. */
size_t utf8_clean_len(const char *bytes, size_t len);
/* Add the bytes with U+FFFD for each that is not. 0 or -1 as buf_add(). */
int utf8_add_clean(struct buf *out, const char *bytes, size_t len);

/* How many bytes from the start are well-formed; len when all are. */
size_t utf8_valid_len(const char *bytes, size_t len);
/* Add the bytes as a browser's decoder reads them: U+FFFD for each longest
 * beginning of a sequence that goes wrong (Encoding Standard 8.1.1). 0 or -1 as
 * buf_add(). */
int utf8_add_valid(struct buf *out, const char *bytes, size_t len);

#endif
