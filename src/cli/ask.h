/* cli/ask.h - one question to the admin listener of a running livery */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "base/buf.h"
#include "base/err.h"

/* Ask, and wait for the answer, 10 s at most. address: "127.0.0.1:8089",
 * "[::1]:8089" or "unix:/path". body gets the answer's; up to its limit.
 * Answers the status, or -1 when nobody is there or it is no HTTP. */
CHECKED int ask(const char *address, const char *method, const char *target,
    struct buf *body, struct err *err);

/* A connection to such an address, whose calls wait so long at most; -1 with
 * errno. */
CHECKED int ask_connect(const char *address, unsigned wait_s);

#endif
