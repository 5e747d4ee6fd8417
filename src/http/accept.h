/* http/accept.h - what Accept-Encoding wants (RFC 9110 12.5.3) */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include <stdbool.h>
#include <stdint.h>
#include "http/pack.h"

/* By its own entry or "*", in thousandths; 0: not to be sent. Identity that is
 * not named, nor meant by a "*", is accepted after all else. */
struct accept {
	uint16_t weight[PACKINGS];
};

/* value NULL: no such field, so identity alone, though the RFC would allow
 * anything. A weight that is none counts as 0: better bytes as they are than
 * some that cannot be read. */
void accept_read(struct accept *out, const char *value);

/* Of order[count], as we like them, those in the mask `among` (1 << packing):
 * the one that is wanted most, the first of several; PACKING_NONE when identity
 * is wanted more than each, or none may be sent. */
enum packing accept_best(const struct accept *accept, const uint8_t *order,
    unsigned count, unsigned among);

#endif
