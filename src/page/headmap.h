/* page/headmap.h - addresses in an answer's head become our own (map_redirects)
 *
 *   Location, Content-Location   the whole value (RFC 9110 10.2.2, 8.7)
 *   Link                         each target between < and > (RFC 8288 3)
 *   Refresh                      what stands behind the delay (WHATWG HTML
 *                                4.2.5.3, the field form)
 *   Set-Cookie                   Domain, when it is the upstream's own host:
 *                                left out, so that the cookie is for the host
 *                                that the client asked; Path: without the one
 *                                that the upstream's URL puts in front
 *
 * What is not of the form goes on as it came. What an address becomes is
 * location.c's. */
#ifndef PAGE_HEADMAP_H
#define PAGE_HEADMAP_H

#include "http/head.h"

/* How an address is mapped. Gives its argument itself when it stays; else a
 * text in the arena. */
struct headmap {
	const char *(*address)(void *arg, const char *address);
	/* That host is the upstream's and not the client's. */
	bool (*is_upstreams_host)(void *arg, struct slice host);
	void *arg;
};

void headmap_apply(const struct headmap *map, struct head *head);

#endif
