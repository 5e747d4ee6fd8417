/* cli/cmd_replay.c - livery replay: what new rules or a new theme would do to
 * the pages that are stored
 *
 * Each stored page is dressed as it is now and with what is new, and the two
 * are held against each other. The cache file is only read, and one page at a
 * time is in memory. What the live site shows does not change. */
#include "cli/cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cache/inspect.h"
#include "cli/args.h"
#include "cli/diff.h"
#include "cli/outfit.h"
#include "cli/replay.h"

enum {
	DIFF_LINES_DEFAULT = 6,
	DIFF_LINES_MOST = 10000,
	PAGE_OUT_MAX = 64 << 20,
	PROGRESS_MS = 200,
	PROGRESS_WIDTH = 40,
};

struct replay {
	/* asked for */
	const char *rules, *theme, *cache, *site, *config;
	bool json;
	size_t diff_max;
	struct arena *arena; /* of what the command line says */
	struct head fields;
	/* at work */
	struct conf *conf;
	const struct conf_site *conf_site;
	struct stored *stored;
	struct outfit *was, *is; /* was NULL: only stored pages tell */
	const char *live;	 /* the live version, or NULL */
	struct dress_trace *was_trace, *is_trace;
	struct buf was_out, is_out;
	int64_t total, done;
	uint64_t shown_ms;
	struct replay_figures figures;
};

static int
fail(const char *words)
{
	fprintf(stderr, "livery replay: %s\n", words);
	return MISUSED;
}

/* ---- the command line ---- */

static int
read_lines(struct replay *replay, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '-' || end == text || *end || n > DIFF_LINES_MOST)
		return fail("--diff N: should be a number from 0 to 10000");
	replay->diff_max = n;
	return DONE;
}

static int
read_field(struct replay *replay, const char *text)
{
	const char *colon = strchr(text, ':'), *value;

	value = colon ? colon + 1 + strspn(colon + 1, " \t") : NULL;
	if (!value || !head_is_field(text, (size_t)(colon - text), value,
			  strlen(value)))
		return fail("--header 'NAME: VALUE': a field of a request");
	head_add_n(&replay->fields, text, (size_t)(colon - text), value,
	    strlen(value));
	return DONE;
}

static int
read_cookie(struct replay *replay, const char *text)
{
	const char *before = head_find(&replay->fields, "Cookie");

	if (!strchr(text, '=') || strpbrk(text, "; \t") ||
	    !head_is_field("Cookie", 6, text, strlen(text)))
		return fail("--cookie NAME=VALUE: a cookie of a request");
	head_set(&replay->fields, "Cookie",
	    arena_printf(replay->arena, "%s%s%s", before ? before : "",
		before ? "; " : "", text));
	return DONE;
}

static int
take_option(struct replay *replay, int option)
{
	switch (option) {
	case 'r':
		replay->rules = optarg;
		return DONE;
	case 't':
		replay->theme = optarg;
		return DONE;
	case 'f':
		replay->cache = optarg;
		return DONE;
	case 's':
		replay->site = optarg;
		return DONE;
	case 'c':
		replay->config = optarg;
		return DONE;
	case 'j':
		replay->json = true;
		return DONE;
	case 'd':
		return read_lines(replay, optarg);
	case 'h':
		return read_field(replay, optarg);
	case 'k':
		return read_cookie(replay, optarg);
	default:
		return MISUSED; /* getopt has said it */
	}
}

static int
read_options(struct replay *replay, int argc, char **argv)
{
	static const struct option options[] = {
	    {"rules", required_argument, NULL, 'r'},
	    {"theme", required_argument, NULL, 't'},
	    {"cache", required_argument, NULL, 'f'},
	    {"site", required_argument, NULL, 's'},
	    {"config", required_argument, NULL, 'c'},
	    {"json", no_argument, NULL, 'j'},
	    {"diff", required_argument, NULL, 'd'},
	    {"header", required_argument, NULL, 'h'},
	    {"cookie", required_argument, NULL, 'k'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	optind = 0; /* begin anew, whatever was read before */
	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1)
		if (take_option(replay, option) != DONE)
			return MISUSED;
	if (optind < argc || (!replay->rules && !replay->theme) ||
	    (!replay->rules && !replay->config)) {
		fprintf(stderr, "usage: livery replay %s\n", cmd_replay.usage);
		return MISUSED;
	}
	return DONE;
}

/* ---- what there is now ---- */

/* The site that is named, or the first that has a theme. */
static int
find_site(struct replay *replay)
{
	const struct conf *conf = replay->conf;

	for (unsigned i = 0; i < conf->sites_count; i++) {
		const struct conf_site *site = &conf->sites[i];

		if (replay->site ? strcmp(site->site.name, replay->site) != 0
				 : !site->theme)
			continue;
		if (!conf_theme_of(conf, site))
			return fail("that site has no theme");
		replay->conf_site = site;
		return DONE;
	}
	return fail("the configuration has no such site with a theme");
}

static int
read_conf(struct replay *replay)
{
	const struct args args = {.conf = {.file = replay->config}};

	if (!replay->config)
		return DONE;
	if (args_conf(&replay->conf, &args) != DONE ||
	    find_site(replay) != DONE)
		return MISUSED;
	replay->site = replay->conf_site->site.name;
	if (!replay->cache)
		replay->cache = replay->conf->cache.file;
	return replay->cache ? DONE
			     : fail("the configuration has no cache file; "
				    "--cache FILE names one");
}

/* The theme that is live as far as the cache file knows: its name stands in
 * the addresses of its files, and its page in the file. */
static int
find_live(struct replay *replay, struct outfit_opts *opts)
{
	const char *name = NULL, *url = NULL;
	int count = stored_theme(replay->stored,
	    replay->config ? opts->name : NULL, &name, &url, &replay->live);

	if (replay->config)
		return DONE;
	if (count > 1)
		return fail("the cache file has several live themes; -c FILE "
			    "and --site NAME say which is meant");
	opts->name = name ? name : "theme";
	opts->theme = url;
	return DONE;
}

static int
make_outfits(struct replay *replay)
{
	struct outfit_opts opts = {.name = "theme", .assets = ASSETS_CACHE};
	struct err err;

	if (replay->conf) {
		const struct skin_opts *skin =
		    conf_theme_of(replay->conf, replay->conf_site);

		opts.rules = skin->rules;
		opts.rules_root = skin->rules_root;
		opts.theme = skin->url;
		opts.name = skin->name;
		opts.assets = skin->assets;
		opts.theme_parser = skin->html_parser;
		opts.limits = &replay->conf_site->site;
		opts.params = replay->conf_site->site.params;
		opts.includes = replay->conf_site->site.includes;
	}
	opts.fields = &replay->fields;
	if (find_live(replay, &opts) != DONE)
		return MISUSED;
	if (replay->conf &&
	    outfit_new(&replay->was, &opts, replay->stored, &err) != 0)
		return fail(err.text);
	if (replay->rules)
		opts.rules = replay->rules;
	if (replay->theme)
		opts.theme = replay->theme;
	if (outfit_new(&replay->is, &opts, replay->stored, &err) != 0)
		return fail(err.text);
	if (replay->was)
		replay->live = outfit_version(replay->was);
	return DONE;
}

/* ---- progress ---- */

static void
show_progress(struct replay *replay, bool last)
{
	uint64_t now_ms = clock_mono_ms();
	int full;

	if (!isatty(STDERR_FILENO) ||
	    (!last && now_ms - replay->shown_ms < PROGRESS_MS))
		return;
	replay->shown_ms = now_ms;
	if (last) {
		fputs("\r\033[K", stderr);
		return;
	}
	if (replay->total < replay->done)
		replay->total = replay->done;
	full = replay->total
		   ? (int)(PROGRESS_WIDTH * replay->done / replay->total)
		   : 0;
	fprintf(stderr, "\r\033[K[%.*s%*s] %lld of %lld pages", full,
	    "########################################", PROGRESS_WIDTH - full,
	    "", (long long)replay->done, (long long)replay->total);
}

/* ---- a page ---- */

/* How it is now: as it is stored, else dressed anew. The trace wants the
 * second in any case, and then the first is what visitors see. */
static enum dressed
dress_as_was(struct replay *replay, const struct object *page,
    const struct object *dressed, struct outfit_doubt *doubt)
{
	struct buf *out = &replay->was_out;
	enum dressed how = DRESSED_WANTS;
	struct err err;

	if (replay->was)
		how = outfit_dress(
		    replay->was, page, replay->was_trace, out, doubt, &err);
	if (!dressed)
		return how;
	buf_clear(out);
	buf_add(out, dressed->body->bytes, dressed->body->len);
	return DRESSED;
}

static void
replay_page(struct replay *replay, const struct object *page,
    const struct object *dressed)
{
	struct replay_page one = {
	    .url = page->url,
	    .site = page->site,
	    .was = &replay->was_out,
	    .is = &replay->is_out,
	    .was_trace = replay->was ? replay->was_trace : NULL,
	    .is_trace = replay->is_trace,
	};
	struct outfit_doubt doubt = {""};

	one.was_how = dress_as_was(replay, page, dressed, &doubt);
	one.is_how = outfit_dress(replay->is, page, replay->is_trace,
	    &replay->is_out, &doubt, &one.why);
	one.doubt = doubt.why;
	show_progress(replay, false);
	replay_compare(&one, &replay->figures);
	if (one.differs || one.lost_count || one.doubt[0] ||
	    one.is_how == DRESSED_FAILED) {
		if (isatty(STDERR_FILENO) && isatty(STDOUT_FILENO))
			show_progress(replay, true);
		replay_print(&one, replay->json, replay->diff_max);
	}
	replay_page_fini(&one);
}

static void
replay_all(struct replay *replay)
{
	struct object *page, *dressed;

	replay->total = stored_count(replay->stored, replay->site);
	while ((page = stored_next(replay->stored, replay->site, replay->live,
		    &dressed)) != NULL) {
		replay->done++;
		if (replay_is_due(page))
			replay_page(replay, page, dressed);
		object_unref(&page);
		object_unref(&dressed);
	}
	show_progress(replay, true);
	replay->figures.damaged = stored_damaged(replay->stored);
	replay_sum_up(&replay->figures, replay->json);
}

/* ---- all of it ---- */

static void
clean_up(struct replay *replay)
{
	outfit_free(&replay->was);
	outfit_free(&replay->is);
	stored_close(&replay->stored);
	dress_trace_free(&replay->was_trace);
	dress_trace_free(&replay->is_trace);
	buf_fini(&replay->was_out);
	buf_fini(&replay->is_out);
	arena_free(&replay->arena);
	if (replay->conf)
		conf_free(&replay->conf);
}

static int
work(struct replay *replay)
{
	struct err err;

	if (read_conf(replay) != DONE)
		return MISUSED;
	if (!replay->cache)
		replay->cache = cache_default_file();
	if (stored_open(&replay->stored, replay->cache, &err) != 0)
		return fail(err.text);
	replay->was_trace = dress_trace_new();
	replay->is_trace = dress_trace_new();
	if (make_outfits(replay) != DONE)
		return MISUSED;
	replay_all(replay);
	if (fflush(stdout) != 0)
		return fail("standard output cannot be written");
	return replay->figures.lost ? FAILED : DONE;
}

static int
run(int argc, char **argv)
{
	struct replay replay = {.diff_max = DIFF_LINES_DEFAULT};
	int rc;

	buf_init(&replay.was_out, PAGE_OUT_MAX);
	buf_init(&replay.is_out, PAGE_OUT_MAX);
	replay.arena = arena_new(1024);
	head_init(&replay.fields, replay.arena);
	rc = read_options(&replay, argc, argv);
	if (rc == DONE)
		rc = work(&replay);
	clean_up(&replay);
	return rc;
}

const struct cmd cmd_replay = {
    .name = "replay",
    .usage = "--rules FILE [--theme FILE|URL] [-c FILE] [--site NAME]\n"
	     "             [--cache FILE] [--header \"NAME: VALUE\"]... "
	     "[--cookie NAME=VALUE]...\n"
	     "             [--diff N] [--json]",
    .summary = "dress all stored pages with new rules, and say what changes",
    .help =
	"  --rules FILE         the new rules\n"
	"  --theme FILE|URL     the new theme's page; else that of now\n"
	"  -c, --config FILE    what is live now: rules, themes, cache file\n"
	"  --site NAME          pages of this site only\n"
	"  --cache FILE         the cache file, which is only read\n"
	"  --header NAME: VALUE a field that visitors send, where the rules or\n"
	"                       the site's parameters read it and it is not "
	"stored\n"
	"  --cookie NAME=VALUE  the same of a cookie\n"
	"  --diff N             lines of each difference to show (6)\n"
	"  --json               an object a line for each page that changes,\n"
	"                       and one for all\n"
	"Exit status: 0 no page loses anything, 1 some do, 2 wrong usage.\n"
	"Without -c a page is compared only where it is stored dressed.\n",
    .run = run,
};
