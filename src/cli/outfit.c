/* cli/outfit.c - rules and a theme from files, and pages of a cache file
 * dressed with them (contract: cli/outfit.h) */
#include "cli/outfit.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "cli/fitting.h"
#include "cli/get.h"
#include "cli/input.h"
#include "http/url.h"

enum {
	PAGES_MAX = 100, /* theme pages */
	OUTFIT_ARENA = 4096,
};

struct outfit {
	struct outfit_opts opts;
	struct stored *stored; /* borrowed */
	struct arena *arena;
	struct rules *rules;
	struct theme *theme;
	struct dresser *dresser;
	struct theme_page pages[PAGES_MAX + 1];
	size_t pages_count;
};

/* ---- theme pages ---- */

static int
fetch_page(struct outfit *outfit, struct theme_page *page, struct err *err)
{
	struct object *object = stored_find(outfit->stored, page->url);
	struct buf buf;
	int rc;

	if (object) {
		object_keep(outfit->arena, object);
		page->bytes = object->body->bytes;
		page->len = object->body->len;
		page->content_type = head_find(&object->head, "Content-Type");
		return 0;
	}
	buf_init(&buf, OUTFIT_FILE_MAX);
	rc = get_url(&buf, page->url, err);
	if (rc == 0)
		page->bytes = input_keep(outfit->arena, &buf, &page->len);
	buf_fini(&buf);
	return rc;
}

/* As the server does: a file's folder is a site of a made-up name. */
static int
read_page(struct outfit *outfit, struct theme_page *page, const char *path,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct buf buf;
	int rc;

	buf_init(&buf, OUTFIT_FILE_MAX);
	rc = input_read(&buf, path, err);
	if (rc == 0)
		page->bytes = input_keep(outfit->arena, &buf, &page->len);
	page->url = arena_printf(outfit->arena, "http://%s.theme.invalid/%s",
	    outfit->opts.name, slash ? slash + 1 : path);
	buf_fini(&buf);
	return rc;
}

static int
add_page(
    struct outfit *outfit, const char *where, const char *href, struct err *err)
{
	struct theme_page *page = &outfit->pages[outfit->pages_count];

	if (outfit->pages_count > PAGES_MAX)
		return err_set(err, "more than %d theme pages", PAGES_MAX);
	outfit->pages_count++;
	page->href = href;
	if (input_is_url(where)) {
		page->url = arena_strdup(outfit->arena, where);
		return fetch_page(outfit, page, err);
	}
	if (strncmp(where, "file://", 7) == 0)
		where += 7;
	if (href && !rules_may_read(outfit->rules, where))
		return err_set(err,
		    "%s: the theme is not there, or not below "
		    "the folder of the rules",
		    where);
	return read_page(outfit, page, where, err);
}

static bool
has_one_origin(const struct outfit *outfit)
{
	for (size_t i = 1; i < outfit->pages_count; i++)
		if (!url_same_origin(
			outfit->pages[i].url, outfit->pages[0].url))
			return false;
	return true;
}

static int
weave(struct outfit *outfit, struct err *err)
{
	const struct theme_opts opts = {
	    .libxml2 = outfit->opts.theme_parser == SKIN_LIBXML2,
	    .prefix =
		arena_printf(outfit->arena, "/.livery/t/%s", outfit->opts.name),
	    .links =
		has_one_origin(outfit) && outfit->opts.assets == ASSETS_CACHE
		    ? LINKS_CACHE
		    : LINKS_ABSOLUTE,
	};

	return theme_build(&outfit->theme, outfit->rules, outfit->pages,
	    outfit->pages_count, &opts, err);
}

static int
make(struct outfit *outfit, struct err *err)
{
	const struct rules_opts opts = {
	    .root = outfit->opts.rules_root,
	    .params = outfit->opts.params,
	};
	const char *href;

	if (rules_load(&outfit->rules, outfit->opts.rules, &opts, err) != 0)
		return -1;
	for (size_t i = 0; (href = rules_theme_href(outfit->rules, i)); i++)
		if (add_page(outfit, href, href, err) != 0)
			return -1;
	if (outfit->opts.theme &&
	    add_page(outfit, outfit->opts.theme, NULL, err) != 0)
		return -1;
	return weave(outfit, err);
}

CHECKED int
outfit_new(struct outfit **out, const struct outfit_opts *opts,
    struct stored *stored, struct err *err)
{
	struct outfit *outfit = mem_new(sizeof(*outfit));

	outfit->opts = *opts;
	outfit->stored = stored;
	outfit->arena = arena_new(OUTFIT_ARENA);
	outfit->dresser = dresser_new();
	if (make(outfit, err) != 0) {
		outfit_free(&outfit);
		return -1;
	}
	*out = outfit;
	return 0;
}

void
outfit_free(struct outfit **outfit)
{
	struct outfit *old = *outfit;

	if (!old)
		return;
	theme_unref(&old->theme);
	rules_unref(&old->rules);
	dresser_free(&old->dresser);
	arena_free(&old->arena);
	mem_free(outfit);
}

const char *
outfit_version(const struct outfit *outfit)
{
	return theme_version(outfit->theme);
}

/* ---- a page ---- */

CHECKED enum dressed
outfit_dress(struct outfit *outfit, const struct object *page,
    struct dress_trace *trace, struct buf *out, struct outfit_doubt *doubt,
    struct err *err)
{
	const struct fitting_with with = {
	    .opts = &outfit->opts,
	    .stored = outfit->stored,
	    .theme = outfit->theme,
	    .dresser = outfit->dresser,
	};

	return fitting_dress(&with, page, trace, out, doubt, err);
}
