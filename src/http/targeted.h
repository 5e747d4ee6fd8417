/* http/targeted.h - cache control that is meant for this cache alone
 *
 * Targeted fields (RFC 9213): the first of Livery-Cache-Control and
 * CDN-Cache-Control that is there, is a Structured Field dictionary and not
 * empty takes the place of Cache-Control and Expires. Behind them stands their
 * forerunner Surrogate-Control (W3C Edge Architecture), whose directives have
 * Cache-Control's syntax and may name in a parameter whom they are for. */
#ifndef HTTP_TARGETED_H
#define HTTP_TARGETED_H

#include "http/cachecontrol.h"

/* Our name in Surrogate-Capability and in the targets of Surrogate-Control */
#define SURROGATE_NAME "livery"

/* Read what is meant for us. Gives the name of the field that counted; NULL:
 * none, and *out says nothing. */
const char *targeted_read(struct cachecontrol *out, const struct head *head);

/* What counts here: a targeted field if there is one, else Cache-Control.
 * Gives the name of the targeted field, or NULL. */
const char *targeted_or_plain(struct cachecontrol *out,
    const struct head *head);

/* What we say of ourselves in Surrogate-Capability. */
const char *surrogate_capability(bool resolves_esi);
/* Surrogate-Control says that the body is to be read as that (content="...",
 * words with spaces between), to us or to everybody. */
bool targeted_has_content(const struct head *head, const char *word);

/* Fields that were for us alone: no client and no cache sees them. */
bool targeted_is_ours(const char *name, size_t len);

#endif
