/* cli/check_lint.c - rules that can be read, and yet are not what was meant */
#include "cache/stored.h"
#include "cli/checking.h"
#include "cli/replay.h"
#include "page/limits.h"
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

static const struct conf_site *
find_site(const struct conf *conf, const char *name)
{
	for (unsigned i = 0; i < conf->sites_count; i++)
		if (strcmp(conf->sites[i].site.name, name) == 0)
			return &conf->sites[i];
	return NULL;
}

/* As its site, if there is one, has it read. */
static void
look_at_page(struct lint_seen *seen, const struct object *page,
    const struct conf_site *site)
{
	char *path = path_of(page->url);
	struct dress_ask ask = {
	    .bytes = page->body->bytes,
	    .len = page->body->len,
	    .content_type = head_find(&page->head, "Content-Type"),
	    .path = path,
	};

	if (site)
		dress_set_limits(&ask, &site->site);
	lint_seen_page(seen, &ask);
	mem_free(&path);
}

/* The pages of the sites that wear the theme. */

static void
look_at_pages(const struct check *check, const char *theme,
    struct stored *stored, struct lint_seen *seen)
{
	struct object *page;

	while ((page = stored_next(stored, NULL, NULL, NULL)) != NULL) {
		const struct conf_site *site =
		    find_site(check->conf, page->site);
		bool wears = site ? site->theme &&
					strcmp(site->theme, theme) == 0
				  : check->conf->sites_count == 0;

		if (replay_is_due(page) && wears)
			look_at_page(seen, page, site);
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
