/* The configuration: values that are right each by itself and make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "conf/mistake.h"

struct told {
	char text[4096];
	char notes[4096];
};

static char folder[] = "/tmp/test_sense.XXXXXX";

static void
add_line(char text[4096], const char *line, const char *path)
{
	const char *at = strstr(line, path);
	size_t len = strlen(text);

	snprintf(text + len, 4096 - len, "F%s\n",
	    at ? at + strlen(path) : line);
}

static void
on_told(void *arg, const char *line)
{
	struct told *told = arg;
	char path[64];

	snprintf(path, sizeof(path), "%s/livery.conf", folder);
	add_line(told->text, line, path);
}

/* Read text as a file; lines have the file as "F". */
static void
read_conf(const char *text, struct told *told)
{
	char path[64];
	struct conf_args args = {.file = path};
	struct conf *conf = NULL;
	const struct note *note;
	FILE *file;

	memset(told, 0, sizeof(*told));
	snprintf(path, sizeof(path), "%s/livery.conf", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	if (conf_read(&conf, &args, on_told, told) != 0) {
		assert_true(told->text[0] != '\0');
	} else {
		for (note = conf->notes; note; note = note->next)
			add_line(told->notes, note->text, path);
	}
	conf_free(&conf);
	unlink(path);
}

#define CMS "upstream cms { url = \"http://127.0.0.1:8081\" "
#define TWO                                                                    \
	"upstream cms { servers = { \"http://127.0.0.1:8081\", "               \
	"\"http://127.0.0.1:8082\" } "
#define SITE "}\nsite main { "
#define END  "}\n"

struct nonsense {
	const char *text;
	const char *wanted; /* all that is told, or NULL: nothing */
};

static void
each_is_told(const struct nonsense *all, size_t count)
{
	struct told told;

	for (size_t i = 0; i < count; i++) {
		read_conf(all[i].text, &told);
		if (strcmp(told.text, all[i].wanted ? all[i].wanted : "") != 0)
			fail_msg("%s\ntells: %s\nwanted: %s", all[i].text,
			    told.text, all[i].wanted ? all[i].wanted : "");
	}
}

static void
each_is_noted(const struct nonsense *all, size_t count)
{
	struct told told;

	for (size_t i = 0; i < count; i++) {
		read_conf(all[i].text, &told);
		assert_string_equal(told.text, "");
		if (strcmp(told.notes, all[i].wanted ? all[i].wanted : "") != 0)
			fail_msg("%s\nnotes: %s\nwanted: %s", all[i].text,
			    told.notes, all[i].wanted ? all[i].wanted : "");
	}
}

static void
lanes_have_no_more_slots_than_there_are(void **state)
{
	static const struct nonsense all[] = {
	    {CMS "max_connections = 16\nlane_parts = 17 " SITE END,
		"F:2: upstream cms: lane_parts: 17 are more than the 16 slots "
		"that max_connections gives all lanes: 1 to 16, or 0 for a "
		"share\n"},
	    {CMS "max_connections = 16\nlane_long = 99 " SITE END,
		"F:2: upstream cms: lane_long: 99 are more than the 16 slots "
		"that max_connections gives all lanes: 1 to 16, or 0 for a "
		"share\n"},
	    {CMS "max_connections = 16 lane_parts = 16 " SITE END, NULL},
	    /* of two servers, and where one has any number */
	    {TWO "max_connections = 8 lane_long = 16 " SITE END, NULL},
	    {TWO "max_connections = 8\nlane_long = 17 " SITE END,
		"F:2: upstream cms: lane_long: 17 are more than the 16 slots "
		"that max_connections gives all lanes: 1 to 16, or 0 for a "
		"share\n"},
	    {CMS "lane_long = 99 " SITE END, NULL},
	};

	(void)state;
	each_is_told(all, COUNT_OF(all));
}

static void
a_probe_asks_for_what_can_be_asked_and_answered(void **state)
{
	static const struct nonsense all[] = {
	    {CMS "probe = /well\nprobe_status = 99 " SITE END,
		"F:2: upstream cms: probe_status: no answer ends with status "
		"99: 200 to 599, or 0 for any below 400\n"},
	    {CMS "probe = /well\nprobe_status = 600 " SITE END,
		"F:2: probe_status: '600' is out of range: 0 to 599\n"},
	    {CMS "probe = \"/a b\" " SITE END,
		"F:1: probe: '/a b': it is asked for as it stands here: a "
		"space is written %20, and nothing is asked for with a #\n"},
	    {CMS "probe = \"/a#b\" " SITE END,
		"F:1: probe: '/a#b': it is asked for as it stands here: a "
		"space is written %20, and nothing is asked for with a #\n"},
	    {CMS "probe = \"/a?b=..\" probe_status = 404 " SITE END, NULL},
	};

	(void)state;
	each_is_told(all, COUNT_OF(all));
}

static void
servers_that_contradict_themselves_are_told(void **state)
{
	static const struct nonsense all[] = {
	    {"upstream cms { servers = {\"http://a\",\"http://A:80/\"} " SITE
		 END,
		"F:1: upstream cms: http://a and http://A:80/ are one server: "
		"take one away\n"},
	    {"upstream cms { servers = {\"http://a backup\"} " SITE END,
		"F:1: upstream cms: all of its servers are backups: of what? "
		"One at least is not to be\n"},
	    {"upstream cms { servers = {\"http://a weight=1 weight=2\"} " SITE
		 END,
		"F:1: servers: weight=2: it stands there twice\n"},
	    {"upstream cms { servers = {} " SITE END,
		"F:1: upstream cms has no url and no servers\n"},
	    {"upstream cms { url = \"http://a/b c\" " SITE END,
		"F:1: upstream cms: http://a/b c: white space in a URL\n"},
	    {"upstream cms { url = \"http://a/../b\" " SITE END,
		"F:1: upstream cms: '/../b' is no path to ask below: without "
		". and .., and with two hex digits behind each %\n"},
	    {"upstream cms { url = \"http://a/%2\" " SITE END,
		"F:1: upstream cms: '/%2' is no path to ask below: without . "
		"and .., and with two hex digits behind each %\n"},
	    {"upstream cms { url = \"http://a/b%2Fc/\" " SITE END, NULL},
	    {CMS "forwarding = {none, Forwarded} " SITE END,
		"F:1: upstream cms: forwarding: none stands beside others: "
		"take it, or them, away\n"},
	    {CMS "forwarding = {} " SITE END,
		"F:1: upstream cms: forwarding: an empty list: say none where "
		"nothing is to be told\n"},
	    {CMS "window = 10 " SITE END,
		"F:1: upstream cms: window: '10' is too little: 0 or 4k to "
		"64M\n"},
	    {CMS "tls_name = \"a..b\" " SITE END,
		"F:1: tls_name: 'a..b': a host's name, as www.example.org\n"},
	};

	(void)state;
	each_is_told(all, COUNT_OF(all));
}

static void
an_address_without_its_scheme_is_no_folder(void **state)
{
#define MEANT(text, meant)                                                     \
	{                                                                      \
		"upstream cms { url = \"" text "\" " SITE END,                 \
		    "F:1: url: '" text "': there is no such file or folder; " \
		    "an address has its scheme in front: \"http://" meant     \
		    "\"?\nF:1: upstream cms has no url and no servers\n"      \
	}
	static const struct nonsense all[] = {
	    MEANT("127.0.0.1:8081", "127.0.0.1:8081"),
	    MEANT("cms.example:8080", "cms.example:8080"),
	    MEANT("cms:8080/Plone", "cms:8080/Plone"),
	    MEANT("localhost", "localhost"),
	    MEANT("www.example.org", "www.example.org"),
	    MEANT("[::1]:8080", "[::1]:8080"),
	    MEANT(":8080", "127.0.0.1:8080"),
	    MEANT("//cms/a", "cms/a"),
	    {"upstream cms { servers = { \"127.0.0.1:8081\" } " SITE END,
		"F:1: servers: '127.0.0.1:8081': there is no such file or "
		"folder; an address has its scheme in front: "
		"\"http://127.0.0.1:8081\"?\n"},
	    {CMS SITE "theme = look }\ntheme look { url = \"localhost:80\" }\n",
		"F:3: url: 'localhost:80': there is no such file or folder; "
		"an address has its scheme in front: "
		"\"http://localhost:80\"?\n"
		"F:3: theme look has neither a url nor rules that name a "
		"theme page\n"},
	    {"upstream cms { url = pages " SITE END, NULL},
	    {"upstream cms { url = \"./127.0.0.1:8081\" " SITE END, NULL},
	};
	static const struct nonsense there[] = {
	    {"upstream cms { url = \"127.0.0.1:8081\" " SITE END, NULL},
	    {"upstream cms { url = \"cms:8080\" " SITE END, NULL},
	};
	char one[64], other[64];

	(void)state;
	each_is_told(all, COUNT_OF(all));
	snprintf(one, sizeof(one), "%s/127.0.0.1:8081", folder);
	snprintf(other, sizeof(other), "%s/cms:8080", folder);
	assert_int_equal(mkdir(one, 0700), 0);
	assert_int_equal(mkdir(other, 0700), 0);
	each_is_told(there, COUNT_OF(there));
	rmdir(one);
	rmdir(other);
}

static void
two_sockets_at_one_address_are_told(void **state)
{
#define AT(where, line, option, text, other)                                   \
	{                                                                      \
		where "\n" CMS SITE END,                                       \
		    "F:" line ": " option ": '" text "' is where '" other     \
		    "' of listen listens already: give it another address or " \
		    "port\n"                                                   \
	}
	static const struct nonsense all[] = {
	    AT("listen = {\"127.0.0.1:1\", \"127.0.0.1:1 proxy_protocol\"}",
		"1", "listen", "127.0.0.1:1 proxy_protocol", "127.0.0.1:1"),
	    AT("listen = {\":1\", \"[::1]:1\"}", "1", "listen", "[::1]:1",
		":1"),
	    AT("listen = {\"127.0.0.1:1\", \"0.0.0.0:1\"}", "1", "listen",
		"0.0.0.0:1", "127.0.0.1:1"),
	    AT("listen = \"127.0.0.1:1\"\nadmin = \"127.0.0.1:1\"", "2",
		"admin", "127.0.0.1:1", "127.0.0.1:1"),
	    AT("listen = \"unix:/run/x\"\ntakeover = \"/run/x\"", "2",
		"takeover", "unix:/run/x", "unix:/run/x"),
	    {"listen = {\"127.0.0.1:0\",\"127.0.0.1:0\"}\n" CMS SITE END, NULL},
	    {"listen = {\"127.0.0.1:1\",\"[::1]:1\"}\n" CMS SITE END, NULL},
	    {"listen = {\"0.0.0.0:1\",\"[::]:1\"}\n" CMS SITE END, NULL},
	    {"listen = {\"unix:/run/x\"}\nunix_mode = 0\n" CMS SITE END,
		"F:2: listen: 'unix:/run/x': with mode 0000 nobody may "
		"connect: that takes writing, as 0660\n"},
	    {"listen = {\"unix:/run/x mode=0444\"}\n" CMS SITE END,
		"F:1: listen: 'unix:/run/x mode=0444': with mode 0444 nobody "
		"may connect: that takes writing, as 0660\n"},
	    {"listen = {\"unix:/run/x mode=0600 mode=0660\"}\n" CMS SITE END,
		"F:1: listen: listen 'unix:/run/x mode=0600 mode=0660': mode= "
		"stands there twice\n"},
	    {"listen = \":1 proxy_protocol\"\ntrusted_peers = {}\n" CMS SITE
		 END,
		"F:2: listen: ':1 proxy_protocol': only trusted_peers may "
		"connect there, and there are none: say the balancer's "
		"address\n"},
	};

	(void)state;
	each_is_told(all, COUNT_OF(all));
}

static void
sites_that_contradict_themselves_are_told(void **state)
{
#define TOKEN "purge_token = aaaaaaaaaaaaaaaaaa "
	static const struct nonsense all[] = {
	    {CMS SITE "stale_override = on\nstale_max = 0 " END,
		"F:3: site main: with stale_max = 0 nothing stale is served, "
		"but stale_override is on: say how stale, as 7d, or "
		"stale_override = off\n"},
	    {CMS SITE "compress = {none, br} " END,
		"F:2: site main: compress: none stands beside others: take "
		"it, or them, away\n"},
	    {CMS SITE "login_cookies = {a}\nignore_cookies = {b, a} " END,
		"F:3: site main: 'a' stands in login_cookies as well, which "
		"counts first: take it away from one of them\n"},
	    {CMS SITE "params = {\"a=query:x\", \"a=query:y\"} " END,
		"F:2: site main: params: 'a' stands there twice: take one "
		"away\n"},
	    {CMS SITE "params = {\"path=query:x\"} " END,
		"F:2: site main: params: 'path' is livery's own: give it "
		"another name\n"},
	    {CMS SITE "params = {\"aa=query:x\", \"a=query:y\"} " END, NULL},
	    {TOKEN "\n" CMS SITE TOKEN END,
		"F:3: site main: purge_token: it is that of all sites, which "
		"it would purge: make another\n"},
	    {CMS SITE TOKEN "}\nsite two { hosts = {b} " TOKEN END,
		"F:3: site two: purge_token: it is that of site main, which "
		"it would purge: make another\n"},
	    {CMS SITE "ttl_header = \"set-cookie\" " END,
		"F:2: ttl_header: 'set-cookie' means something else: a field "
		"for this cache alone, as X-Accel-Expires\n"},
	    {CMS SITE "fragment_hosts = {\"http://x\"} " END,
		"F:2: fragment_hosts: 'http://x': a host, maybe with its "
		"port, as cms.example:8080\n"},
	};

	(void)state;
	each_is_told(all, COUNT_OF(all));
}

static void
hosts_paths_and_hsts_are_read_strictly(void **state)
{
#define HOST(text)                                                             \
	{                                                                      \
		CMS SITE "hosts = {\"" text "\"} " END,                        \
		    "F:2: hosts: '" text                                       \
		    "': a host is written www.example.org or *.example.org, " \
		    "in punycode where it is not ASCII\n"                      \
	}
#define PATH(text)                                                             \
	{                                                                      \
		CMS SITE "path = \"" text "\" " END,                           \
		    "F:2: path: '" text                                        \
		    "': a path as it stands in addresses, without query, # "  \
		    "and *: all that is below it is meant\n"                   \
	}
	static const struct nonsense all[] = {
	    HOST("."),
	    HOST("a..b"),
	    HOST("["),
	    HOST("*.*.x"),
	    HOST("http://x"),
	    {CMS SITE "hosts = {\"[::1]:80\"} " END,
		"F:2: hosts: '[::1]:80': without its port: every port is "
		"meant\n"},
	    {CMS SITE "hosts = {none} " END,
		"F:2: hosts: 'none': without hosts a site is for every host: "
		"leave them out\n"},
	    {CMS SITE "hosts = {\"[::1]\", \"10.0.0.1\", \"*.a-b.c\"} " END,
		NULL},
	    PATH("/a?b"),
	    PATH("/a#b"),
	    PATH("/a b"),
	    PATH("/a/*"),
	    {CMS SITE "path = \"/a%20b/\" " END, NULL},
	    {CMS SITE "hsts = \"max-age=1;includeSubDomains ; preload;\" " END,
		NULL},
	};
	static const char *const hsts[] = {"max-age=1y", "max-age=",
	    "max-age=1 includeSubDomains", "max-age=1; includeSubdomain",
	    "max-age=99999999999"};
	char text[256], wanted[256];
	struct told told;

	(void)state;
	each_is_told(all, COUNT_OF(all));
	for (size_t i = 0; i < COUNT_OF(hsts); i++) {
		snprintf(text, sizeof(text), "%s%shsts = \"%s\" %s", CMS, SITE,
		    hsts[i], END);
		snprintf(wanted, sizeof(wanted),
		    "F:2: hsts: '%s': say max-age=SECONDS, maybe with ; "
		    "includeSubDomains and ; preload behind it\n",
		    hsts[i]);
		read_conf(text, &told);
		assert_string_equal(told.text, wanted);
	}
}

static void
what_stands_outside_contradicts_nothing(void **state)
{
	static const struct nonsense all[] = {
	    {"purge_refresh = on\npurge_refresh_max = 0\n" CMS SITE END,
		"F:2: purge_refresh_max: with 0 nothing is refreshed, but "
		"purge_refresh is on: say how many, or purge_refresh = off\n"},
	    {"limits { client_window = 1 }\n" CMS SITE END,
		"F:1: client_window: '1' is too little: 0 or 4k to 64M\n"},
	    {"via = none\n" CMS SITE END,
		"F:1: via: a name is wanted, as livery\n"},
	    {"log_level = none\n" CMS SITE END,
		"F:1: log_level: say error, warn, info or debug\n"},
	};

	(void)state;
	each_is_told(all, COUNT_OF(all));
}

static void
what_counts_for_nothing_is_noted(void **state)
{
#define IDLE(text, option, why)                                         \
	{                                                                      \
		CMS "\n" text " " SITE END,                                    \
		    "F:2: upstream cms: " option " counts for nothing: " why   \
		    "\n"                                                       \
	}
	static const struct nonsense all[] = {
	    IDLE("probe_fall = 5", "probe_fall", "there is no probe = /PATH"),
	    IDLE("session_secret = aaaaaaaaaaaaaaaaaa", "session_secret",
		"session is not insert"),
	    IDLE("long_timeout = 1m", "long_timeout",
		"there are no long_paths"),
	    IDLE("queue_max = 5", "queue_max",
		"there are no max_connections to wait for"),
	    IDLE("forwarded_by = _x", "forwarded_by",
		"forwarding does not name Forwarded"),
	    IDLE("session = client", "session", "there is one server"),
	    IDLE("tls_name = a", "tls_name",
		"no address begins with https://"),
	    {TWO "session = client balance = url " SITE END, NULL},
	    {"upstream cms { servers = {\"http://a\", \"https://b "
	     "max_connections=2\"} queue_max = 5 tls_name = b " SITE END,
		NULL},
	    {CMS "max_connections = 2000 " SITE END,
		"F:1: upstream cms: max_connections: misses_max lets no more "
		"than 1000 requests go there\n"},
	    {CMS "connect_timeout = 2m total_timeout = 1s " SITE END,
		"F:1: upstream cms: connect_timeout is longer than "
		"total_timeout, which ends it\n"},
	    {CMS SITE "upstream = cms }\nupstream two { url = \"http://a\" }\n",
		"F:3: upstream two: no site names it\n"},
	    {CMS SITE "}\ntheme look { url = \"http://a\" }\n",
		"F:3: theme look: no site names it\n"},
	    {CMS SITE "params = {\"a=query:b\"} " END,
		"F:2: site main: params counts for nothing: there is no "
		"theme, so no rules\n"},
	    {CMS SITE "compress = {none} compress_own = on " END,
		"F:2: site main: compress_own counts for nothing: compress is "
		"none\n"},
	    {"trusted_peers = {}\ntrusted_host = on\n" CMS SITE END,
		"F:2: trusted_host counts for nothing: there are no "
		"trusted_peers\n"},
	    {"certificate a { file = a.pem }\n" CMS SITE END,
		"F:1: certificate a: nobody is shown it: no listener says "
		"tls\n"},
	    {"limits { head_max = 128k }\n" CMS SITE END,
		"F:1: limits: head_max: client_memory bounds it, which is "
		"32768\n"},
	    {CMS SITE END, NULL},
	};

	(void)state;
	each_is_noted(all, COUNT_OF(all));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lanes_have_no_more_slots_than_there_are),
	    cmocka_unit_test(a_probe_asks_for_what_can_be_asked_and_answered),
	    cmocka_unit_test(servers_that_contradict_themselves_are_told),
	    cmocka_unit_test(an_address_without_its_scheme_is_no_folder),
	    cmocka_unit_test(two_sockets_at_one_address_are_told),
	    cmocka_unit_test(sites_that_contradict_themselves_are_told),
	    cmocka_unit_test(hosts_paths_and_hsts_are_read_strictly),
	    cmocka_unit_test(what_stands_outside_contradicts_nothing),
	    cmocka_unit_test(what_counts_for_nothing_is_noted),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
