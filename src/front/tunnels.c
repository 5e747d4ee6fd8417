/* front/tunnels.c - one epoll, an inbox for new ones and one for wakes */
#include "front/tunnellife.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "base/mem.h"

enum {
	EVENTS = 64,
	TICK_MS = 200,
};

/* ---- any thread ---- */

static void
ring(struct tunnels *tunnels)
{
	uint64_t one = 1;

	must(write(tunnels->wake_fd, &one, sizeof(one)) == sizeof(one) ||
	     errno == EAGAIN);
}

void
tunnel_wake(void *arg)
{
	struct tunnel *tunnel = arg;

	if (atomic_exchange(&tunnel->wakes, 1) == 0 &&
	    inbox_post(&tunnel->tunnels->wakes, &tunnel->item))
		ring(tunnel->tunnels);
}

void
tunnels_begin(struct tunnels *tunnels, const struct tunnel_ends *ends)
{
	struct tunnel *tunnel = mem_new(sizeof(*tunnel));

	tunnel->tunnels = tunnels;
	tunnel->ends = *ends;
	buf_init(&tunnel->held, ends->first_len + TUNNEL_PIECE);
	buf_init(&tunnel->rest, ends->head_len + TUNNEL_PIECE);
	if (ends->first_len)
		(void)buf_add(&tunnel->held, ends->first, ends->first_len);
	if (ends->head_len)
		(void)buf_add(&tunnel->rest, ends->head, ends->head_len);
	tunnel->ends.first = tunnel->ends.head = NULL;
	if (inbox_post(&tunnels->fresh, &tunnel->item))
		ring(tunnels);
}

/* ---- the thread ---- */

static void
take_fresh(struct tunnels *tunnels)
{
	struct inbox_item *item = inbox_take(&tunnels->fresh), *next;
	struct tunnel *tunnel;

	for (; item; item = next) {
		next = item->next;
		tunnel = container_of(item, struct tunnel, item);
		tunnel_begin(tunnel);
	}
}

static void
take_wakes(struct tunnels *tunnels)
{
	struct inbox_item *item = inbox_take(&tunnels->wakes), *next;
	struct tunnel *tunnel;

	for (; item; item = next) {
		next = item->next;
		tunnel = container_of(item, struct tunnel, item);
		atomic_store(&tunnel->wakes, 0);
		if (tunnel->dead)
			mem_free(&tunnel);
		else
			tunnel_run(tunnel);
	}
}

static bool
is_time_over(const struct tunnels *tunnels, uint64_t now)
{
	uint64_t end = atomic_load(&tunnels->end_at_ms);

	return end && now >= end;
}

static void
look_over(struct tunnels *tunnels)
{
	struct tunnel *tunnel, *next;
	uint64_t now = tunnel_now_ms();
	bool cut = atomic_load(&tunnels->cut);
	bool over = is_time_over(tunnels, now);

	DL_FOREACH_SAFE(tunnels->all, tunnel, next)
	{
		if (cut || (tunnel->linger_until_ms &&
			       now >= tunnel->linger_until_ms)) {
			tunnel_close(tunnel);
			continue;
		}
		if (tunnel_is_stuck(tunnel, now)) {
			tunnel_cut(tunnel);
			continue;
		}
		if (!over && !tunnel->ends.is_over(tunnel->ends.arg))
			continue;
		tunnel_hang_up(tunnel);
		if (tunnel->up_ended)
			tunnel_close(tunnel);
		else
			tunnel_run(tunnel);
	}
}

/* Silent before the inboxes are taken, or a ring between would be lost. */
static void
hush(struct tunnels *tunnels)
{
	uint64_t rings;

	if (read(tunnels->wake_fd, &rings, sizeof(rings)) < 0)
		must(errno == EAGAIN);
}

static void
round_trip(struct tunnels *tunnels, uint64_t *look_at_ms)
{
	struct epoll_event events[EVENTS];
	int i, n = epoll_wait(tunnels->epoll_fd, events, EVENTS,
		   tunnels->all ? TICK_MS : -1);

	/* Wakes and looks come later: what they end is in no event then. */
	for (i = 0; i < n; i++)
		if (events[i].data.ptr)
			tunnel_run(events[i].data.ptr);
		else
			hush(tunnels);
	take_wakes(tunnels);
	take_fresh(tunnels);
	if (tunnel_now_ms() < *look_at_ms && !atomic_load(&tunnels->cut))
		return;
	look_over(tunnels);
	*look_at_ms = tunnel_now_ms() + TICK_MS;
}

static void
run(void *arg)
{
	struct tunnels *tunnels = arg;
	uint64_t look_at_ms = 0;

	thread_forbid_blocking();
	while (!atomic_load(&tunnels->stop))
		round_trip(tunnels, &look_at_ms);
	take_wakes(tunnels);
	must(!tunnels->all);
}

/* ---- begin and end ---- */

static void
free_tunnels(struct tunnels **tunnels)
{
	struct tunnels *gone = *tunnels;

	if (gone->epoll_fd >= 0)
		close(gone->epoll_fd);
	if (gone->wake_fd >= 0)
		close(gone->wake_fd);
	inbox_fini(&gone->fresh);
	inbox_fini(&gone->wakes);
	mem_free(tunnels);
}

int
tunnels_start(struct tunnels **out, struct err *err)
{
	struct tunnels *tunnels = mem_new(sizeof(*tunnels));
	struct epoll_event event = {.events = EPOLLIN};

	inbox_init(&tunnels->fresh);
	inbox_init(&tunnels->wakes);
	tunnels->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	tunnels->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (tunnels->epoll_fd < 0 || tunnels->wake_fd < 0 ||
	    epoll_ctl(tunnels->epoll_fd, EPOLL_CTL_ADD, tunnels->wake_fd,
		&event) != 0) {
		err_set(err, "cannot watch upgraded connections: %s",
		    strerror(errno));
		goto out;
	}
	if (thread_start(&tunnels->thread, "tunnels", run, tunnels, err) != 0)
		goto out;
	*out = tunnels;
	return 0;
out:
	free_tunnels(&tunnels);
	return -1;
}

void
tunnels_drain(struct tunnels *tunnels, uint32_t grace_ms)
{
	if (tunnels)
		atomic_store(&tunnels->end_at_ms, tunnel_now_ms() + grace_ms);
}

void
tunnels_cut(struct tunnels *tunnels)
{
	if (!tunnels)
		return;
	atomic_store(&tunnels->cut, true);
	ring(tunnels);
}

void
tunnels_stop(struct tunnels **tunnels)
{
	if (!*tunnels)
		return;
	atomic_store(&(*tunnels)->stop, true);
	ring(*tunnels);
	thread_join(&(*tunnels)->thread);
	free_tunnels(tunnels);
}
