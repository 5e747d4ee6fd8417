/* conf/defaults.c - what holds when nothing is said
 *
 * Each module knows the defaults of its own options where it has a function
 * for them; the rest, and what several modules share, stands here. */
#include <config.h>
#include "conf/defaults.h"

#include <unistd.h>
#include "conf/value.h"

static const char *const listen_default[] = {"127.0.0.1:8080", NULL};

void
defaults_add_local(struct nets *nets)
{
	struct err err;

	must(nets_add(nets, "127.0.0.0/8", &err) == 0);
	must(nets_add(nets, "::1", &err) == 0);
	must(nets_add(nets, "unix", &err) == 0);
}

static struct nets *
nets_local(struct arena *arena)
{
	struct nets *nets = nets_in(arena);

	defaults_add_local(nets);
	return nets;
}

void
defaults_conf(struct conf *conf)
{
	front_opts_default(&conf->front);
	conf->front.listen = listen_default;
	conf->front.access_log = "-";
	conf->front.via = "livery";

	conf->cache.file = conf_default_cache();
	conf->cache.size_max = UINT64_C(1) << 30;
	conf->cache.memory_max = UINT64_C(64) << 20;
	conf->cache.wal_max = UINT64_C(256) << 20;
	conf->cache.variants_max = 32;

	conf->fetch.engines = 2;
	conf->fetch.misses_max = 4000;
	conf->fetch.head_max = 256 << 10;
	conf->fetch.fields_max = 200;
	conf->fetch.decode_ratio = 200;
	conf->fetch.window = 256 << 10;

	conf->resolver.threads = 4;
	conf->resolver.timeout_ms = 2000;
	conf->resolver.again_ms = 30000;

	conf->pages.workers = 0; /* a number is put in by conf_read */
	conf->pages.parked_max = 4000;
	conf->pages.purge_refresh_max = 500;

	conf->log_level = "info";
	conf->drain_ms = 30000;
	conf->peers.trusted_peers = nets_local(conf->arena);
	conf->peers.allowed = nets_local(conf->arena);
}

bool
defaults_has_listen(const struct conf *conf)
{
	return conf->front.listen == listen_default;
}

bool
defaults_has_allowed(const struct conf *conf)
{
	struct nets *local = nets_new();
	bool same;

	defaults_add_local(local);
	same = nets_same(conf->peers.allowed, local);
	nets_free(&local);
	return same;
}

void
defaults_upstream(struct upstream_opts *opts)
{
	upstream_opts_default(opts);
}

void
defaults_theme(struct skin_opts *opts)
{
	skin_opts_default(opts);
}

void
defaults_site(struct conf_site *site)
{
	site_opts_default(&site->site);
}

/* ---- where things are ---- */

static int
is_source_tree(void)
{
	return access("themes/default/rules.xml", R_OK) == 0 &&
	       access("cache/schema.sql", R_OK) == 0;
}

const char *
conf_default_cache(void)
{
	return is_source_tree() ? "./cache/cache.db"
				: "/var/cache/livery/cache.db";
}

const char *
conf_default_rules(void)
{
	return is_source_tree() ? "./themes/default/rules.xml"
				: PKGDATADIR "/themes/default/rules.xml";
}
