/* base/window.c - both buffers of a socket */
#include "base/window.h"

#include <sys/socket.h>

void
window_set(int fd, uint32_t bytes)
{
	/* The kernel doubles what it is given, for what bytes cost beside
	 * themselves. Of what is received that is two fifths with packets of
	 * 1,500 bytes; TCP_WINDOW_CLAMP would be exact, but the kernel sets it
	 * anew when it has seen the first of them. Of what is sent it is next
	 * to nothing, as that lies there in large pieces; but a sender is woken
	 * when a third of its room is free, so between two thirds and all of it
	 * is on its way. */
	int receive = (int)(bytes / 8 * 7), send = (int)(bytes / 20 * 11);

	if (bytes == 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof(send));
}
