/* front/priorities.h - which versions and ciphers TLS may use, in GnuTLS's
 * words */
#ifndef FRONT_PRIORITIES_H
#define FRONT_PRIORITIES_H

#include "base/err.h"

/* What GnuTLS thinks of such a text. */
CHECKED int priorities_check(const char *text, struct err *err);
/* TLS 1.2 and 1.3, and only what keeps what was said secret when the key is
 * lost later. */
const char *priorities_default(void);

#endif
