/* base/passfd.c - sendmsg and recvmsg with SCM_RIGHTS */
#include "base/passfd.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	BACKLOG = 4,
	FDS_MAX = 8, /* more than one are read only to be closed */
};

/* ---- one message ---- */

static void
attach(struct msghdr *message, void *room, size_t size, int fd)
{
	struct cmsghdr *head;

	message->msg_control = room;
	message->msg_controllen = size;
	head = CMSG_FIRSTHDR(message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
}

/* False: not within that time. */
static bool
is_ready(int fd, short events, uint64_t until_us)
{
	struct pollfd look = {.fd = fd, .events = events};
	uint64_t now_us;
	int rc, wait_ms;

	do {
		now_us = clock_mono_us();
		wait_ms = now_us < until_us
			      ? (int)((until_us - now_us + 999) / 1000)
			      : 0;
		rc = poll(&look, 1, wait_ms);
	} while (rc < 0 && errno == EINTR);
	return rc > 0;
}

int
passfd_send(int to, const char *text, int fd, uint32_t wait_ms, struct err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room = {.bytes = {0}};
	struct iovec words = {(void *)text, strlen(text)};
	struct msghdr message = {.msg_iov = &words, .msg_iovlen = 1};

	must(words.iov_len > 0 && words.iov_len < PASSFD_TEXT);
	if (fd >= 0)
		attach(&message, room.bytes, sizeof(room.bytes), fd);
	if (!is_ready(to, POLLOUT, clock_mono_us() + (uint64_t)wait_ms * 1000))
		return err_set(err, "nobody takes '%s'", text);
	if (sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return err_set(err, "'%s' does not get through: %s", text,
		    strerror(errno));
	return 0;
}

/* The one descriptor of a message, or -1. False: there are more. */
static bool
take_fd(struct msghdr *message, int *fd)
{
	int fds[FDS_MAX], count = 0;

	*fd = -1;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
	     head = CMSG_NXTHDR(message, head)) {
		size_t len = head->cmsg_len - CMSG_LEN(0);

		if (head->cmsg_level != SOL_SOCKET ||
		    head->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= len && count < FDS_MAX;
		     at += sizeof(int))
			memcpy(
			    &fds[count++], CMSG_DATA(head) + at, sizeof(int));
	}
	if (count == 1 && !(message->msg_flags & MSG_CTRUNC)) {
		*fd = fds[0];
		return true;
	}
	for (int i = 0; i < count; i++)
		close(fds[i]);
	return count == 0 && !(message->msg_flags & MSG_CTRUNC);
}

enum passfd
passfd_receive(int from, char text[PASSFD_TEXT], int *fd, uint32_t wait_ms)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} room;
	struct iovec words = {text, PASSFD_TEXT - 1};
	struct msghdr message = {
	    .msg_iov = &words,
	    .msg_iovlen = 1,
	    .msg_control = room.bytes,
	    .msg_controllen = sizeof(room.bytes),
	};
	ssize_t got;

	*fd = -1;
	if (!is_ready(from, POLLIN, clock_mono_us() + (uint64_t)wait_ms * 1000))
		return PASSFD_LATE;
	got = recvmsg(from, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (got <= 0)
		return PASSFD_GONE;
	if (!take_fd(&message, fd) || (message.msg_flags & MSG_TRUNC)) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return PASSFD_ODD;
	}
	text[got] = '\0';
	return PASSFD_GOT;
}

int
passfd_peer(int fd, uid_t *uid, pid_t *pid)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 ||
	    len != sizeof(who))
		return -1;
	*uid = who.uid;
	*pid = who.pid;
	return 0;
}

/* ---- the socket ---- */

static int
set_path(struct sockaddr_un *at, const char *path, const char *more)
{
	size_t len = strlen(path), more_len = strlen(more);

	memset(at, 0, sizeof(*at));
	at->sun_family = AF_UNIX;
	if (len + more_len >= sizeof(at->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at->sun_path, path, len);
	memcpy(at->sun_path + len, more, more_len);
	return 0;
}

static int
bind_there(int fd, const char *path)
{
	struct sockaddr_un at;
	int rc;

	if (set_path(&at, path, ".new") != 0)
		return -1;
	(void)unlink(at.sun_path);
	/* Linux makes the file with the mode that the socket has. Other threads
	 * make files meanwhile, so the process's mask stays as it is. */
	if (fchmod(fd, 0600) != 0 ||
	    bind(fd, (const void *)&at, sizeof(at)) != 0)
		return -1;
	if (chmod(at.sun_path, 0600) != 0 || listen(fd, BACKLOG) != 0 ||
	    rename(at.sun_path, path) != 0) {
		rc = errno;
		(void)unlink(at.sun_path);
		errno = rc;
		return -1;
	}
	return 0;
}

static bool
may_be_replaced(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 || S_ISSOCK(st.st_mode);
}

int
passfd_listen(int *out, const char *path, struct err *err)
{
	int fd;

	if (!may_be_replaced(path))
		return err_set(
		    err, "%s: there is something else than a socket", path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind_there(fd, path) != 0) {
		err_set(err, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*out = fd;
	return 0;
}

int
passfd_connect(int *out, const char *path)
{
	struct sockaddr_un at;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	if (set_path(&at, path, "") != 0 ||
	    connect(fd, (const void *)&at, sizeof(at)) != 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	*out = fd;
	return 0;
}
