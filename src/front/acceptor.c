/* front/acceptor.c - accept, peek, take the header, give on */
#include "front/acceptor.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "http/proxyproto.h"

enum {
	EVENTS = 64,
	AT_ONCE = 64,	   /* accepted before others are looked at */
	REST_US = 20 * 1000, /* when there is no descriptor left */
};

/* One who has not said yet whom it brings. */
struct guest {
	struct guest *prev, *next; /* the first to come first */
	int fd;
	uint64_t until_ms;
	struct sockaddr_storage peer;
	socklen_t peer_len;
};

struct acceptor {
	struct acceptor_opts opts;
	struct thread thread;
	int wake_fd;			   /* shared */
	_Atomic bool quiesced, stops;	   /* shared */
	/* the thread only: */
	int epoll_fd;
	int *doors;
	unsigned doors_count;
	struct guest *guests;
	unsigned waiting;
};

static uint64_t
now_ms(void)
{
	return clock_mono_us() / 1000;
}

static void
guest_free(struct acceptor *acceptor, struct guest *guest)
{
	DL_DELETE(acceptor->guests, guest);
	acceptor->waiting--;
	counter_add(COUNT_WAITING, -1);
	mem_free(&guest);
}

static void
refuse(struct acceptor *acceptor, struct guest *guest, const char *why)
{
	struct net_address address;
	char text[NET_TEXT];

	net_from_sockaddr(&address, (const void *)&guest->peer);
	net_write(text, &address);
	log_debug("%s: connection of %s closed: %s", acceptor->opts.name, text,
	    why);
	counter_up(COUNT_UNNAMED);
	close(guest->fd);
	guest_free(acceptor, guest);
}

/* ---- its header ---- */

static void
give_on(
    struct acceptor *acceptor, struct guest *guest, const struct proxyproto *said)
{
	const void *client = said->is_local ? &guest->peer : &said->client;
	socklen_t len = said->is_local ? guest->peer_len : said->client_len;
	char header[PROXYPROTO_MAX];

	if (recv(guest->fd, header, said->len, 0) != (ssize_t)said->len) {
		refuse(acceptor, guest, "it went away");
		return;
	}
	(void)epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_DEL, guest->fd, NULL);
	acceptor->opts.on_connection(acceptor->opts.arg, guest->fd, client, len);
	guest_free(acceptor, guest);
}

/* Edge-triggered: what is only looked at does not call again until there is
 * more of it. */
static void
look_at(struct acceptor *acceptor, struct guest *guest)
{
	char bytes[PROXYPROTO_MAX];
	ssize_t got = recv(guest->fd, bytes, sizeof(bytes), MSG_PEEK);
	struct proxyproto said;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		refuse(acceptor, guest, "it went away");
		return;
	}
	switch (proxyproto_read(&said, bytes, (size_t)got)) {
	case PROXYPROTO_MORE:
		break;
	case PROXYPROTO_GOOD:
		give_on(acceptor, guest, &said);
		break;
	case PROXYPROTO_BAD:
		refuse(acceptor, guest, "no PROXY header in front");
		break;
	}
}

static void
show_late_out(struct acceptor *acceptor)
{
	uint64_t now = now_ms();

	while (acceptor->guests && now >= acceptor->guests->until_ms)
		refuse(acceptor, acceptor->guests,
		    "no whole PROXY header in time");
}

/* ---- accepting ---- */

static bool
may_name_others(const struct acceptor *acceptor, const struct guest *guest)
{
	struct net_address address;

	net_from_sockaddr(&address, (const void *)&guest->peer);
	return acceptor->opts.trusted &&
	       nets_have(acceptor->opts.trusted, &address);
}

static void
welcome(struct acceptor *acceptor, struct guest *guest)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = guest};

	guest->until_ms = now_ms() + acceptor->opts.head_ms;
	DL_APPEND(acceptor->guests, guest);
	acceptor->waiting++;
	counter_add(COUNT_WAITING, 1);
	if (!may_name_others(acceptor, guest))
		refuse(acceptor, guest, "it is none of trusted_peers");
	else if (acceptor->waiting > acceptor->opts.waiting_max)
		refuse(acceptor, guest, "too many wait to be named");
	else if (epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, guest->fd,
		     &event) != 0)
		refuse(acceptor, guest, "the system has no room for it");
}

/* False: nobody is there just now. */
static bool
accept_one(struct acceptor *acceptor, int door)
{
	struct guest *guest = mem_new(sizeof(*guest));

	guest->peer_len = sizeof(guest->peer);
	guest->fd = accept4(door, (void *)&guest->peer,
	    &guest->peer_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (guest->fd >= 0) {
		welcome(acceptor, guest);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		usleep(REST_US);
	mem_free(&guest);
	return false;
}

static void
accept_some(struct acceptor *acceptor)
{
	for (unsigned k = 0; k < acceptor->doors_count; k++) {
		int door = acceptor->doors[k];

		for (int i = 0; i < AT_ONCE && accept_one(acceptor, door); i++)
			;
	}
}

/* ---- the thread ---- */

/* Whom another process listens for as well stays open when it is closed here,
 * so the epoll would go on telling of it. */
static void
close_doors(struct acceptor *acceptor)
{
	for (unsigned i = 0; i < acceptor->doors_count; i++) {
		(void)epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_DEL,
		    acceptor->doors[i], NULL);
		close(acceptor->doors[i]);
	}
	acceptor->doors_count = 0;
}

static int
wait_ms(const struct acceptor *acceptor)
{
	uint64_t now = now_ms();

	if (!acceptor->guests)
		return -1;
	return acceptor->guests->until_ms > now
		   ? (int)(acceptor->guests->until_ms - now)
		   : 0;
}

/* The doors and the bell have no guest. */
static void
round_trip(struct acceptor *acceptor)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(
	    acceptor->epoll_fd, events, EVENTS, wait_ms(acceptor));
	bool knock = false;
	uint64_t rings;

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr == &acceptor->wake_fd)
			(void)!read(acceptor->wake_fd, &rings, sizeof(rings));
		else if (events[i].data.ptr == acceptor)
			knock = true;
		else
			look_at(acceptor, events[i].data.ptr);
	}
	/* Behind the events: one of them may be of who is shown out. */
	show_late_out(acceptor);
	if (atomic_load(&acceptor->quiesced))
		close_doors(acceptor);
	else if (knock)
		accept_some(acceptor);
}

static void
run(void *arg)
{
	struct acceptor *acceptor = arg;

	while (!atomic_load(&acceptor->stops))
		round_trip(acceptor);
}

static int
watch(struct acceptor *acceptor, int fd, void *who)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};

	return epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int
watch_all(struct acceptor *acceptor, const struct acceptor_opts *opts)
{
	if (watch(acceptor, acceptor->wake_fd, &acceptor->wake_fd) != 0)
		return -1;
	for (unsigned i = 0; i < opts->fds_count; i++)
		if (watch(acceptor, opts->fds[i], acceptor) != 0)
			return -1;
	return 0;
}

int
acceptor_start(struct acceptor **out, const struct acceptor_opts *opts,
    struct err *err)
{
	struct acceptor *acceptor = mem_new(sizeof(*acceptor));

	acceptor->opts = *opts;
	acceptor->opts.fds = NULL;
	acceptor->doors = mem_new_array(opts->fds_count, sizeof(int));
	acceptor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	acceptor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (acceptor->epoll_fd < 0 || acceptor->wake_fd < 0 ||
	    watch_all(acceptor, opts) != 0) {
		err_set(err, "%s: %s", opts->name, strerror(errno));
		goto fail;
	}
	memcpy(acceptor->doors, opts->fds, opts->fds_count * sizeof(int));
	acceptor->doors_count = opts->fds_count;
	if (thread_start(&acceptor->thread, "acceptor", run, acceptor, err) !=
	    0)
		goto fail;
	*out = acceptor;
	return 0;
fail:
	acceptor->doors_count = 0; /* still the caller's */
	acceptor_stop(&acceptor);
	return -1;
}

static void
ring(struct acceptor *acceptor)
{
	uint64_t one = 1;

	(void)!write(acceptor->wake_fd, &one, sizeof(one));
}

void
acceptor_quiesce(struct acceptor *acceptor)
{
	atomic_store(&acceptor->quiesced, true);
	ring(acceptor);
}

void
acceptor_stop(struct acceptor **acceptor)
{
	struct acceptor *gone = *acceptor;

	if (!gone)
		return;
	atomic_store(&gone->stops, true);
	if (gone->thread.runs) {
		ring(gone);
		thread_join(&gone->thread);
	}
	while (gone->guests)
		refuse(gone, gone->guests, "livery is leaving");
	close_doors(gone);
	if (gone->epoll_fd >= 0)
		close(gone->epoll_fd);
	if (gone->wake_fd >= 0)
		close(gone->wake_fd);
	mem_free(&gone->doors);
	mem_free(acceptor);
}
