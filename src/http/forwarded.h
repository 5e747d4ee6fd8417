/* http/forwarded.h - the field Forwarded (RFC 7239), and those it replaces
 *
 * Pure. Read strictly: what a proxy has written has one meaning, and what has
 * none is no word of a proxy's. Blanks may stand around "," and ";" all the
 * same, since proxies write them. An escape ("\") in the value of a parameter
 * that is read here counts as malformed: nobody needs one. */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/net.h"
#include "http/url.h"

enum forwarded_node {
	FORWARDED_UNSAID,  /* no "for" */
	FORWARDED_UNKNOWN, /* for=unknown */
	FORWARDED_HIDDEN,  /* for=_name: only whoever wrote it knows */
	FORWARDED_ADDRESS,
};

/* One proxy's words. Texts are pieces of the field, without quotes. */
struct forwarded {
	enum forwarded_node node;
	struct net_address address; /* FORWARDED_ADDRESS */
	struct slice proto;	    /* "http" or "https", any case; or empty */
	struct slice host;	    /* not empty unless it is not there */
};

enum { FORWARDED_END, FORWARDED_GOT, FORWARDED_MALFORMED };
/* Walk the elements of one field's value: start with *rest = the value. After
 * MALFORMED there is no next. */
int forwarded_next(const char **rest, struct forwarded *out);

/* Add an element: for (NULL, or a unix socket's: left out), host and proto
 * (NULL: left out), by (NULL, or a node as it is written). Values are quoted
 * where they must be: for="[2001:db8::1]", host="example.org:8080". */
void forwarded_write(struct buf *out, const struct net_address *from,
    const struct slice *host, const char *proto, const char *by);
/* text is a node: an address, IPv6 in brackets, "unknown" or "_name", and maybe
 * ":port". */
bool forwarded_is_node(const char *text, size_t len);

/* The fields by which a proxy tells whom it asks for, a bit each. */
enum {
	FORWARDS_FOR = 1,	/* X-Forwarded-For */
	FORWARDS_HOST = 2,	/* X-Forwarded-Host */
	FORWARDS_PROTO = 4,	/* X-Forwarded-Proto */
	FORWARDS_PORT = 8,	/* X-Forwarded-Port */
	FORWARDS_STANDARD = 16, /* Forwarded */
};
/* The bit of that name, case ignored; 0: none has it. */
unsigned forwards_bit(const char *name);

#endif
