/* tests/unit/test_fetch_transfer.c - bytes both ways, connections, names */
#include "fetch_rig.h"

#include <sys/resource.h>

/* AddressSanitizer holds on to freed memory, so what is resident says
 * nothing there. */
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_FREED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_FREED 1
#endif
#endif
#ifndef KEEPS_FREED
#define KEEPS_FREED 0
#endif

static struct rig rig;

static _Atomic bool moved;

/* The names of this world. */
static int
lookup(const char *host, struct addresses *out)
{
	static const char *const twins[] = {"127.0.0.2", "127.0.0.1"};

	memset(out, 0, sizeof(*out));
	if (strcmp(host, "hangs.test") == 0 ||
	    strcmp(host, "seeded.test") == 0) {
		usleep(1500000);
		return -1;
	}
	if (strcmp(host, "none.test") == 0)
		return -1;
	if (strcmp(host, "twins.test") == 0) {
		strcpy(out->text[0], twins[0]);
		strcpy(out->text[1], twins[1]);
		out->count = 2;
		return 0;
	}
	if (strncmp(host, "moves.", 6) == 0 && !atomic_load(&moved)) {
		strcpy(out->text[0], "127.0.0.2");
		out->count = 1;
		return 0;
	}
	if (strcmp(host, "inner.test") == 0) {
		strcpy(out->text[0], "127.0.0.9");
		out->count = 1;
		return 0;
	}
	strcpy(out->text[0], "127.0.0.1");
	out->count = 1;
	return 0;
}

static bool
forbidden(const struct upstream *up, const char *address)
{
	(void)up;
	return strcmp(address, "127.0.0.9") == 0;
}

static int
set_up(void **state)
{
	const struct resolver_opts resolver = {.threads = 4,
	    .timeout_ms = 200,
	    .again_ms = 3000,
	    .lookup = lookup};

	(void)state;
	rig_defaults(&rig);
	rig.opts.forbidden = forbidden;
	rig_start_with(&rig, &resolver);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static enum event
get(struct ask *ask, struct page *page)
{
	page_init(page, ask);
	page_ask(&rig, page);
	return page_wait(page);
}

/* Ask, and want this outcome. */
static void
get_and_end(struct ask *ask, enum outcome outcome)
{
	struct page page;
	enum event event = get(ask, &page);

	if (page.answer->outcome != outcome)
		fail_msg("%s: %s: %s", ask->target,
		    outcome_word(page.answer->outcome), page.answer->reason);
	assert_int_equal(
	    event, outcome == FETCH_OK ? EVENT_DONE : EVENT_FAILED);
	wait_for_end(ask);
	page_fini(&page);
}

/* ---- back-pressure ---- */

static long
resident_kib(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long size = 0, resident = 0;

	assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
fifty_megabytes_pass_through_a_small_window(void **state)
{
	const char *const targets[] = {
	    "/big.bin?size=52428800", "/big.bin?size=52428800&gzip=1"};
	static char room[16384];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ask ask = {.target = targets[i], .plan = PLAN_STREAM};
		struct page page;
		long before, most = 0;
		size_t len = 0;
		ssize_t got;

		assert_int_equal(get(&ask, &page), EVENT_HEAD);
		usleep(50000); /* nobody reads: nothing may pile up */
		before = resident_kib();
		while ((got = page_read(&page, room, sizeof(room))) > 0) {
			len += (size_t)got;
			if (len % (4 << 20) < sizeof(room)) {
				usleep(1000);
				most = resident_kib() > most ? resident_kib()
							     : most;
			}
		}
		assert_int_equal(got, FLOW_END);
		assert_int_equal(len, 52428800);
		if (!KEEPS_FREED && most - before > 16 << 10)
			fail_msg("grew by %ld KiB", most - before);
		wait_for_end(&ask);
		assert_int_equal(ask.outcome, FETCH_OK);
		page_fini(&page);
	}
}

static uint64_t
cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		   1000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void
a_reader_who_sleeps_costs_neither_time_nor_the_stream(void **state)
{
	struct ask ask = {
	    .target = "/sleepy.bin?size=2000000&drop=1", .plan = PLAN_STREAM};
	struct page page;
	uint64_t before;
	bool whole;
	size_t len;

	(void)state;
	rig.up_opts.total_ms = rig.up_opts.first_byte_ms = 400;
	ask.up = up_at(&rig, "127.0.0.1", rig.port);
	rig.up_opts.total_ms = rig.up_opts.first_byte_ms = 20000;
	assert_int_equal(get(&ask, &page), EVENT_HEAD);
	usleep(20000);
	before = cpu_us();
	usleep(700000); /* the origin has closed, the deadlines have passed */
	assert_true(cpu_us() - before < 200000);
	free(page_body(&page, &len, &whole));
	assert_true(whole);
	assert_int_equal(len, 2000000);
	wait_for_end(&ask);
	page_fini(&page);
	upstream_unref(&ask.up);
}

static void
only_what_is_kept_has_a_total_deadline(void **state)
{
	struct ask kept = {
	    .target = "/drip?size=1600&drip=40", .plan = PLAN_GATHER};
	struct ask streamed = kept;
	struct page page;
	bool whole;
	size_t len;

	(void)state;
	rig.up_opts.total_ms = 400;
	kept.up = streamed.up = up_at(&rig, "127.0.0.1", rig.port);
	rig.up_opts.total_ms = 20000;
	get_and_end(&kept, FETCH_LATE);
	streamed.plan = PLAN_STREAM;
	assert_int_equal(get(&streamed, &page), EVENT_HEAD);
	free(page_body(&page, &len, &whole));
	assert_true(whole);
	wait_for_end(&streamed);
	page_fini(&page);
	upstream_unref(&kept.up);
}

/* ---- uploads ---- */

struct sender {
	pthread_t thread;
	struct flow *flow;
	size_t len, stop_at;
	bool whole, leaves_open;
	_Atomic bool has_room, gone;
};

static void
sender_room(void *arg)
{
	struct sender *sender = arg;

	atomic_store(&sender->has_room, true);
}

static void *
send_body(void *arg)
{
	struct sender *sender = arg;
	char piece[8192];
	size_t sent = 0, n;
	enum flow_took took;

	memset(piece, 'u', sizeof(piece));
	while (sent < sender->stop_at) {
		n = sender->stop_at - sent;
		n = n < sizeof(piece) ? n : sizeof(piece);
		took = flow_write(sender->flow, piece, n);
		if (took == FLOW_GONE)
			break;
		if (took == FLOW_TOOK) {
			sent += n;
			continue;
		}
		while (!atomic_exchange(&sender->has_room, false))
			usleep(200);
	}
	atomic_store(&sender->gone, sent < sender->stop_at);
	if (!sender->leaves_open)
		flow_end(sender->flow, sender->whole);
	return NULL;
}

static void
sender_start(struct sender *sender, struct ask *ask)
{
	sender->flow = flow_new(64 << 10, false, 0);
	flow_on_room(sender->flow, sender_room, sender);
	ask->body = sender->flow;
	pthread_create(&sender->thread, NULL, send_body, sender);
}

static void
sender_stop(struct sender *sender)
{
	pthread_join(sender->thread, NULL);
	flow_unref(&sender->flow);
}

static void
an_upload_arrives_whole(void **state)
{
	const int64_t lens[] = {5000000, -1};
	const char *const methods[] = {"POST", "PUT"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sender sender = {
		    .len = 5000000, .stop_at = 5000000, .whole = true};
		struct ask ask = {.method = methods[i],
		    .target = "/echo",
		    .plan = PLAN_GATHER_ALONE,
		    .body_len = lens[i]};
		struct page page;
		bool whole;
		size_t len;
		char *body, *head;

		sender_start(&sender, &ask);
		assert_int_equal(get(&ask, &page), EVENT_DONE);
		body = page_body(&page, &len, &whole);
		assert_int_equal(len, 5000000);
		assert_int_equal(body[4999999], 'u');
		free(body);
		wait_for_end(&ask);
		page_fini(&page);
		sender_stop(&sender);
		head = origin_says(rig.port, "/_last?path=/echo");
		assert_non_null(strstr(head, i ? "Transfer-Encoding: chunked"
					       : "Content-Length: "
						 "5000000"));
		assert_null(strstr(head, "Expect"));
		free(head);
	}
}

static void
an_answer_before_the_body_is_read_is_kept(void **state)
{
	const char *const targets[] = {"/early?early=1&status=413&size=100",
	    "/early?early=1&status=413&size=100&chunked=1",
	    "/early?early=1&status=200&size=100"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		/* The client stops after a while, and sends no more. */
		struct sender sender = {.stop_at = 40000, .leaves_open = true};
		struct ask ask = {.method = "POST",
		    .target = targets[i],
		    .plan = PLAN_GATHER_ALONE,
		    .body_len = 10000000};
		struct page page;

		sender_start(&sender, &ask);
		assert_int_equal(get(&ask, &page), EVENT_DONE);
		assert_int_equal(page.answer->status, i == 2 ? 200 : 413);
		wait_for_end(&ask);
		assert_int_equal(flow_write(sender.flow, "x", 1), FLOW_GONE);
		page_fini(&page);
		sender_stop(&sender);
	}
}

static void
a_client_that_never_stops_sending_is_stopped(void **state)
{
	struct sender sender = {.stop_at = SIZE_MAX};
	struct ask ask = {.method = "POST",
	    .target = "/early?early=1&status=413&size=100",
	    .plan = PLAN_GATHER_ALONE,
	    .body_len = -1};
	struct page page;

	(void)state;
	sender_start(&sender, &ask);
	assert_int_equal(get(&ask, &page), EVENT_DONE);
	assert_int_equal(page.answer->status, 413);
	sender_stop(&sender);
	assert_true(sender.gone);
	wait_for_end(&ask);
	page_fini(&page);
}

static void
half_a_body_is_never_passed_off_as_whole(void **state)
{
	const int64_t lens[] = {100000, -1};
	long before = origin_count(rig.port, "/_count?path=/half");

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sender sender = {.stop_at = 50000, .whole = false};
		struct ask ask = {.method = "POST",
		    .target = "/half",
		    .plan = PLAN_GATHER_ALONE,
		    .body_len = lens[i]};

		sender_start(&sender, &ask);
		get_and_end(&ask, FETCH_BROKEN);
		sender_stop(&sender);
	}
	assert_int_equal(origin_count(rig.port, "/_count?path=/half"), before);
	assert_false(upstream_is_failing(rig.up, clock_mono_ms()));
}

static void
an_upload_that_stands_still_ends(void **state)
{
	struct sender sender = {.stop_at = 5000, .leaves_open = true};
	struct ask ask = {.method = "POST",
	    .target = "/stall",
	    .plan = PLAN_GATHER_ALONE,
	    .body_len = 100000};

	(void)state;
	rig.up_opts.upload_stall_ms = 150;
	ask.up = up_at(&rig, "127.0.0.1", rig.port);
	rig.up_opts.upload_stall_ms = 5000;
	sender_start(&sender, &ask);
	get_and_end(&ask, FETCH_STALLED);
	sender_stop(&sender);
	upstream_unref(&ask.up);
}

static void
a_post_without_a_body_says_so(void **state)
{
	struct ask ask = {
	    .method = "POST", .target = "/empty", .plan = PLAN_GATHER_ALONE};
	char *head;

	(void)state;
	get_and_end(&ask, FETCH_OK);
	head = origin_says(rig.port, "/_last?path=/empty");
	assert_non_null(strstr(head, "Content-Length: 0\r\n"));
	free(head);
}

/* ---- requests ---- */

static void
a_request_is_sent_as_it_stands_and_nothing_more(void **state)
{
	struct ask ask = {.target = "/a/../b%2e//c;x?q=%zz&r='\"|",
	    .plan = PLAN_GATHER,
	    .field = "X-Mine",
	    .value = "yes"};
	char expected[300], *head;

	(void)state;
	get_and_end(&ask, FETCH_OK);
	head = origin_says(rig.port, "/_last");
	snprintf(expected, sizeof(expected),
	    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Mine: yes\r\n\r\n",
	    ask.target, rig.port);
	assert_string_equal(head, expected);
	free(head);
}

static void
other_methods_pass(void **state)
{
	const char *const methods[] = {
	    "HEAD", "DELETE", "OPTIONS", "PATCH", "PROPFIND"};
	char expected[50], *head;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct ask ask = {.method = methods[i],
		    .target = "/method",
		    .plan = PLAN_GATHER_ALONE};

		get_and_end(&ask, FETCH_OK);
		head = origin_says(rig.port, "/_last?path=/method");
		snprintf(expected, sizeof(expected), "%s /method ", methods[i]);
		assert_int_equal(strncmp(head, expected, strlen(expected)), 0);
		free(head);
	}
}

static void
what_would_split_a_request_is_not_sent(void **state)
{
	struct ask ask = {
	    .target = "/x HTTP/1.1\r\nEvil: 1", .plan = PLAN_GATHER};

	(void)state;
	get_and_end(&ask, FETCH_BROKEN);
}

/* ---- connections and names ---- */

static void
connections_are_reused(void **state)
{
	long before = origin_count(rig.port, "/_connections");

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct ask ask = {.target = "/reuse", .plan = PLAN_GATHER};

		get_and_end(&ask, FETCH_OK);
	}
	assert_true(origin_count(rig.port, "/_connections") - before <= 1);
}

static void
a_connection_that_was_closed_meanwhile_costs_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct ask ask = {
		    .target = "/silent?silent=1", .plan = PLAN_GATHER};

		get_and_end(&ask, FETCH_OK);
	}
	assert_int_equal(origin_count(rig.port, "/_count?path=/silent"), 20);
}

static void
what_may_not_happen_twice_has_its_own_connection(void **state)
{
	long before = origin_count(rig.port, "/_connections");

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct ask ask = {.method = "POST",
		    .target = "/once",
		    .plan = PLAN_GATHER_ALONE};

		get_and_end(&ask, FETCH_OK);
	}
	assert_int_equal(origin_count(rig.port, "/_connections") - before, 5);
}

static void
the_next_address_is_tried_when_one_refuses(void **state)
{
	struct ask ask = {.target = "/twins", .plan = PLAN_GATHER};
	struct sender sender = {.stop_at = 10000, .whole = true};
	struct ask post = {.method = "POST",
	    .target = "/twins",
	    .plan = PLAN_GATHER_ALONE,
	    .body_len = 10000};
	char *head;

	(void)state;
	ask.up = post.up = up_at(&rig, "twins.test", rig.port);
	sender_start(&sender, &post);
	get_and_end(&post, FETCH_OK);
	sender_stop(&sender);
	get_and_end(&ask, FETCH_OK);
	head = origin_says(rig.port, "/_last?path=/twins");
	assert_non_null(strstr(head, "Host: twins.test:"));
	free(head);
	assert_int_equal(origin_count(rig.port, "/_count?path=/twins"), 2);
	upstream_unref(&ask.up);
}

static void
a_name_that_moved_is_found_within_the_request(void **state)
{
	struct ask stays = {.target = "/moves", .plan = PLAN_GATHER};
	struct ask moves = stays;
	struct addresses old;

	(void)state;
	atomic_store(&moved, false);
	stays.up = moves.up = up_at(&rig, "moves.test", rig.port);
	while (
	    resolver_find(rig.resolver, "moves.test", &old, NULL) != RESOLVED)
		usleep(1000);
	usleep(150000); /* the pause between two look-ups */
	get_and_end(&stays, FETCH_REFUSED);
	usleep(150000);
	atomic_store(&moved, true);
	get_and_end(&moves, FETCH_OK);
	upstream_unref(&stays.up);
}

static void
a_fresh_name_that_moved_is_looked_up_again(void **state)
{
	struct ask ask = {.target = "/moves", .plan = PLAN_GATHER};
	struct addresses old;

	(void)state;
	atomic_store(&moved, false);
	ask.up = up_at(&rig, "moves.too.test", rig.port);
	while (resolver_find(rig.resolver, "moves.too.test", &old, NULL) !=
	       RESOLVED)
		usleep(1000);
	usleep(150000);
	atomic_store(&moved, true);
	get_and_end(&ask, FETCH_OK);
	upstream_unref(&ask.up);
}

static void
a_name_that_hangs_holds_up_nobody(void **state)
{
	struct ask hangs = {.target = "/x", .plan = PLAN_GATHER};
	struct ask passes = {.target = "/x", .plan = PLAN_GATHER};
	struct page page;
	uint64_t began = now_ms();

	(void)state;
	hangs.up = up_at(&rig, "hangs.test", rig.port);
	page_init(&page, &hangs);
	page_ask(&rig, &page);
	get_and_end(&passes, FETCH_OK);
	assert_true(now_ms() - began < 1000);
	assert_int_equal(page_wait(&page), EVENT_FAILED);
	assert_int_equal(page.answer->outcome, FETCH_NO_ADDRESS);
	assert_in_range(page.told_ms - began, 190, 1300);
	wait_for_end(&hangs);
	assert_true(upstream_is_failing(hangs.up, clock_mono_ms()));
	page_fini(&page);
	upstream_unref(&hangs.up);
}

static void
the_last_good_address_serves_while_the_name_hangs(void **state)
{
	struct ask first = {.target = "/x", .plan = PLAN_GATHER};
	struct ask second = {.target = "/x", .plan = PLAN_GATHER};
	uint64_t began;

	(void)state;
	resolver_seed(rig.resolver, "seeded.test", "127.0.0.1");
	first.up = second.up = up_at(&rig, "seeded.test", rig.port);
	get_and_end(&first, FETCH_OK);
	began = now_ms();
	get_and_end(&second, FETCH_OK);
	assert_true(now_ms() - began < 1000);
	upstream_unref(&first.up);
}

static void
a_name_without_address_fails(void **state)
{
	struct ask ask = {.target = "/x", .plan = PLAN_GATHER};

	(void)state;
	ask.up = up_at(&rig, "none.test", rig.port);
	get_and_end(&ask, FETCH_NO_ADDRESS);
	upstream_unref(&ask.up);
}

static void
a_forbidden_address_is_not_asked(void **state)
{
	struct ask ask = {.target = "/inner", .plan = PLAN_GATHER};

	(void)state;
	ask.up = up_at(&rig, "inner.test", rig.port);
	get_and_end(&ask, FETCH_REFUSED);
	upstream_unref(&ask.up);
}

static void
who_refuses_is_down(void **state)
{
	struct ask ask = {.target = "/x", .plan = PLAN_GATHER};

	(void)state;
	ask.up = up_at(&rig, "127.0.0.3", rig.port);
	get_and_end(&ask, FETCH_REFUSED);
	assert_true(upstream_is_failing(ask.up, clock_mono_ms()));
	upstream_unref(&ask.up);
}

static void
a_dead_upstream_comes_back(void **state)
{
	struct ask bad = {.target = "/x?status=503", .plan = PLAN_GATHER};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct ask ask = bad;

		get_and_end(&ask, FETCH_OK);
	}
	assert_true(upstream_is_failing(rig.up, clock_mono_ms()));
	bad.target = "/x";
	get_and_end(&bad, FETCH_OK);
	assert_false(upstream_is_failing(rig.up, clock_mono_ms()));
}

static void
a_unix_socket_serves(void **state)
{
	char folder[] = "/tmp/fetch-XXXXXX", path[64], url[80];
	struct ask ask = {
	    .target = "/over-unix?size=4000", .plan = PLAN_GATHER};
	struct upstream_opts opts = rig.up_opts;
	struct err err;
	pid_t pid;
	int port;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(url, sizeof(url), "unix:%s", path);
	pid = origin_start(path, &port);
	opts.url = opts.name = url;
	assert_int_equal(upstream_new(&ask.up, &opts, &err), 0);
	get_and_end(&ask, FETCH_OK);
	upstream_unref(&ask.up);
	origin_stop(&pid);
	unlink(path);
	rmdir(folder);
}

static void *
answer_once(void *arg)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv6";
	int fd = accept(*(int *)arg, NULL, NULL);
	char room[2000];

	assert_true(fd >= 0);
	assert_true(read(fd, room, sizeof(room)) > 0);
	assert_true(write(fd, answer, sizeof(answer) - 1) > 0);
	close(fd);
	return NULL;
}

static void
an_address_of_version_six_serves(void **state)
{
	struct sockaddr_in6 at = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	socklen_t len = sizeof(at);
	struct ask ask = {.target = "/six", .plan = PLAN_GATHER};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	pthread_t thread;

	(void)state;
	if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 1) != 0)
		skip();
	getsockname(fd, (struct sockaddr *)&at, &len);
	pthread_create(&thread, NULL, answer_once, &fd);
	ask.up = up_at(&rig, "[::1]", ntohs(at.sin6_port));
	get_and_end(&ask, FETCH_OK);
	pthread_join(thread, NULL);
	close(fd);
	upstream_unref(&ask.up);
}

static void
want_of_descriptors_is_not_the_upstreams_fault(void **state)
{
	struct ask ask = {
	    .method = "POST", .target = "/fds", .plan = PLAN_GATHER_ALONE};
	struct ask again = ask;
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	get_and_end(&ask, FETCH_TOO_MANY);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(upstream_is_failing(rig.up, clock_mono_ms()));
	get_and_end(&again, FETCH_OK);
}

/* ---- the many that hang ---- */

static int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint64_t
median_us(void)
{
	enum { TIMES = 101 };
	uint64_t took[TIMES];

	for (int i = 0; i < TIMES; i++) {
		struct ask ask = {.target = "/quick", .plan = PLAN_GATHER};
		uint64_t began = clock_mono_us();
		struct page page;

		assert_int_equal(get(&ask, &page), EVENT_DONE);
		took[i] = clock_mono_us() - began;
		wait_for_end(&ask);
		page_fini(&page);
	}
	qsort(took, TIMES, sizeof(took[0]), by_size);
	return took[TIMES / 2];
}

static void
a_thousand_that_hang_hold_up_nobody(void **state)
{
	enum { HANGING = 1000 };
	struct ask ask = {.target = "/hang?mode=hang", .plan = PLAN_GATHER};
	struct page *pages = calloc(HANGING, sizeof(*pages));
	uint64_t quiet = median_us(), busy;

	(void)state;
	for (int i = 0; i < HANGING; i++) {
		page_init(&pages[i], &ask);
		page_ask(&rig, &pages[i]);
	}
	for (int i = 0; i < 30000 &&
			origin_count(rig.port, "/_count?path=/hang") < HANGING;
	     i++)
		usleep(1000);

	busy = median_us();
	print_message("median %llu us quiet, %llu us beside %d that hang\n",
	    (unsigned long long)quiet, (unsigned long long)busy, HANGING);
	assert_true(busy < quiet * 3 + 2000);
	for (int i = 0; i < HANGING; i++)
		atomic_store(&pages[i].gone, true);
	for (int i = 0; i < HANGING; i++) {
		assert_int_equal(page_wait(&pages[i]), EVENT_FAILED);
		assert_int_equal(pages[i].answer->outcome, FETCH_LEFT);
	}
	for (int i = 0; i < 5000 && ask.frees < HANGING; i++)
		usleep(1000);
	for (int i = 0; i < HANGING; i++)
		page_fini(&pages[i]);
	free(pages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fifty_megabytes_pass_through_a_small_window),
	    cmocka_unit_test(
		a_reader_who_sleeps_costs_neither_time_nor_the_stream),
	    cmocka_unit_test(only_what_is_kept_has_a_total_deadline),
	    cmocka_unit_test(an_upload_arrives_whole),
	    cmocka_unit_test(an_answer_before_the_body_is_read_is_kept),
	    cmocka_unit_test(a_client_that_never_stops_sending_is_stopped),
	    cmocka_unit_test(half_a_body_is_never_passed_off_as_whole),
	    cmocka_unit_test(an_upload_that_stands_still_ends),
	    cmocka_unit_test(a_post_without_a_body_says_so),
	    cmocka_unit_test(a_request_is_sent_as_it_stands_and_nothing_more),
	    cmocka_unit_test(other_methods_pass),
	    cmocka_unit_test(what_would_split_a_request_is_not_sent),
	    cmocka_unit_test(connections_are_reused),
	    cmocka_unit_test(
		a_connection_that_was_closed_meanwhile_costs_nothing),
	    cmocka_unit_test(what_may_not_happen_twice_has_its_own_connection),
	    cmocka_unit_test(the_next_address_is_tried_when_one_refuses),
	    cmocka_unit_test(a_name_that_moved_is_found_within_the_request),
	    cmocka_unit_test(a_fresh_name_that_moved_is_looked_up_again),
	    cmocka_unit_test(a_name_that_hangs_holds_up_nobody),
	    cmocka_unit_test(the_last_good_address_serves_while_the_name_hangs),
	    cmocka_unit_test(a_name_without_address_fails),
	    cmocka_unit_test(a_forbidden_address_is_not_asked),
	    cmocka_unit_test(who_refuses_is_down),
	    cmocka_unit_test(a_dead_upstream_comes_back),
	    cmocka_unit_test(a_unix_socket_serves),
	    cmocka_unit_test(an_address_of_version_six_serves),
	    cmocka_unit_test(want_of_descriptors_is_not_the_upstreams_fault),
	    cmocka_unit_test(a_thousand_that_hang_hold_up_nobody),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
