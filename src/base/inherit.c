/* base/inherit.c - LISTEN_FDS */
#include "base/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/listen.h"

enum {
	FIRST_FD = 3,
	SOCKETS_MAX = 64,
	GIVEN_MAX = 1024, /* looked at: not all need be sockets */
};

static struct {
	int fd;
	struct listen_at at;
	bool used;
} sockets[SOCKETS_MAX];
static unsigned count;

static long
read_variable(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long value;

	if (!text || !*text)
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	return errno || *end ? -1 : value;
}

static bool
is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

static void
note(int fd)
{
	struct listen_at *at = &sockets[count].at;

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	at->len = sizeof(at->address);
	if (!is_listening(fd) ||
	    getsockname(fd, (void *)&at->address, &at->len) != 0)
		return;
	at->is_unix = at->address.ss_family == AF_UNIX;
	sockets[count++].fd = fd;
}

unsigned
inherit_sockets(void)
{
	long pid = read_variable("LISTEN_PID");
	long given = read_variable("LISTEN_FDS");

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (pid != (long)getpid())
		return 0;
	for (long i = 0; i < given && i < GIVEN_MAX && count < SOCKETS_MAX; i++)
		note(FIRST_FD + (int)i);
	return count;
}

/* The parts that name the address: padding and flow labels do not. */
static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *in = (const void *)a, *in_b = (const void *)b;
	const struct sockaddr_in6 *in6 = (const void *)a,
				  *in6_b = (const void *)b;
	const struct sockaddr_un *un = (const void *)a, *un_b = (const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	switch (a->sa_family) {
	case AF_INET:
		return in->sin_port == in_b->sin_port &&
		       in->sin_addr.s_addr == in_b->sin_addr.s_addr;
	case AF_INET6:
		return in6->sin6_port == in6_b->sin6_port &&
		       memcmp(&in6->sin6_addr, &in6_b->sin6_addr,
			   sizeof(in6->sin6_addr)) == 0;
	case AF_UNIX:
		return strncmp(un->sun_path, un_b->sun_path,
			   sizeof(un->sun_path)) == 0;
	default:
		return false;
	}
}

int
inherit_find(const struct sockaddr *address)
{
	int fd;

	for (unsigned i = 0; i < count; i++) {
		if (!same_address(
			(const void *)&sockets[i].at.address, address))
			continue;
		fd = fcntl(sockets[i].fd, F_DUPFD_CLOEXEC, FIRST_FD);
		if (fd >= 0)
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		sockets[i].used = true;
		return fd;
	}
	return -1;
}

int
inherit_unused(unsigned i, char *out, unsigned size)
{
	char text[LISTEN_TEXT];

	for (unsigned k = 0; k < count; k++) {
		if (sockets[k].used || i-- > 0)
			continue;
		listen_write(text, &sockets[k].at);
		snprintf(out, size, "%s", text);
		return 0;
	}
	return -1;
}

void
inherit_close(void)
{
	for (unsigned i = 0; i < count; i++)
		close(sockets[i].fd);
	count = 0;
}
