/* http/status.h - what a status code says (RFC 9110 15) */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include <stdbool.h>

/* Its Location is where to ask instead. */
bool status_is_redirect(int status);

#endif
