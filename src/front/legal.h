/* front/legal.h - which bytes may stand in a request */
#ifndef FRONT_LEGAL_H
#define FRONT_LEGAL_H

#include <stdbool.h>
#include <stddef.h>

/* A field's value: no control but HTAB (RFC 9110 5.5). */
bool legal_is_text(const char *text, size_t len);
/* A target: visible ASCII without "#". */
bool legal_is_target(const char *text, size_t len);

#endif
