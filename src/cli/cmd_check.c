/* cli/cmd_check.c - livery check: would it work?
 *
 * Reads what serve would read, asks for what serve would ask for, with the
 * very modules that serve uses, and says what it found, a line each. Nothing
 * is served and no cache file is touched. */
#include "cli/cmd.h"

#include <stdio.h>
#include "base/log.h"
#include "cache/cache.h"
#include "cli/args.h"
#include "cli/checking.h"
#include "conf/mistake.h"
#include "conf/ruleset.h"
#include "fetch/fetch.h"
#include "page/skin.h"
#include "upstream/resolver.h"

static int
start(struct check *check, struct err *err)
{
	struct conf *conf = check->conf;
	struct cache_opts nowhere = conf->cache;

	nowhere.file = NULL;
	conf->fetch.engines = 1;
	if (resolver_new(&check->resolver, &conf->resolver, err) != 0)
		return -1;
	conf->fetch.resolver = check->resolver;
	if (cache_open(&check->cache, &nowhere, err) != 0 ||
	    fetch_start(&check->fetch, &conf->fetch, err) != 0 ||
	    skins_start(&check->skins, check->cache, check->fetch, err) != 0)
		return -1;
	return 0;
}

/* Whoever may still call another stops before it. */
static void
stop(struct check *check)
{
	if (check->skins)
		skins_quiet(check->skins);
	if (check->fetch)
		fetch_stop(&check->fetch);
	if (check->skins)
		skins_stop(&check->skins);
	if (check->cache)
		cache_close(&check->cache);
	if (check->resolver)
		resolver_free(&check->resolver);
}

static void
check_network(struct check *check)
{
	const struct conf *conf = check->conf;
	struct err err;

	if (start(check, &err) != 0) {
		check_bad(check, "%s", err.text);
	} else {
		for (unsigned i = 0; i < conf->upstreams_count; i++)
			check_upstream(check, &conf->upstreams[i]);
		for (unsigned i = 0; i < conf->sites_count; i++)
			check_proxies(check, &conf->sites[i]);
		for (unsigned i = 0; i < conf->themes_count; i++)
			if (check_rules(check, &conf->themes[i]))
				check_theme(check, &conf->themes[i]);
	}
	stop(check);
}

/* The cache file whose pages the rules are held to, if any. */
static void
find_pages(struct check *check, const struct args *args)
{
	if (!args->against)
		return;
	check->against =
	    *args->against ? args->against : check->conf->cache.file;
	if (!check->against)
		check_bad(check, "--against-cache: the configuration has no "
		    "cache file; --against-cache FILE names one");
}

static void
on_unserved(void *arg, const char *line)
{
	check_warn(arg, "%s", line);
}

static void
check_offline(struct check *check)
{
	const struct conf *conf = check->conf;

	for (unsigned i = 0; i < conf->themes_count; i++)
		if (check_rules(check, &conf->themes[i]))
			check_theme_of_files(check, &conf->themes[i]);
}

static void
tell_notes(struct check *check)
{
	const struct note *note = check->conf->notes;

	for (; note; note = note->next)
		check_warn(check, "%s", note->text);
}

static int
check_all(struct conf *conf, const struct args *args)
{
	struct check check = {.conf = conf, .strict = args->strict};

	lock_init(&check.lock);
	cond_init(&check.came);
	log_set_level(LOG_ERROR);
	setvbuf(stdout, NULL, _IOLBF, 0);
	find_pages(&check, args);
	check_ok(&check, "configuration: sites %u, upstreams %u, themes %u",
	    conf->sites_count, conf->upstreams_count, conf->themes_count);
	tell_notes(&check);
	check_files(&check);
	check_certs(&check);
	ruleset_tell_unserved(conf, on_unserved, &check);
	if (args->offline)
		check_offline(&check);
	else
		check_network(&check);
	printf("%u good, %u to mend", check.good, check.bad);
	if (check.warned)
		printf(", %u to think about", check.warned);
	putchar('\n');
	cond_fini(&check.came);
	lock_fini(&check.lock);
	return check.bad || (check.strict && check.warned) ? FAILED : DONE;
}

static int
run(int argc, char **argv)
{
	struct args args;
	struct conf *conf;
	int status;

	if (args_read_all(
		&args, &conf, ARGS_OF_CHECK, &cmd_check, argc, argv) != DONE)
		return MISUSED;
	status = check_all(conf, &args);
	conf_free(&conf);
	return status;
}

const struct cmd cmd_check = {
    .name = "check",
    .usage = "[--offline] [--strict] [--against-cache [FILE]]\n"
	     "             [-c FILE | the options of serve]",
    .summary = "would it work? read, resolve, connect, fetch, find every "
	       "rule's place",
    .help = "  --offline              read the configuration, the rules "
	    "and themes\n"
	    "                         that are files only\n"
	    "  --strict               warnings fail, too\n"
	    "  --against-cache [FILE] warn of content selectors that find "
	    "nothing on\n"
	    "                         any page of the cache file\n" ARGS_HELP "\n"
	    "Every line that starts with FAIL is a thing to mend; then the "
	    "exit status\n"
	    "is 1. Lines that start with warn are to be thought about.\n",
    .run = run,
};
