/* tests/unit/test_fetch_tls.c - https: who is believed, though libcurl is given
 * a number and not a name
 *
 * The server is openssl's own (skipped where there is none). */
#include "fetch_rig.h"

static struct rig rig;
static char folder[] = "/tmp/fetch-tls-XXXXXX";
static char key_path[64], cert_path[64];
static pid_t server;
static int port;

static int
lookup(const char *host, struct addresses *out)
{
	(void)host;
	memset(out, 0, sizeof(*out));
	out->count = 1;
	strcpy(out->text[0], "127.0.0.1");
	return 0;
}

static bool
make_certificate(void)
{
	char command[512];

	snprintf(key_path, sizeof(key_path), "%s/key", folder);
	snprintf(cert_path, sizeof(cert_path), "%s/cert", folder);
	snprintf(command, sizeof(command),
	    "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj "
	    "/CN=tls.test -addext subjectAltName=DNS:tls.test -keyout %s "
	    "-out %s >/dev/null 2>&1",
	    key_path, cert_path);
	return system(command) == 0;
}

static bool
start_server(void)
{
	char line[256] = "";
	const char *colon;
	FILE *out;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	server = fork();
	if (server == 0) {
		dup2(fds[1], 1);
		execlp("openssl", "openssl", "s_server", "-accept",
		    "127.0.0.1:0", "-key", key_path, "-cert", cert_path, "-www",
		    (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	out = fdopen(fds[0], "r");
	while (
	    fgets(line, sizeof(line), out) && strncmp(line, "ACCEPT", 6) != 0)
		;
	fclose(out);
	colon = strrchr(line, ':');
	port = colon ? atoi(colon + 1) : 0;
	return port > 0;
}

static int
set_up(void **state)
{
	const struct resolver_opts resolver = {.threads = 1,
	    .timeout_ms = 2000,
	    .again_ms = 30000,
	    .lookup = lookup};
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	if (!make_certificate() || !start_server())
		port = 0;
	rig_defaults(&rig);
	assert_int_equal(resolver_new(&rig.resolver, &resolver, &err), 0);
	rig.opts.resolver = rig.resolver;
	return fetch_start(&rig.fetch, &rig.opts, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	rig_stop(&rig);
	origin_stop(&server);
	unlink(key_path);
	unlink(cert_path);
	return rmdir(folder);
}

static void
check(
    const char *host, const char *ca_file, bool insecure, enum outcome outcome)
{
	struct ask ask = {.target = "/", .plan = PLAN_GATHER};
	struct upstream_opts opts = rig.up_opts;
	struct page page;
	char url[100];
	struct err err;

	if (port == 0)
		skip();
	snprintf(url, sizeof(url), "https://%s:%d", host, port);
	opts.url = opts.name = url;
	opts.ca_file = ca_file;
	opts.insecure = insecure;
	assert_int_equal(upstream_new(&ask.up, &opts, &err), 0);
	page_init(&page, &ask);
	page_ask(&rig, &page);
	page_wait(&page);
	if (page.answer->outcome != outcome)
		fail_msg("%s: %s", outcome_word(page.answer->outcome),
		    page.answer->reason);
	wait_for_end(&ask);
	page_fini(&page);
	upstream_unref(&ask.up);
}

static void
a_certificate_of_our_authority_is_believed(void **state)
{
	(void)state;
	check("tls.test", cert_path, false, FETCH_OK);
}

static void
a_strangers_certificate_is_not(void **state)
{
	(void)state;
	check("tls.test", NULL, false, FETCH_MALFORMED);
}

static void
a_certificate_for_another_name_is_not(void **state)
{
	(void)state;
	check("other.test", cert_path, false, FETCH_MALFORMED);
}

static void
insecure_believes_everybody(void **state)
{
	(void)state;
	check("other.test", NULL, true, FETCH_OK);
}

static void
what_speaks_no_tls_fails(void **state)
{
	struct ask ask = {.target = "/", .plan = PLAN_GATHER};
	struct upstream_opts opts = rig.up_opts;
	struct page page;
	char url[100];
	struct err err;
	int plain;
	pid_t origin = origin_start(NULL, &plain);

	(void)state;
	snprintf(url, sizeof(url), "https://tls.test:%d", plain);
	opts.url = opts.name = url;
	opts.first_byte_ms = 300;
	opts.connect_ms = 300;
	assert_int_equal(upstream_new(&ask.up, &opts, &err), 0);
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_FAILED);
	wait_for_end(&ask);
	page_fini(&page);
	upstream_unref(&ask.up);
	origin_stop(&origin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_certificate_of_our_authority_is_believed),
	    cmocka_unit_test(a_strangers_certificate_is_not),
	    cmocka_unit_test(a_certificate_for_another_name_is_not),
	    cmocka_unit_test(insecure_believes_everybody),
	    cmocka_unit_test(what_speaks_no_tls_fails),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
