/* base/outlet.h - writing to where perhaps nobody reads
 *
 * Standard output and standard error belong to whoever started us: a pipe that
 * is full stops a plain write() for as long as its reader likes, and a stopped
 * log must stop neither a request nor the end. Their descriptors are shared
 * with other processes, so O_NONBLOCK is not ours to set; these functions
 * write only what there is room for now. Files take it all, and may take the
 * disk's time. Any thread, other locks held or not. */
#ifndef BASE_OUTLET_H
#define BASE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* As write(), but never waits for a reader: -1 with EAGAIN when there is no
 * room. What is up to PIPE_BUF bytes long goes as a whole or not at all. */
ssize_t outlet_write(int fd, const char *bytes, size_t len);
/* Wait until there is room, so long at most. True also when it is broken:
 * the next write tells how. */
bool outlet_wait(int fd, unsigned ms);

#endif
