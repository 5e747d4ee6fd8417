/* A descriptor goes from one process to another with the words about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/listen.h"
#include "base/passfd.h"

enum { SOON_MS = 50 };

static int pair[2];

static int
begin(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int
end(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void
words_come_with_a_descriptor_of_ones_own(void **state)
{
	char text[PASSFD_TEXT], byte = 0;
	struct err err;
	int pipes[2], fd;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(
	    passfd_send(pair[0], "socket owned", pipes[1], SOON_MS, &err), 0);
	assert_int_equal(passfd_send(pair[0], "all 1", -1, SOON_MS, &err), 0);
	close(pipes[1]);
	assert_int_equal(
	    passfd_receive(pair[1], text, &fd, SOON_MS), PASSFD_GOT);
	assert_string_equal(text, "socket owned");
	assert_true(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	close(fd);
	close(pipes[0]);
	assert_int_equal(
	    passfd_receive(pair[1], text, &fd, SOON_MS), PASSFD_GOT);
	assert_string_equal(text, "all 1");
	assert_int_equal(fd, -1);
}

static void
silence_and_an_end_are_told_apart(void **state)
{
	char text[PASSFD_TEXT];
	struct err err;
	int fd;

	(void)state;
	assert_int_equal(passfd_receive(pair[1], text, &fd, 1), PASSFD_LATE);
	assert_int_equal(passfd_send(pair[0], "no: x", -1, SOON_MS, &err), 0);
	close(pair[0]);
	/* what was said before the end is still heard */
	assert_int_equal(passfd_send(pair[1], "hello", -1, 1, &err), -1);
	assert_int_equal(
	    passfd_receive(pair[1], text, &fd, SOON_MS), PASSFD_GOT);
	assert_string_equal(text, "no: x");
	assert_int_equal(
	    passfd_receive(pair[1], text, &fd, SOON_MS), PASSFD_GONE);
	assert_int_equal(begin(NULL), 0);
}

static unsigned
open_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
send_many(unsigned count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} room = {.bytes = {0}};
	struct iovec words = {"odd", 3};
	struct msghdr message = {.msg_iov = &words, .msg_iovlen = 1};
	struct cmsghdr *head;
	int fds[16];

	for (unsigned i = 0; i < count; i++)
		fds[i] = STDERR_FILENO;
	message.msg_control = room.bytes;
	message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	assert_int_equal(sendmsg(pair[0], &message, 0), 3);
}

static void
what_is_odd_leaves_no_descriptor_behind(void **state)
{
	char text[PASSFD_TEXT], much[PASSFD_TEXT + 10];
	unsigned before = open_fds();
	int fd;

	(void)state;
	for (unsigned count = 2; count <= 16; count++) {
		send_many(count);
		assert_int_equal(
		    passfd_receive(pair[1], text, &fd, SOON_MS), PASSFD_ODD);
		assert_int_equal(fd, -1);
	}
	memset(much, 'x', sizeof(much));
	assert_int_equal(send(pair[0], much, sizeof(much), 0), sizeof(much));
	assert_int_equal(
	    passfd_receive(pair[1], text, &fd, SOON_MS), PASSFD_ODD);
	assert_int_equal(open_fds(), before);
}

static void
only_this_user_may_connect_and_is_known(void **state)
{
	char dir[] = "/tmp/livery-passfd-XXXXXX", path[64];
	int listening, other, fd, peer;
	struct stat st;
	struct err err;
	uid_t uid;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/t", dir);
	assert_int_equal(passfd_connect(&fd, path), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(passfd_listen(&listening, path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(passfd_connect(&fd, path), 0);
	peer = accept(listening, NULL, NULL);
	assert_int_equal(passfd_peer(peer, &uid, &pid), 0);
	assert_int_equal(uid, geteuid());
	assert_int_equal(pid, getpid());
	assert_int_equal(passfd_peer(fd, &uid, &pid), 0);
	assert_int_equal(uid, geteuid());
	close(fd);
	close(peer);

	/* the next one takes the name; who listened before is not asked */
	assert_int_equal(passfd_listen(&other, path, &err), 0);
	close(listening);
	assert_int_equal(passfd_connect(&fd, path), 0);
	close(fd);
	close(other);
	assert_int_equal(passfd_connect(&fd, path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(passfd_listen(&other, path, &err), -1);
	assert_non_null(strstr(err.text, "something else"));
	close(fd);
	unlink(path);
	rmdir(dir);
}

/* As many sockets on one port as a livery with that many threads has. */
static void
open_three(int fds[3], struct listen_at *at)
{
	struct err err;

	assert_int_equal(listen_parse(at, "127.0.0.1:0", &err), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(listen_open(&fds[i], at, 0, &err), 0);
}

static bool
same_socket(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino;
}

static void
each_given_socket_is_found_before_one_is_found_again(void **state)
{
	struct listen_at at;
	int given[3], found[4], pipes[2];
	char where[LISTEN_TEXT];

	(void)state;
	open_three(given, &at);
	for (int i = 0; i < 3; i++)
		assert_true(inherit_add(dup(given[i]), false));
	assert_int_equal(pipe(pipes), 0);
	assert_false(inherit_add(pipes[0], false));
	close(pipes[1]);
	assert_int_equal(inherit_count(&at), 3);
	assert_int_equal(inherit_unused(0, where, sizeof(where)), 0);
	for (int i = 0; i < 4; i++)
		found[i] = inherit_find(&at);
	for (int i = 0; i < 3; i++)
		assert_true(same_socket(found[i], given[i]));
	assert_true(same_socket(found[3], given[0]));
	assert_int_equal(inherit_unused(0, where, sizeof(where)), -1);
	assert_false(inherit_is_owned(&at));
	inherit_close(true);
	assert_int_equal(inherit_count(&at), 0);
	for (int i = 0; i < 4; i++)
		close(found[i]);
	for (int i = 0; i < 3; i++)
		close(given[i]);
}

static void
a_unix_sockets_file_goes_with_whoever_has_it(void **state)
{
	char dir[] = "/tmp/livery-passfd-XXXXXX", path[64], text[80];
	struct listen_at before, after;
	struct stat st;
	struct err err;
	int old, new;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/l", dir);
	snprintf(text, sizeof(text), "unix:%s", path);
	assert_int_equal(listen_parse(&before, text, &err), 0);
	after = before;
	assert_int_equal(listen_open(&old, &before, 0600, &err), 0);
	assert_true(inherit_add(dup(old), true));
	assert_int_equal(listen_open(&new, &after, 0600, &err), 0);
	assert_true(same_socket(old, new));
	/* not ours before it is said */
	listen_remove(&after);
	assert_int_equal(lstat(path, &st), 0);
	before.given = true;
	assert_true(inherit_is_owned(&after));
	listen_own(&after, true);
	listen_remove(&before);
	assert_int_equal(lstat(path, &st), 0);
	inherit_close(true);
	assert_int_equal(lstat(path, &st), 0);
	listen_remove(&after);
	assert_int_equal(lstat(path, &st), -1);
	close(old);
	close(new);

	/* one that nobody asks for goes with its file */
	assert_int_equal(listen_open(&old, &before, 0600, &err), 0);
	assert_true(inherit_add(dup(old), true));
	inherit_close(true);
	assert_int_equal(lstat(path, &st), -1);
	close(old);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_come_with_a_descriptor_of_ones_own),
	    cmocka_unit_test(silence_and_an_end_are_told_apart),
	    cmocka_unit_test(what_is_odd_leaves_no_descriptor_behind),
	    cmocka_unit_test(only_this_user_may_connect_and_is_known),
	    cmocka_unit_test(
		each_given_socket_is_found_before_one_is_found_again),
	    cmocka_unit_test(a_unix_sockets_file_goes_with_whoever_has_it),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
