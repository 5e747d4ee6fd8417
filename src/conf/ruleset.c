/* conf/ruleset.c - rules that say where pages come from, and who may look
 * inside */
#include "conf/ruleset.h"

#include <string.h>

#include "base/arena.h"
#include "base/listen.h"
#include "base/net.h"
#include "conf/defaults.h"
#include "page/choose.h"
#include "theme/proxies.h"
#include "theme/theme.h"

static int
load(struct rules **out, const struct skin_opts *theme, struct err *err)
{
	struct rules_opts opts = {
	    .root = theme->rules_root,
	    .params = theme->params,
	};
	const char *path = theme->rules ? theme->rules : conf_default_rules();

	return rules_load(out, path, &opts, err);
}

enum ruleset
ruleset_look(const struct conf *conf, const struct conf_site *site)
{
	const struct skin_opts *theme = conf_theme_of(conf, site);
	struct rules *rules = NULL;
	struct err err;
	bool has;

	if (!theme)
		return RULESET_NONE;
	if (load(&rules, theme, &err) != 0)
		return RULESET_BROKEN;
	has = rules_proxy(rules, 0) != NULL;
	rules_unref(&rules);
	return has ? RULESET_CHOOSES : RULESET_NONE;
}

static void
free_rules(void *thing)
{
	struct rules *rules = thing;

	rules_unref(&rules);
}

static void
read_site(struct conf *conf, struct conf_site *site, struct mistakes *mistakes)
{
	const struct skin_opts *theme = conf_theme_of(conf, site);
	struct rules *rules = NULL;
	struct err err;

	if (!theme) {
		mistake_tell(mistakes, 0,
		    "site %s has neither an upstream nor "
		    "a theme whose rules have proxies",
		    site->site.name);
		return;
	}
	if (load(&rules, theme, &err) != 0) {
		mistake_tell(mistakes, 0, "%s", err.text);
		return;
	}
	arena_keep(conf->arena, free_rules, rules);
	if (rules_proxy(rules, 0))
		site->rules = rules;
	else
		mistake_tell(mistakes, 0,
		    "%s: these rules have no <proxy>: say --upstream URL, "
		    "where pages come from",
		    theme->rules);
}

/* ---- <server-settings> ---- */

static void
use_server(struct conf *conf, const struct settings *settings,
    struct mistakes *mistakes)
{
	const char **list = arena_get(conf->arena, 2 * sizeof(*list));
	struct listen_at at;
	struct err err;

	if (listen_parse(&at, settings->server, &err) != 0)
		mistake_tell(mistakes, 0, "%s:%ld: <server>: %s",
		    settings->source, settings->line, err.text);
	list[0] = arena_strdup(conf->arena, settings->server);
	conf->front.listen = list;
}

static void
use_developers(struct conf *conf, const struct settings *settings,
    struct mistakes *mistakes)
{
	const char *const *allow = settings->dev_allow;
	const char *const *deny = settings->dev_deny;
	struct nets *nets = nets_in(conf->arena);
	struct err err;
	int rc = 0;

	if (!allow || !*allow)
		defaults_add_local(nets);
	for (; allow && *allow && rc == 0; allow++)
		rc = nets_add(nets, *allow, &err);
	for (; deny && *deny && rc == 0; deny++)
		rc = nets_deny(nets, *deny, &err);
	if (rc != 0)
		mistake_tell(mistakes, 0, "%s:%ld: %s", settings->source,
		    settings->line, err.text);
	conf->peers.allowed = nets;
}

static bool
says_who(const struct settings *settings)
{
	return (settings->dev_allow && *settings->dev_allow) ||
	       (settings->dev_deny && *settings->dev_deny);
}

static void
use_settings(struct conf *conf, const struct conf_args *args,
    const struct rules *rules, struct mistakes *mistakes)
{
	const struct settings *settings = rules_settings(rules);

	if (!args->listen && defaults_has_listen(conf))
		use_server(conf, settings, mistakes);
	if (says_who(settings) && defaults_has_allowed(conf))
		use_developers(conf, settings, mistakes);
}

void
ruleset_use(
    struct conf *conf, const struct conf_args *args, struct mistakes *mistakes)
{
	bool used = false;

	for (unsigned i = 0; i < conf->sites_count; i++) {
		struct conf_site *site = &conf->sites[i];

		if (site->upstream)
			continue;
		read_site(conf, site, mistakes);
		if (site->rules && !used)
			use_settings(conf, args, site->rules, mistakes);
		used |= site->rules != NULL;
	}
}

/* ---- what is not done ---- */

struct telling {
	struct arena *arena;
	void (*told)(void *arg, const char *line);
	void *arg;
};

static void
tell_settings(const struct telling *telling, const struct settings *settings)
{
	const struct {
		bool said;
		const char *words;
	} unserved[] = {
	    {settings->dev_users_count > 0,
		"dev-user: there is no console to log in to"},
	    {settings->dev_htpasswd,
		"dev-htpasswd: there is no console to log in to"},
	    {settings->dev_expiration_minutes,
		"dev-expiration: nobody logs in"},
	    {settings->dev_secret_file, "dev-secret-file: nobody logs in"},
	};

	for (size_t i = 0; i < COUNT_OF(unserved); i++)
		if (unserved[i].said)
			telling->told(telling->arg,
			    arena_printf(telling->arena,
				"%s:%ld: %s; dev-allow says who may look "
				"inside",
				settings->source, settings->line,
				unserved[i].words));
}

static void
tell_fields(const struct telling *telling, const struct proxy *proxy,
    const char *element, const struct proxy_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (choose_keeps_field(fields[i].name))
			telling->told(telling->arg,
			    arena_printf(telling->arena,
				"%s:%ld: <%s header=\"%s\">: that field is "
				"not the rules' to set",
				proxy->source, proxy->line, element,
				fields[i].name));
}

static void
tell_proxy(const struct telling *telling, const struct proxy *proxy)
{
	if (proxy->editable)
		telling->told(telling->arg,
		    arena_printf(telling->arena,
			"%s:%ld: <proxy editable>: nobody edits files here",
			proxy->source, proxy->line));
	tell_fields(
	    telling, proxy, "request", proxy->request, proxy->request_count);
	tell_fields(
	    telling, proxy, "response", proxy->response, proxy->response_count);
}

void
ruleset_tell_unserved(const struct conf *conf,
    void (*told)(void *arg, const char *line), void *arg)
{
	const struct telling telling = {conf->arena, told, arg};
	const struct proxy *proxy;

	for (unsigned i = 0; i < conf->sites_count; i++) {
		const struct rules *rules = conf->sites[i].rules;

		if (!rules)
			continue;
		tell_settings(&telling, rules_settings(rules));
		for (size_t k = 0; (proxy = rules_proxy(rules, k)); k++)
			tell_proxy(&telling, proxy);
	}
}
