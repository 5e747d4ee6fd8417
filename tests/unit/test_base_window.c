/* test_base_window.c - buffers of sockets that really have them */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/window.h"

/* The kernel tells it doubled. */
static int
buffer_of(int fd, int which)
{
	int bytes = 0;
	socklen_t len = sizeof(bytes);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, which, &bytes, &len), 0);
	return bytes;
}

static int
new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

static void
a_window_bounds_what_lies_in_both_buffers(void **state)
{
	enum { WINDOW = 80000 };
	int fd = new_socket();

	(void)state;
	window_set(fd, WINDOW);
	assert_in_range(buffer_of(fd, SO_RCVBUF), WINDOW, WINDOW * 2);
	assert_in_range(buffer_of(fd, SO_SNDBUF), WINDOW, WINDOW * 3 / 2);
	close(fd);
}

static void
no_window_leaves_the_choice_to_the_kernel(void **state)
{
	int fd = new_socket();
	int receive = buffer_of(fd, SO_RCVBUF), send = buffer_of(fd, SO_SNDBUF);

	(void)state;
	window_set(fd, 0);
	assert_int_equal(buffer_of(fd, SO_RCVBUF), receive);
	assert_int_equal(buffer_of(fd, SO_SNDBUF), send);
	close(fd);
}

static void
connections_inherit_it_from_who_listens(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int listener = new_socket(), client = new_socket(), accepted;

	(void)state;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	window_set(listener, 60000);
	assert_int_equal(bind(listener, (void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (void *)&at, &len), 0);
	assert_int_equal(connect(client, (void *)&at, sizeof(at)), 0);
	accepted = accept(listener, NULL, NULL);
	assert_true(accepted >= 0);
	assert_int_equal(
	    buffer_of(accepted, SO_RCVBUF), buffer_of(listener, SO_RCVBUF));
	assert_int_equal(
	    buffer_of(accepted, SO_SNDBUF), buffer_of(listener, SO_SNDBUF));
	close(accepted);
	close(client);
	close(listener);
}

static void
what_has_no_buffers_is_left_alone(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	window_set(ends[0], 60000);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_window_bounds_what_lies_in_both_buffers),
	    cmocka_unit_test(no_window_leaves_the_choice_to_the_kernel),
	    cmocka_unit_test(connections_inherit_it_from_who_listens),
	    cmocka_unit_test(what_has_no_buffers_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
