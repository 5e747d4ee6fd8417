/* server/server.h - puts the modules together: builds bottom-up, stops
 * top-down */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/err.h"
#include "conf/conf.h"

/* Serve until TERM or INT. Borrows conf; reread (may be NULL) makes a new one
 * for HUP. The exit status of the command. */
int server_run(struct conf *conf,
    int (*reread)(struct conf **out, void *arg, struct err *err), void *arg);

#endif
