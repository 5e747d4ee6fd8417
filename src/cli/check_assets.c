/* cli/check_assets.c - files that a theme refers to: are they there?
 *
 * A visitor sees a missing one as a page without its styles; the one who
 * wrote the theme sees it here first, with the line that names it. */
#include <string.h>

#include "cli/checking.h"
#include "fetch/fetch.h"
#include "page/skin.h"
#include "theme/theme.h"

/* What the file's own server answers; 0: nothing. */
static int
status_of(struct check *check, struct skin *skin, const char *target)
{
	struct errand *errand = errand_new();
	struct upstream *upstream = skin_upstream(skin);
	struct answer *answer;
	int status = 0;

	errand->method = "HEAD";
	errand->target = arena_strdup(errand->arena, target);
	head_add(&errand->fields, "User-Agent", "livery");
	if (upstream->opts.username)
		skin_add_credentials(skin, &errand->fields);
	errand->upstream = upstream_ref(upstream);
	errand->is_theme = true;
	answer = check_ask(check, &errand);
	if (answer && answer->outcome == FETCH_OK)
		status = answer->status;
	answer_unref(&answer);
	return status;
}

/* Not one that only does not like to be asked by HEAD. */
static bool
is_missing(int status)
{
	return status == 404 || status == 410;
}

static void
tell(struct check *check, struct skin *skin, const char *place,
    const char *target, int status)
{
	const struct skin_opts *opts = skin_options(skin);
	const struct upstream *upstream = skin_upstream(skin);
	bool own = *place == ':'; /* the site's own page */

	check_warn(check, "theme %s: %s%s: %s%s is not there: status %d",
	    opts->name, own && opts->url ? opts->url : "", place,
	    upstream->form == UPSTREAM_HTTP ? skin_origin(skin)
					    : upstream->opts.url,
	    target, status);
}

void
check_assets(struct check *check, struct skin *skin, const struct theme *theme)
{
	const struct skin_opts *opts = skin_options(skin);
	const char *origin = skin_origin(skin), *url;
	size_t len = strlen(origin);

	for (size_t i = 0;
	     (url = theme_asset(theme, i)) != NULL && i < opts->assets_max;
	     i++) {
		int status;

		if (strncmp(url, origin, len) != 0 || url[len] != '/')
			continue;
		status = status_of(check, skin, url + len);
		/* Its server went away: each would take as long as this one. */
		if (status == 0) {
			check_warn(check,
			    "theme %s: %s: no answer, so the "
			    "rest of its files is not looked for",
			    opts->name, url);
			break;
		}
		if (is_missing(status))
			tell(check, skin, theme_asset_place(theme, i),
			    url + len, status);
	}
}
