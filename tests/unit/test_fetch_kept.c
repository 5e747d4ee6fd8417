/* tests/unit/test_fetch_kept.c - connections that wait: fetch/kept.h */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/must.h"
#include "fetch/kept.h"

enum { NOW = 1000 };

static struct kept kept;
static struct upstream *one, *other;

static struct upstream *
place(const char *url)
{
	struct upstream_opts opts;
	struct upstream *up;
	struct err err;

	upstream_opts_default(&opts);
	opts.name = opts.url = url;
	must(upstream_new(&up, &opts, &err) == 0);
	return up;
}

static int
begin(void **state)
{
	(void)state;
	kept = (struct kept){.lines = NULL};
	one = place("http://127.0.0.1:1");
	other = place("http://127.0.0.1:2");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	kept_fini(&kept);
	assert_int_equal(kept.count, 0);
	upstream_unref(&one);
	upstream_unref(&other);
	return 0;
}

/* A connection that is kept; its other end. */
static int
keep(struct upstream *up, const char *address, uint64_t now_ms, int *fd)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	kept_put(&kept, up, address, ends[0], now_ms);
	if (fd)
		*fd = ends[0];
	return ends[1];
}

static bool
is_closed(int far)
{
	char byte;

	return recv(far, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
one_to_that_server_at_that_address_is_taken_once(void **state)
{
	int fd, far = keep(one, "127.0.0.1", NOW, &fd);

	(void)state;
	assert_int_equal(kept_take(&kept, other, "127.0.0.1", NOW), -1);
	assert_int_equal(kept_take(&kept, one, "127.0.0.2", NOW), -1);
	assert_int_equal(kept_take(&kept, one, NULL, NOW), -1);
	assert_int_equal(kept_take(&kept, one, "127.0.0.1", NOW), fd);
	assert_int_equal(kept_take(&kept, one, "127.0.0.1", NOW), -1);
	close(fd);
	close(far);
}

static void
the_warmest_is_taken_first(void **state)
{
	int a, b, far_a = keep(one, NULL, NOW, &a);
	int far_b = keep(one, NULL, NOW + 1, &b);

	(void)state;
	assert_int_equal(kept_take(&kept, one, NULL, NOW + 2), b);
	assert_int_equal(kept_take(&kept, one, NULL, NOW + 2), a);
	close(a);
	close(b);
	close(far_a);
	close(far_b);
}

static void
one_on_which_something_came_is_nobodys(void **state)
{
	int far = keep(one, NULL, NOW, NULL);

	(void)state;
	must(write(far, "HTTP/1.1 200 OK\r\n\r\n", 19) == 19);
	assert_int_equal(kept_take(&kept, one, NULL, NOW), -1);
	assert_int_equal(kept.count, 0);
	close(far);
}

static void
one_that_was_closed_is_nobodys(void **state)
{
	(void)state;
	close(keep(one, NULL, NOW, NULL));
	assert_int_equal(kept_take(&kept, one, NULL, NOW), -1);
	assert_int_equal(kept.count, 0);
}

static void
one_that_tells_something_is_closed_at_once(void **state)
{
	int fd, far = keep(one, NULL, NOW, &fd);

	(void)state;
	kept_event(&kept, fd + 1000);
	assert_false(is_closed(far));
	kept_event(&kept, fd);
	assert_true(is_closed(far));
	assert_int_equal(kept.count, 0);
	close(far);
}

static void
none_waits_for_longer_than_servers_do(void **state)
{
	int old = keep(one, NULL, NOW, NULL);
	int young = keep(one, NULL, NOW + 5, NULL);

	(void)state;
	assert_int_equal(kept_look(&kept, NOW + 1), NOW + KEPT_MAX_MS);
	assert_false(is_closed(old));
	assert_int_equal(
	    kept_look(&kept, NOW + KEPT_MAX_MS), NOW + 5 + KEPT_MAX_MS);
	assert_true(is_closed(old));
	/* Who asks before anybody has looked is not given one either. */
	assert_int_equal(
	    kept_take(&kept, one, NULL, NOW + 5 + KEPT_MAX_MS), -1);
	assert_true(is_closed(young));
	assert_true(kept_look(&kept, NOW) == UINT64_MAX);
	close(old);
	close(young);
}

static void
no_more_than_so_many_wait(void **state)
{
	int first = keep(one, NULL, NOW, NULL), fars[KEPT_MAX];

	(void)state;
	for (int i = 0; i < KEPT_MAX; i++)
		fars[i] = keep(one, NULL, NOW, NULL);
	assert_int_equal(kept.count, KEPT_MAX);
	assert_true(is_closed(first));
	assert_false(is_closed(fars[0]));
	close(first);
	for (int i = 0; i < KEPT_MAX; i++)
		close(fars[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		one_to_that_server_at_that_address_is_taken_once, begin, end),
	    cmocka_unit_test_setup_teardown(
		the_warmest_is_taken_first, begin, end),
	    cmocka_unit_test_setup_teardown(
		one_on_which_something_came_is_nobodys, begin, end),
	    cmocka_unit_test_setup_teardown(
		one_that_was_closed_is_nobodys, begin, end),
	    cmocka_unit_test_setup_teardown(
		one_that_tells_something_is_closed_at_once, begin, end),
	    cmocka_unit_test_setup_teardown(
		none_waits_for_longer_than_servers_do, begin, end),
	    cmocka_unit_test_setup_teardown(
		no_more_than_so_many_wait, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
