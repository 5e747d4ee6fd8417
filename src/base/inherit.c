/* base/inherit.c - sockets by the address that they listen on */
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

enum {
	FIRST_FD = 3,
	SOCKETS_MAX = 1024,
	GIVEN_MAX = 1024, /* looked at: not all need be sockets */
};

static struct {
	int fd;
	struct listen_at at;
	unsigned found; /* so many times */
	bool owned;
	bool any_port; /* ... and at.place says whose */
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

static bool
note(int fd, bool owned)
{
	struct listen_at at = {.len = sizeof(at.address)};

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (count == SOCKETS_MAX || !is_listening(fd) ||
	    getsockname(fd, (void *)&at.address, &at.len) != 0)
		return false;
	at.is_unix = at.address.ss_family == AF_UNIX;
	sockets[count].fd = fd;
	sockets[count].at = at;
	sockets[count].found = 0;
	sockets[count].any_port = false;
	sockets[count++].owned = owned;
	return true;
}

bool
inherit_add(int fd, bool owned)
{
	if (note(fd, owned))
		return true;
	close(fd);
	return false;
}

bool
inherit_add_at(int fd, unsigned place)
{
	if (!inherit_add(fd, false))
		return false;
	sockets[count - 1].any_port = true;
	sockets[count - 1].at.place = place;
	return true;
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
		(void)note(FIRST_FD + (int)i, false);
	return count;
}

/* The parts that name the address: padding and flow labels do not. */
static bool
same_address(const struct listen_at *a, const struct listen_at *b)
{
	const struct sockaddr_in *in = (const void *)&a->address,
				 *in_b = (const void *)&b->address;
	const struct sockaddr_in6 *in6 = (const void *)in,
				  *in6_b = (const void *)in_b;
	const struct sockaddr_un *un = (const void *)in,
				 *un_b = (const void *)in_b;

	if (in->sin_family != in_b->sin_family)
		return false;
	switch (in->sin_family) {
	case AF_INET:
		return in->sin_port == in_b->sin_port &&
		       in->sin_addr.s_addr == in_b->sin_addr.s_addr;
	case AF_INET6:
		return in6->sin6_port == in6_b->sin6_port &&
		       memcmp(&in6->sin6_addr, &in6_b->sin6_addr,
			   sizeof(in6->sin6_addr)) == 0;
	case AF_UNIX:
		/* abstract names begin with NUL; behind all, zeros stand */
		return memcmp(un->sun_path, un_b->sun_path,
			   sizeof(un->sun_path)) == 0;
	default:
		return false;
	}
}

static uint16_t *
port_of(struct listen_at *at)
{
	struct sockaddr_in6 *in6 = (void *)&at->address;
	struct sockaddr_in *in = (void *)&at->address;

	return at->address.ss_family == AF_INET6 ? &in6->sin6_port
						 : &in->sin_port;
}

/* Whether the i-th is for that listener. Which port one has that took any is
 * only known of the other process. */
static bool
is_for(unsigned i, const struct listen_at *at)
{
	struct listen_at wanted = *at;

	if (at->any_port && *port_of(&wanted) == 0) {
		if (!sockets[i].any_port || sockets[i].at.place != at->place)
			return false;
		*port_of(&wanted) = *port_of(&sockets[i].at);
	}
	return same_address(&sockets[i].at, &wanted);
}

unsigned
inherit_count(const struct listen_at *at)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += is_for(i, at);
	return n;
}

int
inherit_find(const struct listen_at *at)
{
	unsigned best = count;
	int fd;

	for (unsigned i = 0; i < count; i++)
		if (is_for(i, at) &&
		    (best == count || sockets[i].found < sockets[best].found))
			best = i;
	if (best == count)
		return -1;
	fd = fcntl(sockets[best].fd, F_DUPFD_CLOEXEC, FIRST_FD);
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	sockets[best].found++;
	return fd;
}

bool
inherit_is_owned(const struct listen_at *at)
{
	for (unsigned i = 0; i < count; i++)
		if (sockets[i].owned && same_address(&sockets[i].at, at))
			return true;
	return false;
}

int
inherit_unused(unsigned i, char *out, unsigned size)
{
	char text[LISTEN_TEXT];

	for (unsigned k = 0; k < count; k++) {
		if (sockets[k].found || i-- > 0)
			continue;
		listen_write(text, &sockets[k].at);
		snprintf(out, size, "%s", text);
		return 0;
	}
	return -1;
}

void
inherit_close(bool removes)
{
	for (unsigned i = 0; i < count; i++) {
		if (removes && sockets[i].owned && !sockets[i].found) {
			listen_own(&sockets[i].at, true);
			listen_remove(&sockets[i].at);
		}
		close(sockets[i].fd);
	}
	count = 0;
}
