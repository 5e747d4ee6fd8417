/* base/listen.c - from an address to a listening socket */
#include "base/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/inherit.h"

enum { BACKLOG = 1024 };

/* Make the place free: only a socket that refuses connections is removed. */
static int
clear_path(const struct listen_at *at, struct err *err)
{
	const struct sockaddr_un *un = (const void *)&at->address;
	struct stat st;
	int fd, rc;

	if (listen_is_abstract(at) || lstat(un->sun_path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err,
		    "listen unix:%s: there is something else "
		    "than a socket",
		    un->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(
		    err, "listen unix:%s: %s", un->sun_path, strerror(errno));
	rc = connect(fd, (const void *)un, at->len);
	if (rc != 0 && errno == ECONNREFUSED)
		rc = unlink(un->sun_path);
	else
		rc = err_set(err,
		    "listen unix:%s: another process answers "
		    "there",
		    un->sun_path);
	close(fd);
	return rc;
}

static void
note_port(struct listen_at *at, int fd)
{
	if (!at->is_unix)
		getsockname(fd, (void *)&at->address, &at->len);
}

static int
bind_unix(struct listen_at *at, int fd, unsigned mode)
{
	const struct sockaddr_un *un = (const void *)&at->address;
	/* Nobody may come in between bind and chmod. */
	mode_t before = umask(0777);
	int rc = bind(fd, (const void *)un, at->len);

	umask(before);
	if (rc != 0 || listen_is_abstract(at))
		return rc;
	listen_own(at, true);
	if (at->mode != LISTEN_MODE_UNSAID)
		mode = at->mode;
	if (((at->owner != (uid_t)-1 || at->group != (gid_t)-1) &&
		lchown(un->sun_path, at->owner, at->group) != 0) ||
	    chmod(un->sun_path, (mode_t)mode) != 0) {
		rc = errno;
		listen_remove(at);
		errno = rc;
		return -1;
	}
	return 0;
}

static int
new_socket(const struct listen_at *at)
{
	return socket(at->address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* SO_REUSEPORT would let a second livery of the same user in, and each would
 * get half of the connections. */
static int
port_is_free(const struct listen_at *at, int only)
{
	int fd = new_socket(at), on = 1, rc, saved;

	if (fd < 0)
		return -1;
	if (at->address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	rc = bind(fd, (const void *)&at->address, at->len);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int
bind_tcp(struct listen_at *at, int fd)
{
	int on = 1, only = !at->any;

	if (!at->is_ours && port_is_free(at, only) != 0)
		return -1;
	if (at->address.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		return -1;
	/* accepted sockets inherit it */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return bind(fd, (const void *)&at->address, at->len);
}

/* ":8080" on a host without IPv6. */
static void
use_v4(struct listen_at *at)
{
	const struct sockaddr_in6 *in6 = (const void *)&at->address;
	const struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_port = in6->sin6_port};

	memset(&at->address, 0, sizeof(at->address));
	memcpy(&at->address, &in, sizeof(in));
	at->len = sizeof(in);
}

/* One that we were given. */
static bool
find_given(int *out_fd, struct listen_at *at)
{
	int fd = inherit_find(at);

	if (fd < 0)
		return false;
	note_port(at, fd);
	at->is_ours = true;
	*out_fd = fd;
	return true;
}

int
listen_open(int *out_fd, struct listen_at *at, unsigned mode, struct err *err)
{
	char text[LISTEN_TEXT];
	int fd, rc;

	if (find_given(out_fd, at))
		return 0;
	if (at->is_unix && clear_path(at, err) != 0)
		return -1;
	fd = new_socket(at);
	if (fd < 0 && at->any && at->address.ss_family == AF_INET6) {
		use_v4(at);
		if (find_given(out_fd, at))
			return 0;
		fd = new_socket(at);
	}
	if (fd >= 0) {
		rc = at->is_unix ? bind_unix(at, fd, mode) : bind_tcp(at, fd);
		if (rc == 0 && listen(fd, BACKLOG) == 0) {
			note_port(at, fd);
			at->is_ours = true;
			*out_fd = fd;
			return 0;
		}
	}
	listen_write(text, at);
	err_set(err, "cannot listen on %s: %s", text, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

void
listen_own(struct listen_at *at, bool ours)
{
	const struct sockaddr_un *un = (const void *)&at->address;
	struct stat st;

	at->ino = 0;
	if (!ours || !at->is_unix || listen_is_abstract(at) ||
	    lstat(un->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	at->dev = st.st_dev;
	at->ino = st.st_ino;
}

bool
listen_has_file(const struct listen_at *at)
{
	const struct sockaddr_un *un = (const void *)&at->address;
	struct stat st;

	return at->is_unix && at->ino && lstat(un->sun_path, &st) == 0 &&
	       st.st_dev == at->dev && st.st_ino == at->ino;
}

void
listen_remove(const struct listen_at *at)
{
	const struct sockaddr_un *un = (const void *)&at->address;

	if (!at->given && listen_has_file(at))
		unlink(un->sun_path);
}
