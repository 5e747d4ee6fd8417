/* cli/get.h - one page from the network, for a command that needs nothing else
 * of it
 *
 * With the modules that serve uses, and the deadlines of a theme. */
#ifndef CLI_GET_H
#define CLI_GET_H

#include "base/buf.h"
#include "base/err.h"

/* Add the page at an http or https URL to out, which bounds it; at most five
 * redirects are followed. -1: it could not be had, or is no 200. */
CHECKED int get_url(struct buf *out, const char *url, struct err *err);

#endif
