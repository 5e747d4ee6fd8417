/* theme/theme.c - rules and pages in, a theme out; and whether one theme may
 * stand in for another */
#include "theme/theme.h"

#include <string.h>
#include <libxml/tree.h>

#include "base/mem.h"
#include "dom/html.h"
#include "dom/xpath.h"
#include "http/url.h"
#include "theme/compile.h"
#include "theme/links.h"
#include "theme/markup.h"
#include "theme/xsl.h"
#include "theme/wardrobe.h"
#include "theme/woven.h"

enum {
	THEME_ARENA = 65536,
	THEME_ASSETS_MAX = 5000, /* addresses that one theme may name */
	URL_MAX = 8192,
};

#define SITE_THEME "" /* the name of the page that no rule names */

#define MAIN_PLACE                                                             \
	"//main | //*[@role='main'] | //*[@id='content'] | //*[@id='main']"

struct build {
	struct theme *theme;
	struct compiler compiler;
	const struct theme_page *pages;
	size_t pages_count;
	const struct theme_opts *opts;
	struct label none; /* where no theme is chosen */
	const struct theme_page *page; /* in hand, and what it is called */
	const char *page_name;
	struct err *err;
};

/* ---- a page ---- */

/* The line where the end of an address stands, of which the page may write the
 * beginning in its own way. 0: nowhere. */
static long
line_of(const struct theme_page *page, const char *url)
{
	const char *tail = strstr(url, "://"), *at = NULL, *end;
	long line = 1;

	tail = tail ? tail + 3 : url;
	end = tail + strcspn(tail, "?#");
	while (!at && (tail = memchr(tail, '/', (size_t)(end - tail)))) {
		if (++tail == end)
			break;
		at = memmem(page->bytes, page->len, tail,
		    (size_t)(end - tail));
	}
	if (!at)
		return 0;
	for (const char *p = page->bytes; p < at; p++)
		line += *p == '\n';
	return line;
}

static const char *
place_of(const struct build *build, const char *url)
{
	struct arena *arena = build->theme->arena;
	const char *name = build->page_name;

	/* Inline ones have a line in their name. */
	if (strncmp(name, "inline ", 7) == 0)
		return name;
	return arena_printf(arena, "%s:%ld", name, line_of(build->page, url));
}

static void
on_asset(void *arg, const char *url)
{
	struct build *build = arg;
	struct theme *theme = build->theme;

	if (theme->assets.count >= THEME_ASSETS_MAX ||
	    words_have(&theme->assets, url))
		return;
	words_add(
	    theme->arena, &theme->assets, arena_strdup(theme->arena, url));
	words_add(theme->arena, &theme->asset_places, place_of(build, url));
}

/* The choice's own prefix on top of the general one. */
static const char *
joined_prefix(struct build *build, const struct choice *choice)
{
	static const char origin[] = "http://x";
	const char *prefix = build->opts->prefix ? build->opts->prefix : "";
	const char *answer = prefix;
	struct buf base, out;

	if (!choice || !choice->prefix)
		return prefix;
	buf_init(&base, URL_MAX);
	buf_init(&out, URL_MAX);
	if (strstr(prefix, "://"))
		buf_puts(&base, prefix);
	else
		buf_printf(
		    &base, "%s%s%s", origin, *prefix == '/' ? "" : "/", prefix);
	if (url_join(&out, base.data, choice->prefix, strlen(choice->prefix)) ==
	    0)
		answer = arena_strdup(build->theme->arena,
		    strncmp(out.data, origin, strlen(origin)) == 0 &&
			    !strstr(prefix, "://")
			? out.data + strlen(origin)
			: out.data);
	buf_fini(&base);
	buf_fini(&out);
	return answer;
}

static void
rewrite_links(struct build *build, xmlDoc *doc, const char *url,
    const struct choice *choice)
{
	struct links links = {
	    .mode = build->opts->links,
	    .base = url,
	    .prefix = build->opts->prefix,
	    .compat = build->opts->compat,
	    .on_asset = on_asset,
	    .arg = build,
	};
	struct buf origin;

	if (links.mode == LINKS_KEEP && choice && choice->prefix)
		links.mode = LINKS_PREFIX;
	if (links.mode == LINKS_KEEP || (links.mode != LINKS_PREFIX && !url))
		return;
	buf_init(&origin, URL_MAX);
	if (url && url_origin(&origin, url) == 0)
		links.origin = origin.data;
	if (links.mode == LINKS_PREFIX)
		links.prefix = joined_prefix(build, choice);
	if (links.mode != LINKS_PREFIX || *links.prefix)
		links_rewrite(doc, &links);
	buf_fini(&origin);
}

static bool
attribute_is(const xmlNode *node, const char *name, const char *value)
{
	xmlChar *is = xmlGetNoNsProp(node, BAD_CAST name);
	bool same = is && xmlStrcasecmp(is, BAD_CAST value) == 0;

	xmlFree(is);
	return same;
}

void
theme_say_utf8(xmlDoc *doc)
{
	for (xmlNode *n = doc->children; n; n = markup_following(n)) {
		if (n->type != XML_ELEMENT_NODE ||
		    strcmp((const char *)n->name, "meta") != 0)
			continue;
		if (xmlHasProp(n, BAD_CAST "charset"))
			xmlSetProp(n, BAD_CAST "charset", BAD_CAST "utf-8");
		if (attribute_is(n, "http-equiv", "content-type"))
			xmlSetProp(n, BAD_CAST "content",
			    BAD_CAST "text/html; charset=utf-8");
	}
}

static int
parse_page(struct build *build, const struct theme_page *page, bool is_inline,
    xmlDoc **out)
{
	struct html_opts opts = {
	    .content_type = page->content_type,
	    .compat = build->opts->compat,
	    .parser = build->opts->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
	    .editable = true,
	};

	if (strspn(page->bytes ? page->bytes : "", " \t\r\n") >= page->len)
		return err_set(build->err, "the theme is empty");
	if (!opts.compat && !is_inline && !html_is_page(page->bytes, page->len))
		return err_set(build->err,
		    "the theme is not an HTML page: no "
		    "html, head or body tag and no doctype in it");
	if (html_parse(out, page->bytes, page->len, &opts, build->err) != 0)
		return err_prefix(build->err, "the theme");
	return 0;
}

static int
note_main_place(struct build *build, xmlDoc *doc, const char *name)
{
	struct xpath_eval *eval = xpath_eval_new();
	int has;

	xpath_eval_begin(eval, doc, 0);
	has = xpath_eval_test(eval, MAIN_PLACE, NULL, build->err);
	xpath_eval_free(&eval);
	if (has > 0)
		words_add(
		    build->theme->arena, &build->theme->main_places, name);
	words_add(build->theme->arena, &build->theme->pages, name);
	return has < 0 ? -1 : 0;
}

static int
add_page(struct build *build, const struct theme_page *page,
    const struct choice *choice, const char *name)
{
	xmlDoc *doc = NULL;
	int rc = 0;

	if (parse_page(build, page, choice && choice->markup, &doc) != 0)
		return -1;
	build->page = page;
	build->page_name = name;
	rewrite_links(build, doc, page->url, choice);
	if (build->opts->compat)
		markup_unix_lines(doc);
	else
		theme_say_utf8(doc);
	if (note_main_place(build, doc, name) != 0)
		rc = -1;
	else if (build->theme->wardrobe)
		wardrobe_hang(build->theme->wardrobe, &doc,
		    page->href, name);
	else
		rc = compile_page(&build->compiler, doc, name);
	html_free(&doc);
	return rc;
}

/* ---- which page ---- */

static const struct theme_page *
find_page(const struct build *build, const char *href)
{
	for (size_t i = 0; i < build->pages_count; i++) {
		const char *is = build->pages[i].href;

		if (href ? is && strcmp(is, href) == 0 : !is)
			return &build->pages[i];
	}
	return NULL;
}

static int
add_choice(struct build *build, const struct choice *choice, bool is_last)
{
	struct program *program = build->compiler.program;
	struct label next = {NULL};
	struct theme_page inside = {0};
	const struct theme_page *page = &inside;
	const char *name = choice->href;

	if (choice->markup) {
		inside.bytes = choice->markup;
		inside.len = strlen(choice->markup);
		inside.content_type = "text/html; charset=utf-8";
		name = arena_printf(build->theme->arena, "inline %s:%ld",
		    choice->source->name, choice->line);
	} else {
		page = find_page(build, choice->href);
	}
	if (!page)
		return rules_fail(build->err, choice->source, choice->line,
		    "the theme %s was not given", choice->href);
	program_unless(
	    program, program_condition(program, &choice->terms), &next);
	if (add_page(build, page, choice, name) != 0)
		return err_prefix(build->err, "%s", name);
	if (is_last)
		program_op(program, OP_END, 0, 0);
	program_land(program, &next);
	return 0;
}

/* Diazo's code takes the first conditional theme that holds, and else every
 * unconditional one; its manual, and we, the first one that holds. */
static int
add_choices(struct build *build)
{
	bool compat = build->theme->rules->compat;

	for (int round = 0; round < (compat ? 2 : 1); round++)
		for (const struct choice *c = build->theme->rules->choices; c;
		     c = c->next) {
			bool always = c->terms.count == 0;

			if (compat && always != (round == 1))
				continue;
			if (add_choice(build, c, !compat || !always) != 0)
				return -1;
		}
	return 0;
}

static int
weave(struct build *build)
{
	struct program *program = build->compiler.program;
	const struct theme_page *page = find_page(build, NULL);
	bool ends = false;

	if (compile_rules(&build->compiler) != 0)
		return -1;
	if (program->sheet && xsl_check(program->sheet, build->err) != 0)
		return -1;
	program->start = program_here(program);
	for (const struct notheme *n = build->theme->rules->nothemes; n;
	     n = n->next)
		program_if(program, program_condition(program, &n->terms),
		    &build->none);
	if (add_choices(build) != 0)
		return -1;
	if (page && add_page(build, page, NULL, SITE_THEME) != 0)
		return -1;
	for (const struct choice *c = build->theme->rules->choices; c;
	     c = c->next)
		ends |= c->terms.count == 0;
	if (page || ends)
		program_op(program, OP_END, 0, 0);
	program_land(program, &build->none);
	program_op(program, OP_NOTHEME, 0, 0);
	build->theme->is_filter = !page && !build->theme->rules->choices;
	return 0;
}

/* ---- the pages of a Deliverance ruleset ---- */

static int
hang_up(struct build *build)
{
	struct theme *theme = build->theme;
	const struct theme_page *page;
	const struct ruleset *ruleset = theme->rules->ruleset;

	theme->wardrobe = wardrobe_new(theme, build->opts);
	for (const struct look *l = ruleset->looks; l; l = l->next) {
		const char *href = l->href;

		if (l->kind != LOOK_STATIC || words_have(&theme->pages, href))
			continue;
		page = find_page(build, href);
		if (!page)
			return rules_fail(build->err, l->source, l->line,
			    "the theme %s was not given", href);
		if (add_page(build, page, NULL, href) != 0)
			return err_prefix(build->err, "%s", href);
	}
	page = find_page(build, NULL);
	if (page && add_page(build, page, NULL, SITE_THEME) != 0)
		return -1;
	return wardrobe_survey(theme->wardrobe, build->err);
}

/* ---- the theme as a whole ---- */

/* What is not there need not go: that is no mistake. */
static bool
only_takes_out(const struct rule *rule)
{
	return rule->does == DO_DROP || rule->does == DO_STRIP ||
	    rule->does == DO_DROP_ATTRS || rule->does == DO_DROP_CHILDREN;
}

static void
warn_of_lost_rules(struct build *build)
{
	struct theme *theme = build->theme;

	for (size_t i = 0; i < theme->rules->count; i++) {
		const struct rule *rule = build->compiler.rule[i];

		if (rule->theme && !only_takes_out(rule) &&
		    !build->compiler.found[i] &&
		    theme->pages.count)
			words_add(theme->arena, &theme->warnings,
			    arena_printf(theme->arena,
				"%s:%ld: %s finds nothing in the theme",
				rule->source->name, rule->line, rule->typed));
	}
}

static void
compute_version(struct build *build)
{
	struct digest digest;

	digest_init(&digest);
	digest_puts(&digest, build->theme->rules->version);
	digest_puts(&digest, build->opts->prefix);
	digest_add(&digest, build->opts->compat ? "C" : "N", 1);
	digest_add(&digest, build->opts->libxml2 ? "L" : "5", 1);
	digest_add(&digest, &"KPAC"[build->opts->links], 1);
	for (size_t i = 0; i < build->pages_count; i++) {
		digest_puts(&digest, build->pages[i].href);
		digest_puts(&digest, build->pages[i].url);
		digest_add(&digest, build->pages[i].bytes, build->pages[i].len);
		digest_puts(&digest, "");
	}
	digest_hex(&digest, build->theme->version);
}

CHECKED int
theme_build(struct theme **out, struct rules *rules,
    const struct theme_page *pages, size_t n, const struct theme_opts *opts,
    struct err *err)
{
	struct theme *theme = mem_new(sizeof(*theme));
	struct build build = {
	    .theme = theme,
	    .pages = pages,
	    .pages_count = n,
	    .opts = opts,
	    .err = err,
	};
	int rc = -1;

	rules_init();
	theme->refs = 1;
	theme->arena = arena_new(THEME_ARENA);
	theme->rules = rules_ref(rules);
	theme->compat = opts->compat;
	theme->program = program_new(theme->arena, rules->compat);
	build.compiler.program = theme->program;
	build.compiler.rules = rules;
	build.compiler.err = err;
	if (rules->ruleset) {
		if (hang_up(&build) != 0)
			goto out;
	} else {
		if (weave(&build) != 0)
			goto out;
		program_ready(theme->program);
		theme->places = build.compiler.places;
		warn_of_lost_rules(&build);
	}
	compute_version(&build);
	*out = theme_ref(theme);
	rc = 0;
out:
	theme_unref(&theme);
	return rc;
}

struct theme *
theme_ref(struct theme *theme)
{
	atomic_fetch_add_explicit(&theme->refs, 1, memory_order_relaxed);
	return theme;
}

void
theme_unref(struct theme **theme)
{
	struct theme *old = *theme;

	*theme = NULL;
	if (!old || atomic_fetch_sub(&old->refs, 1) != 1)
		return;
	program_fini(old->program);
	rules_unref(&old->rules);
	arena_free(&old->arena);
	mem_free(&old);
}

const char *
theme_rules_version(const struct theme *theme)
{
	return rules_version(theme->rules);
}

const char *
theme_version(const struct theme *theme)
{
	return theme->version;
}

const char *
theme_warning(const struct theme *theme, size_t i)
{
	return words_get(&theme->warnings, i);
}

const char *
theme_asset(const struct theme *theme, size_t i)
{
	return words_get(&theme->assets, i);
}

const char *
theme_asset_place(const struct theme *theme, size_t i)
{
	return words_get(&theme->asset_places, i);
}

/* ---- may one stand in for another ---- */

static bool
same_page(const struct place *a, const struct place *b)
{
	return strcmp(a->page, b->page) == 0;
}

static const struct place *
find_place(const struct theme *theme, const struct place *like)
{
	for (const struct place *p = theme->places; p; p = p->next)
		if (same_page(p, like) &&
		    strcmp(p->selector, like->selector) == 0)
			return p;
	return NULL;
}

/* Rules may offer two places for one thing, of which a theme has one (into
 * the title; into a head that has no title). */
static bool
has_taken_over(const struct theme *live, const struct theme *next,
    const struct place *lost)
{
	for (const struct place *p = next->places; p; p = p->next) {
		const struct place *was;

		if (!p->found || !p->content || !lost->content ||
		    !same_page(p, lost) ||
		    strcmp(p->content, lost->content) != 0)
			continue;
		was = find_place(live, p);
		if (was && !was->found)
			return true;
	}
	return false;
}

static bool
is_lost(const struct theme *live, const struct theme *next,
    const struct place *place)
{
	const struct place *now;

	if (!place->found)
		return false;
	now = find_place(next, place);
	return now && !now->found && !has_taken_over(live, next, place);
}

CHECKED int
theme_may_replace(const struct theme *live, const struct theme *next,
    bool *body_only, struct err *err)
{
	if (body_only)
		*body_only =
		    !live && next->main_places.count < next->pages.count;
	if (!live)
		return 0;
	for (const struct place *p = live->places; p; p = p->next)
		if (is_lost(live, next, p))
			return err_set(err,
			    "the new theme%s%s lacks a place "
			    "that is filled now: %s",
			    *p->page ? " " : "", p->page, p->typed);
	for (size_t i = 0; i < live->main_places.count; i++) {
		const char *page = live->main_places.list[i];

		if (words_have(&next->pages, page) &&
		    !words_have(&next->main_places, page))
			return err_set(err,
			    "the new theme%s%s has no main "
			    "place: main, [role=main], #content or #main",
			    *page ? " " : "", page);
	}
	return 0;
}
