/* The admin listener, and the client side beside it, over a whole livery whose
 * upstream is a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/counter.h"
#include "front/front.h"

static char dir[] = "/tmp/livery-admin-XXXXXX";
static char file[64], folder[64];
static struct resolver *resolver;
static struct fetch *fetch;
static struct cache *cache;
static struct skins *skins;
static struct pages *pages;
static struct front *front;
static struct admin *admin;
static struct peer_opts peers;
static const char *not_ready_words;

static const char *
not_ready(void *arg)
{
	(void)arg;
	return not_ready_words;
}

/* ---- a whole livery ---- */

static void
write_page(const char *name, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void
start_below(void)
{
	struct resolver_opts resolver_opts;
	struct fetch_opts fetch_opts = {.engines = 1,
	    .misses_max = 100,
	    .head_max = 64 << 10,
	    .fields_max = 100,
	    .decode_ratio = 200,
	    .window = 64 << 10};
	struct cache_opts cache_opts = {.file = file,
	    .size_max = 10 << 20,
	    .memory_max = 1 << 20,
	    .wal_max = 10 << 20,
	    .variants_max = 8};
	struct err err;

	resolver_opts_default(&resolver_opts);
	assert_int_equal(resolver_new(&resolver, &resolver_opts, &err), 0);
	fetch_opts.resolver = resolver;
	assert_int_equal(fetch_start(&fetch, &fetch_opts, &err), 0);
	assert_int_equal(cache_open(&cache, &cache_opts, &err), 0);
	assert_int_equal(skins_start(&skins, cache, fetch, &err), 0);
}

static void
start_pages(void)
{
	struct pages_opts opts = {.cache = cache,
	    .fetch = fetch,
	    .skins = skins,
	    .workers = 2,
	    .parked_max = 100,
	    .via = "livery"};
	struct upstream_opts upstream_opts;
	struct site_opts site_opts;
	struct upstream *upstream;
	struct routes *routes = routes_new();
	struct err err;

	peers.trusted_peers = nets_new();
	peers.allowed = nets_new();
	assert_int_equal(nets_add(peers.trusted_peers, "127.0.0.1", &err), 0);
	assert_int_equal(nets_add(peers.allowed, "127.0.0.1", &err), 0);
	opts.peers = peers;
	assert_int_equal(pages_start(&pages, &opts, &err), 0);
	upstream_opts_default(&upstream_opts);
	upstream_opts.name = "cms";
	upstream_opts.url = folder;
	assert_int_equal(upstream_new(&upstream, &upstream_opts, &err), 0);
	site_opts_default(&site_opts);
	site_opts.name = "site";
	assert_int_equal(
	    routes_add(routes, &site_opts, upstream, NULL, &err), 0);
	pages_set_routes(pages, routes);
	routes_unref(&routes);
	upstream_unref(&upstream);
}

static int
start(void **state)
{
	const char *listen[] = {"127.0.0.1:0", NULL};
	struct front_opts front_opts;
	struct admin_opts admin_opts;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/cache.db", dir);
	snprintf(folder, sizeof(folder), "%s/site", dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	write_page("a.html", "<title>a</title><p>0123456789");
	start_below();
	start_pages();
	front_opts_default(&front_opts);
	front_opts.listen = listen;
	front_opts.access_log = NULL;
	front_opts.threads = 2;
	front_opts.peers = peers;
	assert_int_equal(front_start(&front, pages, &front_opts, &err), 0);
	admin_opts = (struct admin_opts){.listen = "127.0.0.1:0",
	    .pages = pages,
	    .cache = cache,
	    .skins = skins,
	    .not_ready = not_ready,
	    .version = "1.2\"<3"};
	assert_int_equal(admin_start(&admin, &admin_opts, &err), 0);
	return 0;
}

static int
stop(void **state)
{
	char command[100];

	(void)state;
	admin_stop(&admin);
	front_quiesce(front);
	pages_fail_all(pages);
	front_stop(&front);
	assert_null(front);
	pages_stop(&pages);
	skins_stop(&skins);
	fetch_stop(&fetch);
	cache_close(&cache);
	resolver_free(&resolver);
	nets_free(&peers.trusted_peers);
	nets_free(&peers.allowed);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* ---- a client ---- */

static int
dial(const char *address)
{
	struct sockaddr_in at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (void *)&at, sizeof(at)), 0);
	return fd;
}

/* Send, and read to the end of the connection. */
static const char *
talk(const char *address, const char *request)
{
	static char answer[1 << 20];
	struct pollfd poller = {dial(address), POLLIN, 0};
	size_t len = 0;
	ssize_t n = 1;

	assert_int_equal(
	    send(poller.fd, request, strlen(request), MSG_NOSIGNAL),
	    strlen(request));
	while (n > 0 && poll(&poller, 1, 5000) == 1) {
		n = recv(poller.fd, answer + len, sizeof(answer) - 1 - len, 0);
		if (n > 0)
			len += (size_t)n;
	}
	answer[len] = '\0';
	close(poller.fd);
	return answer;
}

static const char *
ask(const char *method, const char *target, const char *fields)
{
	char request[1000];

	snprintf(request, sizeof(request),
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
	    method, target, fields);
	return talk(admin_address(admin), request);
}

static const char *
get_page(const char *target, const char *fields)
{
	char request[1000];

	snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: www.example.org\r\n"
	    "Connection: close\r\n%s\r\n",
	    target, fields);
	return talk(front_address(front, 0), request);
}

static void
assert_has(const char *answer, const char *words)
{
	if (!strstr(answer, words))
		print_message("no '%s' in:\n%s\n", words, answer);
	assert_non_null(strstr(answer, words));
}

/* ---- the client side ---- */

static void
a_page_is_a_miss_then_a_hit_then_a_304_then_a_range(void **state)
{
	const char *answer;
	char fields[200], etag[100] = "";

	(void)state;
	answer = get_page("/a.html", "");
	assert_has(answer, "HTTP/1.1 200 ");
	assert_has(answer, "Cache-Status: livery; fwd=uri-miss");
	assert_has(answer, "Via: 1.1 livery\r\n");
	answer = get_page("/a.html", "");
	assert_has(answer, "Cache-Status: livery; hit; ttl=");
	assert_has(answer, "Age: ");
	assert_has(answer, "\r\n\r\n<title>a</title><p>0123456789");
	assert_int_equal(
	    sscanf(strstr(answer, "ETag: "), "ETag: %99[^\r]", etag), 1);

	snprintf(fields, sizeof(fields), "If-None-Match: %s\r\n", etag);
	answer = get_page("/a.html", fields);
	assert_has(answer, "HTTP/1.1 304 ");
	assert_has(answer, "Content-Length: 29\r\n");
	assert_null(strstr(answer, "<title>"));

	answer = get_page("/a.html", "Range: bytes=-10\r\n");
	assert_has(answer, "HTTP/1.1 206 ");
	assert_has(answer, "Content-Range: bytes 19-28/29\r\n");
	assert_has(answer, "\r\n\r\n0123456789");
	answer = get_page("/a.html", "Range: bytes=29-\r\n");
	assert_has(answer, "HTTP/1.1 416 ");
	assert_has(answer, "Content-Range: bytes */29\r\n");
	answer =
	    get_page("/a.html", "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n");
	assert_has(answer, "HTTP/1.1 200 ");
}

static void
answers_follow_each_other_on_one_connection(void **state)
{
	const char *answer;

	(void)state;
	answer = talk(front_address(front, 0),
	    "HEAD /a.html HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /a.html HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /none.html HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /a.html HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /bad\x01 HTTP/1.1\r\nHost: x\r\n\r\n"
	    "GET /a.html HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_has(answer, "HTTP/1.1 200 OK");
	answer = strstr(answer, "\r\n\r\nHTTP/1.1 200 OK");
	assert_non_null(answer);
	answer = strstr(answer, "0123456789HTTP/1.1 404 ");
	assert_non_null(answer);
	answer = strstr(answer, "HTTP/1.1 200 OK");
	assert_non_null(answer);
	answer = strstr(answer, "0123456789HTTP/1.1 400 ");
	assert_non_null(answer);
	assert_has(answer, "Connection: close\r\n");
	assert_null(strstr(answer + 20, "HTTP/1.1 "));
}

/* ---- the admin side ---- */

static void
metrics_count(void **state)
{
	const char *answer;

	(void)state;
	get_page("/a.html", "");
	answer = ask("GET", "/metrics", "");
	assert_has(answer, "HTTP/1.1 200 ");
	assert_has(answer, "Content-Type: text/plain; version=0.0.4");
	assert_has(answer, "# TYPE livery_requests_total counter\n");
	assert_has(answer, "\nlivery_hits_total{kind=\"plain\"} ");
	assert_has(answer, "\nlivery_build_info{version=\"1.2\\\"<3\"} 1\n");
	assert_has(answer, "\nlivery_crew_wait_seconds_total ");
	assert_has(answer, "\nprocess_open_fds ");
	assert_null(strstr(answer, "\nlivery_requests_total 0\n"));
	/* a family's help stands once */
	answer = strstr(answer, "# HELP livery_hits_total ");
	assert_null(strstr(answer + 1, "# HELP livery_hits_total "));
}

static void
ready_says_why_not(void **state)
{
	(void)state;
	assert_has(ask("GET", "/health", ""), "\r\n\r\nok\n");
	assert_has(ask("GET", "/ready", ""), "HTTP/1.1 200 ");
	not_ready_words = "theme main was never seen";
	assert_has(ask("GET", "/ready", ""), "HTTP/1.1 503 ");
	assert_has(ask("GET", "/ready", ""), "theme main was never seen\n");
	not_ready_words = NULL;
}

static void
the_status_page_escapes_what_strangers_wrote(void **state)
{
	const char *answer;

	(void)state;
	cache_problem(cache, "fetch", "http://x/<script>alert(1)</script>",
	    "bad & \"ugly\"", "nothing");
	usleep(300000);
	answer = ask("GET", "/status", "");
	assert_has(answer, "HTTP/1.1 200 ");
	assert_has(answer, "default-src 'none'; style-src 'unsafe-inline'");
	assert_has(answer, "livery 1.2&#34;&#60;3");
	assert_has(answer, "http://x/&#60;script&#62;alert(1)");
	assert_has(answer, "bad &#38; &#34;ugly&#34;");
	assert_null(strstr(answer, "<script"));
	assert_has(answer, "hit rate");
}

static void
purges_are_counted(void **state)
{
	(void)state;
	get_page("/a.html", "");
	assert_has(ask("POST", "/purge?url=http://www.example.org/a.html", ""),
	    "{\"purged\": 1}");
	assert_has(get_page("/a.html", ""), "fwd=uri-miss");
	assert_has(ask("POST", "/purge?url=/a.html", "Content-Length: 0\r\n"),
	    "{\"purged\": ");
	assert_has(ask("POST", "/purge?all=1", ""), "{\"purged\": ");
	assert_has(ask("POST", "/purge?tag=none", ""), "{\"purged\": 0}");
	assert_has(ask("POST", "/purge", ""), "HTTP/1.1 400 ");
	assert_has(ask("POST", "/purge?all=1&tag=x", ""), "HTTP/1.1 400 ");
	assert_has(ask("POST", "/purge?url=nonsense", ""), "HTTP/1.1 400 ");
	assert_has(ask("GET", "/purge?all=1", ""), "HTTP/1.1 405 ");
	assert_has(ask("POST", "/refresh?theme=none", ""), "HTTP/1.1 404 ");
}

static void
requests_are_listed_and_only_those_in_flight_killed(void **state)
{
	(void)state;
	assert_has(
	    ask("GET", "/requests", ""), "{\"count\": 0, \"requests\": []}");
	assert_has(ask("POST", "/requests/kill?id=12345", ""), "HTTP/1.1 404 ");
	assert_has(ask("POST", "/requests/kill?id=x", ""), "HTTP/1.1 400 ");
	assert_has(ask("POST", "/requests/kill", ""), "HTTP/1.1 400 ");
}

static void
no_browser_and_no_other_name_gets_in(void **state)
{
	const char *at = admin_address(admin);

	(void)state;
	assert_has(ask("GET", "/health", "Origin: http://evil.example\r\n"),
	    "HTTP/1.1 403 ");
	assert_has(
	    ask("POST", "/purge?all=1", "Origin: null\r\n"), "HTTP/1.1 403 ");
	assert_has(talk(at, "GET /health HTTP/1.1\r\nHost: evil.example\r\n"
			    "Connection: close\r\n\r\n"),
	    "HTTP/1.1 403 ");
	assert_has(
	    talk(at,
		"GET /health HTTP/1.1\r\n"
		"Host: 127.0.0.1.evil.example\r\nConnection: close\r\n\r\n"),
	    "HTTP/1.1 403 ");
	assert_has(talk(at, "GET /health HTTP/1.1\r\nHost: [::1]:80\r\n"
			    "Connection: close\r\n\r\n"),
	    "HTTP/1.1 200 ");
	assert_has(talk(at, "GET /health HTTP/1.0\r\n\r\n"), "HTTP/1.1 403 ");
	assert_has(ask("GET", "/nothing", ""), "HTTP/1.1 404 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_page_is_a_miss_then_a_hit_then_a_304_then_a_range),
	    cmocka_unit_test(answers_follow_each_other_on_one_connection),
	    cmocka_unit_test(metrics_count),
	    cmocka_unit_test(ready_says_why_not),
	    cmocka_unit_test(the_status_page_escapes_what_strangers_wrote),
	    cmocka_unit_test(purges_are_counted),
	    cmocka_unit_test(
		requests_are_listed_and_only_those_in_flight_killed),
	    cmocka_unit_test(no_browser_and_no_other_name_gets_in),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
