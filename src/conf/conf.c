/* conf/conf.c - the file or none, then the command line's words */
#include "conf/conf.h"

#include <string.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/mem.h"
#include "conf/check.h"
#include "conf/defaults.h"
#include "conf/file.h"
#include "conf/mistake.h"
#include "conf/ruleset.h"
#include "conf/value.h"

static struct conf *
conf_new(const char *file)
{
	struct conf *conf = mem_new(sizeof(*conf));

	conf->arena = arena_new(16384);
	conf->file = file ? arena_strdup(conf->arena, file) : NULL;
	defaults_conf(conf);
	return conf;
}

void
conf_free(struct conf **conf)
{
	if (!*conf)
		return;
	arena_free(&(*conf)->arena);
	mem_free(conf);
}

/* ---- no file: one site, one upstream, maybe one theme ---- */

static void
add_main(struct conf *conf, const struct conf_args *args)
{
	conf->upstreams = arena_get(conf->arena, sizeof(*conf->upstreams));
	conf->upstreams_count = args->upstream != NULL;
	defaults_upstream(&conf->upstreams[0]);
	conf->upstreams[0].name = "main";

	conf->sites = arena_get(conf->arena, sizeof(*conf->sites));
	conf->sites_count = 1;
	defaults_site(&conf->sites[0]);
	conf->sites[0].site.name = "main";
	conf->sites[0].upstream = args->upstream ? "main" : NULL;

	if (!args->theme && !args->rules)
		return;
	conf->themes = arena_get(conf->arena, sizeof(*conf->themes));
	conf->themes_count = 1;
	defaults_theme(&conf->themes[0]);
	conf->themes[0].name = "main";
	conf->themes[0].rules = conf_default_rules();
	conf->sites[0].theme = "main";
}

/* ---- the command line ---- */

/* An option of the schema, given as --flag TEXT. */
static void
set_word(struct conf *conf, enum block block, const char *option, void *base,
	 const char *flag, const char *text, struct mistakes *mistakes)
{
	struct err err;

	if (text && value_set(schema_find(block, option), base, &text, 1,
			      conf->arena, NULL, &err) != 0)
		mistake_tell(mistakes, 0, "%s: %s", flag, err.text);
}

/* --upstream and --theme beside a file say where the only one is. */
static void
set_place(struct conf *conf, enum block block, void *base, unsigned count,
	  const char *flag, const char *text, struct mistakes *mistakes)
{
	if (!text)
		return;
	if (count == 1)
		set_word(conf, block, "url", base, flag, text, mistakes);
	else
		mistake_tell(mistakes, 0,
			     "%s: the file has %u of them; change it there",
			     flag, count);
}

static void
set_args(struct conf *conf, const struct conf_args *args,
	 struct mistakes *mistakes)
{
	set_word(conf, BLOCK_TOP, "listen", conf, "--listen", args->listen,
		 mistakes);
	set_word(conf, BLOCK_TOP, "admin", conf, "--admin", args->admin,
		 mistakes);
	set_word(conf, BLOCK_CACHE, "file", conf, "--cache", args->cache,
		 mistakes);
	set_place(conf, BLOCK_UPSTREAM, conf->upstreams, conf->upstreams_count,
		  "--upstream", args->upstream, mistakes);
	set_place(conf, BLOCK_THEME, conf->themes, conf->themes_count,
		  "--theme", args->theme, mistakes);
	if (args->rules && conf->themes_count == 1)
		set_word(conf, BLOCK_THEME, "rules", conf->themes, "--rules",
			 args->rules, mistakes);
	else if (args->rules)
		mistake_tell(mistakes, 0,
			     "--rules: the file has %u themes; change it there",
			     conf->themes_count);
}

/* Workers are counted here, since there must be two at least: one page that
 * takes long must not be all that is dressed. */
static void
count_workers(struct conf *conf)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (conf->pages.workers == 0)
		conf->pages.workers = cores > 2 ? (unsigned)cores : 2;
}

/* What the sites that have a theme give its rules, beside what all do. */
static void
give_params(struct conf *conf, struct skin_opts *theme)
{
	const char **list;
	size_t room = 1, n = 0;

	for (unsigned i = 0; i < conf->sites_count; i++)
		for (const char *const *p = conf->sites[i].site.params;
		     p && *p; p++)
			room++;
	list = arena_get(conf->arena, room * sizeof(*list));
	for (unsigned i = 0; i < conf->sites_count; i++) {
		const struct conf_site *site = &conf->sites[i];

		if (!site->theme || strcmp(site->theme, theme->name) != 0)
			continue;
		for (const char *const *p = site->site.params; p && *p; p++)
			list[n++] = *p;
	}
	theme->params = list;
}

static void
read_all(struct conf *conf, const struct conf_args *args,
	 struct mistakes *mistakes)
{
	mistakes->file = args->file;
	if (args->file)
		file_read(conf, args->file, mistakes);
	mistakes->file = NULL;
	if (mistakes->count > 0)
		return;
	if (!args->file && !args->upstream && !args->rules) {
		mistake_tell(
		    mistakes, 0,
		    "nothing to serve: say --upstream URL, --rules RULESET "
		    "with proxies, or -c FILE");
		return;
	}
	if (!args->file)
		add_main(conf, args);
	set_args(conf, args, mistakes);
	conf->takes_over = args->takeover;
	if (args->takeover && !conf->takeover)
		mistake_tell(mistakes, 0,
			     "--takeover: the file has no `takeover`, the "
			     "socket to ask for it");
	for (unsigned i = 0; i < conf->themes_count; i++)
		give_params(conf, &conf->themes[i]);
	ruleset_use(conf, args, mistakes);
	count_workers(conf);
	conf->front.peers = conf->peers;
	conf->front.certs = conf->certs;
	conf->front.certs_count = conf->certs_count;
	conf->pages.peers = conf->peers;
	conf->pages.via = conf->front.via;
}

int
conf_read(struct conf **out, const struct conf_args *args,
	  void (*told)(void *arg, const char *line), void *arg)
{
	struct conf *conf = conf_new(args->file);
	struct mistakes mistakes = {
	    .told = told,
	    .arg = arg,
	    .arena = conf->arena,
	    .notes = &conf->notes,
	};

	read_all(conf, args, &mistakes);
	if (mistakes.count > 0) {
		conf_free(&conf);
		return -1;
	}
	*out = conf;
	return 0;
}

const struct skin_opts *
conf_theme_of(const struct conf *conf, const struct conf_site *site)
{
	for (unsigned i = 0; site->theme && i < conf->themes_count; i++)
		if (strcmp(conf->themes[i].name, site->theme) == 0)
			return &conf->themes[i];
	return NULL;
}
