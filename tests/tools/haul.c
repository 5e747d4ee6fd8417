/* tests/tools/haul.c - bytes that cost nothing to make, and who takes them
 *
 * Usage: haul serve [--with-parent] [--at ADDRESS] [--lock MS]
 *        haul get [--skip S] [--seconds S] HOST:PORT TARGET
 *        haul put HOST:PORT TARGET BYTES
 *
 * serve prints "port N" and runs until TERM: one thread, kept connections.
 * GET /NAME/N is answered with N bytes of JSON that may not be stored; a body
 * is swallowed. --lock: one answer at a time, each MS after the one before, as
 * by a CMS that works under a lock.
 * get throws away what it gets, put sends BYTES; both print a JSON object with
 * status, bytes and seconds. --skip leaves out the first S seconds, --seconds
 * ends the count (and the connection) S seconds later: the pace that a line
 * settles at. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MAX = 16 << 10, PIECE = 256 << 10, EVENTS = 256 };

struct peer {
	struct peer *next; /* who waits for the lock */
	int fd;
	bool waits;
	uint64_t swallow, wanted, sent; /* bytes of bodies */
	size_t len;			/* of the request's head so far */
	char head[HEAD_MAX];
};

static char piece[PIECE];
static int epoll_fd = -1, timer_fd = -1;
static long lock_ms;
static struct peer *queue; /* its first has the lock */

static void
die(const char *what)
{
	fprintf(stderr, "haul: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *
field(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = head; (at = strstr(at, "\r\n"));) {
		at += 2;
		if (strncasecmp(at, name, len) == 0 && at[len] == ':')
			return at + len + 1 + strspn(at + len + 1, " \t");
	}
	return NULL;
}

/* ---- serving ---- */

static void
watch(struct peer *peer, int how, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = peer};

	if (epoll_ctl(epoll_fd, how, peer->fd, &event) != 0)
		die("epoll_ctl");
}

static void
start_timer(void)
{
	struct itimerspec at = {
	    .it_value = {lock_ms / 1000, lock_ms % 1000 * 1000000}};

	if (timerfd_settime(timer_fd, 0, &at, NULL) != 0)
		die("timerfd_settime");
}

static void
leave_queue(struct peer *peer)
{
	struct peer **link = &queue;

	while (*link && *link != peer)
		link = &(*link)->next;
	if (*link)
		*link = peer->next;
	peer->waits = false;
}

static void
peer_close(struct peer *peer)
{
	leave_queue(peer);
	close(peer->fd);
	free(peer);
}

/* False: it is gone. */
static bool
send_more(struct peer *peer)
{
	while (peer->sent < peer->wanted) {
		uint64_t left = peer->wanted - peer->sent;
		size_t most = left < PIECE ? (size_t)left : PIECE;
		ssize_t n = send(peer->fd, piece, most, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			watch(peer, EPOLL_CTL_MOD, EPOLLOUT);
			return true;
		}
		if (n <= 0) {
			peer_close(peer);
			return false;
		}
		if ((peer->sent += (uint64_t)n) == peer->wanted && n < PIECE)
			break;
	}
	return true;
}

/* /NAME/N */
static uint64_t
size_of(const char *head)
{
	const char *from = strchr(head, '/');

	from = from ? strchr(from + 1, '/') : NULL;
	return from ? strtoull(from + 1, NULL, 10) : 2;
}

static bool
answer(struct peer *peer)
{
	char room[1024 + 256];
	size_t first;
	int len;

	peer->wanted = size_of(peer->head);
	len = snprintf(room, 256,
	    "HTTP/1.1 200 OK\r\nServer: haul\r\nContent-Type: "
	    "application/json\r\nCache-Control: no-store\r\n"
	    "Content-Length: %llu\r\n\r\n",
	    (unsigned long long)peer->wanted);
	/* A small one goes in one piece. */
	first = peer->wanted <= 1024 ? (size_t)peer->wanted : 0;
	memcpy(room + len, piece, first);
	peer->sent = first;
	peer->len = 0;
	if (send(peer->fd, room, (size_t)len + first, MSG_NOSIGNAL) !=
	    len + (ssize_t)first) {
		peer_close(peer);
		return false;
	}
	return send_more(peer);
}

static void
wait_for_lock(struct peer *peer)
{
	struct peer **link = &queue;

	if (!queue)
		start_timer();
	while (*link)
		link = &(*link)->next;
	*link = peer;
	peer->next = NULL;
	peer->waits = true;
}

static void
on_timer(void)
{
	uint64_t times;
	struct peer *peer = queue;

	if (read(timer_fd, &times, sizeof(times)) < 0)
		return;
	if (peer) {
		leave_queue(peer);
		answer(peer);
	}
	if (queue)
		start_timer();
}

/* A request is whole. */
static bool
serve(struct peer *peer)
{
	if (lock_ms == 0)
		return answer(peer);
	wait_for_lock(peer);
	return true;
}

static bool
read_head(struct peer *peer)
{
	ssize_t n =
	    recv(peer->fd, peer->head + peer->len, HEAD_MAX - 1 - peer->len, 0);
	const char *end, *length;
	uint64_t body;

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	peer->len += (size_t)n;
	peer->head[peer->len] = '\0';
	end = strstr(peer->head, "\r\n\r\n");
	if (!end)
		return peer->len < HEAD_MAX - 1;
	length = field(peer->head, "Content-Length");
	body = length ? strtoull(length, NULL, 10) : 0;
	n = peer->head + peer->len - (end + 4);
	peer->swallow = body > (uint64_t)n ? body - (uint64_t)n : 0;
	return true;
}

/* What is thrown away need not be copied. */
static bool
swallow(struct peer *peer)
{
	while (peer->swallow > 0) {
		size_t most = peer->swallow < (8u << 20) ? (size_t)peer->swallow
							 : 8u << 20;
		ssize_t n = recv(peer->fd, NULL, most, MSG_TRUNC);

		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		peer->swallow -= (uint64_t)n;
	}
	return true;
}

static void
on_readable(struct peer *peer)
{
	bool was_whole = peer->len > 0 && strstr(peer->head, "\r\n\r\n");

	if (!(was_whole ? swallow(peer) : read_head(peer))) {
		peer_close(peer);
		return;
	}
	if (!was_whole && peer->swallow && !swallow(peer)) {
		peer_close(peer);
		return;
	}
	if (!peer->waits && peer->swallow == 0 && peer->len > 0 &&
	    strstr(peer->head, "\r\n\r\n"))
		serve(peer);
}

static void
on_event(struct peer *peer, uint32_t events)
{
	if (peer->waits) { /* it asks for more, or it is gone */
		peer_close(peer);
	} else if (events & EPOLLOUT) {
		if (send_more(peer) && peer->sent == peer->wanted)
			watch(peer, EPOLL_CTL_MOD, EPOLLIN);
	} else {
		on_readable(peer);
	}
}

static void
on_client(int listener)
{
	struct peer *peer;
	int on = 1, fd;

	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		die("calloc");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peer->fd = fd;
	watch(peer, EPOLL_CTL_ADD, EPOLLIN);
}

static int
listen_at(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("listen");
	printf("port %d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static _Noreturn void
serve_all(const char *address)
{
	struct peer listener = {0}, timer = {0};
	struct epoll_event events[EVENTS];

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	timer.fd = timer_fd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	listener.fd = listen_at(address);
	watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
	watch(&timer, EPOLL_CTL_ADD, EPOLLIN);
	for (;;) {
		/* One at a time with a lock: an event may end another peer. */
		int count =
		    epoll_wait(epoll_fd, events, lock_ms ? 1 : EVENTS, -1);

		for (int i = 0; i < count; i++) {
			struct peer *peer = events[i].data.ptr;

			if (peer == &listener)
				on_client(listener.fd);
			else if (peer == &timer)
				on_timer();
			else
				on_event(peer, events[i].events);
		}
	}
}

/* ---- asking ---- */

static int
connect_to(const char *where)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	const char *colon = strrchr(where, ':');
	char host[64];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - where) : 0,
	    where);
	at.sin_port = htons((uint16_t)(colon ? atoi(colon + 1) : 0));
	if (inet_pton(AF_INET, host, &at.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		die(where);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
say(int fd, const char *method, const char *where, const char *target,
    const char *length)
{
	char room[1024];
	int n = snprintf(room, sizeof(room),
	    "%s %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", method, target, where,
	    length ? "Content-Length: " : "", length ? length : "",
	    length ? "\r\n" : "");

	if (send(fd, room, (size_t)n, MSG_NOSIGNAL) != n)
		die("send");
}

/* Gives how much of the body came with it. */
static size_t
hear_head(int fd, int *status, uint64_t *length)
{
	static char head[HEAD_MAX];
	size_t len = 0;
	const char *end, *said;

	do {
		ssize_t n = recv(fd, head + len, HEAD_MAX - 1 - len, 0);

		if (n <= 0)
			die("no answer");
		len += (size_t)n;
		head[len] = '\0';
		end = strstr(head, "\r\n\r\n");
	} while (!end && len < HEAD_MAX - 1);
	if (!end || sscanf(head, "HTTP/1.1 %d", status) != 1)
		die("no HTTP");
	said = field(head, "Content-Length");
	*length = said ? strtoull(said, NULL, 10) : UINT64_MAX;
	return len - (size_t)(end + 4 - head);
}

static void
tell(int status, uint64_t bytes, double seconds)
{
	printf("{\"status\": %d, \"bytes\": %llu, \"seconds\": %.6f}\n", status,
	    (unsigned long long)bytes, seconds);
}

static int
get(const char *where, const char *target, double skip, double seconds)
{
	int fd = connect_to(where), status = 0;
	double began = now_s(), from = began + skip, now = began;
	double until = seconds > 0 ? from + seconds : 1e18;
	uint64_t length, got, counted = 0;

	say(fd, "GET", where, target, NULL);
	got = hear_head(fd, &status, &length);
	if (skip <= 0)
		counted = got;
	while (got < length && now < until) {
		ssize_t n = recv(fd, NULL, 8u << 20, MSG_TRUNC);

		if (n <= 0)
			break;
		now = now_s();
		got += (uint64_t)n;
		if (now >= from)
			counted += (uint64_t)n;
	}
	tell(status, counted, now - from);
	return status == 200 && (got == length || now >= until) ? 0 : 1;
}

static int
put(const char *where, const char *target, const char *bytes)
{
	int fd = connect_to(where), status = 0;
	double began = now_s();
	uint64_t left = strtoull(bytes, NULL, 10), length;

	say(fd, "PUT", where, target, bytes);
	while (left > 0) {
		ssize_t n = send(fd, piece, left < PIECE ? (size_t)left : PIECE,
		    MSG_NOSIGNAL);

		if (n <= 0)
			die("send");
		left -= (uint64_t)n;
	}
	hear_head(fd, &status, &length);
	tell(status, strtoull(bytes, NULL, 10), now_s() - began);
	return status == 200 ? 0 : 1;
}

/* ---- what is wanted ---- */

static int
usage(void)
{
	fprintf(stderr,
	    "usage: haul serve [--with-parent] [--at ADDRESS] [--lock MS]\n"
	    "       haul get [--skip S] [--seconds S] HOST:PORT TARGET\n"
	    "       haul put HOST:PORT TARGET BYTES\n");
	return 2;
}

int
main(int argc, char **argv)
{
	const char *address = "127.0.0.1", *words[4] = {NULL};
	double skip = 0, seconds = 0;
	int count = 0;

	memset(piece, 'x', sizeof(piece));
	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--with-parent") == 0)
			prctl(PR_SET_PDEATHSIG, SIGTERM);
		else if (strcmp(argv[i], "--at") == 0)
			address = next, i++;
		else if (strcmp(argv[i], "--lock") == 0)
			lock_ms = atol(next), i++;
		else if (strcmp(argv[i], "--skip") == 0)
			skip = atof(next), i++;
		else if (strcmp(argv[i], "--seconds") == 0)
			seconds = atof(next), i++;
		else if (count < 4)
			words[count++] = argv[i];
	}
	if (count == 1 && strcmp(words[0], "serve") == 0)
		serve_all(address);
	if (count == 3 && strcmp(words[0], "get") == 0)
		return get(words[1], words[2], skip, seconds);
	if (count == 4 && strcmp(words[0], "put") == 0)
		return put(words[1], words[2], words[3]);
	return usage();
}
