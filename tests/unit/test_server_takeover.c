/* The words between the livery that goes and the one that comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/passfd.h"
#include "server/handover.h"
#include "server/takeover.h"

enum { SOCKETS = 3, WAIT_MS = 5000, LOOK_US = 1000 };

static struct {
	char dir[32], path[64];
	struct socket_held list[SOCKETS];
	struct listen_at at;
	struct sockets sockets;
	struct handover *handover;
	_Atomic int taken, taken_back, gone; /* by which process */
	_Atomic int left;
} old;

static void
on_taken(void *arg, pid_t by)
{
	(void)arg;
	atomic_store(&old.taken, (int)by);
}

static void
on_taken_back(void *arg)
{
	(void)arg;
	atomic_fetch_add(&old.taken_back, 1);
}

static void
on_gone(void *arg, pid_t by)
{
	(void)arg;
	atomic_store(&old.gone, (int)by);
}

static void
on_left(void *arg)
{
	(void)arg;
	atomic_fetch_add(&old.left, 1);
}

static int
begin(void **state)
{
	struct handover_opts opts = {
	    .path = old.path,
	    .sockets = &old.sockets,
	    .on_taken = on_taken,
	    .on_taken_back = on_taken_back,
	    .on_gone = on_gone,
	    .on_left = on_left,
	};
	struct err err;

	(void)state;
	memset(&old, 0, sizeof(old));
	strcpy(old.dir, "/tmp/livery-takeover-XXXXXX");
	if (!mkdtemp(old.dir) ||
	    listen_parse(&old.at, "127.0.0.1:0", &err) != 0)
		return -1;
	snprintf(old.path, sizeof(old.path), "%s/t", old.dir);
	for (int i = 0; i < SOCKETS; i++) {
		if (listen_open(&old.list[i].fd, &old.at, 0, &err) != 0)
			return -1;
		old.list[i].at = &old.at;
	}
	old.sockets.list = old.list;
	old.sockets.count = SOCKETS;
	return handover_start(&old.handover, &opts, &err);
}

static int
end(void **state)
{
	(void)state;
	handover_stop(&old.handover);
	inherit_close(false);
	for (int i = 0; i < SOCKETS; i++)
		close(old.list[i].fd);
	/* empty */
	return rmdir(old.dir);
}

static void
the_one_that_comes_gets_all_sockets(void **state)
{
	struct takeover *takeover;
	struct err err;

	(void)state;
	assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
	assert_non_null(takeover);
	assert_int_equal(takeover_from(takeover), getpid());
	assert_int_equal(inherit_count(&old.at), SOCKETS);
	assert_int_equal(atomic_load(&old.taken), 0);
	assert_int_equal(takeover_commit(takeover, &err), 0);
	assert_int_equal(atomic_load(&old.taken), getpid());
	for (int i = 0; i < WAIT_MS && !atomic_load(&old.gone); i++)
		usleep(LOOK_US);
	assert_int_equal(atomic_load(&old.gone), getpid());
	assert_int_equal(atomic_load(&old.taken_back), 0);
	takeover_end(&takeover);
	assert_null(takeover);
	/* the other puts its own there, whenever that is */
	handover_stop(&old.handover);
	assert_int_equal(atomic_load(&old.left), 0);
	assert_int_equal(unlink(old.path), 0);
}

static void
whoever_breaks_off_has_not_been_there(void **state)
{
	struct takeover *takeover;
	struct err err;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
		takeover_end(&takeover);
		inherit_close(false);
	}
	assert_int_equal(atomic_load(&old.taken), 0);
	the_one_that_comes_gets_all_sockets(state);
}

static void
the_next_one_waits_until_the_first_has_broken_off(void **state)
{
	struct takeover *takeover;
	char text[PASSFD_TEXT];
	struct err err;
	int first, fd;

	(void)state;
	assert_int_equal(passfd_connect(&first, old.path), 0);
	assert_int_equal(
	    passfd_send(first, "what is this", -1, WAIT_MS, &err), 0);
	assert_int_equal(
	    passfd_receive(first, text, &fd, WAIT_MS), PASSFD_GOT);
	assert_int_equal(strncmp(text, HANDOVER_NO, strlen(HANDOVER_NO)), 0);
	assert_non_null(strstr(text, "what is this"));
	assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
	takeover_end(&takeover);
	close(first);
}

static void
one_that_ends_lets_go_of_who_is_coming(void **state)
{
	struct takeover *takeover;
	struct err err;

	(void)state;
	assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
	handover_stop(&old.handover);
	assert_int_equal(atomic_load(&old.left), 1);
	/* it is dead, as far as one can tell; the sockets are here */
	assert_int_equal(takeover_commit(takeover, &err), 0);
	assert_int_equal(atomic_load(&old.taken), 0);
	takeover_end(&takeover);
	assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
	assert_null(takeover);
}

/* As one that was stopped while it starts. */
static void
who_hangs_gives_way_to_the_next(void **state)
{
	struct takeover *takeover;
	char text[PASSFD_TEXT];
	struct err err;
	int first, fd;

	(void)state;
	assert_int_equal(passfd_connect(&first, old.path), 0);
	assert_int_equal(
	    passfd_send(first, HANDOVER_HELLO, -1, WAIT_MS, &err), 0);
	do {
		assert_int_equal(
		    passfd_receive(first, text, &fd, WAIT_MS), PASSFD_GOT);
		if (fd >= 0)
			close(fd);
	} while (fd >= 0);
	assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
	assert_int_equal(
	    passfd_receive(first, text, &fd, WAIT_MS), PASSFD_GOT);
	assert_string_equal(text, HANDOVER_NO "another has come");
	assert_int_equal(
	    passfd_receive(first, text, &fd, WAIT_MS), PASSFD_GONE);
	close(first);
	assert_int_equal(takeover_commit(takeover, &err), 0);
	assert_int_equal(atomic_load(&old.taken), getpid());
	takeover_end(&takeover);
	handover_stop(&old.handover);
	assert_int_equal(unlink(old.path), 0);
}

static void
who_says_nothing_is_let_go_and_takes_nobodys_place(void **state)
{
	struct takeover *starts, *comes;
	char text[PASSFD_TEXT];
	struct err err;
	int silent, fd;

	(void)state;
	assert_int_equal(takeover_begin(&starts, old.path, &err), 0);
	assert_int_equal(passfd_connect(&silent, old.path), 0);
	assert_int_equal(
	    passfd_receive(silent, text, &fd, HANDOVER_WORD_MS - 1000),
	    PASSFD_GOT);
	assert_string_equal(text,
	    HANDOVER_NO "it did not say '" HANDOVER_HELLO "' in time");
	close(silent);
	inherit_close(false);
	assert_int_equal(takeover_begin(&comes, old.path, &err), 0);
	takeover_end(&comes);
	takeover_end(&starts);
}

static void
a_free_port_is_found_by_its_place(void **state)
{
	struct takeover *takeover;
	struct listen_at same, other, elsewhere;
	struct err err;
	int fd;

	(void)state;
	assert_int_equal(listen_parse(&same, "127.0.0.1:0", &err), 0);
	assert_int_equal(listen_parse(&other, "127.0.0.1:0", &err), 0);
	assert_int_equal(listen_parse(&elsewhere, "127.0.0.2:0", &err), 0);
	other.place = 1;
	assert_int_equal(takeover_begin(&takeover, old.path, &err), 0);
	assert_int_equal(inherit_count(&other), 0);
	assert_int_equal(inherit_count(&elsewhere), 0);
	assert_int_equal(inherit_count(&same), SOCKETS);
	assert_int_equal(listen_open(&fd, &same, 0, &err), 0);
	assert_memory_equal(&same.address, &old.at.address, old.at.len);
	assert_int_equal(inherit_count(&same), SOCKETS);
	close(fd);
	takeover_end(&takeover);
}

/* Which has lost its patience. */
static void
who_is_refused_does_not_go_on(void **state)
{
	struct takeover *takeover = NULL;
	char path[80], text[PASSFD_TEXT];
	struct err err;
	int listening, other, fd;
	pid_t child;

	(void)state;
	snprintf(path, sizeof(path), "%s/o", old.dir);
	assert_int_equal(passfd_listen(&listening, path, &err), 0);
	child = fork();
	if (child == 0) {
		alarm(10);
		while ((other = accept(listening, NULL, NULL)) < 0)
			usleep(LOOK_US);
		if (passfd_receive(other, text, &fd, WAIT_MS) != PASSFD_GOT ||
		    passfd_send(other, "all 0", -1, WAIT_MS, &err) != 0 ||
		    passfd_send(other, "no: too late", -1, WAIT_MS, &err) != 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(takeover_begin(&takeover, path, &err), 0);
	assert_non_null(takeover);
	usleep(100 * LOOK_US);
	assert_int_equal(takeover_commit(takeover, &err), -1);
	assert_non_null(strstr(err.text, "too late"));
	takeover_end(&takeover);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(listening);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_one_that_comes_gets_all_sockets, begin, end),
	    cmocka_unit_test_setup_teardown(
		whoever_breaks_off_has_not_been_there, begin, end),
	    cmocka_unit_test_setup_teardown(
		the_next_one_waits_until_the_first_has_broken_off, begin, end),
	    cmocka_unit_test_setup_teardown(
		one_that_ends_lets_go_of_who_is_coming, begin, end),
	    cmocka_unit_test_setup_teardown(
		who_hangs_gives_way_to_the_next, begin, end),
	    cmocka_unit_test_setup_teardown(
		who_says_nothing_is_let_go_and_takes_nobodys_place, begin,
		end),
	    cmocka_unit_test_setup_teardown(
		a_free_port_is_found_by_its_place, begin, end),
	    cmocka_unit_test_setup_teardown(
		who_is_refused_does_not_go_on, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
