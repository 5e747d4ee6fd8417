/* server/server.c - puts the modules together: builds bottom-up, stops
 * top-down
 *
 *   cache, resolver, fetch, skins, pages, front, admin
 *
 * The main thread then only waits for signals: HUP reads the configuration
 * again and swaps the routes, USR1 opens the logs again, USR2 starts the livery
 * that takes over, TERM and INT finish what is in hand (a second one does not
 * wait for it). */
#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/inherit.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/report.h"
#include "conf/fixed.h"
#include "conf/ruleset.h"
#include "config.h"
#include "fetch/probe.h"
#include "page/fragment.h"
#include "server/build.h"
#include "server/certificates.h"
#include "server/drain.h"
#include "server/notify.h"
#include "server/passing.h"
#include "server/privileges.h"

struct server {
	struct conf *conf; /* the one it was started with, borrowed */
	int (*reread)(struct conf **out, void *arg, struct err *err);
	void *reread_arg;
	struct privileges privileges;
	struct cache *cache;
	struct resolver *resolver;
	struct fetch *fetch;
	struct probes *probes;
	struct skins *skins;
	struct pages *pages;
	struct front *front;
	struct admin *admin;
	struct passing passing;
	_Atomic bool listens; /* shared: admin's thread reads it */
	sigset_t signals;
	bool misconfigured; /* why it does not start */
	bool asked; /* to end, by somebody else than itself */
};

/* ---- problems ---- */

enum { PROBLEM_LINES = 20, PROBLEM_LINES_MS = 10000 };

/* Those that whoever reports them does not log. */
static bool
is_to_be_logged(const char *what)
{
	return strcmp(what, "fetch") == 0 || strcmp(what, "dns") == 0 ||
	    strcmp(what, "dress") == 0;
}

/* An upstream that fails a thousand times a second gets a few lines of it;
 * the view `problems` counts them all. */
static void
log_problem(const char *what, const char *url, const char *reason,
    const char *instead)
{
	static struct lock lock = LOCK_INIT;
	static uint64_t since_ms;
	static unsigned lines;
	uint64_t now_ms = clock_mono_ms();
	unsigned line, lost = 0;

	if (!is_to_be_logged(what))
		return;
	lock_take(&lock);
	if (since_ms == 0 || now_ms - since_ms >= PROBLEM_LINES_MS) {
		lost = lines > PROBLEM_LINES ? lines - PROBLEM_LINES : 0;
		since_ms = now_ms;
		lines = 0;
	}
	line = ++lines;
	lock_drop(&lock);
	if (lost)
		log_warn("%u more problems, see the view `problems`", lost);
	if (line <= PROBLEM_LINES)
		log_warn("%s: %s: %s; instead: %s", what, url ? url : "-",
		    reason, instead);
}

/* ---- going up ---- */

static void
on_problem(void *arg, const char *what, const char *url, const char *reason,
    const char *instead)
{
	log_problem(what, url, reason, instead);
	cache_problem(arg, what, url, reason, instead);
}

static void
on_address(void *arg, const char *host, const char *address)
{
	cache_address(arg, host, address);
}

static void
seed(void *arg, const char *host, const char *address)
{
	resolver_seed(arg, host, address);
}

static int
start_cache(struct server *server, struct err *err)
{
	struct report_sink sink = {on_problem, on_address, NULL};

	if (cache_open(&server->cache, &server->conf->cache, err) != 0)
		return -1;
	/* Not by way of server: the writer reports to its end, when server
	 * has let go of the cache. */
	sink.arg = server->cache;
	report_set_sink(&sink);
	return 0;
}

static int
start_fetch(struct server *server, struct err *err)
{
	struct fetch_opts opts = server->conf->fetch;

	if (resolver_new(&server->resolver, &server->conf->resolver, err) !=
	    0)
		return -1;
	cache_addresses(server->cache, seed, server->resolver);
	opts.resolver = server->resolver;
	opts.forbidden = fragment_is_forbidden;
	if (fetch_start(&server->fetch, &opts, err) != 0)
		return -1;
	return probes_start(&server->probes, server->fetch, err);
}

struct probed {
	struct upstream **upstreams; /* NULL: only counted */
	unsigned count;
};

static void
add_probed(void *arg, struct upstream *upstream)
{
	struct probed *probed = arg;

	if (!upstream->opts.probe)
		return;
	if (probed->upstreams)
		probed->upstreams[probed->count] = upstream;
	probed->count++;
}

static void
probe_servers(struct server *server, struct routes *routes)
{
	struct probed probed = {NULL, 0};

	routes_each_upstream(routes, add_probed, &probed);
	probed.upstreams = mem_new_array(probed.count + 1, sizeof(void *));
	probed.count = 0;
	routes_each_upstream(routes, add_probed, &probed);
	probes_set(server->probes, probed.upstreams, probed.count);
	mem_free(&probed.upstreams);
}

/* Ask for every theme now, so that the first page finds it there. */
static void
look_at_themes(struct skins *skins)
{
	struct theme *theme;
	struct skin *skin;
	unsigned i;

	for (i = 0; (skin = skins_get(skins, i)) != NULL; i++) {
		skin_look(skin, &theme);
		theme_unref(&theme);
		skin_unref(&skin);
	}
}

/* Skins that no site uses any more rest until the last page lets them go. */
static void
retire_skins(struct skins *skins, struct routes *routes)
{
	const struct site *site;
	struct skin *skin;
	unsigned i, k;

	for (i = 0; (skin = skins_get(skins, i)) != NULL; i++) {
		bool used = false;

		for (k = 0; (site = routes_site(routes, k)) != NULL; k++)
			used |= site->skin == skin;
		skin_retire(skin, !used);
		skin_unref(&skin);
	}
}

static int
use_conf(struct server *server, const struct conf *conf, struct err *err)
{
	struct routes *before = pages_routes(server->pages), *routes = NULL;
	int rc = build_routes(&routes, conf, server->skins, before, err);
	unsigned i;

	routes_unref(&before);
	if (rc != 0)
		return -1;
	pages_set_routes(server->pages, routes);
	retire_skins(server->skins, routes);
	probe_servers(server, routes);
	routes_unref(&routes);
	for (i = 0; i < conf->sites_count; i++)
		cache_site(server->cache, conf->sites[i].site.name,
		    &conf->sites[i].site.policy,
		    &conf->sites[i].site.query);
	cache_set_limits(server->cache, &conf->cache);
	look_at_themes(server->skins);
	return 0;
}

/* Purging a theme is asking for it now; the last good one stays live. */
static void
on_purged_elsewhere(void *arg, const char *kind, const char *key,
    int64_t at_ms)
{
	struct server *server = arg;
	const struct skin_opts *opts;
	struct skin *skin;
	unsigned i;

	for (i = 0; (skin = skins_get(server->skins, i)) != NULL; i++) {
		opts = skin_options(skin);
		if (strcmp(kind, "all") == 0 ||
		    (opts->url && strcmp(opts->url, key) == 0))
			skin_refresh_since(skin, at_ms);
		skin_unref(&skin);
	}
}

static int
start_pages(struct server *server, struct err *err)
{
	struct pages_opts opts = server->conf->pages;

	if (skins_start(&server->skins, server->cache, server->fetch, err) !=
	    0)
		return -1;
	opts.cache = server->cache;
	opts.fetch = server->fetch;
	opts.skins = server->skins;
	opts.peers = server->conf->peers;
	if (pages_start(&server->pages, &opts, err) != 0)
		return -1;
	cache_on_change(server->cache, on_purged_elsewhere, server);
	server->misconfigured = use_conf(server, server->conf, err) != 0;
	return server->misconfigured ? -1 : 0;
}

static const char *
not_ready(void *arg)
{
	struct server *server = arg;
	const char *why = NULL;
	struct skin_figures figures;
	struct skin *skin;
	unsigned i;

	if (!atomic_load(&server->listens))
		return "it does not listen yet";
	for (i = 0; (skin = skins_get(server->skins, i)) != NULL; i++) {
		skin_read_figures(skin, &figures);
		if (figures.state == SKIN_NEVER && !figures.retired)
			why = "a theme is not there yet";
		skin_unref(&skin);
	}
	return why;
}

static int
start_front(struct server *server, struct err *err)
{
	struct admin_opts admin = {
		.listen = server->conf->admin_listen, .pages = server->pages,
		.cache = server->cache, .skins = server->skins,
		.not_ready = not_ready, .arg = server,
		.version = PACKAGE_VERSION,
	};
	struct front_opts front = server->conf->front;

	front.peers = server->conf->peers;
	if (privileges_raise(&server->privileges, err) != 0)
		return -1;
	/* Clients come last: what fails before costs none of them anything. */
	if (admin.listen && admin_start(&server->admin, &admin, err) != 0)
		return -1;
	if (front_start(&server->front, server->pages, &front, err) != 0)
		return -1;
	atomic_store(&server->listens, true);
	certificates_look(server->front, server->conf);
	if (privileges_drop(&server->privileges, err) != 0)
		return -1;
	return passing_settle(
	    &server->passing, server->front, server->admin, err);
}

static enum log_level
level_of(const char *word)
{
	static const char *const words[] = {"error", "warn", "info", "debug"};
	size_t i;

	for (i = 0; word && i < COUNT_OF(words); i++)
		if (strncmp(word, words[i], strlen(words[i])) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

static void
warn(void *arg, const char *line)
{
	(void)arg;
	log_warn("%s", line);
}

static int
start(struct server *server, struct err *err)
{
	const struct conf *conf = server->conf;

	if (privileges_plan(&server->privileges, conf->user,
		conf->cache.file, err) != 0 ||
	    privileges_lower(&server->privileges, err) != 0)
		return -1;
	if (conf->error_log && log_open(conf->error_log, err) != 0)
		return -1;
	log_set_level(level_of(conf->log_level));
	ruleset_tell_unserved(conf, warn, NULL);
	if (passing_begin(&server->passing, conf->takeover, conf->takes_over,
		err) != 0)
		return -1;
	if (start_cache(server, err) != 0)
		return err_prefix(err, "cache");
	if (start_fetch(server, err) != 0 || start_pages(server, err) != 0)
		return -1;
	return start_front(server, err);
}

/* ---- coming down ---- */

static void
reopen_logs(void *arg)
{
	struct server *server = arg;
	struct err err;

	if (log_reopen(&err) != 0)
		log_error("%s, logging to the old file", err.text);
	front_reopen_log(server->front);
}

static void
finish(struct server *server)
{
	struct drain how = {
		.front = server->front, .pages = server->pages,
		.signals = &server->signals,
		.most_ms = server->conf->drain_ms,
		.taken_over = passing_is_gone(&server->passing),
		.asked = server->asked,
		.on_reopen = reopen_logs, .arg = server,
	};

	if (how.taken_over && server->admin)
		admin_quiesce(server->admin);
	drain(&how);
}

static void
stop(struct server *server)
{
	passing_end(&server->passing);
	if (server->front)
		finish(server);
	front_stop(&server->front);
	admin_stop(&server->admin);
	if (server->cache)
		cache_on_change(server->cache, NULL, NULL);
	pages_quiet(server->pages);
	/* Flights go on without pages; they end before what they fill does. */
	skins_quiet(server->skins);
	probes_stop(&server->probes);
	fetch_stop(&server->fetch);
	pages_stop(&server->pages);
	skins_stop(&server->skins);
	resolver_free(&server->resolver);
	/* The writer may find trouble to its end, and nobody else is left. */
	report_set_sink(NULL);
	cache_close(&server->cache);
}

/* ---- in between ---- */

enum { NAMES_MAX = 16384 };

/* Not a failure, but nobody should believe that it holds. */
static void
say_what_stays(const struct conf *before, const struct conf *now)
{
	static const char words[] = "changed, but read at the start only: ";
	struct buf names;

	buf_init(&names, NAMES_MAX);
	buf_puts(&names, words);
	fixed_differences(&names, before, now);
	if (names.len > strlen(words)) {
		log_warn("reload: %s; restart for it", names.data);
		report_problem("config", before->file, names.data,
		    "as at the start");
	}
	buf_fini(&names);
}

static void
put_in_force(struct server *server, const struct conf *conf)
{
	log_set_level(level_of(conf->log_level));
	server->conf->drain_ms = conf->drain_ms;
	say_what_stays(server->conf, conf);
	ruleset_tell_unserved(conf, warn, NULL);
}

static void
reload(struct server *server)
{
	struct conf *conf = NULL;
	struct err err = {"nothing to read again"};

	notify("RELOADING=1");
	if (!server->reread ||
	    server->reread(&conf, server->reread_arg, &err) != 0 ||
	    use_conf(server, conf, &err) != 0) {
		log_error("reload: %s, going on as before", err.text);
		report_problem("config", NULL, err.text,
		    "the configuration as before");
	} else {
		put_in_force(server, conf);
		certificates_renew(server->front, conf);
		log_info("reloaded");
	}
	conf_free(&conf);
	notify("READY=1");
}

static void
wait_for_signals(struct server *server)
{
	const struct timespec a_while = {CERTIFICATES_LOOK_S, 0};
	siginfo_t info;
	int signal;

	for (;;) {
		signal = sigtimedwait(&server->signals, &info, &a_while);
		if (signal < 0 && errno == EAGAIN)
			certificates_look(server->front, NULL);
		if (signal < 0)
			continue;
		if (signal == SIGHUP)
			reload(server);
		else if (signal == SIGUSR1)
			reopen_logs(server);
		else if (signal == SIGUSR2 || signal == SIGCHLD)
			passing_on(&server->passing, signal);
		else
			break;
	}
	server->asked = info.si_pid != getpid();
	log_info("%s: finishing what is in hand",
	    passing_is_gone(&server->passing) ? "taken over" :
						strsignal(signal));
}

static void
block_signals(struct server *server)
{
	signal(SIGPIPE, SIG_IGN);
	/* Whoever started us may ignore it; then no end of a child is told. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&server->signals);
	sigaddset(&server->signals, SIGTERM);
	sigaddset(&server->signals, SIGINT);
	sigaddset(&server->signals, SIGHUP);
	sigaddset(&server->signals, SIGUSR1);
	sigaddset(&server->signals, SIGUSR2);
	sigaddset(&server->signals, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &server->signals, NULL);
}

static void
say_where(const struct server *server)
{
	const char *address;
	unsigned i;

	for (i = 0; (address = front_address(server->front, i)) != NULL; i++)
		printf("listening on %s\n", address);
	if (server->admin)
		printf("admin on %s\n", admin_address(server->admin));
	if (cache_file(server->cache))
		printf("cache file %s\n", cache_file(server->cache));
	else
		printf("cache in memory only\n");
	fflush(stdout);
}

/* Whoever starts it looks at the terminal or the journal, not into a file. */
static void
say_why_not(const struct err *why)
{
	struct err err;

	log_error("%s", why->text);
	if (log_is_in_file() && log_open(NULL, &err) == 0)
		log_error("%s", why->text);
}

int
server_run(struct conf *conf,
    int (*reread)(struct conf **out, void *arg, struct err *err), void *arg)
{
	struct server server = {
		.conf = conf, .reread = reread, .reread_arg = arg,
	};
	struct err err;
	int status = 0;

	block_signals(&server);
	(void)inherit_sockets();
	if (start(&server, &err) != 0) {
		say_why_not(&err);
		status = server.misconfigured ? 2 : 1;
	} else {
		say_where(&server);
		notify("READY=1");
		wait_for_signals(&server);
		/* it is another's service then */
		if (!passing_is_gone(&server.passing))
			notify("STOPPING=1");
	}
	stop(&server);
	return status;
}
