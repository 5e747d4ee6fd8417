/* Who asks, seen through proxies; and which range of a body is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/counter.h"
#include "front/client.h"
#include "front/reply.h"

static struct peer_opts peers;

static int
begin(void **state)
{
	struct err err;

	(void)state;
	peers.trusted_peers = nets_new();
	peers.allowed = nets_new();
	if (nets_add(peers.trusted_peers, "127.0.0.0/8", &err) != 0 ||
	    nets_add(peers.trusted_peers, "10.0.0.0/8", &err) != 0 ||
	    nets_add(peers.trusted_peers, "unix", &err) != 0 ||
	    nets_add(peers.allowed, "127.0.0.0/8", &err) != 0 ||
	    nets_add(peers.allowed, "unix", &err) != 0 ||
	    nets_add(peers.allowed, "192.0.2.9", &err) != 0)
		return -1;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	nets_free(&peers.trusted_peers);
	nets_free(&peers.allowed);
	return 0;
}

struct outcome_of {
	char client[NET_TEXT];
	bool allowed;
	const char *scheme;
	char host[80];
};

/* The connection that it comes by. */
static bool by_tls;

/* A request from `from` with up to two fields. */
static struct outcome_of
resolve(const char *from, const char *name, const char *value,
    const char *name_2, const char *value_2)
{
	struct arena *arena = arena_new(512);
	struct net_address peer = {{0}, false};
	struct request request;
	struct outcome_of out;
	struct slice host;
	struct head head;

	memset(&request, 0, sizeof(request));
	request.scheme = by_tls ? "https" : "http";
	head_init(&head, arena);
	if (name)
		head_add(&head, name, value);
	if (name_2)
		head_add(&head, name_2, value_2);
	request.fields = &head;
	if (strcmp(from, "unix") == 0)
		peer.is_unix = true;
	else
		assert_int_equal(net_parse(&peer, from, strlen(from)), 0);
	host = peer_resolve(&request, &peer,
	    nets_have(peers.trusted_peers, &peer),
	    head_find(&head, "X-Forwarded-For") || head_find(&head, "Via") ||
		head_find(&head, "Forwarded"),
	    &peers);
	snprintf(out.host, sizeof(out.host), "%.*s", (int)host.len,
	    host.len ? host.from : "");
	net_write(out.client, &request.client);
	out.allowed = request.is_allowed;
	out.scheme = request.scheme;
	arena_free(&arena);
	return out;
}

static void
the_client_is_the_last_that_no_trusted_proxy_is(void **state)
{
	(void)state;
	assert_string_equal(resolve("127.0.0.1", "X-Forwarded-For",
				"1.1.1.1, 198.51.100.7, 10.0.0.5", NULL, NULL)
				.client,
	    "198.51.100.7");
	assert_string_equal(
	    resolve("unix", "X-Forwarded-For", "198.51.100.7:4711", NULL, NULL)
		.client,
	    "198.51.100.7");
	assert_string_equal(resolve("127.0.0.1", "X-Forwarded-For", "1.1.1.1",
				"X-Forwarded-For", "[2001:db8::1]:80")
				.client,
	    "2001:db8::1");
	assert_string_equal(
	    resolve("127.0.0.1", "Forwarded",
		"for=1.1.1.1, for=\"[2001:db8::2]:9\";proto=https;by=x", NULL,
		NULL)
		.client,
	    "2001:db8::2");
	assert_string_equal(resolve("127.0.0.1", "X-Forwarded-For",
				"1.1.1.1, unknown", NULL, NULL)
				.client,
	    "127.0.0.1");
}

static void
a_stranger_is_not_believed(void **state)
{
	struct outcome_of out = resolve("198.51.100.9", "X-Forwarded-For",
	    "127.0.0.1", "X-Forwarded-Proto", "https");

	(void)state;
	assert_string_equal(out.client, "198.51.100.9");
	assert_string_equal(out.scheme, "http");
	assert_false(out.allowed);
}

static void
the_scheme_is_the_proxys(void **state)
{
	(void)state;
	assert_string_equal(
	    resolve("127.0.0.1", "X-Forwarded-Proto", "https", NULL, NULL)
		.scheme,
	    "https");
	assert_string_equal(resolve("127.0.0.1", "Forwarded",
				"for=1.1.1.1;proto=https", NULL, NULL)
				.scheme,
	    "https");
	assert_string_equal(
	    resolve("127.0.0.1", NULL, NULL, NULL, NULL).scheme, "http");
}

static void
by_tls_it_is_https_unless_a_proxy_that_is_believed_says_else(void **state)
{
	(void)state;
	by_tls = true;
	assert_string_equal(
	    resolve("198.51.100.9", NULL, NULL, NULL, NULL).scheme, "https");
	assert_string_equal(
	    resolve("198.51.100.9", "X-Forwarded-Proto", "http", NULL, NULL)
		.scheme,
	    "https");
	assert_string_equal(
	    resolve("127.0.0.1", "X-Forwarded-For", "1.1.1.1", NULL, NULL)
		.scheme,
	    "https");
	assert_string_equal(
	    resolve("127.0.0.1", "X-Forwarded-Proto", "http", NULL, NULL)
		.scheme,
	    "http");
	by_tls = false;
}

static void
what_came_through_a_proxy_is_never_this_machine(void **state)
{
	(void)state;
	assert_true(resolve("127.0.0.1", NULL, NULL, NULL, NULL).allowed);
	assert_true(resolve("unix", NULL, NULL, NULL, NULL).allowed);
	assert_false(resolve("127.0.0.1", "Via", "1.1 x", NULL, NULL).allowed);
	assert_false(
	    resolve("127.0.0.1", "X-Forwarded-For", "127.0.0.1", NULL, NULL)
		.allowed);
	assert_false(
	    resolve("unix", "Forwarded", "for=unknown", NULL, NULL).allowed);
	assert_true(
	    resolve("127.0.0.1", "X-Forwarded-For", "192.0.2.9", NULL, NULL)
		.allowed);
}

static void
of_two_that_disagree_neither_is_believed(void **state)
{
	static const struct {
		const char *x_for, *forwarded, *client, *client_x,
		    *client_standard;
		bool doubted;
	} cases[] = {
	    {"198.51.100.7", "for=198.51.100.7", "198.51.100.7",
		"198.51.100.7", "198.51.100.7", false},
	    {"1.1.1.1, 198.51.100.7, 10.0.0.1",
		"for=2.2.2.2, for=\"198.51.100.7:80\"", "198.51.100.7",
		"198.51.100.7", "198.51.100.7", false},
	    {"198.51.100.7", "for=192.0.2.9", "10.0.0.5", "198.51.100.7",
		"192.0.2.9", true},
	    {"192.0.2.9", "for=198.51.100.7", "10.0.0.5", "192.0.2.9",
		"198.51.100.7", true},
	    {"198.51.100.7", "for=_hidden", "10.0.0.5", "198.51.100.7",
		"10.0.0.5", true},
	    {"unknown", "for=unknown", "10.0.0.5", "10.0.0.5", "10.0.0.5",
		false},
	    /* as though it were not there */
	    {"198.51.100.7", "for=192.0.2.9;for=192.0.2.9", "198.51.100.7",
		"198.51.100.7", "10.0.0.5", true},
	    {"198.51.100.7", "for=\"192.0.2.9", "198.51.100.7",
		"198.51.100.7", "10.0.0.5", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t before = counter_read(COUNT_FORWARDED_DOUBTED);

		assert_string_equal(resolve("10.0.0.5", "X-Forwarded-For",
					cases[i].x_for, "Forwarded",
					cases[i].forwarded)
					.client,
		    cases[i].client);
		assert_int_equal(
		    counter_read(COUNT_FORWARDED_DOUBTED) - before,
		    cases[i].doubted);
		peers.trusted_fields = TRUSTED_X;
		assert_string_equal(resolve("10.0.0.5", "X-Forwarded-For",
					cases[i].x_for, "Forwarded",
					cases[i].forwarded)
					.client,
		    cases[i].client_x);
		peers.trusted_fields = TRUSTED_STANDARD;
		assert_string_equal(resolve("10.0.0.5", "X-Forwarded-For",
					cases[i].x_for, "Forwarded",
					cases[i].forwarded)
					.client,
		    cases[i].client_standard);
		peers.trusted_fields = TRUSTED_ANY;
	}
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Proto", "https",
				"Forwarded", "for=1.1.1.1;proto=http")
				.scheme,
	    "http");
	/* what the first trusted proxy saw counts */
	assert_string_equal(
	    resolve("10.0.0.5", "Forwarded",
		"for=1.1.1.1;proto=http, for=198.51.100.7;proto=https, "
		"for=10.0.0.7;proto=http",
		NULL, NULL)
		.scheme,
	    "https");
}

static void
whose_client_nobody_knows_may_nothing(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(nets_add(peers.allowed, "10.0.0.0/8", &err), 0);
	assert_true(resolve("10.0.0.5", NULL, NULL, NULL, NULL).allowed);
	assert_true(
	    resolve("10.0.0.5", "X-Forwarded-For", "10.0.0.6", NULL, NULL)
		.allowed);
	assert_false(
	    resolve("10.0.0.5", "X-Forwarded-For", "unknown", NULL, NULL)
		.allowed);
	assert_false(
	    resolve("10.0.0.5", "Forwarded", "for=_secret", NULL, NULL)
		.allowed);
	assert_false(resolve("10.0.0.5", "Forwarded", "for=192.0.2.1",
	    "X-Forwarded-For", "198.51.100.7").allowed);
	/* A client spoils the list that its proxy adds to. */
	assert_false(
	    resolve("10.0.0.5", "Forwarded", "\", for=198.51.100.7", NULL, NULL)
		.allowed);
	assert_false(
	    resolve("10.0.0.5", "Via", "1.1 proxy", NULL, NULL).allowed);
	peers.trusted_fields = TRUSTED_X;
	assert_false(
	    resolve("10.0.0.5", "Forwarded", "for=198.51.100.7", NULL, NULL)
		.allowed);
	peers.trusted_fields = TRUSTED_ANY;
}

static void
the_host_is_believed_where_it_is_said_so(void **state)
{
	(void)state;
	assert_string_equal(
	    resolve("10.0.0.5", "X-Forwarded-Host", "a.example", NULL, NULL)
		.host,
	    "");
	peers.trusted_host = true;
	assert_string_equal(
	    resolve("10.0.0.5", "X-Forwarded-Host", "a.example", NULL, NULL)
		.host,
	    "a.example");
	assert_string_equal(
	    resolve("10.0.0.5", "Forwarded",
		"for=1.1.1.1;host=\"b.example:80\"", NULL, NULL)
		.host,
	    "b.example:80");
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Host",
				"a.example", "Forwarded", "host=b.example")
				.host,
	    "");
	assert_string_equal(
	    resolve("192.0.2.1", "X-Forwarded-Host", "a.example", NULL, NULL)
		.host,
	    "");
	peers.trusted_host = false;
}

/* A proxy may add its word behind the client's, in a line or a list. */
static void
of_two_words_for_one_thing_neither_counts(void **state)
{
	int64_t before = counter_read(COUNT_FORWARDED_DOUBTED);

	(void)state;
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Proto", "https",
				"X-Forwarded-Proto", "http")
				.scheme,
	    "http");
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Proto",
				"https, http", NULL, NULL)
				.scheme,
	    "http");
	by_tls = true;
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Proto",
				"http, https", NULL, NULL)
				.scheme,
	    "https");
	by_tls = false;
	peers.trusted_host = true;
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Host",
				"a.example", "X-Forwarded-Host", "b.example")
				.host,
	    "");
	assert_int_equal(
	    counter_read(COUNT_FORWARDED_DOUBTED) - before, 4);
	/* who only say the same twice do not contradict each other */
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Proto",
				"https, HTTPS", NULL, NULL)
				.scheme,
	    "https");
	assert_string_equal(resolve("10.0.0.5", "X-Forwarded-Host",
				"a.example", "X-Forwarded-Host", "A.example")
				.host,
	    "a.example");
	assert_int_equal(
	    counter_read(COUNT_FORWARDED_DOUBTED) - before, 4);
	peers.trusted_host = false;
}

static void
a_single_range_is_understood_and_all_else_is_everything(void **state)
{
	static const struct {
		const char *value;
		uint64_t len;
		int kind;
		uint64_t from, n;
	} cases[] = {
	    {"bytes=0-0", 10, 1, 0, 1},
	    {"bytes=2-5", 10, 1, 2, 4},
	    {"bytes=2-", 10, 1, 2, 8},
	    {"bytes=2-99999999999", 10, 1, 2, 8},
	    {"bytes=-3", 10, 1, 7, 3},
	    {"bytes=-30", 10, 1, 0, 10},
	    {"Bytes=9-9", 10, 1, 9, 1},
	    {"bytes=10-", 10, -1, 0, 0},
	    {"bytes=-0", 10, -1, 0, 0},
	    {"bytes=0-", 0, -1, 0, 0},
	    {"bytes=5-2", 10, 0, 0, 0},
	    {"bytes=0-1,3-4", 10, 0, 0, 0},
	    {"bytes=-", 10, 0, 0, 0},
	    {"bytes=a-b", 10, 0, 0, 0},
	    {"lines=0-1", 10, 0, 0, 0},
	    {"bytes=99999999999999999999-", 10, 0, 0, 0},
	};
	uint64_t from, n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		from = n = 0;
		assert_int_equal(
		    reply_range(cases[i].value, cases[i].len, &from, &n),
		    cases[i].kind);
		assert_int_equal(from, cases[i].from);
		assert_int_equal(n, cases[i].n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_client_is_the_last_that_no_trusted_proxy_is),
	    cmocka_unit_test(a_stranger_is_not_believed),
	    cmocka_unit_test(the_scheme_is_the_proxys),
	    cmocka_unit_test(
		by_tls_it_is_https_unless_a_proxy_that_is_believed_says_else),
	    cmocka_unit_test(what_came_through_a_proxy_is_never_this_machine),
	    cmocka_unit_test(of_two_that_disagree_neither_is_believed),
	    cmocka_unit_test(the_host_is_believed_where_it_is_said_so),
	    cmocka_unit_test(whose_client_nobody_knows_may_nothing),
	    cmocka_unit_test(of_two_words_for_one_thing_neither_counts),
	    cmocka_unit_test(
		a_single_range_is_understood_and_all_else_is_everything),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
