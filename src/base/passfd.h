/* base/passfd.h - messages with a descriptor in them, between two processes
 *
 * A message is a line of text and at most one descriptor, over a unix socket
 * that keeps messages apart (SOCK_SEQPACKET), so that nothing is ever half
 * there. Who speaks is told by the kernel. */
#ifndef BASE_PASSFD_H
#define BASE_PASSFD_H

#include <stdint.h>
#include <sys/types.h>
#include "base/err.h"

enum { PASSFD_TEXT = 256 }; /* with its NUL */

/* Send text, and fd if that is not -1; both stay the caller's. Waits at most
 * wait_ms. -1: the other side is gone, or does not take it. */
CHECKED int passfd_send(
    int to, const char *text, int fd, uint32_t wait_ms, struct err *err);

enum passfd { PASSFD_GOT, PASSFD_GONE, PASSFD_LATE, PASSFD_ODD };

/* The next message. *fd: its descriptor, yours, not inherited by programs that
 * are started; or -1. GONE: the other side closed; LATE: nothing came in
 * wait_ms; ODD: too long, or with more than one descriptor: all are closed. */
enum passfd passfd_receive(
    int from, char text[PASSFD_TEXT], int *fd, uint32_t wait_ms);

/* Who is at the other end: who connected there, or who listened. */
CHECKED int passfd_peer(int fd, uid_t *uid, pid_t *pid);

/* A socket at path that only this user may connect to; whatever socket was
 * there is replaced, in one step. */
CHECKED int passfd_listen(int *out, const char *path, struct err *err);
/* -1 with errno: ENOENT, ECONNREFUSED: nobody is there. */
CHECKED int passfd_connect(int *out, const char *path);

#endif
