/* cli/warm_ask.h - one page through the running livery, and what it says
 * became of it */
#ifndef CLI_WARM_ASK_H
#define CLI_WARM_ASK_H

#include "base/buf.h"
#include "base/err.h"

enum warmth {
	WARM_STORED,   /* it is in the cache now */
	WARM_FRESH,    /* it was */
	WARM_UNSTORED, /* it came, and may not be kept */
	WARM_FAILED,   /* no answer, or one of 500 and above */
};

struct warm_answer {
	enum warmth warmth;
	int status;	 /* 0: none came */
	char reason[96]; /* of UNSTORED and FAILED */
};

/* Ask for url (http or https) through the listener at address ("127.0.0.1:80",
 * "unix:/path"), as a visitor without cookies would, and read it to its end.
 * Where Cache-Status leaves it open whether it was stored, the cache alone is
 * asked. Gives up after two minutes without a byte. */
void warm_ask(struct warm_answer *out, const char *address, const char *url);

/* Add the body of a 200 to out, which bounds it. */
CHECKED int warm_fetch(
    struct buf *out, const char *address, const char *url, struct err *err);

#endif
