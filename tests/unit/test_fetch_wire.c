/* tests/unit/test_fetch_wire.c - answers that are read without libcurl, and
 * what becomes of their connections: fetch/wire.h
 *
 * The origin of the other tests says what is right or one thing that is wrong;
 * here a server says what no one sane would, one answer after the other. */
#include "fetch_rig.h"

enum { ANSWERS_MAX = 4 };

/* What the n-th request gets, on whichever connection it comes. NULL: that
 * connection is closed unanswered. */
struct server {
	int fd, port;
	const char *answers[ANSWERS_MAX];
	bool closes[ANSWERS_MAX]; /* behind it */
	pthread_t thread;
	_Atomic int requests, connections;
};

static struct rig rig;
static struct server server;

static int
set_up(void **state)
{
	(void)state;
	rig_defaults(&rig);
	rig_start(&rig);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

/* ---- the server ---- */

static bool
read_request(int fd)
{
	char room[4096] = "";
	size_t len = 0;
	ssize_t n;

	while (!strstr(room, "\r\n\r\n")) {
		n = read(fd, room + len, sizeof(room) - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		room[len] = '\0';
	}
	return true;
}

static void
serve(int fd)
{
	const char *answer;
	int at;

	while (read_request(fd)) {
		at = atomic_fetch_add(&server.requests, 1);
		answer = at < ANSWERS_MAX ? server.answers[at] : NULL;
		if (!answer || write(fd, answer, strlen(answer)) < 0 ||
		    server.closes[at])
			break;
	}
	close(fd);
}

static void *
run_server(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
		atomic_fetch_add(&server.connections, 1);
		serve(fd);
	}
	return NULL;
}

static void
server_start(const char *const *answers, unsigned count)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	memset(&server, 0, sizeof(server));
	memcpy(server.answers, answers, count * sizeof(*answers));
	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server.fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(server.fd, 8), 0);
	getsockname(server.fd, (struct sockaddr *)&at, &len);
	server.port = ntohs(at.sin_port);
	assert_int_equal(
	    pthread_create(&server.thread, NULL, run_server, NULL), 0);
}

/* Those who still wait on a connection are let go by fetch_stop() before. */
static void
server_stop(void)
{
	shutdown(server.fd, SHUT_RDWR);
	fetch_stop(&rig.fetch);
	pthread_join(server.thread, NULL);
	close(server.fd);
}

/* ---- asking ---- */

/* One question; its body, or how it failed. */
static void
assert_asked(struct ask ask, const char *expected)
{
	struct page page;
	char *body;

	ask.target = "/x";
	ask.plan = PLAN_GATHER;
	page_init(&page, &ask);
	page_ask(&rig, &page);
	if (page_wait(&page) == EVENT_DONE) {
		body = flow_flatten(page.answer->flow);
		assert_string_equal(body, expected);
		free(body);
	} else {
		assert_string_equal(
		    outcome_word(page.answer->outcome), expected);
	}
	wait_for_end(&ask);
	page_fini(&page);
}

static void
assert_answered_by(struct upstream *up, const char *expected)
{
	struct ask ask = {.up = up};

	assert_asked(ask, expected);
}

static void
assert_answered(const char *expected)
{
	struct upstream *up = up_at(&rig, "127.0.0.1", server.port);

	assert_answered_by(up, expected);
	upstream_unref(&up);
}

/* One question after the other to the same server. */
static void
assert_all(const char *const *bodies, unsigned count, int connections)
{
	struct upstream *up = up_at(&rig, "127.0.0.1", server.port);

	for (unsigned i = 0; i < count; i++)
		assert_answered_by(up, bodies[i]);
	assert_int_equal(atomic_load(&server.connections), connections);
	upstream_unref(&up);
}

#define LONG_ONE "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
#define CLOSING_ONE                                                            \
	"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 3\r\n\r\none"
#define LONG_TWO "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_TWO                                                            \
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"                \
	"2;x=y\r\ntw\r\n1\r\no\r\n0\r\nSet-Cookie: a=b\r\n\r\n"

static const char *const one_two[] = {"one", "two"};

static void
a_connection_serves_one_answer_after_the_other(void **state)
{
	static const char *const answers[] = {
	    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" LONG_ONE, CHUNKED_TWO,
	    LONG_ONE};
	static const char *const bodies[] = {"one", "two", "one"};

	(void)state;
	server_start(answers, COUNT_OF(answers));
	assert_all(bodies, COUNT_OF(bodies), 1);
	server_stop();
}

static void
what_comes_behind_an_answer_is_nobodys(void **state)
{
	static const char *const lengths[] = {LONG_ONE
	    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
	    LONG_TWO};
	static const char *const chunks[] = {CHUNKED_TWO
	    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
	    LONG_ONE};
	static const char *const two_one[] = {"two", "one"};

	(void)state;
	server_start(lengths, COUNT_OF(lengths));
	assert_all(one_two, 2, 2);
	server_stop();
	tear_down(NULL);
	set_up(NULL);
	server_start(chunks, COUNT_OF(chunks));
	assert_all(two_one, 2, 2);
	server_stop();
}

/* What they announce comes when the next question is on its way. */
static void
a_body_that_may_come_where_none_may_be_is_nobodys(void **state)
{
	static const struct {
		const char *method, *answer;
		int connections;
	} cases[] = {
	    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 2},
	    {"HEAD", CHUNKED, 2},
	    {"HEAD", "HTTP/1.1 200 OK\r\n\r\n", 2},
	    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1},
	    {"GET", "HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", 2},
	    {"GET", "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", 2},
	    {"GET", "HTTP/1.1 204 No\r\n\r\n", 1},
	    {"GET", "HTTP/1.1 304 No\r\n\r\n", 1},
	};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(cases); i++) {
		const char *answers[] = {cases[i].answer, LONG_TWO};
		struct ask ask = {.method = cases[i].method};

		server_start(answers, COUNT_OF(answers));
		ask.up = up_at(&rig, "127.0.0.1", server.port);
		assert_asked(ask, "");
		assert_answered_by(ask.up, "two");
		assert_int_equal(atomic_load(&server.connections),
		    cases[i].connections);
		upstream_unref(&ask.up);
		server_stop();
		tear_down(NULL);
		set_up(NULL);
	}
}

static void
a_connection_that_may_be_somebodys_is_nobody_elses(void **state)
{
	static const struct {
		const char *shown;
		int connections;
	} cases[] = {{"NTLM TlRMTVNTUAAD", 2}, {"negotiate YII", 2},
	    {"Negotiate", 2}, {"Basic bnRsbTo=", 1}, {"NTLMish x", 1}};
	static const char *const answers[] = {LONG_ONE, LONG_TWO};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(cases); i++) {
		struct ask ask = {
		    .field = "Authorization", .value = cases[i].shown};

		server_start(answers, COUNT_OF(answers));
		ask.up = up_at(&rig, "127.0.0.1", server.port);
		assert_asked(ask, "one");
		assert_answered_by(ask.up, "two");
		assert_int_equal(atomic_load(&server.connections),
		    cases[i].connections);
		upstream_unref(&ask.up);
		server_stop();
		tear_down(NULL);
		set_up(NULL);
	}
}

static void
a_plain_connection_speaks_no_http2(void **state)
{
	static const char *const answers[] = {
	    "HTTP/2 200\r\nContent-Length: 3\r\n\r\none"};

	(void)state;
	rig.up_opts.http2 = true;
	server_start(answers, COUNT_OF(answers));
	assert_answered(outcome_word(FETCH_MALFORMED));
	server_stop();
}

static void
who_says_that_it_closes_is_not_kept(void **state)
{
	static const char *const answers[] = {CLOSING_ONE,
	    "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\ntwo", LONG_ONE};
	static const char *const bodies[] = {"one", "two", "one"};

	(void)state;
	server_start(answers, COUNT_OF(answers));
	assert_all(bodies, COUNT_OF(bodies), 3);
	server_stop();
}

static void
one_that_closes_instead_of_answering_again_is_asked_anew(void **state)
{
	static const char *const answers[] = {LONG_ONE, NULL, LONG_TWO};

	(void)state;
	server_start(answers, COUNT_OF(answers));
	assert_all(one_two, 2, 2);
	assert_int_equal(atomic_load(&server.requests), 3);
	server_stop();
}

static void
a_new_connection_that_closes_unanswered_is_an_end(void **state)
{
	static const char *const answers[] = {NULL, LONG_TWO};

	(void)state;
	server_start(answers, COUNT_OF(answers));
	assert_answered(outcome_word(FETCH_BROKEN));
	assert_int_equal(atomic_load(&server.requests), 1);
	server_stop();
}

static void
an_answer_that_closes_is_its_connection_to_the_end(void **state)
{
	static const char *const answers[] = {
	    "HTTP/1.1 200 OK\r\n\r\nall of it"};

	(void)state;
	server_start(answers, COUNT_OF(answers));
	server.closes[0] = true;
	assert_answered("all of it");
	server_stop();
}

static void
a_chunked_body_that_breaks_off_is_broken(void **state)
{
	static const char *const answers[] = {
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\none\r\n"};

	(void)state;
	server_start(answers, COUNT_OF(answers));
	server.closes[0] = true;
	assert_answered(outcome_word(FETCH_BROKEN));
	server_stop();
}

static void
a_short_body_is_there_with_its_head(void **state)
{
	static const char *const answers[] = {LONG_ONE};
	struct ask ask = {.target = "/x", .plan = PLAN_STREAM};
	struct page page;
	const char *bytes;
	size_t len = 0;

	(void)state;
	server_start(answers, COUNT_OF(answers));
	ask.up = up_at(&rig, "127.0.0.1", server.port);
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_HEAD);
	bytes = flow_whole(&page.reader, &len);
	assert_non_null(bytes);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "one", 3);
	wait_for_end(&ask);
	page_fini(&page);
	upstream_unref(&ask.up);
	server_stop();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_connection_serves_one_answer_after_the_other),
	    TEST(what_comes_behind_an_answer_is_nobodys),
	    TEST(a_body_that_may_come_where_none_may_be_is_nobodys),
	    TEST(a_connection_that_may_be_somebodys_is_nobody_elses),
	    TEST(a_plain_connection_speaks_no_http2),
	    TEST(who_says_that_it_closes_is_not_kept),
	    TEST(one_that_closes_instead_of_answering_again_is_asked_anew),
	    TEST(a_new_connection_that_closes_unanswered_is_an_end),
	    TEST(an_answer_that_closes_is_its_connection_to_the_end),
	    TEST(a_chunked_body_that_breaks_off_is_broken),
	    TEST(a_short_body_is_there_with_its_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
