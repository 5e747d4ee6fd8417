/* conf/conf.h - the configuration: one file, or the options of serve
 *
 * The only place that knows libconfuse. schema.c has one row per option; each
 * row's name is documented in livery.conf(5), and a test holds the two
 * together. Reading reports every mistake it finds, as file:line, what, and
 * what would be right; the nearest known name is suggested for an unknown
 * one. Nothing is started, resolved or opened here. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "admin/admin.h"
#include "base/err.h"
#include "cache/cache.h"
#include "fetch/fetch.h"
#include "front/front.h"
#include "page/page.h"
#include "page/route.h"
#include "page/skin.h"
#include "upstream/resolver.h"
#include "upstream/upstream.h"

/* A site, and by which names it goes to the others. */
struct conf_site {
	struct site_opts site;
	const char *upstream; /* a name in upstreams */
	const char *theme;    /* a name in themes, or NULL */
	/* Of its theme, when their proxies say where pages come from
	 * (upstream is NULL then): read with the configuration, so that a
	 * mistake is one of the configuration. The conf's. Else NULL. */
	struct rules *rules;
};

struct conf {
	struct arena *arena; /* of everything here */
	const char *file;    /* NULL: from the command line */
	struct front_opts front;
	struct cache_opts cache;
	struct fetch_opts fetch;
	struct resolver_opts resolver;
	struct pages_opts pages;
	const char *admin_listen; /* NULL: none */
	const char *error_log;	  /* NULL: standard error */
	const char *log_level;	  /* "info" */
	const char *user;	  /* NULL: see serve */
	const char *takeover;	  /* a socket's path; NULL: none */
	bool takes_over;	  /* --takeover */
	uint32_t drain_ms;	  /* how long TERM waits for what is in hand */
	struct upstream_opts *upstreams;
	unsigned upstreams_count;
	struct skin_opts *themes;
	unsigned themes_count;
	int *rules_lines; /* where each theme names its rules; 0: nowhere */
	int *theme_lines; /* and its page */
	struct conf_site *sites;
	unsigned sites_count;
	struct cert_opts *certs; /* front's, too */
	unsigned certs_count;
	struct peer_opts peers; /* owned: freed with it */
	/* What the file says that counts for nothing (conf/mistake.h). */
	struct note *notes;
};

/* What serve, check and requests take on the command line. */
struct conf_args {
	const char *file; /* -c */
	const char *listen, *upstream, *theme, *rules, *cache, *admin;
	bool takeover; /* of serve */
};

/* Read the file (or none), then let the command line's words win. Every
 * mistake is told(arg, line); -1 when there was one. */
CHECKED int conf_read(struct conf **out, const struct conf_args *args,
    void (*told)(void *arg, const char *line), void *arg);
void conf_free(struct conf **conf);

/* The theme that a site names; NULL: none of that name, or none. */
const struct skin_opts *conf_theme_of(
    const struct conf *conf, const struct conf_site *site);

/* Where things are when nothing is said: in the source tree (a folder with
 * themes/default/rules.xml and cache/schema.sql is the working directory)
 * ./cache/cache.db and ./themes, else /var/cache/livery/cache.db and
 * PKGDATADIR/themes. */
const char *conf_default_cache(void);
const char *conf_default_rules(void);

#endif
