/* The configuration: what a file or the command line makes of struct conf,
 * and what is said of mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/net.h"
#include "conf/conf.h"

struct told {
	char text[8192];
	unsigned lines;
};

static void
on_told(void *arg, const char *line)
{
	struct told *told = arg;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%s\n", line);
	told->lines++;
}

/* Read text as a file. The told lines have the file as "F". */
static struct conf *
read_conf(const char *text, struct conf_args args, struct told *told)
{
	char folder[] = "/tmp/test_conf.XXXXXX", path[64];
	struct conf *conf = NULL;
	FILE *file;
	char *at;

	memset(told, 0, sizeof(*told));
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/livery.conf", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	args.file = path;
	if (conf_read(&conf, &args, on_told, told) != 0)
		assert_true(told->lines > 0);
	unlink(path);
	rmdir(folder);
	while ((at = strstr(told->text, path)) != NULL) {
		*at = 'F';
		memmove(
		    at + 1, at + strlen(path), strlen(at + strlen(path)) + 1);
	}
	return conf;
}

static const struct conf_args none;

static void
tells(const char *text, const char *wanted)
{
	struct told told;
	struct conf *conf = read_conf(text, none, &told);

	assert_null(conf);
	assert_string_equal(told.text, wanted);
}

#define ONE_SITE                                                               \
	"upstream cms { url = \"http://127.0.0.1:8081\" }\n"                   \
	"site main { }\n"

static void
a_small_file_gives_the_defaults_of_the_face(void **state)
{
	struct told told;
	struct conf *conf = read_conf(ONE_SITE, none, &told);

	(void)state;
	assert_non_null(conf);
	assert_string_equal(conf->front.listen[0], "127.0.0.1:8080");
	assert_null(conf->front.listen[1]);
	assert_string_equal(conf->front.access_log, "-");
	assert_int_equal(conf->cache.size_max, 1 << 30);
	assert_int_equal(conf->cache.memory_max, 64 << 20);
	assert_int_equal(conf->fetch.misses_max, 4000);
	assert_int_equal(conf->upstreams[0].misses_max, 1000);
	assert_int_equal(conf->upstreams[0].connect_ms, 3000);
	assert_int_equal(conf->upstreams[0].first_byte_ms, 60000);
	assert_int_equal(conf->upstreams[0].total_ms, 90000);
	assert_int_equal(conf->front.per_ip_max, 0);
	assert_int_equal(conf->sites[0].site.themed_max, 16 << 20);
	assert_string_equal(conf->sites[0].upstream, "cms");
	assert_null(conf->sites[0].theme);
	assert_null(conf->admin_listen);
	assert_true(conf->pages.workers >= 2);
	conf_free(&conf);
	assert_null(conf);
}

static void
every_kind_of_value_is_read(void **state)
{
	struct told told;
	struct net_address address;
	struct conf *conf = read_conf(
	    "# a comment\n"
	    "listen = {\"127.0.0.1:80\", \"unix:/run/livery.sock\"}\n"
	    "unix_mode = 0600\n"
	    "access_log_format = json\n"
	    "access_log = log/access.log\n"
	    "error_log = none\n"
	    "allowed = {10.0.0.0/8}\n"
	    "cache { file = '/var/x.db' size_max = 2G memory_max=128M }\n"
	    "limits { header_timeout = 300ms\n body_max = 1k\n"
	    "  client_window = 128k }\n"
	    "upstream cms {\n"
	    "  url = http://plone:8080/Plone // to the line's end\n"
	    "  first_byte_timeout = 2m /* two\n minutes */\n"
	    "  insecure = on\n window = 1m\n"
	    "}\n"
	    "theme look { url = https://www.example.org/ wait = 0\n"
	    "  rules = rules/main.xml theme_assets = absolute }\n"
	    "site main { hosts = {\"*.example.org\", example.org}\n"
	    "  theme = look login_cookies = {\"*sess*\"} ignore_cookies = {}\n"
	    "  stale_max = 30d }\n",
	    none, &told);
	const struct skin_opts *theme;

	(void)state;
	assert_string_equal(told.text, "");
	assert_non_null(conf);
	assert_string_equal(conf->front.listen[1], "unix:/run/livery.sock");
	assert_int_equal(conf->front.unix_mode, 0600);
	assert_int_equal(conf->front.format, ACCESSLOG_JSON);
	assert_non_null(strstr(conf->front.access_log, "/log/access.log"));
	assert_int_equal(conf->front.access_log[0], '/');
	assert_null(conf->error_log);
	assert_int_equal(conf->cache.size_max, UINT64_C(2) << 30);
	assert_int_equal(conf->front.head_ms, 300);
	assert_int_equal(conf->front.body_max, 1024);
	assert_string_equal(conf->upstreams[0].url, "http://plone:8080/Plone");
	assert_int_equal(conf->upstreams[0].first_byte_ms, 120000);
	assert_true(conf->upstreams[0].insecure);
	assert_int_equal(conf->upstreams[0].window, 1 << 20);
	assert_int_equal(conf->front.client_window, 128 << 10);
	theme = &conf->themes[0];
	assert_string_equal(theme->url, "https://www.example.org/");
	assert_int_equal(theme->wait_ms, 0);
	assert_int_equal(theme->assets, ASSETS_ABSOLUTE);
	assert_int_equal(theme->rules[0], '/');
	assert_string_equal(conf->sites[0].site.hosts[0], "*.example.org");
	assert_string_equal(conf->sites[0].site.login_cookies[0], "*sess*");
	assert_null(conf->sites[0].site.ignore_cookies[0]);
	assert_int_equal(
	    conf->sites[0].site.policy.stale_max_ms, INT64_C(30) * 86400000);
	assert_int_equal(net_parse(&address, "10.1.2.3", 8), 0);
	assert_true(nets_have(conf->peers.allowed, &address));
	assert_int_equal(net_parse(&address, "127.0.0.1", 9), 0);
	assert_false(nets_have(conf->peers.allowed, &address));
	assert_true(nets_have(conf->front.peers.trusted_peers, &address));
	conf_free(&conf);
}

static bool
list_has(const char *const *list, const char *text)
{
	while (*list && strcmp(*list, text) != 0)
		list++;
	return *list != NULL;
}

static void
what_is_added_to_a_list_leaves_its_defaults(void **state)
{
	struct told told;
	struct conf *conf = read_conf(
	    "allowed += { 10.0.0.0/8 }\n"
	    "trusted_peers = { 10.0.0.0/8 }\n"
	    "upstream a { url = \"http://a/\" }\n"
	    "site s { ignore_cookies += { \"*UserName\" }\n"
	    "  login_cookies = { \"*Token\" } hosts += { a.example } }\n",
	    none, &told);
	const struct site_opts *site;
	struct net_address local, other;

	(void)state;
	assert_string_equal(told.text, "");
	assert_non_null(conf);
	site = &conf->sites[0].site;
	assert_true(list_has(site->ignore_cookies, "_ga"));
	assert_true(list_has(site->ignore_cookies, "*UserName"));
	assert_true(list_has(site->login_cookies, "*Token"));
	assert_false(list_has(site->login_cookies, "__ac"));
	assert_true(list_has(site->hosts, "a.example"));
	assert_int_equal(net_parse(&local, "127.0.0.1", 9), 0);
	assert_int_equal(net_parse(&other, "10.1.2.3", 8), 0);
	assert_true(nets_have(conf->peers.allowed, &local));
	assert_true(nets_have(conf->peers.allowed, &other));
	assert_false(nets_have(conf->front.peers.trusted_peers, &local));
	conf_free(&conf);
	conf = read_conf("upstream a { url += \"http://a/\" }\n", none, &told);
	assert_null(conf);
	assert_non_null(strstr(told.text, "'+=' adds to lists: write '='"));
}

static void
every_mistake_is_told_with_its_line_and_what_would_be_right(void **state)
{
	(void)state;
	tells("lisen = \"127.0.0.1:80\"\n"
	      "workers = many\n"
	      "cahce { size_max = 1G }\n"
	      "upstream cms {\n"
	      "  url = \"ftp://x/\"\n"
	      "  conect_timeout = 3s\n"
	      "  total_timeout = 10\n"
	      "}\n"
	      "site main { upstream = cmss theme = look }\n",
	    "F:1: 'lisen' is not known; did you mean 'listen'?\n"
	    "F:3: no block is called 'cahce'; did you mean 'cache'?\n"
	    "F:6: 'conect_timeout' is not known in upstream; did you mean "
	    "'connect_timeout'?\n"
	    "F:2: workers: 'many' is no whole number\n"
	    "F:5: url: 'ftp://x/': only http://, https://, unix:/, file:/// "
	    "and plain paths are known\n"
	    "F:7: total_timeout: '10' is no time: say 300ms, 10s, 5m, 1h or "
	    "7d\n"
	    "F:4: upstream cms has no url and no servers\n"
	    "F:9: site main: there is no block upstream cmss { }; did you "
	    "mean 'cms'?\n"
	    "F:9: site main: there is no block theme look { }\n");
	tells("cache = \"/x\"\nupstream a { url = \"http://a/\" }\n"
	      "site main { upstream = a }\n",
	    "F:1: 'cache' is a block: it is to be written cache { ... }\n");
}

static void
what_is_said_of_tls_must_fit(void **state)
{
	struct told told;
	struct conf *conf;

	(void)state;
	tells("listen = { \"127.0.0.1:443 tls\" }\n" ONE_SITE,
	    "F:1: listen: tls needs a block certificate NAME { file = PATH "
	    "key = PATH }\n");
	tells("certificate a { key = a.key }\n"
	      "tls_priorities = NONSENSE\n"
	      "upstream cms { url = \"https://a/\" key_file = k\n"
	      "  tls_name = \"a b\" }\n"
	      "site main { hsts = \"includeSubDomains\" }\n",
	    "F:2: tls_priorities: 'NONSENSE': GnuTLS does not know what begins "
	    "with 'NONSENSE'\n"
	    "F:4: tls_name: 'a b': a host's name, as www.example.org\n"
	    "F:5: hsts: 'includeSubDomains': say max-age=SECONDS, maybe with "
	    "; includeSubDomains and ; preload behind it\n"
	    "F:1: certificate a has no file\n"
	    "F:3: upstream cms: a key_file without a cert_file\n");
	conf = read_conf("listen = { \"127.0.0.1:443 tls\" }\n"
			 "certificate a { file = a.pem key = a.key }\n"
			 "certificate b { file = /b.pem }\n" ONE_SITE,
	    none, &told);
	assert_string_equal(told.text, "");
	assert_int_equal(conf->front.certs_count, 2);
	assert_non_null(strstr(conf->front.certs[0].key, "/a.key"));
	assert_string_equal(conf->front.certs[1].name, "b");
	assert_string_equal(conf->front.certs[1].key, "/b.pem");
	conf_free(&conf);
}

static void
a_value_out_of_range_names_the_range(void **state)
{
	(void)state;
	tells("cache { size_max = 1k }\n"
	      "limits { header_timeout = 2h connections_max = 0 }\n" ONE_SITE,
	    "F:1: size_max: '1k' is out of range: 1M to 1024G\n"
	    "F:2: connections_max: '0' is out of range: 1 to 1000000\n"
	    "F:2: header_timeout: '2h' is out of range: 1ms to 1h\n");
}

static void
what_libconfuse_would_swallow_is_told(void **state)
{
	(void)state;
	tells(ONE_SITE "site x { login_cookies = {*sess*} }\n",
	    "F:3: '*sess*': put this value in quotes\n");
	tells(ONE_SITE "workers = 1;\n",
	    "F:3: no ';' is needed: the end of the value is enough\n");
	tells(ONE_SITE "site two {\n path = \"/x\"\n",
	    "F:3: the block that begins here has no '}'\n");
	tells(ONE_SITE "}\n", "F:3: this '}' closes nothing\n");
	tells(ONE_SITE "error_log = \"x\n\n",
	    "F:3: the text that begins here with \" has no end\n");
	tells(ONE_SITE "workers 3\n", "F:3: workers has no '=' behind it\n");
	tells(ONE_SITE "cache x { }\n",
	    "F:3: the block cache has no name: write just cache {\n");
	tells("site { }\n", "F:1: the block site needs a name: site main {\n");
	tells(ONE_SITE "listen = {\"a\" \"b\"}\n",
	    "F:3: the list of listen is to be written {\"a\", \"b\"}\n");
}

static void
what_stands_twice_is_told(void **state)
{
	(void)state;
	tells(ONE_SITE "workers = 2\nworkers = 3\n",
	    "F:4: workers stands here again; it was set in line 3\n");
	tells(ONE_SITE "site main { path = \"/x\" }\n",
	    "F:3: there is a block site main already in line 2\n");
}

static void
two_sites_for_the_same_requests_are_told(void **state)
{
	(void)state;
	tells(ONE_SITE "site two { }\n",
	    "F:3: site two and site main are both for every host: give one "
	    "other hosts or a path\n");
	tells("upstream cms { url = /srv/www }\n"
	      "site a { hosts = {x.org, y.org} path = /p }\n"
	      "site b {\n hosts = {Y.org} path = /p }\n",
	    "F:4: site b and site a are both for y.org below /p: give one "
	    "other hosts or a path\n" +
		0);
}

static void
a_file_without_a_site_or_an_upstream_is_told(void **state)
{
	(void)state;
	tells("", "F: there is no site: add site main { upstream = NAME }\n");
	tells("site a { }", "F:1: site a: there is no block upstream NAME { } "
			    "to fetch its pages from, and its theme's "
			    "rules are no ruleset with proxies\n");
	tells("upstream a { url = /a }\nupstream b { url = /b }\nsite a { }",
	    "F:3: site a: say which of the upstreams it has: upstream = "
	    "NAME\n");
	tells("upstream A { url = /a }\nsite main { }",
	    "F:1: upstream 'A': a name is made of a-z, 0-9, _ and -\n");
}

static void
listening_addresses_are_checked(void **state)
{
	(void)state;
	tells("listen = localhost:80\n" ONE_SITE,
	    "F:1: listen: 'localhost:80': 'localhost' is no numeric address; "
	    "names are not looked up here\n");
	tells("listen = \"127.0.0.1:70000\"\n" ONE_SITE,
	    "F:1: listen: '70000' is no port: 0 to 65535\n");
	tells("listen = \"::1:80\"\n" ONE_SITE,
	    "F:1: listen: '::1:80': an IPv6 address needs brackets\n");
	tells("listen = {}\n" ONE_SITE,
	    "F:1: listen: an empty list serves nobody\n");
	tells("admin = \"unix:x\"\n" ONE_SITE,
	    "F:1: admin: 'unix:x': a socket has an absolute path, as in "
	    "unix:/run/livery/http.sock\n");
}

static void
no_file_is_one_site_made_of_the_command_line(void **state)
{
	struct conf_args args = {.upstream = "http://127.0.0.1:8081",
	    .theme = "https://www.example.org/",
	    .listen = "unix:/tmp/l",
	    .cache = "none"};
	struct told told = {0};
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_read(&conf, &args, on_told, &told), 0);
	assert_int_equal(conf->sites_count, 1);
	assert_string_equal(conf->sites[0].site.name, "main");
	assert_string_equal(conf->sites[0].theme, "main");
	assert_string_equal(conf->themes[0].url, "https://www.example.org/");
	assert_non_null(
	    strstr(conf->themes[0].rules, "themes/default/rules.xml"));
	assert_string_equal(conf->front.listen[0], "unix:/tmp/l");
	assert_null(conf->cache.file);
	conf_free(&conf);
}

static void
no_theme_is_a_plain_caching_proxy(void **state)
{
	struct conf_args args = {.upstream = "./site"};
	struct told told = {0};
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_read(&conf, &args, on_told, &told), 0);
	assert_int_equal(conf->themes_count, 0);
	assert_null(conf->sites[0].theme);
	conf_free(&conf);
}

static void
nothing_at_all_is_told(void **state)
{
	struct told told = {0};
	struct conf *conf = NULL;

	(void)state;
	assert_int_equal(conf_read(&conf, &none, on_told, &told), -1);
	assert_null(conf);
	assert_string_equal(
	    told.text, "nothing to serve: say --upstream URL, "
	    "--rules RULESET with proxies, or -c FILE\n");
}

static void
the_command_line_wins_over_the_file(void **state)
{
	struct conf_args args = {.listen = "127.0.0.1:0",
	    .upstream = "http://127.0.0.1:9",
	    .admin = "127.0.0.1:0"};
	struct told told;
	struct conf *conf = read_conf(ONE_SITE, args, &told);

	(void)state;
	assert_non_null(conf);
	assert_string_equal(conf->front.listen[0], "127.0.0.1:0");
	assert_string_equal(conf->upstreams[0].url, "http://127.0.0.1:9");
	assert_string_equal(conf->admin_listen, "127.0.0.1:0");
	conf_free(&conf);

	args.theme = "/x.html";
	conf = read_conf(ONE_SITE, args, &told);
	assert_null(conf);
	assert_string_equal(
	    told.text, "--theme: the file has 0 of them; change it there\n");
}

static void
a_file_that_cannot_be_read_is_told(void **state)
{
	struct conf_args args = {.file = "/nonexistent/livery.conf"};
	struct told told = {0};
	struct conf *conf = NULL;

	(void)state;
	assert_int_equal(conf_read(&conf, &args, on_told, &told), -1);
	assert_string_equal(told.text, "/nonexistent/livery.conf: cannot be "
				       "opened: No such file or directory\n");
}

/* Reading the same bytes with pieces missing must never crash, and never
 * succeed without a site. */
static void
a_cut_file_never_crashes(void **state)
{
	static const char whole[] =
	    "listen = {\"127.0.0.1:80\", ':90'}\n"
	    "upstream cms { url = http://x/ /* c */ host = \"a\\\"b\" }\n"
	    "site main { hosts += {a.org,} }\n";
	struct told told;
	struct conf *conf;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(whole); i++) {
		char *text = mem_strdup(whole);

		text[i] = i % 2 ? '\0' : '}';
		conf = read_conf(text, none, &told);
		conf_free(&conf);
		mem_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_small_file_gives_the_defaults_of_the_face),
	    cmocka_unit_test(every_kind_of_value_is_read),
	    cmocka_unit_test(what_is_added_to_a_list_leaves_its_defaults),
	    cmocka_unit_test(
		every_mistake_is_told_with_its_line_and_what_would_be_right),
	    cmocka_unit_test(what_is_said_of_tls_must_fit),
	    cmocka_unit_test(a_value_out_of_range_names_the_range),
	    cmocka_unit_test(what_libconfuse_would_swallow_is_told),
	    cmocka_unit_test(what_stands_twice_is_told),
	    cmocka_unit_test(two_sites_for_the_same_requests_are_told),
	    cmocka_unit_test(a_file_without_a_site_or_an_upstream_is_told),
	    cmocka_unit_test(listening_addresses_are_checked),
	    cmocka_unit_test(no_file_is_one_site_made_of_the_command_line),
	    cmocka_unit_test(no_theme_is_a_plain_caching_proxy),
	    cmocka_unit_test(nothing_at_all_is_told),
	    cmocka_unit_test(the_command_line_wins_over_the_file),
	    cmocka_unit_test(a_file_that_cannot_be_read_is_told),
	    cmocka_unit_test(a_cut_file_never_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
