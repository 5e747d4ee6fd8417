/* From "127.0.0.1:0" to a listening socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/listen.h"

static void
addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *in, *out;
	} good[] = {
	    {"127.0.0.1:8080", "http://127.0.0.1:8080"},
	    {"localhost:0", "http://127.0.0.1:0"},
	    {"[::1]:80", "http://[::1]:80"},
	    {":8080", "http://[::]:8080"},
	    {"unix:/run/x", "unix:/run/x"},
	};
	struct listen_at at;
	char text[LISTEN_TEXT];
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(listen_parse(&at, good[i].in, &err), 0);
		listen_write(text, &at);
		assert_string_equal(text, good[i].out);
	}
}

static void
what_is_no_address_is_refused_with_an_example(void **state)
{
	static const char *const bad[] = {"", "8080", "127.0.0.1",
	    "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
	    "example.org:80", "::1:80", "unix:", "[::1:80", "127.0.0.1:80x"};
	struct listen_at at;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(listen_parse(&at, bad[i], &err), -1);
		assert_non_null(strstr(err.text, "is wanted"));
	}
}

static void
words_behind_an_address_are_its_own(void **state)
{
	static const char *const bad[] = {"127.0.0.1:80 mode=0600",
	    "unix:@x mode=0600", "unix:/x mode=", "unix:/x mode=8",
	    "unix:/x mode=1777", "unix:/x mode=-1", "unix:/x user=",
	    "unix:/x user=nobody-of-that-name", "unix:/x group=no-such-group",
	    "unix:/x proxy", "unix:/x proxy_protocol=1", "unix:@", "unix:/x =",
	    "127.0.0.1:1 tls=1", "127.0.0.1:1 TLS", "127.0.0.1:1 tls,tls",
	    "127.0.0.1:1 https_redirect=", "127.0.0.1:1 https_redirect=0",
	    "127.0.0.1:1 https_redirect=65536",
	    "127.0.0.1:1 https_redirect=443x", "127.0.0.1:1 https_redirects",
	    "127.0.0.1:1 tls https_redirect"};
	struct listen_at at;
	struct err err;

	(void)state;
	assert_int_equal(listen_parse(&at, "unix:/x", &err), 0);
	assert_int_equal(at.mode, LISTEN_MODE_UNSAID);
	assert_int_equal(at.owner, (uid_t)-1);
	assert_false(at.proxied);
	assert_int_equal(
	    listen_parse(&at, "unix:/x  mode=0640\tuser=root group=root "
			      "proxy_protocol",
		&err),
	    0);
	assert_int_equal(at.mode, 0640);
	assert_int_equal(at.owner, 0);
	assert_int_equal(at.group, 0);
	assert_true(at.proxied);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (listen_parse(&at, bad[i], &err) == 0)
			fail_msg("'%s' is taken", bad[i]);
}

static void
a_name_without_a_file_is_listened_at(void **state)
{
	char text[80], name[LISTEN_TEXT];
	struct listen_at at, again;
	struct err err;
	int fd, client, other;

	(void)state;
	snprintf(text, sizeof(text), "unix:@livery-%ld", (long)getpid());
	assert_int_equal(listen_parse(&at, text, &err), 0);
	again = at;
	assert_true(listen_is_abstract(&at));
	assert_int_equal(listen_open(&fd, &at, 0600, &err), 0);
	listen_write(name, &at);
	assert_string_equal(name, text);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(client, (const void *)&at.address, at.len), 0);
	assert_int_equal(listen_open(&other, &again, 0600, &err), -1);
	/* given on, it is found by its name */
	assert_true(inherit_add(dup(fd), false));
	assert_int_equal(inherit_count(&again), 1);
	assert_int_equal(listen_open(&other, &again, 0600, &err), 0);
	listen_remove(&at);
	inherit_close(true);
	close(other);
	close(client);
	close(fd);
}

static void
port_0_becomes_a_real_one_that_is_shared(void **state)
{
	struct listen_at at;
	char first[LISTEN_TEXT], second[LISTEN_TEXT];
	struct err err;
	int a, b;

	(void)state;
	assert_int_equal(listen_parse(&at, "127.0.0.1:0", &err), 0);
	assert_int_equal(listen_open(&a, &at, 0, &err), 0);
	listen_write(first, &at);
	assert_string_not_equal(first, "http://127.0.0.1:0");
	assert_int_equal(listen_open(&b, &at, 0, &err), 0);
	listen_write(second, &at);
	assert_string_equal(first, second);
	close(a);
	close(b);
}

static void
a_dead_unix_socket_is_replaced_and_nothing_else(void **state)
{
	char dir[] = "/tmp/livery-listen-XXXXXX", path[64], text[80];
	struct listen_at at, again;
	struct stat st;
	struct err err;
	FILE *file;
	int fd, other;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(text, sizeof(text), "unix:%s", path);
	assert_int_equal(listen_parse(&at, text, &err), 0);
	again = at;
	assert_int_equal(listen_open(&fd, &at, 0640, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);

	/* somebody answers */
	assert_int_equal(listen_open(&other, &again, 0640, &err), -1);
	assert_non_null(strstr(err.text, "answers"));
	/* nobody does any more */
	close(fd);
	assert_int_equal(listen_open(&other, &again, 0600, &err), 0);
	/* the first one's owner leaves the second's socket alone */
	listen_remove(&at);
	listen_remove(&again);
	assert_int_equal(lstat(path, &st), -1);
	close(other);

	file = fopen(path, "w");
	fclose(file);
	assert_int_equal(listen_open(&other, &again, 0600, &err), -1);
	assert_int_equal(lstat(path, &st), 0);
	unlink(path);
	rmdir(dir);
}

static void
say_given(const char *how_many)
{
	char pid[24];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", how_many, 1);
}

static void
sockets_that_are_said_to_come_are_looked_for_within_reason(void **state)
{
	int pair[2];

	(void)state;
	/* what is closed or no listening socket is none, and the count lies */
	assert_int_equal(pipe(pair), 0);
	alarm(20);
	say_given("9223372036854775807");
	assert_int_equal(inherit_sockets(), 0);
	alarm(0);
	say_given("-1");
	assert_int_equal(inherit_sockets(), 0);
	assert_null(getenv("LISTEN_FDS"));
	inherit_close(false);
	close(pair[0]);
	close(pair[1]);
}

static void
what_clients_speak_is_said_behind_the_address(void **state)
{
	struct listen_at at;
	char text[LISTEN_TEXT];
	struct err err;

	(void)state;
	assert_int_equal(listen_parse(&at, "127.0.0.1:80", &err), 0);
	assert_false(at.tls);
	assert_int_equal(at.redirect_port, 0);
	assert_int_equal(
	    listen_parse(&at, "127.0.0.1:443 proxy_protocol tls", &err), 0);
	assert_true(at.tls && at.proxied);
	listen_write(text, &at);
	assert_string_equal(text, "https://127.0.0.1:443");
	assert_int_equal(listen_parse(&at, "[::1]:443\ttls", &err), 0);
	listen_write(text, &at);
	assert_string_equal(text, "https://[::1]:443");
	assert_int_equal(
	    listen_parse(&at, "127.0.0.1:80 https_redirect", &err), 0);
	assert_int_equal(at.redirect_port, 443);
	listen_write(text, &at);
	assert_string_equal(text, "http://127.0.0.1:80");
	assert_int_equal(
	    listen_parse(&at, "127.0.0.1:80 https_redirect=8443", &err), 0);
	assert_int_equal(at.redirect_port, 8443);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_clients_speak_is_said_behind_the_address),
	    cmocka_unit_test(addresses_are_read_and_written),
	    cmocka_unit_test(what_is_no_address_is_refused_with_an_example),
	    cmocka_unit_test(words_behind_an_address_are_its_own),
	    cmocka_unit_test(a_name_without_a_file_is_listened_at),
	    cmocka_unit_test(port_0_becomes_a_real_one_that_is_shared),
	    cmocka_unit_test(a_dead_unix_socket_is_replaced_and_nothing_else),
	    cmocka_unit_test(
		sockets_that_are_said_to_come_are_looked_for_within_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
