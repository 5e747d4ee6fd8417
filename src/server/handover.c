/* server/handover.c - the side of the one that goes */
#include "server/handover.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/passfd.h"
#include "base/report.h"
#include "base/thread.h"

enum { LOOK_MS = 200 }; /* whether we are to stop, while somebody starts */

struct handover {
	struct handover_opts opts;
	char *path;
	struct thread thread;
	int fd, wake_fd;
	bool gone; /* the thread's, and of whoever has joined it */
	dev_t dev; /* of the file that we made */
	ino_t ino;
	_Atomic bool stops; /* shared */
};

/* Who is at the other end. */
struct caller {
	int fd;
	pid_t pid;
};

/* ---- somebody comes ---- */

static int
check_caller(int caller, pid_t *pid, struct err *err)
{
	uid_t uid;

	if (passfd_peer(caller, &uid, pid) != 0)
		return err_set(err, "the system does not say who it is");
	if (uid != 0 && uid != geteuid())
		return err_set(err, "user %u may not take over from user %u",
		    (unsigned)uid, (unsigned)geteuid());
	return 0;
}

/* The word that must come next. */
static int
expect(struct handover *handover, int caller, const char *word,
    uint32_t wait_ms, struct err *err)
{
	uint64_t until_us = clock_mono_us() + (uint64_t)wait_ms * 1000;
	char text[PASSFD_TEXT];
	enum passfd got;
	int fd;

	do {
		got = passfd_receive(caller, text, &fd, LOOK_MS);
	} while (got == PASSFD_LATE && clock_mono_us() < until_us &&
		 !atomic_load(&handover->stops));
	if (fd >= 0)
		close(fd);
	switch (got) {
	case PASSFD_GOT:
		break;
	case PASSFD_GONE:
		return err_set(err, "it ended before it said '%s'", word);
	case PASSFD_LATE:
		return err_set(err, "it did not say '%s' in time", word);
	case PASSFD_ODD:
		return err_set(err, "it says what is no word of ours");
	}
	if (fd >= 0 || strcmp(text, word) != 0)
		return err_set(err, "it says '%s', not '%s'", text, word);
	return 0;
}

/* What goes with its descriptor. */
static void
name_socket(char text[PASSFD_TEXT], const struct listen_at *at)
{
	if (at->any_port)
		snprintf(text, PASSFD_TEXT, HANDOVER_AT, at->place);
	else
		snprintf(text, PASSFD_TEXT, "%s",
		    at->ino != 0 ? HANDOVER_OWNED : HANDOVER_KEPT);
}

static int
give_sockets(const struct handover *handover, int caller, struct err *err)
{
	const struct sockets *sockets = handover->opts.sockets;
	const struct socket_held *held = sockets->list;
	char text[PASSFD_TEXT];
	unsigned count = 0;

	for (; held < sockets->list + sockets->count; held++) {
		/* nobody can connect there: they make their own */
		if (held->at->ino != 0 && !listen_has_file(held->at))
			continue;
		name_socket(text, held->at);
		if (passfd_send(
			caller, text, held->fd, HANDOVER_WORD_MS, err) != 0)
			return -1;
		count++;
	}
	snprintf(text, sizeof(text), HANDOVER_ALL, count);
	return passfd_send(caller, text, -1, HANDOVER_WORD_MS, err);
}

static int
part(struct handover *handover, int caller, pid_t pid, struct err *err)
{
	const struct handover_opts *opts = &handover->opts;

	opts->on_taken(opts->arg, pid);
	if (passfd_send(caller, HANDOVER_YOURS, -1, HANDOVER_WORD_MS, err) == 0)
		return 0;
	opts->on_taken_back(opts->arg);
	return -1;
}

static void
refuse(int caller, const struct err *why)
{
	char text[PASSFD_TEXT];
	struct err err;

	snprintf(text, sizeof(text), HANDOVER_NO "%.*s",
	    (int)(sizeof(text) - sizeof(HANDOVER_NO)), why->text);
	/* who is gone does not hear it */
	if (passfd_send(caller, text, -1, 0, &err) != 0)
		return;
}

/* ---- one at a time, and nobody for long ---- */

static void
let_go(struct caller *caller, const struct err *why)
{
	log_warn("takeover by process %ld: %s, going on as before",
	    (long)caller->pid, why->text);
	report_problem("takeover", NULL, why->text, "this livery goes on");
	refuse(caller->fd, why);
	close(caller->fd);
	caller->fd = -1;
}

/* Whoever is at the socket, as soon as it has said what it wants. */
static bool
greet(struct handover *handover, struct caller *out)
{
	struct caller caller = {.fd = -1};
	struct err err;

	caller.fd = accept4(handover->fd, NULL, NULL, SOCK_CLOEXEC);
	if (caller.fd < 0) {
		struct pollfd wake = {.fd = handover->wake_fd, .events = POLLIN};

		/* it may be that no descriptor is left */
		(void)poll(&wake, 1, LOOK_MS);
		return false;
	}
	if (check_caller(caller.fd, &caller.pid, &err) != 0 ||
	    expect(handover, caller.fd, HANDOVER_HELLO, HANDOVER_HELLO_MS,
		&err) != 0) {
		if (atomic_load(&handover->stops))
			close(caller.fd);
		else
			let_go(&caller, &err);
		return false;
	}
	*out = caller;
	return true;
}

/* Somebody else has come who means it: that one is asked from now on. */
static bool
gives_way(struct handover *handover, struct caller *caller)
{
	struct pollfd look = {.fd = handover->fd, .events = POLLIN};
	struct caller next;
	struct err err;

	if (poll(&look, 1, 0) <= 0 || !greet(handover, &next))
		return false;
	err_set(&err, "another has come");
	let_go(caller, &err);
	*caller = next;
	return true;
}

/* It has the sockets, and starts. */
static int
expect_accepting(
    struct handover *handover, struct caller *caller, struct err *err)
{
	uint64_t until_us = clock_mono_us() +
			    (uint64_t)HANDOVER_START_MS * 1000;
	struct pollfd look[] = {{.events = POLLIN},
	    {.fd = handover->fd, .events = POLLIN},
	    {.fd = handover->wake_fd, .events = POLLIN}};

	while (clock_mono_us() < until_us && !atomic_load(&handover->stops)) {
		look[0].fd = caller->fd;
		(void)poll(look, COUNT_OF(look), LOOK_MS);
		if (look[0].revents)
			break;
		if (!gives_way(handover, caller))
			continue;
		if (give_sockets(handover, caller->fd, err) != 0)
			return -1;
		until_us = clock_mono_us() + (uint64_t)HANDOVER_START_MS * 1000;
	}
	return expect(handover, caller->fd, HANDOVER_ACCEPTING, 0, err);
}

/* True: it has taken over. */
static bool
talk(struct handover *handover, struct caller *caller)
{
	struct err err;

	if (give_sockets(handover, caller->fd, &err) == 0 &&
	    expect_accepting(handover, caller, &err) == 0 &&
	    part(handover, caller->fd, caller->pid, &err) == 0) {
		close(caller->fd);
		handover->opts.on_gone(handover->opts.arg, caller->pid);
		return true;
	}
	if (atomic_load(&handover->stops)) {
		handover->opts.on_left(handover->opts.arg);
		close(caller->fd);
		return false;
	}
	let_go(caller, &err);
	return false;
}

static void
run(void *arg)
{
	struct handover *handover = arg;
	struct pollfd look[] = {
	    {.fd = handover->fd, .events = POLLIN},
	    {.fd = handover->wake_fd, .events = POLLIN},
	};
	struct caller caller;

	while (!handover->gone && !atomic_load(&handover->stops)) {
		if (poll(look, 2, -1) <= 0 || !(look[0].revents & POLLIN))
			continue;
		if (greet(handover, &caller))
			handover->gone = talk(handover, &caller);
	}
}

/* ---- begin and end ---- */

static void
note_file(struct handover *handover)
{
	struct stat st;

	if (lstat(handover->path, &st) != 0)
		return;
	handover->dev = st.st_dev;
	handover->ino = st.st_ino;
}

int
handover_start(
    struct handover **out, const struct handover_opts *opts, struct err *err)
{
	struct handover *handover = mem_new(sizeof(*handover));

	handover->opts = *opts;
	handover->path = mem_strdup(opts->path);
	handover->fd = -1;
	handover->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (handover->wake_fd < 0) {
		err_set(err, "takeover: %s", strerror(errno));
		goto fail;
	}
	if (passfd_listen(&handover->fd, handover->path, err) != 0) {
		err_prefix(err, "takeover");
		goto fail;
	}
	note_file(handover);
	if (thread_start(&handover->thread, "handover", run, handover, err) !=
	    0)
		goto fail;
	*out = handover;
	return 0;
fail:
	handover_stop(&handover);
	return -1;
}

void
handover_stop(struct handover **handover)
{
	struct handover *old = *handover;
	uint64_t one = 1;
	struct stat st;

	if (!old)
		return;
	atomic_store(&old->stops, true);
	if (old->thread.runs) {
		(void)!write(old->wake_fd, &one, sizeof(one));
		thread_join(&old->thread);
	}
	/* Whoever took over may be about to put its own there, just between the
	 * look and the deed. */
	if (!old->gone && old->ino && lstat(old->path, &st) == 0 &&
	    st.st_dev == old->dev && st.st_ino == old->ino)
		(void)unlink(old->path);
	if (old->fd >= 0)
		close(old->fd);
	if (old->wake_fd >= 0)
		close(old->wake_fd);
	mem_free(&old->path);
	mem_free(handover);
}
