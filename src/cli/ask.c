/* cli/ask.c - HTTP/1.0 by hand: one request, one answer to the connection's
 * end, so there is neither a chunk nor a length to mind */
#include "cli/ask.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT_S = 10, HEAD_MAX = 16384 };

static int
dial(int family, const struct sockaddr *to, socklen_t len, unsigned wait_s)
{
	const struct timeval wait = {.tv_sec = (time_t)wait_s};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, to, len) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
dial_unix(const char *path, unsigned wait_s)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path));
	return dial(AF_UNIX, (const struct sockaddr *)&to, sizeof(to),
	    wait_s);
}

static int
dial_tcp(const char *address, unsigned wait_s)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV},
			*found;
	char host[64];
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;
	int fd;

	errno = EINVAL;
	if (!colon || len + 1 > sizeof(host))
		return -1;
	if (len >= 2 && address[0] == '[' && colon[-1] == ']') {
		address++;
		len -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)len, address);
	if (getaddrinfo(len ? host : NULL, colon + 1, &hints, &found) != 0) {
		errno = EINVAL;
		return -1;
	}
	fd = dial(found->ai_family, found->ai_addr, found->ai_addrlen,
	    wait_s);
	freeaddrinfo(found);
	return fd;
}

int
ask_connect(const char *address, unsigned wait_s)
{
	return strncmp(address, "unix:", 5) == 0
		   ? dial_unix(address + 5, wait_s)
		   : dial_tcp(address, wait_s);
}

static int
send_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
receive_all(int fd, struct buf *into)
{
	char piece[8192];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof(piece), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (buf_add(into, piece, (size_t)n) != 0) {
			errno = EFBIG;
			return -1;
		}
	}
	return 0;
}

/* The status, and the answer's body alone. */
static int
read_answer(const struct buf *answer, struct buf *body, const char *address,
    struct err *err)
{
	const char *end =
	    answer->data ? strstr(answer->data, "\r\n\r\n") : NULL;
	int status = 0;

	if (!end || sscanf(answer->data, "HTTP/1.%*1d %3d", &status) != 1)
		return err_set(
		    err, "%s: what answers there is not livery", address);
	end += 4;
	if (buf_add(body, end, answer->len - (size_t)(end - answer->data)))
		return err_set(err, "%s: the answer is too long", address);
	return status;
}

int
ask(const char *address, const char *method, const char *target,
    struct buf *body, struct err *err)
{
	struct buf text;
	int fd, status = -1;

	fd = ask_connect(address, WAIT_S);
	if (fd < 0)
		return err_set(err,
		    "nobody answers on %s (%s); is livery running with "
		    "--admin?",
		    address, strerror(errno));
	buf_init(&text, body->max + HEAD_MAX);
	buf_printf(&text,
	    "%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
	    method, target);
	if (text.failed || send_all(fd, text.data, text.len) != 0)
		goto out;
	buf_clear(&text);
	if (receive_all(fd, &text) != 0)
		goto out;
	status = read_answer(&text, body, address, err);
	buf_fini(&text);
	close(fd);
	return status;
out:
	err_set(err, "%s: no whole answer: %s", address, strerror(errno));
	buf_fini(&text);
	close(fd);
	return -1;
}
