/* front/tunnel.c - one tunnel: what is said, what is heard, and its end */
#include "front/tunnellife.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utlist.h>

#include "base/counter.h"
#include "base/mem.h"

enum { PIECES_MAX = 16 }; /* of one in a row: others wait */

/* ---- a socket ---- */

static ssize_t
receive(void *line, int fd, void *out, size_t max)
{
	(void)line;
	return recv(fd, out, max, MSG_DONTWAIT);
}

static ssize_t
give_socket(void *line, int fd, const void *bytes, size_t len)
{
	(void)line;
	return send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
say_end(void *line, int fd)
{
	(void)line;
	(void)shutdown(fd, SHUT_WR);
}

const struct tunnel_line tunnel_plain = {receive, give_socket, say_end};

/* ---- the end of one ---- */

void
tunnel_close(struct tunnel *tunnel)
{
	struct tunnels *tunnels = tunnel->tunnels;
	struct tunnel_ends ends = tunnel->ends;
	uint64_t up = tunnel->up, down = tunnel->down;

	down -= down < ends.head_len ? down : ends.head_len;
	flow_on_room(ends.up, NULL, NULL);
	flow_end(ends.up, tunnel->up_ended);
	flow_leave(ends.down);
	if (tunnel->watched)
		(void)epoll_ctl(
		    tunnels->epoll_fd, EPOLL_CTL_DEL, ends.fd, NULL);
	buf_fini(&tunnel->held);
	buf_fini(&tunnel->rest);
	DL_DELETE(tunnels->all, tunnel);
	tunnel->dead = true;
	if (atomic_load(&tunnel->wakes) == 0)
		mem_free(&tunnel);
	ends.on_end(ends.arg, up, down);
	/* Whoever reads this finds its place free. */
	counter_add(COUNT_TUNNELS, -1);
}

bool
tunnel_is_stuck(const struct tunnel *tunnel, uint64_t now_ms)
{
	return tunnel->rest.len > 0 &&
	       now_ms >= tunnel->took_ms + tunnel->ends.send_ms;
}

void
tunnel_cut(struct tunnel *tunnel)
{
	static const struct linger at_once = {1, 0};

	(void)setsockopt(tunnel->ends.fd, SOL_SOCKET, SO_LINGER, &at_once,
	    sizeof(at_once));
	counter_up(COUNT_TIMEOUTS);
	tunnel_close(tunnel);
}

/* Nothing more goes either way but what the client still says, which is read
 * over: an unread byte would make a reset of the end. */
void
tunnel_hang_up(struct tunnel *tunnel)
{
	if (tunnel->linger_until_ms)
		return;
	tunnel->linger_until_ms = tunnel_now_ms() + LINGER_MS;
	flow_end(tunnel->ends.up, tunnel->up_ended);
	flow_leave(tunnel->ends.down);
	buf_fini(&tunnel->held);
	buf_fini(&tunnel->rest);
	tunnel->ends.how->say_end(tunnel->ends.line, tunnel->ends.fd);
}

/* ---- to the upstream ---- */

enum moved {
	MOVED, /* try again */
	WAITS, /* for the socket or the flow */
	ENDED, /* it is to be closed */
};

/* Into the flow, or held until it has room. */
static enum moved
say(struct tunnel *tunnel, const char *bytes, size_t len)
{
	switch (flow_write(tunnel->ends.up, bytes, len)) {
	case FLOW_TOOK:
		tunnel->up += len;
		return MOVED;
	case FLOW_FULL:
		return buf_add(&tunnel->held, bytes, len) == 0 ? WAITS : ENDED;
	default: /* nobody reads it: what comes from there has ended, or will */
		return MOVED;
	}
}

static enum moved
say_held(struct tunnel *tunnel)
{
	struct buf held = tunnel->held;
	enum moved moved;

	buf_init(&tunnel->held, held.max);
	moved = say(tunnel, held.data, held.len);
	buf_fini(&held);
	return moved;
}

static enum moved
hear(struct tunnel *tunnel)
{
	char piece[TUNNEL_PIECE];
	ssize_t got;

	if (tunnel->held.len > 0)
		return say_held(tunnel);
	if (tunnel->up_ended)
		return WAITS;
	got = tunnel->ends.how->receive(
	    tunnel->ends.line, tunnel->ends.fd, piece, sizeof(piece));
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? WAITS : ENDED;
	if (got > 0)
		return tunnel->linger_until_ms
			   ? MOVED
			   : say(tunnel, piece, (size_t)got);
	tunnel->up_ended = true;
	if (tunnel->linger_until_ms)
		return ENDED;
	flow_end(tunnel->ends.up, true);
	return WAITS;
}

/* ---- to the client ---- */

static enum moved
give(struct tunnel *tunnel, const char *bytes, size_t len, size_t *gave)
{
	ssize_t sent = tunnel->ends.how->give(
	    tunnel->ends.line, tunnel->ends.fd, bytes, len);

	*gave = sent > 0 ? (size_t)sent : 0;
	tunnel->down += *gave;
	if (*gave > 0 || tunnel->rest.len == 0)
		tunnel->took_ms = tunnel_now_ms();
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return ENDED;
	return *gave == len ? MOVED : WAITS;
}

static enum moved
give_rest(struct tunnel *tunnel)
{
	size_t gave;
	enum moved moved = give(tunnel, tunnel->rest.data + tunnel->rest_at,
	    tunnel->rest.len - tunnel->rest_at, &gave);

	tunnel->rest_at += gave;
	if (moved == MOVED) {
		buf_fini(&tunnel->rest);
		buf_init(&tunnel->rest, TUNNEL_PIECE);
		tunnel->rest_at = 0;
	}
	return moved;
}

static enum moved
pass_on(struct tunnel *tunnel)
{
	char piece[TUNNEL_PIECE];
	size_t gave;
	enum moved moved;
	ssize_t got;

	if (tunnel->linger_until_ms)
		return WAITS;
	if (tunnel->rest.len > 0)
		return give_rest(tunnel);
	got = flow_read(tunnel->ends.down, piece, sizeof(piece));
	if (got == 0)
		return WAITS;
	if (got < 0) {
		tunnel_hang_up(tunnel);
		return tunnel->up_ended ? ENDED : WAITS;
	}
	moved = give(tunnel, piece, (size_t)got, &gave);
	if (moved == WAITS &&
	    buf_add(&tunnel->rest, piece + gave, (size_t)got - gave) != 0)
		return ENDED;
	return moved;
}

/* ---- both ---- */

static void
watch(struct tunnel *tunnel)
{
	struct epoll_event event = {.data.ptr = tunnel};
	int epoll_fd = tunnel->tunnels->epoll_fd, fd = tunnel->ends.fd;

	if (!tunnel->up_ended && tunnel->held.len == 0)
		event.events |= EPOLLIN;
	if (tunnel->rest.len > 0)
		event.events |= EPOLLOUT;
	if (event.events == tunnel->watched)
		return;
	/* One that waits for flows alone is not in it: its hang-up would be
	 * told again and again. */
	if (event.events == 0)
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(epoll_fd,
		     tunnel->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
		     &event) != 0)
		tunnel_hang_up(tunnel); /* no memory: the next tick ends it */
	tunnel->watched = event.events;
}

void
tunnel_run(struct tunnel *tunnel)
{
	enum moved up = MOVED, down = MOVED;
	unsigned pieces = 0;

	while (up == MOVED || down == MOVED) {
		if (++pieces > PIECES_MAX) {
			tunnel_wake(tunnel);
			break;
		}
		if (up == MOVED)
			up = hear(tunnel);
		if (up != ENDED && down == MOVED)
			down = pass_on(tunnel);
		if (up == ENDED || down == ENDED) {
			tunnel_close(tunnel);
			return;
		}
	}
	watch(tunnel);
}

static void
on_pause(void *arg)
{
	(void)arg;
}

void
tunnel_begin(struct tunnel *tunnel)
{
	DL_APPEND(tunnel->tunnels->all, tunnel);
	tunnel->took_ms = tunnel_now_ms();
	counter_add(COUNT_TUNNELS, 1);
	tunnel->ends.down->on_pause = on_pause;
	tunnel->ends.down->on_resume = tunnel_wake;
	tunnel->ends.down->arg = tunnel;
	flow_on_room(tunnel->ends.up, tunnel_wake, tunnel);
	tunnel_run(tunnel);
}
