/* page/wanted.c - which documents a page wants, and where they are
 *
 * The rules name documents, the page's text includes. Each is noted once, by
 * what names it; it is asked for by its address. */
#include "page/gather.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "page/directive.h"
#include "page/hops.h"

enum {
	ROUNDS_MAX = 16,   /* dressings of one page that want more: a level of
	                    * includes can take some for src, alt, except */
	URL_MAX = 8192,
};

/* ---- its address ---- */

static bool
may_read(void *arg, const char *path)
{
	const struct page *page = arg;

	return page->theme && theme_may_read(page->theme, path);
}

struct fragment_asker
fragment_asker(const struct fragment *fragment)
{
	struct page *page = fragment->page;

	return (struct fragment_asker){
	    .pages = page->pages,
	    .routes = page->routes,
	    .site = page->site,
	    .scheme = page->request.scheme,
	    .host = page->request.host,
	    .host_len = page->request.host_len,
	    .named_only = fragment->is_include,
	    .fields = page->request.fields,
	    .hops = page->hops,
	    .may_read = may_read,
	    .arg = page,
	};
}

/* As browsers do with what an address may not have in it. The names of files
 * are as they are. */
static const char *
encoded(struct arena *arena, const char *url)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_room(arena, 3 * strlen(url) + 1), *to = out;
	bool is_file = strncasecmp(url, "file:", 5) == 0;

	for (; *url; url++) {
		unsigned char c = (unsigned char)*url;

		if (is_file || (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c))) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	*to = '\0';
	return out;
}

void
fragment_aim(struct fragment *fragment, const char *base, const char *reference)
{
	struct page *page = fragment->page;
	const struct fragment_asker asker = fragment_asker(fragment);
	char room[KEY_MAX];
	struct buf url;
	size_t len;

	buf_init(&url, URL_MAX);
	reference += strspn(reference, " \t\r\n");
	len = strcspn(reference, "#");
	while (len > 0 && strchr(" \t\r\n", reference[len - 1]))
		len--;
	if (url_join(&url, base, reference, len) != 0)
		fragment->why = "no address that can be asked for";
	else
		fragment->url = encoded(page->arena, url.data);
	buf_fini(&url);
	if (!fragment->why &&
	    fragment_key(&fragment->key, room, &asker, fragment->url) != 0)
		fragment->why = "its address is too long";
	if (fragment->why)
		return;
	fragment->key.text = arena_strndup(page->arena,
	    fragment->key.text, fragment->key.len);
	fragment->asked = hops_key(&fragment->key, page->hops, page->arena);
}

/* ---- noted once ---- */

static bool
is_same_base(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Includes and documents of the rules are apart: not everything is allowed to
 * both. */
static struct fragment *
known(const struct page *page, bool is_include, const char *base,
    const char *href)
{
	struct fragment *fragment = page->fragments;

	while (fragment && !(fragment->is_include == is_include &&
			       strcmp(fragment->href, href) == 0 &&
			       is_same_base(fragment->base, base)))
		fragment = fragment->next;
	return fragment;
}

static struct fragment *
new_fragment(struct page *page, const char *href)
{
	struct fragment *fragment =
	    arena_get(page->arena, sizeof(*fragment));

	fragment->page = page;
	fragment->href = arena_strdup(page->arena, href);
	fragment->next = page->fragments;
	if (!page->fragments)
		page->gather_purges = cache_purges(page->pages->opts.cache);
	page->fragments = fragment;
	if (page->fragments_count++ >= page->site->opts.fragments_max)
		fragment->why = "over fragments_max";
	return fragment;
}

static void
add(struct page *page, const char *href)
{
	struct fragment *fragment = new_fragment(page, href);

	if (!fragment->why)
		fragment_aim(fragment, page_url(page), href);
}

/* NULL: it is one too many. One over the limit is told of, not each. */
static struct fragment *
new_include(struct page *page, const char *base, const char *address)
{
	struct fragment *fragment;

	if (page->fragments_count > page->site->opts.fragments_max)
		return NULL;
	fragment = new_fragment(page, address);
	fragment->is_include = true;
	fragment->base = base;
	if (!fragment->why)
		fragment_aim(fragment, base ? base : page_url(page),
		    arena_strndup(page->arena, address,
			directive_page_len(address)));
	return fragment;
}

struct fragment *
fragment_include(struct page *page, const char *base, const char *address)
{
	struct fragment *fragment = known(page, true, base, address);

	return fragment ? fragment : new_include(page, base, address);
}

/* A round of dressing that wanted more. */
static int
begin_round(struct page *page)
{
	if (page->gather_rounds++ == 0)
		page->gather_until_ms =
		    clock_mono_us() / 1000 + page->site->opts.fragment_wait_ms;
	return page->gather_rounds > ROUNDS_MAX ? -1 : 0;
}

CHECKED int
gather_want(struct page *page, const struct dresser *dresser)
{
	const char *href;
	size_t i;

	for (i = 0; dresser && (href = dresser_wanted(dresser, i)) != NULL; i++)
		if (!known(page, false, NULL, href))
			add(page, href);
	return begin_round(page);
}
