/* base/listen.c - from "127.0.0.1:8080" to a listening socket */
#include "base/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/net.h"

enum { BACKLOG = 1024 };

/* ---- reading ---- */

static int
parse_unix(struct listen_at *out, const char *path, struct err *err)
{
	struct sockaddr_un *un = (void *)&out->address;
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(un->sun_path))
		return err_set(err,
		    "listen 'unix:%s': a path of 1 to %zu "
		    "bytes is wanted",
		    path, sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	out->len = sizeof(*un);
	out->is_unix = true;
	return 0;
}

static int
parse_port(uint16_t *out, const char *text)
{
	unsigned long port;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	port = strtoul(text, &end, 10);
	if (*end || port > UINT16_MAX)
		return -1;
	*out = (uint16_t)port;
	return 0;
}

static void
set_address(struct listen_at *out, const struct net_address *address,
    bool is_v6, uint16_t port)
{
	if (is_v6) {
		struct sockaddr_in6 *in6 = (void *)&out->address;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, address->bytes, 16);
		out->len = sizeof(*in6);
	} else {
		struct sockaddr_in *in = (void *)&out->address;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address->bytes + 12, 4);
		out->len = sizeof(*in);
	}
}

static int
parse_address(struct listen_at *out, const char *text, struct err *err)
{
	struct listen_at at;
	struct net_address address = {{0}, false};
	const char *colon = strrchr(text, ':');
	size_t host_len = colon ? (size_t)(colon - text) : 0;
	uint16_t port;
	int rc;

	memset(&at, 0, sizeof(at));
	if (strncmp(text, "unix:", 5) == 0) {
		rc = parse_unix(&at, text + 5, err);
		if (rc == 0)
			*out = at;
		return rc;
	}
	if (!colon || parse_port(&port, colon + 1) != 0)
		goto wrong;
	at.any = host_len == 0;
	if (host_len == 9 && strncmp(text, "localhost", 9) == 0)
		rc = net_parse(&address, "127.0.0.1", 9);
	else
		rc = at.any ? 0 : net_parse(&address, text, host_len);
	if (rc != 0 || (strchr(text, ':') != colon && text[0] != '['))
		goto wrong;
	set_address(&at, &address, at.any || text[0] == '[', port);
	*out = at;
	return 0;
wrong:
	return err_set(err,
	    "listen '%s': ADDRESS:PORT, [ADDRESS]:PORT, :PORT "
	    "or unix:/PATH is wanted, such as 127.0.0.1:8080",
	    text);
}

int
listen_parse(struct listen_at *out, const char *text, struct err *err)
{
	size_t len = strcspn(text, " \t");
	const char *word = text + len + strspn(text + len, " \t");
	char address[sizeof(struct sockaddr_un) + 16];
	struct listen_at at;

	if (*word && strcmp(word, "proxy_protocol") != 0)
		return err_set(err,
		    "listen '%s': behind the address only proxy_protocol may"
		    " stand",
		    text);
	if (len >= sizeof(address))
		return err_set(err, "listen '%s': too long", text);
	memcpy(address, text, len);
	address[len] = '\0';
	if (parse_address(&at, address, err) != 0)
		return -1;
	at.proxied = *word != '\0';
	*out = at;
	return 0;
}

void
listen_write(char out[LISTEN_TEXT], const struct listen_at *at)
{
	const struct sockaddr_in6 *in6 = (const void *)&at->address;
	const struct sockaddr_in *in = (const void *)&at->address;
	struct net_address address;
	char text[NET_TEXT];

	if (at->is_unix) {
		snprintf(out, LISTEN_TEXT, "unix:%s",
		    ((const struct sockaddr_un *)in)->sun_path);
		return;
	}
	net_from_sockaddr(&address, (const void *)&at->address);
	net_write(text, &address);
	if (at->address.ss_family == AF_INET6)
		snprintf(out, LISTEN_TEXT, "http://[%s]:%u", text,
		    ntohs(in6->sin6_port));
	else
		snprintf(out, LISTEN_TEXT, "http://%s:%u", text,
		    ntohs(in->sin_port));
}

/* ---- opening ---- */

/* Make the place free: only a socket that refuses connections is removed. */
static int
clear_path(const struct listen_at *at, struct err *err)
{
	const struct sockaddr_un *un = (const void *)&at->address;
	struct stat st;
	int fd, rc;

	if (lstat(un->sun_path, &st) != 0)
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
	struct stat st;
	/* Nobody may come in between bind and chmod. */
	mode_t before = umask(0777);
	int rc = bind(fd, (const void *)un, at->len);

	umask(before);
	if (rc != 0 || chmod(un->sun_path, (mode_t)mode) != 0)
		return -1;
	if (lstat(un->sun_path, &st) == 0) {
		at->dev = st.st_dev;
		at->ino = st.st_ino;
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
	struct net_address all = {{0}, false};
	uint16_t port = ntohs(in6->sin6_port);

	memset(&at->address, 0, sizeof(at->address));
	set_address(at, &all, false, port);
}

int
listen_open(int *out_fd, struct listen_at *at, unsigned mode, struct err *err)
{
	char text[LISTEN_TEXT];
	int fd, rc;

	fd = inherit_find((const void *)&at->address);
	if (fd >= 0) {
		at->is_ours = true;
		*out_fd = fd;
		return 0;
	}
	if (at->is_unix && clear_path(at, err) != 0)
		return -1;
	fd = new_socket(at);
	if (fd < 0 && at->any && at->address.ss_family == AF_INET6) {
		use_v4(at);
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
listen_remove(const struct listen_at *at)
{
	const struct sockaddr_un *un = (const void *)&at->address;
	struct stat st;

	if (at->is_unix && at->ino && lstat(un->sun_path, &st) == 0 &&
	    st.st_dev == at->dev && st.st_ino == at->ino)
		unlink(un->sun_path);
}
