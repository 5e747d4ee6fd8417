/* fetch/engine.c - the loop: sockets, wakes, asks, deadlines
 *
 * curl tells which sockets it watches and when its next timer is due; both go
 * into our own epoll, so a round costs what is ready and not what is there.
 * Callbacks of curl never add, remove or unpause a transfer: they note what
 * is to be done, and the loop does it afterwards. */
#include "fetch/engine.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fetch/flight.h"
#include "fetch/transfer.h"

enum {
	EVENTS = 256,		/* taken from epoll at a time */
	KEPT_CONNECTIONS = 256, /* that nobody uses just now */
};

uint64_t
engine_now_ms(void)
{
	return clock_mono_us() / 1000;
}

void
engine_look_at(struct engine *engine, uint64_t at_ms)
{
	if (at_ms < engine->look_at_ms)
		engine->look_at_ms = at_ms;
}

/* libcurl's limit counts those in use too: were it fixed, a crowd that hangs
 * would cost everybody else the connection after each request. */
void
engine_count(struct engine *engine, int more)
{
	engine->transfers += more;
	curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS,
	    (long)engine->transfers + KEPT_CONNECTIONS);
}

/* ---- any thread ---- */

static void
ring(struct engine *engine)
{
	uint64_t one = 1;

	/* Full means rung already. */
	must(write(engine->wake_fd, &one, sizeof(one)) == sizeof(one) ||
	     errno == EAGAIN);
}

void
engine_ask(struct engine *engine, struct errand **errand, struct waiter *waiter)
{
	struct errand *taken = *errand;
	bool was_empty;

	*errand = NULL;
	if (waiter) {
		waiter->errand = taken;
		was_empty = inbox_post(&engine->waiters, &waiter->item);
	} else {
		was_empty = inbox_post(&engine->refreshes, &taken->item);
	}
	if (was_empty)
		ring(engine);
}

void
engine_post_wake(struct engine *engine, struct inbox_item *item)
{
	if (inbox_post(&engine->wakes, item))
		ring(engine);
}

/* ---- what curl asks for ---- */

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct engine *engine = arg;
	struct epoll_event event = {.data.u64 = (uint32_t)fd};

	if (what == CURL_POLL_REMOVE) {
		/* It may be closed already: then epoll forgot it by itself. */
		epoll_ctl(engine->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	idle_used_by(&engine->idle, fd, easy);
	transfer_is_watched(easy);
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	/* Watching fails only for want of memory; the deadlines then end the
	 * transfer. An error given to curl would end all of them. */
	if (epoll_ctl(engine->epoll_fd,
		socket_arg ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
		epoll_ctl(engine->epoll_fd,
		    errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
		    &event);
	if (!socket_arg)
		curl_multi_assign(engine->multi, fd, engine);
	return 0;
}

static int
on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct engine *engine = arg;

	(void)multi;
	engine->curl_at_ms = timeout_ms < 0
				 ? UINT64_MAX
				 : engine_now_ms() + (uint64_t)timeout_ms;
	return 0;
}

/* ---- one round ---- */

static void
take_wakes(struct engine *engine)
{
	struct inbox_item *item = inbox_take(&engine->wakes), *next;

	for (; item; item = next) {
		next = item->next;
		flight_woken(item);
	}
}

static void
take_asks(struct engine *engine)
{
	struct inbox_item *item = inbox_take(&engine->waiters), *next;
	struct waiter *waiter;
	struct errand *errand;

	for (; item; item = next) {
		next = item->next;
		waiter = container_of(item, struct waiter, item);
		errand = waiter->errand;
		waiter->errand = NULL;
		flights_ask(engine, &errand, waiter);
	}
	item = inbox_take(&engine->refreshes);
	for (; item; item = next) {
		next = item->next;
		errand = container_of(item, struct errand, item);
		flights_ask(engine, &errand, NULL);
	}
}

/* Others may be using the same connection, whose frames say what is whose. */
static bool
is_http2(CURL *easy)
{
	long version = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	return version == CURL_HTTP_VERSION_2_0;
}

/* Its connection is kept, unless curl has closed it. */
static void
watch_idle(struct engine *engine, CURL *easy)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (is_http2(easy))
		return;
	if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
	    fd != CURL_SOCKET_BAD)
		idle_watch(&engine->idle, engine->epoll_fd, fd, easy);
}

static void
take_ended(struct engine *engine)
{
	CURLMsg *message;
	CURL *easy;
	CURLcode code;
	int left;

	while ((message = curl_multi_info_read(engine->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		easy = message->easy_handle;
		code = message->data.result;
		watch_idle(engine, easy);
		transfer_ended(easy, code);
	}
}

static void
act(struct engine *engine, curl_socket_t fd, int mask)
{
	int running;

	curl_multi_socket_action(engine->multi, fd, mask, &running);
}

static int
socket_of(const struct epoll_event *event)
{
	return (int)(uint32_t)event->data.u64;
}

/* Before anything else can take one of them into use. A transfer that was
 * answered and paused in the very moment that it began has taken one, and
 * nobody was told which: then none of them is harmed. */
static void
spoil_idle(struct engine *engine, const struct epoll_event *events, int count)
{
	bool certain = engine->watched == engine->transfers;

	for (int i = 0; i < count; i++) {
		if (!(events[i].data.u64 & IDLE_MARK))
			continue;
		if (certain)
			idle_spoil(engine->epoll_fd, socket_of(&events[i]));
		else
			idle_forget(engine->epoll_fd, socket_of(&events[i]));
	}
}

/* Silent before the inboxes are taken: what is posted from then on rings
 * anew. The other way round a ring that came between would be lost, and with
 * it everything posted after it, since only the first post to an empty inbox
 * rings. */
static void
hush(struct engine *engine, const struct epoll_event *events, int count)
{
	uint64_t rings;

	for (int i = 0; i < count; i++)
		if (socket_of(&events[i]) == engine->wake_fd &&
		    read(engine->wake_fd, &rings, sizeof(rings)) < 0)
			must(errno == EAGAIN);
}

static void
take_event(struct engine *engine, const struct epoll_event *event)
{
	int mask = 0;

	if (socket_of(event) == engine->wake_fd ||
	    (event->data.u64 & IDLE_MARK))
		return;
	if (event->data.u64 & WIRE_MARK) {
		if (!wires_event(&engine->wires, socket_of(event)))
			kept_event(&engine->kept, socket_of(event));
		return;
	}
	if (event->events & EPOLLIN)
		mask |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	/* A hang-up is seen by reading, an error by asking the socket. */
	if (event->events & (EPOLLERR | EPOLLHUP))
		mask |= CURL_CSELECT_IN | CURL_CSELECT_OUT;
	act(engine, socket_of(event), mask);
}

static int
wait_ms(const struct engine *engine)
{
	uint64_t now = engine_now_ms(), at = engine->look_at_ms;

	if (engine->curl_at_ms < at)
		at = engine->curl_at_ms;
	if (at == UINT64_MAX)
		return -1;
	if (at <= now)
		return 0;
	return at - now > 60000 ? 60000 : (int)(at - now);
}

static void
look(struct engine *engine)
{
	uint64_t now = engine_now_ms(), next;

	if (now < engine->look_at_ms)
		return;
	engine->look_at_ms = UINT64_MAX;
	next = flights_look(engine, now);
	if (engine->flights && next > now + LOOK_EVERY_MS)
		next = now + LOOK_EVERY_MS;
	engine_look_at(engine, next);
	engine_look_at(engine, kept_look(&engine->kept, now));
}

static void
round_trip(struct engine *engine)
{
	struct epoll_event events[EVENTS];
	int count =
	    epoll_wait(engine->epoll_fd, events, EVENTS, wait_ms(engine));

	must(count >= 0 || errno == EINTR);
	hush(engine, events, count);
	spoil_idle(engine, events, count);
	/* Before the events: who asked before a flight lands still joins it. */
	take_asks(engine);
	for (int i = 0; i < count; i++)
		take_event(engine, &events[i]);
	if (engine->curl_at_ms <= engine_now_ms()) {
		engine->curl_at_ms = UINT64_MAX;
		act(engine, CURL_SOCKET_TIMEOUT, 0);
	}
	take_ended(engine);
	take_wakes(engine);
	flights_release(engine);
	look(engine);
}

static void
drain(struct engine *engine)
{
	flights_stop(engine);
	take_asks(engine); /* each fails at once: it stops */
	take_wakes(engine);
	must(!engine->flights);
}

static void
run(void *arg)
{
	struct engine *engine = arg;

	thread_forbid_blocking();
	while (!atomic_load(&engine->stops))
		round_trip(engine);
	drain(engine);
}

/* ---- life ---- */

static int
open_fds(struct engine *engine, struct err *err)
{
	struct epoll_event event = {.events = EPOLLIN};

	engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	engine->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.u64 = (uint32_t)engine->wake_fd;
	if (engine->epoll_fd < 0 || engine->wake_fd < 0 ||
	    epoll_ctl(
		engine->epoll_fd, EPOLL_CTL_ADD, engine->wake_fd, &event) != 0)
		return err_set(err,
		    "a fetch thread needs two file "
		    "descriptors: %s",
		    strerror(errno));
	return 0;
}

static int
open_multi(struct engine *engine, struct err *err)
{
	CURLM *multi = curl_multi_init();

	if (!multi)
		return err_set(err, "libcurl gives no multi handle");
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, engine);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, engine);
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	engine->multi = multi;
	engine_count(engine, 0);
	return 0;
}

int
engine_new(struct engine **out, const char *name, const struct fetch_opts *opts,
    _Atomic unsigned *in_flight, struct err *err)
{
	struct engine *engine = mem_new(sizeof(*engine));

	engine->opts = opts;
	engine->in_flight = in_flight;
	engine->epoll_fd = engine->wake_fd = engine->taken_fd = -1;
	engine->curl_at_ms = engine->look_at_ms = UINT64_MAX;
	inbox_init(&engine->waiters);
	inbox_init(&engine->refreshes);
	inbox_init(&engine->wakes);
	if (open_fds(engine, err) != 0 || open_multi(engine, err) != 0 ||
	    thread_start(&engine->thread, name, run, engine, err) != 0) {
		engine_free(&engine);
		return -1;
	}
	*out = engine;
	return 0;
}

void
engine_free(struct engine **engine)
{
	struct engine *gone = *engine;

	if (!gone)
		return;
	atomic_store(&gone->stops, true);
	if (gone->thread.runs) {
		ring(gone);
		thread_join(&gone->thread);
		drain(gone); /* who asked while it ended */
	}
	if (gone->multi)
		curl_multi_cleanup(gone->multi);
	if (gone->epoll_fd >= 0)
		close(gone->epoll_fd);
	if (gone->wake_fd >= 0)
		close(gone->wake_fd);
	idle_fini(&gone->idle);
	wires_fini(&gone->wires);
	kept_fini(&gone->kept);
	inbox_fini(&gone->waiters);
	inbox_fini(&gone->refreshes);
	inbox_fini(&gone->wakes);
	mem_free(engine);
}
