/* http/selecting.h - values of the request fields that select a variant, in a
 * form that is the same for values which mean the same (RFC 9111 4.1) */
#ifndef HTTP_SELECTING_H
#define HTTP_SELECTING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Write value, of the field called name (lower case), into room[size], without
 * a NUL. Cookie, Authorization and User-Agent as they came, of every other
 * field the optional white space around commas is left out (not within quoted
 * strings); Accept-Language as its ranges in lower case, the ones wanted most
 * first and those wanted alike by name, since neither case nor order counts
 * (RFC 9110 12.5.4). Gives the length; -1: it does not fit. */
ssize_t selecting_normal(char *room, size_t size, const char *name,
    const char *value);

/* Is language[len] what an Accept-Language wants most, before all others? */
bool selecting_prefers(const char *accept_language, const char *language,
    size_t len);

#endif
