/* conf/defaults.h - what holds when nothing is said */
#ifndef CONF_DEFAULTS_H
#define CONF_DEFAULTS_H

#include "conf/conf.h"

/* Fill in all of conf but upstreams, themes and sites; its arena exists. */
void defaults_conf(struct conf *conf);
void defaults_upstream(struct upstream_opts *opts);
void defaults_theme(struct skin_opts *opts);
void defaults_site(struct conf_site *site);

/* This machine: loopback, and whoever may open the unix socket. */
void defaults_add_local(struct nets *nets);
/* Whether `listen` and `allowed` are still what defaults_conf() put there. */
bool defaults_has_listen(const struct conf *conf);
bool defaults_has_allowed(const struct conf *conf);

#endif
