/* cli/check_theme.c - rules, and the theme that they are woven into
 *
 * The theme is fetched and judged by the module that serve uses for it, with
 * nothing stored; --offline only reads files. */
#include <string.h>
#include <sys/stat.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/checking.h"
#include "cli/input.h"
#include "page/skin.h"
#include "theme/theme.h"

bool
check_rules(struct check *check, const struct skin_opts *theme)
{
	struct rules_opts opts = {
	    .root = theme->rules_root,
	    .params = theme->params,
	};
	struct rules *rules = NULL;
	const char *warning;
	struct err err;

	if (rules_load(&rules, theme->rules, &opts, &err) != 0) {
		check_bad(
		    check, "rules of theme %s: %s", theme->name, err.text);
		return false;
	}
	check_ok(check, "rules of theme %s: %s, version %.16s", theme->name,
	    theme->rules, rules_version(rules));
	for (size_t i = 0; (warning = rules_warning(rules, i)) != NULL; i++)
		check_bad(check, "rules of theme %s: %s", theme->name, warning);
	check_lint_rules(check, theme->name, rules);
	rules_unref(&rules);
	return true;
}

struct theme_wait {
	struct skin_wait wait;
	struct check *check;
};

static void
on_over(struct skin_wait *wait)
{
	check_wait_over(container_of(wait, struct theme_wait, wait)->check);
}

/* The live version, or NULL after its deadlines. */
static struct theme *
wait_for_theme(struct check *check, struct skin *skin)
{
	const struct skin_opts *opts = skin_options(skin);
	struct theme_wait wait = {
	    .wait.on_over = on_over,
	    .check = check,
	};
	struct theme *theme = NULL;

	if (skin_look(skin, &theme) == SKIN_NEVER) {
		check_wait_begin(check);
		wait.wait.until_ms =
		    clock_mono_ms() + opts->upstream.connect_ms +
		    opts->upstream.first_byte_ms + opts->upstream.total_ms;
		skin_wait(skin, &wait.wait);
		check_wait_end(check);
		theme_unref(&theme);
		skin_look(skin, &theme);
	}
	return theme;
}

static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

static void
tell_theme(struct check *check, const struct skin_opts *opts,
    const struct theme *theme)
{
	const char *warning, *name = opts->name;
	/* livery's own rules are for any theme: most of what they could use
	 * is not in this one, and that is as it should be. */
	bool own = is_same_file(opts->rules, conf_default_rules());
	size_t assets = 0;
	bool body_only = false;
	struct err err;

	while (theme_asset(theme, assets))
		assets++;
	check_ok(check, "theme %s: version %.16s, %zu files", name,
	    theme_version(theme), assets);
	if (theme_may_replace(NULL, theme, &body_only, &err) != 0)
		check_bad(check, "theme %s: %s", name, err.text);
	else if (body_only)
		check_bad(check,
		    "theme %s: no main place (main, [role=main], "
		    "#content, #main): only its body",
		    name);
	for (size_t i = 0; !own && (warning = theme_warning(theme, i)); i++)
		check_bad(check, "theme %s: %s", name, warning);
	if (!own)
		check_lint_theme(check, name, theme);
}

void
check_theme(struct check *check, const struct skin_opts *opts)
{
	struct skin *skin = NULL;
	struct theme *theme;
	struct skin_figures figures;
	struct err err;

	if (skin_open(&skin, check->skins, opts, &err) != 0) {
		check_bad(
		    check, "%s", err.text); /* names the theme or the rules */
		return;
	}
	theme = wait_for_theme(check, skin);
	if (theme) {
		tell_theme(check, opts, theme);
		check_assets(check, skin, theme);
	} else {
		skin_read_figures(skin, &figures);
		check_bad(check, "theme %s: %s%s%s", opts->name,
		    opts->url ? opts->url : "", opts->url ? ": " : "",
		    figures.last_error[0] ? figures.last_error
					  : "not there within its deadlines");
	}
	theme_unref(&theme);
	skin_unref(&skin);
}

/* ---- without the network ---- */

enum { PAGES_MAX = 100, PAGE_MAX = 64 * 1024 * 1024 };

struct shelf {
	struct arena *arena;
	struct theme_page pages[PAGES_MAX];
	size_t count;
};

/* href: as the rules name it; NULL: the site's own. False: it is no file, or
 * cannot be read (told). */
static bool
take_page(struct check *check, struct shelf *shelf, const char *theme,
    const char *path, const char *href)
{
	struct theme_page *page = &shelf->pages[shelf->count];
	struct buf bytes;
	struct err err;

	if (input_is_url(path) || shelf->count == PAGES_MAX)
		return false;
	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	buf_init(&bytes, PAGE_MAX);
	if (input_read(&bytes, path, &err) != 0) {
		check_bad(check, "theme %s: %s", theme, err.text);
		buf_fini(&bytes);
		return false;
	}
	page->href = href;
	page->bytes = input_keep(shelf->arena, &bytes, &page->len);
	shelf->count++;
	return true;
}

static bool
take_pages(struct check *check, struct shelf *shelf,
    const struct skin_opts *opts, const struct rules *rules)
{
	const char *href;

	for (size_t i = 0; (href = rules_theme_href(rules, i)); i++) {
		if (*href == '/' && !rules_may_read(rules, href)) {
			check_bad(check,
			    "theme %s: %s is not there, or not below the "
			    "folder of the rules",
			    opts->name, href);
			return false;
		}
		if (!take_page(check, shelf, opts->name, href, href))
			return false;
	}
	return !opts->url ||
	       take_page(check, shelf, opts->name, opts->url, NULL);
}

static void
weave(struct check *check, const struct skin_opts *opts, struct rules *rules,
    const struct shelf *shelf)
{
	const struct theme_opts how = {
	    .libxml2 = opts->html_parser == SKIN_LIBXML2,
	};
	struct theme *theme = NULL;
	struct err err;

	if (theme_build(&theme, rules, shelf->pages, shelf->count, &how,
		&err) != 0)
		check_bad(check, "theme %s: %s", opts->name, err.text);
	else
		tell_theme(check, opts, theme);
	theme_unref(&theme);
}

void
check_theme_of_files(struct check *check, const struct skin_opts *opts)
{
	const struct rules_opts how = {
	    .root = opts->rules_root,
	    .params = opts->params,
	};
	struct shelf *shelf = mem_new(sizeof(*shelf));
	struct rules *rules = NULL;
	struct err err;

	shelf->arena = arena_new(4096);
	if (rules_load(&rules, opts->rules, &how, &err) != 0)
		check_bad(check, "%s", err.text); /* since a moment ago */
	else if (take_pages(check, shelf, opts, rules) && shelf->count)
		weave(check, opts, rules, shelf);
	rules_unref(&rules);
	arena_free(&shelf->arena);
	mem_free(&shelf);
}
