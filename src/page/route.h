/* page/route.h - which site a request is for, and what the site wants
 *
 * A routes snapshot is made whole from the configuration, never changed, and
 * counted; reload swaps in another while pages go on with theirs. */
#ifndef PAGE_ROUTE_H
#define PAGE_ROUTE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/net.h"
#include "cache/policy.h"
#include "cache/query.h"
#include "http/pack.h"
#include "upstream/upstream.h"

struct chooser;
struct skin;

/* What becomes of a page when a document that its rules bring in cannot be
 * had. */
enum fragment_failure {
	FRAGMENT_EMPTY,    /* the rule finds nothing in it */
	FRAGMENT_UNDRESSED, /* the page goes out as it came */
	FRAGMENT_ERROR,    /* 502 */
};

/* Who reads the pages: we, as browsers do; libxml2, as HTML 4. */
enum parser { PARSER_HTML5, PARSER_LIBXML2 };

/* Which includes in a dressed page are resolved here. */
enum includes {
	INCLUDES_NONE = 0,
	INCLUDES_SSI = 1,  /* <!--#include virtual="..." --> */
	INCLUDES_ESI = 2,  /* <esi:include src="..."/> */
	INCLUDES_BOTH = 3,
};

struct site_opts {
	const char *name;
	const char *const *hosts;  /* NULL-ended; "*.example.org" allowed; NULL
	                            * or empty: every host not named elsewhere */
	const char *path;          /* only below this; NULL: everything */
	const char *const *login_cookies;  /* globs; one of them: bypass */
	const char *const *ignore_cookies; /* globs: count as absent */
	struct policy_opts policy;
	struct query_rules query;  /* what of it counts for the key */
	uint32_t stale_wait_ms;    /* how long a client waits for an upstream
	                            * when there is a stale copy: 1 s */
	uint64_t themed_max;       /* bytes of a page to be dressed: 16 MiB */
	uint64_t store_max;        /* bytes of a body to be stored: 64 MiB */
	enum parser html_parser;
	uint32_t html_max_depth, html_max_attributes, html_max_nodes;
	uint64_t xpath_max_ops;    /* 5 million */
	uint32_t misses_max;       /* of this site, in flight: 1,000 */
	const char *const *params; /* of the rules, see page/params.c */
	/* Documents that rules bring in (href) */
	uint32_t fragment_wait_ms;    /* a page waits for all of them: 2 s */
	uint32_t fragment_timeout_ms; /* one from elsewhere: 10 s */
	uint32_t fragment_min_refresh_ms; /* 5 s */
	uint32_t fragment_ttl_ms;  /* one without freshness: 60 s */
	uint64_t fragment_max;     /* bytes of one: 4 MiB */
	uint32_t fragments_max;    /* of one page: 50 */
	enum fragment_failure fragment_failure;
	enum includes includes;
	bool filter_xpath;         /* "?;filter_xpath=" asks for a part of a
	                            * page: page/part.c */
	const char *const *fragment_hosts; /* host[:port] that may have a
	                            * private address */
	const char *const *compress; /* codings of ours, as we like them: br,
	                            * zstd, gzip; "none" */
	uint64_t compress_min;     /* bytes; a smaller body goes as it is: 1 KiB */
	bool compress_own;         /* pages of one client's own too: off */
	bool rewrite_links; /* of the upstream in HTML: off */
	unsigned upgrade;          /* 0: to nothing; 1: to WebSocket */
	bool map_redirects;        /* Location to the upstream becomes ours:
	                            * true */
	const char *hsts;          /* Strict-Transport-Security of answers by
	                            * https; NULL: whatever the upstream says */
	const char *error_page;    /* file with the page for 5xx of ours; NULL:
	                            * built in. Dressed like any page */
	/* Who may purge this site alone, and what a purge does that does not
	 * say: page/purge_site.h */
	const char *purge_token;   /* NULL: none. Never written anywhere */
	const char *const *purge_allowed; /* networks; NULL: none */
	enum site_purge {
		SITE_PURGE_INHERIT, /* as for all sites */
		SITE_PURGE_HARD,
		SITE_PURGE_SOFT
	} purge;
};
void site_opts_default(struct site_opts *opts);

struct site {
	struct site_opts opts;      /* own copies */
	uint8_t packings[PACKINGS]; /* opts.compress in numbers */
	unsigned packings_count;    /* 0: none */
	struct upstream *upstream;  /* counted; NULL: a chooser has them */
	struct chooser *chooser;    /* page/choose.h; or NULL */
	struct skin *skin;          /* counted; NULL: no theme */
	unsigned number;            /* 0, 1, ... within its routes */
	const char *wearing;        /* "-..." behind the version of its dressed
	                             * pages: parameters and includes; or "" */
	struct again *again;        /* pages of ours, dressed before */
	struct parts *parts;        /* of its pages, asked for before */
	struct site_load *load;     /* in flight now: page/crew's and page's */
	struct nets *purge_allowed; /* opts.purge_allowed; NULL: none */
};

/* Whether a text of site_opts.params is one (page/param.h). */
bool params_is_one(const char *text);

/* What its answers say of Strict-Transport-Security, which counts only where
 * it came by TLS (RFC 6797 7.2): "": nothing; NULL: what the upstream says. */
const char *site_hsts(const struct site *site, const char *scheme);

struct routes;
struct routes *routes_new(void);
struct routes *routes_ref(struct routes *routes);
void routes_unref(struct routes **routes);
/* Add a site while making the snapshot. Refs upstream and skin. */
CHECKED int routes_add(struct routes *routes, const struct site_opts *opts,
    struct upstream *upstream, struct skin *skin, struct err *err);
/* One whose ruleset's proxies choose. Takes *chooser, also when it fails. */
CHECKED int routes_add_chosen(struct routes *routes,
    const struct site_opts *opts, struct chooser **chooser, struct skin *skin,
    struct err *err);
/* An upstream of some site that is the same; counted, or NULL. */
struct upstream *routes_find_upstream(const struct routes *routes,
    const struct upstream *wanted);
/* Each upstream of its sites, once. It is borrowed. */
void routes_each_upstream(const struct routes *routes,
    void (*on_upstream)(void *arg, struct upstream *upstream), void *arg);
unsigned routes_count(const struct routes *routes);
const struct site *routes_site(const struct routes *routes, unsigned i);

/* The length of the host in an authority, without ":port". */
size_t routes_host_len(const char *host, size_t len);

/* Whether its `hosts` name this one, itself or by a "*.". */
bool site_has_host(const struct site *site, const char *host, size_t len);

/* The site for an authority ("www.example.org:8080", port ignored, case
 * ignored) and a path: an exact host before "*." ones before any, then the
 * longest path. NULL: no site answers for that host (421). No allocation. */
const struct site *routes_find(const struct routes *routes,
    const char *host, size_t host_len, const char *target);

/* The key of a page of that site: the query as its rules want it. As
 * key_make(). */
CHECKED int site_key(const struct site *site, struct key *key,
    char room[KEY_MAX], struct slice scheme, struct slice host,
    struct slice target);

/* The site for that host whose theme has this name, whatever its path: a
 * theme's files live below one path for all. NULL: none. */
const struct site *routes_find_theme(const struct routes *routes,
    const char *host, size_t host_len, const char *name, size_t name_len);

enum trusted_fields { TRUSTED_ANY, TRUSTED_X, TRUSTED_STANDARD };

/* Who is asked what. Shared by all sites. */
struct peer_opts {
	struct nets *trusted_peers; /* their forwarding fields count: loopback
	                             * and unix by default */
	unsigned trusted_fields;    /* which of their fields: all that there
	                             * are, X-Forwarded-*, or Forwarded */
	bool trusted_host;          /* the host, too: off */
	struct nets *allowed;       /* may purge, debug, see keys: loopback */
};

#endif
