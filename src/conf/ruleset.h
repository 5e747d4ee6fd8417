/* conf/ruleset.h - what a Deliverance ruleset says of serving
 *
 * The rules file is read here, so that its mistakes are mistakes of the
 * configuration: with one a server does not start, and a running one goes on
 * as before. */
#ifndef CONF_RULESET_H
#define CONF_RULESET_H

#include "conf/conf.h"
#include "conf/mistake.h"

/* What the rules of a site's theme are. */
enum ruleset {
	RULESET_NONE,	 /* they have no proxies, or there are no rules */
	RULESET_CHOOSES, /* their proxies say where pages come from */
	RULESET_BROKEN,	 /* they cannot be read: ruleset_use() says why */
};
enum ruleset ruleset_look(
    const struct conf *conf, const struct conf_site *site);

/* Read the rules of every site that names no upstream: without proxies, that is
 * a mistake. Of the first one's <server-settings>, `server` is where to
 * listen when nobody has said it; dev-allow and dev-deny are who is `allowed`,
 * likewise. */
void ruleset_use(
    struct conf *conf, const struct conf_args *args, struct mistakes *mistakes);

/* Tell, a line each, what those rulesets say of serving that is not done here.
 */
void ruleset_tell_unserved(const struct conf *conf,
    void (*told)(void *arg, const char *line), void *arg);

#endif
