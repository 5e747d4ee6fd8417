/* base/outlet.c - poll, then write what a pipe takes at once
 *
 * A pipe that polls as writable has room for PIPE_BUF bytes at least. A lock
 * keeps two threads from using the same room, when the logs are one pipe. */
#include "base/outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"

static struct lock room = LOCK_INIT;

static bool
poll_for_room(int fd, int ms)
{
	struct pollfd at = {.fd = fd, .events = POLLOUT};

	return poll(&at, 1, ms) > 0;
}

/* Pipes and terminals. */
static ssize_t
write_piece(int fd, const char *bytes, size_t len)
{
	ssize_t n = -1;

	if (len > PIPE_BUF)
		len = PIPE_BUF;
	lock_take(&room);
	if (poll_for_room(fd, 0))
		n = write(fd, bytes, len);
	else
		errno = EAGAIN;
	lock_drop(&room);
	return n;
}

ssize_t
outlet_write(int fd, const char *bytes, size_t len)
{
	struct stat is;

	if (fstat(fd, &is) != 0)
		return -1;
	if (S_ISREG(is.st_mode))
		return write(fd, bytes, len);
	if (S_ISSOCK(is.st_mode))
		return send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write_piece(fd, bytes, len);
}

bool
outlet_wait(int fd, unsigned ms)
{
	return poll_for_room(fd, (int)ms);
}
