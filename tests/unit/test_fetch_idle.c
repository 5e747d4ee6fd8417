/* Kept connections that nobody uses: fetch/idle.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "fetch/idle.h"

struct rig {
	struct idle idle;
	int epoll_fd, ends[2];
};

static void
set_up(struct rig *rig)
{
	*rig = (struct rig){.epoll_fd = epoll_create1(0)};
	assert_true(rig->epoll_fd >= 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM, 0, rig->ends), 0);
}

static void
tear_down(struct rig *rig)
{
	close(rig->ends[0]);
	close(rig->ends[1]);
	close(rig->epoll_fd);
	idle_fini(&rig->idle);
}

/* Something comes: is it noticed as unasked for? */
static bool
is_noticed(struct rig *rig)
{
	struct epoll_event event;

	assert_int_equal(write(rig->ends[1], "x", 1), 1);
	if (epoll_wait(rig->epoll_fd, &event, 1, 0) != 1)
		return false;
	assert_true(event.data.u64 & IDLE_MARK);
	assert_int_equal((uint32_t)event.data.u64, rig->ends[0]);
	return true;
}

static void
what_comes_on_an_idle_one_is_noticed(void **state)
{
	struct rig rig;
	int a;

	(void)state;
	set_up(&rig);
	idle_used_by(&rig.idle, rig.ends[0], &a);
	idle_watch(&rig.idle, rig.epoll_fd, rig.ends[0], &a);
	assert_true(is_noticed(&rig));
	idle_spoil(rig.epoll_fd, rig.ends[0]);
	assert_int_equal(send(rig.ends[0], "x", 1, MSG_NOSIGNAL), -1);
	tear_down(&rig);
}

/* The first transfer's end is heard of after a second one has its connection;
 * and that is paused, so nothing watches the socket. */
static void
one_that_is_taken_again_is_not_idle(void **state)
{
	struct rig rig;
	int a, b;

	(void)state;
	set_up(&rig);
	idle_used_by(&rig.idle, rig.ends[0], &a);
	idle_used_by(&rig.idle, rig.ends[0], &b);
	idle_watch(&rig.idle, rig.epoll_fd, rig.ends[0], &a);
	assert_false(is_noticed(&rig));
	idle_watch(&rig.idle, rig.epoll_fd, rig.ends[0], &b);
	assert_true(is_noticed(&rig));
	tear_down(&rig);
}

static void
one_that_was_never_used_is_left_alone(void **state)
{
	struct rig rig;
	int a;

	(void)state;
	set_up(&rig);
	idle_watch(&rig.idle, rig.epoll_fd, rig.ends[0], &a);
	assert_false(is_noticed(&rig));
	idle_used_by(&rig.idle, 1000, &a);
	idle_watch(&rig.idle, rig.epoll_fd, rig.ends[0], &a);
	assert_false(is_noticed(&rig));
	tear_down(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_comes_on_an_idle_one_is_noticed),
	    cmocka_unit_test(one_that_is_taken_again_is_not_idle),
	    cmocka_unit_test(one_that_was_never_used_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
