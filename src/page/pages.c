/* page/pages.c - what all pages share: it begins, ends, and gets new routes */
#include "page/page.h"

#include "base/mem.h"
#include "page/failing.h"
#include "page/fragment.h"
#include "page/lengths.h"
#include "page/life.h"
#include "page/passing.h"
#include "page/press.h"
#include "page/revive.h"

int
pages_start(struct pages **out, const struct pages_opts *opts,
    struct err *err)
{
	struct pages *pages = mem_new(sizeof(*pages));

	pages->opts = *opts;
	lock_init(&pages->lock);
	pages->routes = routes_new();
	pages->load = site_load_new();
	pages->fragments = fragments_new();
	pages->failing = failing_new();
	pages->passing = passing_new();
	pages->lengths = lengths_new();
	if (press_start(&pages->press, opts->cache, err) != 0 ||
	    crew_start(&pages->crew, opts->cache, opts->workers, err) != 0) {
		press_stop(&pages->press);
		routes_unref(&pages->routes);
		site_load_unref(&pages->load);
		fragments_free(&pages->fragments);
		failing_free(&pages->failing);
		passing_free(&pages->passing);
		lengths_free(&pages->lengths);
		lock_fini(&pages->lock);
		mem_free(&pages);
		return -1;
	}
	*out = pages;
	return 0;
}

void
pages_quiet(struct pages *pages)
{
	if (pages)
		revive_quiet(pages);
}

void
pages_stop(struct pages **pages)
{
	if (!*pages)
		return;
	revive_quiet(*pages);
	revive_free(&(*pages)->revive);
	crew_stop(&(*pages)->crew);
	press_stop(&(*pages)->press);
	must(!(*pages)->oldest);
	routes_unref(&(*pages)->routes);
	site_load_unref(&(*pages)->load);
	fragments_free(&(*pages)->fragments);
	failing_free(&(*pages)->failing);
	passing_free(&(*pages)->passing);
	lengths_free(&(*pages)->lengths);
	lock_fini(&(*pages)->lock);
	mem_free(pages);
}

void
pages_set_routes(struct pages *pages, struct routes *routes)
{
	struct routes *old;

	crew_set_sites(pages->crew, (unsigned)routes_count(routes));
	lock_take(&pages->lock);
	old = pages->routes;
	pages->routes = routes_ref(routes);
	lock_drop(&pages->lock);
	atomic_fetch_add_explicit(&pages->routes_version, 1,
	    memory_order_release);
	routes_unref(&old);
}

struct routes *
pages_routes(struct pages *pages)
{
	struct routes *routes;

	lock_take(&pages->lock);
	routes = routes_ref(pages->routes);
	lock_drop(&pages->lock);
	return routes;
}
