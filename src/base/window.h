/* base/window.h - how much may be on its way over a connection
 *
 * A connection carries at most window / round trip bytes a second. The kernel
 * lets both buffers of a connection grow with what it turns out to carry, up
 * to net.ipv4.tcp_rmem and tcp_wmem; who sets a window bounds what memory one
 * connection can take there, and with it the pace over a long line. */
#ifndef BASE_WINDOW_H
#define BASE_WINDOW_H

#include <stdint.h>

/* Before connect() or listen(), whose connections inherit it. 0: the kernel's
 * own choice. It cuts this to net.core.rmem_max and wmem_max without a word,
 * and a socket that has no such thing is left as it is. */
void window_set(int fd, uint32_t bytes);

#endif
