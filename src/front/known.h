/* front/known.h - the fields of a request that are read: gate.c only
 *
 * They are noted in struct gate, or refused: two where one may be, lengths and
 * codings that two servers could read in two ways. */
#ifndef FRONT_KNOWN_H
#define FRONT_KNOWN_H

#include "front/gate.h"

struct known;
/* NULL: none that is read. */
const struct known *known_find(const char *name, size_t len);
/* field: among gate->fields, the last of them. 0, or the status. */
int known_check(struct gate *gate, const struct known *is,
    const struct field *field);

/* gate.c, for known.c */
/* Sets why; answers status. */
int gate_refuse(struct gate *gate, int status, const char *why);
/* An authority as it stands in Host and in absolute targets; lower case. */
int gate_take_host(struct gate *gate, const char *text, size_t len);
/* Room until gate_clear(). */
char *gate_scrap(struct gate *gate, size_t size);
bool gate_is_v1_0(const struct gate *gate);

#endif
