/* cli/checking.h - what the parts of livery check have in common
 *
 *   checking.c        counting and telling; waiting for one thing
 *   check_files.c     files that are to be read or written
 *   check_tls.c       certificates
 *   check_upstream.c  a name's addresses, an upstream's answer
 *   check_theme.c     rules, and the theme that they are woven into
 *   check_assets.c    files that the theme refers to
 *   check_lint.c      rules that are not what was meant */
#ifndef CLI_CHECKING_H
#define CLI_CHECKING_H

#include <stdbool.h>
#include "base/lock.h"
#include "conf/conf.h"

struct check {
	struct conf *conf;
	struct resolver *resolver;
	struct cache *cache;
	struct fetch *fetch;
	struct skins *skins;
	unsigned good, bad, warned;
	bool strict;	     /* warnings count as bad */
	const char *against; /* cache file that rules are held to, or NULL */
	/* One thing is waited for at a time; other threads say that it came. */
	struct lock lock;
	struct cond came;
	bool has_come; /* shared: under lock */
};

/* A line each; bad ones, and strictly warnings, make the exit status 1. */
void check_ok(struct check *check, const char *format, ...) PRINTF(2, 3);
void check_bad(struct check *check, const char *format, ...) PRINTF(2, 3);
void check_warn(struct check *check, const char *format, ...) PRINTF(2, 3);

/* Begin, start what is to be waited for, end. Over comes from whatever
 * thread, once. */
void check_wait_begin(struct check *check);
void check_wait_over(struct check *check);
void check_wait_end(struct check *check);

void check_files(struct check *check);
/* NULL: nothing is to be read. */
void check_readable(struct check *check, const char *what, const char *path);
void check_certs(struct check *check);
/* What is shown to an upstream by TLS, and believed of it. what: the block. */
void check_trust(struct check *check, const char *what, const char *name,
    const struct upstream_opts *opts);
void check_upstream(struct check *check, const struct upstream_opts *opts);
/* What the proxies of a site's ruleset lead to. */
void check_proxies(struct check *check, const struct conf_site *site);
/* False: they cannot be read (told), so there is nothing to weave. */
bool check_rules(struct check *check, const struct skin_opts *theme);
/* What was asked for one thing came, or did not: counted, or NULL. Takes the
 * errand. */
struct errand;
struct answer *check_ask(struct check *check, struct errand **errand);
/* Files that a page of the theme refers to and that are not there. */
void check_assets(
    struct check *check, struct skin *skin, const struct theme *theme);
void check_theme(struct check *check, const struct skin_opts *opts);
/* The same where its pages are files, and nothing where one is not; nothing is
 * asked of the network. */
void check_theme_of_files(struct check *check, const struct skin_opts *opts);
void check_lint_rules(
    struct check *check, const char *theme, struct rules *rules);
void check_lint_theme(
    struct check *check, const char *name, const struct theme *theme);

#endif
