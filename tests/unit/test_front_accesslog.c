/* The access log: its lines, what strangers cannot do to them, its file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/counter.h"
#include "front/accesslog.h"

static struct accesslog_line
a_line(void)
{
	return (struct accesslog_line){
	    .now_ms = 1700000000123,
	    .client = "192.0.2.7",
	    .method = "GET",
	    .host = "www.example.org",
	    .host_len = 15,
	    .target = "/a?b=c",
	    .target_len = 6,
	    .version = "HTTP/1.1",
	    .status = 200,
	    .bytes = 1234,
	    .duration_us = 56,
	    .kind = "hit",
	    .cache_status = "hit; ttl=5",
	    .theme = "main",
	    .referer = "http://r/",
	    .user_agent = "Browser",
	};
}

static const char *
written(enum accesslog_format format, const struct accesslog_line *line)
{
	static char text[ACCESSLOG_LINE_MAX + 1];

	text[accesslog_format(text, format, line)] = '\0';
	return text;
}

static void
a_combined_line_is_as_everybody_reads_it(void **state)
{
	struct accesslog_line line = a_line();

	(void)state;
	assert_string_equal(written(ACCESSLOG_COMBINED, &line),
	    "192.0.2.7 - - [14/Nov/2023:22:13:20 +0000] "
	    "\"GET /a?b=c HTTP/1.1\" 200 1234 \"http://r/\" \"Browser\"\n");
	line.referer = line.user_agent = NULL;
	assert_string_equal(written(ACCESSLOG_COMBINED, &line),
	    "192.0.2.7 - - [14/Nov/2023:22:13:20 +0000] "
	    "\"GET /a?b=c HTTP/1.1\" 200 1234 \"-\" \"-\"\n");
}

static void
a_json_line_has_all_there_is(void **state)
{
	struct accesslog_line line = a_line();

	(void)state;
	assert_string_equal(written(ACCESSLOG_JSON, &line),
	    "{\"time\":\"2023-11-14T22:13:20.123Z\",\"client\":\"192.0.2.7\","
	    "\"method\":\"GET\",\"host\":\"www.example.org\","
	    "\"target\":\"/a?b=c\",\"status\":200,\"bytes\":1234,"
	    "\"duration_us\":56,\"kind\":\"hit\","
	    "\"cache_status\":\"hit; ttl=5\",\"theme\":\"main\","
	    "\"referer\":\"http://r/\",\"user_agent\":\"Browser\"}\n");
}

static void
nobody_forges_a_line(void **state)
{
	struct accesslog_line line = a_line();

	(void)state;
	line.user_agent = "a\" 200\\\r\nb\x7f\xc3";
	assert_non_null(strstr(written(ACCESSLOG_COMBINED, &line),
	    " \"a\\x22 200\\x5c\\x0d\\x0ab\\x7f\\xc3\"\n"));
	assert_non_null(strstr(written(ACCESSLOG_JSON, &line),
	    "\"a\\u0022 200\\u005c\\u000d\\u000ab\\u007f\\u00c3\"}\n"));
}

static void
expect_escaped(unsigned byte, unsigned at, unsigned len)
{
	struct accesslog_line line = a_line();
	char target[32], wanted[64];

	memset(target, 'a', len);
	target[len] = '\0';
	target[at] = (char)byte;
	line.target = target;
	line.target_len = len;
	if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\')
		snprintf(wanted, sizeof(wanted), "\"GET %s H", target);
	else
		snprintf(wanted, sizeof(wanted), "\"GET %.*s\\x%02x%s H",
		    (int)at, target, byte, target + at + 1);
	assert_non_null(strstr(written(ACCESSLOG_COMBINED, &line), wanted));
}

/* At each place in turn: several are looked at at once, and the last of them
 * together with some before. */
static void
every_byte_is_escaped_wherever_it_stands(void **state)
{
	static const unsigned lengths[] = {5, 8, 13, 24, 27};

	(void)state;
	for (unsigned byte = 1; byte < 256; byte++)
		for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths);
		     i++)
			for (unsigned at = 0; at < lengths[i]; at++)
				expect_escaped(byte, at, lengths[i]);
}

static void
a_long_line_is_cut_and_still_ends(void **state)
{
	struct accesslog_line line = a_line();
	static char nasty[20000];
	const char *text;
	int format;

	(void)state;
	memset(nasty, 1, sizeof(nasty) - 1);
	line.target = nasty;
	line.target_len = sizeof(nasty) - 1;
	line.referer = line.user_agent = line.method = nasty;
	line.host = nasty;
	line.host_len = 20000 - 1;
	line.kind = line.theme = line.cache_status = nasty;
	for (format = ACCESSLOG_COMBINED; format <= ACCESSLOG_JSON; format++) {
		text = written((enum accesslog_format)format, &line);
		assert_true(strlen(text) < ACCESSLOG_LINE_MAX);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
	text = written(ACCESSLOG_JSON, &line);
	assert_string_equal(text + strlen(text) - 3, "\"}\n");
}

static size_t
lines_in(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t lines = 0;
	int c;

	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

static void
lines_reach_the_file_and_a_moved_one_is_made_anew(void **state)
{
	char dir[] = "/tmp/livery-log-XXXXXX", path[64], moved[64];
	struct accesslog_line line = a_line();
	struct accesslog *log;
	struct err err;
	int i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/access.log", dir);
	snprintf(moved, sizeof(moved), "%s/access.log.1", dir);
	assert_int_equal(
	    accesslog_start(&log, path, ACCESSLOG_COMBINED, 2, &err), 0);
	for (i = 0; i < 1000; i++)
		accesslog_write(log, (unsigned)i % 2, &line);
	usleep(100000);
	assert_int_equal(lines_in(path), 1000);
	assert_int_equal(rename(path, moved), 0);
	accesslog_reopen(log);
	usleep(100000);
	accesslog_write(log, 0, &line);
	accesslog_stop(&log);
	assert_null(log);
	assert_int_equal(lines_in(moved), 1000);
	assert_int_equal(lines_in(path), 1);
	unlink(path);
	unlink(moved);
	rmdir(dir);
}

static void
wait_for_size(const char *path, size_t size)
{
	struct stat is = {.st_size = -1};
	int i;

	for (i = 0; i < 1000; i++) {
		if (stat(path, &is) == 0 && (size_t)is.st_size == size)
			return;
		usleep(5000);
	}
	fail_msg("%s has %lld bytes", path, (long long)is.st_size);
}

/* The ring holds 2 MiB: its end is passed twice, by lines of many lengths. */
static void
lines_come_whole_and_in_order_around_the_rings_end(void **state)
{
	enum { LINES = 5000, AT_ONCE = 1000, LONGEST = 1300 };
	char dir[] = "/tmp/livery-log-XXXXXX", path[64];
	static char target[LONGEST + 1], wanted[ACCESSLOG_LINE_MAX + 1];
	static char got[ACCESSLOG_LINE_MAX + 1];
	struct accesslog_line line = a_line();
	struct accesslog *log;
	struct err err;
	size_t size = 0;
	FILE *file;
	int i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/access.log", dir);
	assert_int_equal(
	    accesslog_start(&log, path, ACCESSLOG_COMBINED, 1, &err), 0);
	memset(target, 'x', LONGEST);
	line.target = target;
	for (i = 0; i < LINES; i++) {
		line.bytes = (uint64_t)i;
		line.target_len = LONGEST - (size_t)i * 7 % 500;
		size += strlen(written(ACCESSLOG_COMBINED, &line));
		accesslog_write(log, 0, &line);
		if (i % AT_ONCE == AT_ONCE - 1)
			wait_for_size(path, size);
	}
	accesslog_stop(&log);
	file = fopen(path, "r");
	assert_non_null(file);
	for (i = 0; i < LINES; i++) {
		line.bytes = (uint64_t)i;
		line.target_len = LONGEST - (size_t)i * 7 % 500;
		strcpy(wanted, written(ACCESSLOG_COMBINED, &line));
		assert_non_null(fgets(got, sizeof(got), file));
		assert_string_equal(got, wanted);
	}
	fclose(file);
	unlink(path);
	rmdir(dir);
}

static void
lines_that_nobody_takes_are_dropped_and_counted(void **state)
{
	char dir[] = "/tmp/livery-log-XXXXXX", path[64];
	struct accesslog_line line = a_line();
	struct accesslog *log;
	struct err err;
	int64_t before = counter_read(COUNT_LOG_DROPPED), dropped;
	int i, fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_int_equal(
	    accesslog_start(&log, path, ACCESSLOG_COMBINED, 1, &err), 0);
	for (i = 0; i < 100000; i++)
		accesslog_write(log, 0, &line);
	dropped = counter_read(COUNT_LOG_DROPPED) - before;
	assert_true(dropped > 0 && dropped < 100000);
	close(fd); /* the log thread's write fails now, and it can stop */
	accesslog_stop(&log);
	unlink(path);
	rmdir(dir);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
a_pipe_that_nobody_reads_does_not_hold_up_the_end(void **state)
{
	char dir[] = "/tmp/livery-log-XXXXXX", path[64];
	struct accesslog_line line = a_line();
	int64_t before = counter_read(COUNT_LOG_DROPPED), dropped;
	static char piece[1 << 20];
	struct accesslog *log;
	struct err err;
	double began;
	int i, fd, lines = 0;
	ssize_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_int_equal(
	    accesslog_start(&log, path, ACCESSLOG_COMBINED, 2, &err), 0);
	for (i = 0; i < 4000; i++)
		accesslog_write(log, (unsigned)i % 2, &line);
	began = seconds();
	accesslog_stop(&log);
	assert_true(seconds() - began < 4);
	dropped = counter_read(COUNT_LOG_DROPPED) - before;
	n = read(fd, piece, sizeof(piece));
	for (i = 0; i < n; i++)
		lines += piece[i] == '\n';
	/* each line went out or was counted */
	assert_int_equal(lines + dropped, 4000);
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void
a_pipe_that_is_read_late_gets_all_that_the_ring_held(void **state)
{
	char dir[] = "/tmp/livery-log-XXXXXX", path[64];
	struct accesslog_line line = a_line();
	int64_t before = counter_read(COUNT_LOG_DROPPED);
	static char piece[1 << 20];
	struct accesslog *log;
	struct err err;
	int i, fd, lines = 0, rounds;
	ssize_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_int_equal(
	    accesslog_start(&log, path, ACCESSLOG_COMBINED, 2, &err), 0);
	for (i = 0; i < 8000; i++)
		accesslog_write(log, (unsigned)i % 2, &line);
	usleep(200000);
	for (rounds = 0; rounds < 400 && lines < 8000; rounds++) {
		n = read(fd, piece, sizeof(piece));
		for (i = 0; i < n; i++)
			lines += piece[i] == '\n';
		usleep(5000);
	}
	assert_int_equal(lines, 8000);
	assert_int_equal(counter_read(COUNT_LOG_DROPPED), before);
	accesslog_stop(&log);
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void
a_named_pipe_without_a_reader_is_an_error_at_once(void **state)
{
	char dir[] = "/tmp/livery-log-XXXXXX", path[64];
	struct accesslog *log = NULL;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(
	    accesslog_start(&log, path, ACCESSLOG_JSON, 1, &err), -1);
	assert_non_null(strstr(err.text, path));
	unlink(path);
	rmdir(dir);
}

static void
a_file_that_cannot_be_opened_is_an_error(void **state)
{
	struct accesslog *log = NULL;
	struct err err;

	(void)state;
	assert_int_equal(accesslog_start(&log, "/nonexistent/x/log",
			     ACCESSLOG_JSON, 1, &err),
	    -1);
	assert_non_null(strstr(err.text, "/nonexistent/x/log"));
	assert_null(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_combined_line_is_as_everybody_reads_it),
	    cmocka_unit_test(a_json_line_has_all_there_is),
	    cmocka_unit_test(nobody_forges_a_line),
	    cmocka_unit_test(every_byte_is_escaped_wherever_it_stands),
	    cmocka_unit_test(a_long_line_is_cut_and_still_ends),
	    cmocka_unit_test(lines_reach_the_file_and_a_moved_one_is_made_anew),
	    cmocka_unit_test(
		lines_come_whole_and_in_order_around_the_rings_end),
	    cmocka_unit_test(lines_that_nobody_takes_are_dropped_and_counted),
	    cmocka_unit_test(a_pipe_that_nobody_reads_does_not_hold_up_the_end),
	    cmocka_unit_test(
		a_pipe_that_is_read_late_gets_all_that_the_ring_held),
	    cmocka_unit_test(
		a_named_pipe_without_a_reader_is_an_error_at_once),
	    cmocka_unit_test(a_file_that_cannot_be_opened_is_an_error),
	};

	signal(SIGPIPE, SIG_IGN);
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
