/* conf/guess.h - an address whose scheme was left out
 *
 * A place (an upstream's, a theme's) is a URL or a path, so "127.0.0.1:8081" is
 * a folder by its grammar, and nothing that anybody would call one. */
#ifndef CONF_GUESS_H
#define CONF_GUESS_H

#include <stdbool.h>
#include "base/err.h"

/* text, without a scheme, begins as an address does: host:port, a numeric
 * address, localhost, www., or //host. What begins with / or . is a path. */
bool guess_is_address(const char *text);

/* -1: text looks like an address, and at path, which it would be as a path,
 * there is nothing. The error says how the address is written. */
CHECKED int guess_place(const char *text, const char *path, struct err *err);

#endif
