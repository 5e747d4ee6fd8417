/* cli/check_lint.c - rules that can be read, and yet are not what was meant */
#include "cache/stored.h"
#include "cli/checking.h"
#include "cli/replay.h"
#include "theme/lint.h"

#include <string.h>

#include "base/mem.h"

struct teller {
	struct check *check;
	const char *theme;
};

static void
on_lint(void *arg, const char *words)
{
	const struct teller *teller = arg;

	check_warn(
	    teller->check, "rules of theme %s: %s", teller->theme, words);
}

/* The path of a URL, without its query; yours to free. */
static char *
path_of(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = strchr(host ? host + 3 : url, '/');

	return path ? mem_strndup(path, strcspn(path, "?")) : mem_strdup("/");
}

/* The pages of the sites that wear the theme. */
static bool
wears(const struct conf *conf, const char *site, const char *theme)
{
	for (unsigned i = 0; i < conf->sites_count; i++)
		if (strcmp(conf->sites[i].site.name, site) == 0)
			return conf->sites[i].theme &&
			       strcmp(conf->sites[i].theme, theme) == 0;
	return conf->sites_count == 0;
}

static void
look_at_pages(const struct check *check, const char *theme,
    struct stored *stored, struct lint_seen *seen)
{
	struct object *page;

	while ((page = stored_next(stored, NULL, NULL, NULL)) != NULL) {
		if (replay_is_due(page) &&
		    wears(check->conf, page->site, theme)) {
			char *path = path_of(page->url);

			lint_seen_page(seen, page->body->bytes, page->body->len,
			    head_find(&page->head, "Content-Type"), path);
			mem_free(&path);
		}
		object_unref(&page);
	}
}

static void
check_against(struct check *check, const char *theme, struct rules *rules)
{
	struct teller teller = {check, theme};
	struct lint_seen *seen;
	struct stored *stored;
	struct err err;

	if (stored_open(&stored, check->against, &err) != 0) {
		check_bad(check, "%s", err.text);
		return;
	}
	seen = lint_seen_new(rules);
	look_at_pages(check, theme, stored, seen);
	if (lint_seen_pages(seen) == 0)
		check_warn(check,
		    "rules of theme %s: %s has no pages to look at", theme,
		    check->against);
	else
		lint_seen_tell(seen, on_lint, &teller);
	lint_seen_free(&seen);
	stored_close(&stored);
}

void
check_lint_rules(struct check *check, const char *theme, struct rules *rules)
{
	struct teller teller = {check, theme};

	lint_rules(rules, on_lint, &teller);
	if (check->against)
		check_against(check, theme, rules);
}

void
check_lint_theme(
    struct check *check, const char *name, const struct theme *theme)
{
	struct teller teller = {check, name};

	lint_theme(theme, on_lint, &teller);
}
