/* theme/wardrobe.c - classes, then rules, then a theme, then one action after
 * the other (contract: theme/wardrobe.h) */
#include "theme/wardrobe.h"

#include <string.h>

#include "base/mem.h"
#include "dom/html.h"
#include "http/url.h"
#include "theme/compile.h"
#include "theme/links.h"
#include "theme/looks.h"
#include "theme/markup.h"
#include "theme/mutate.h"
#include "theme/tracing.h"

enum {
	FITTING_ARENA = 16384,
	ADDRESS_LEN_MAX = 8192,
};

struct costume {
	const char *href, *name;
	xmlDoc *doc; /* shared by threads: read only */
	struct costume *next;
};

struct wardrobe {
	struct theme *theme; /* whose arena all this is in */
	struct costume *first, **last;
	enum theme_links links; /* for those that are wanted */
	struct looks *looks;	/* those that were */
	struct place **last_place;
};

/* ---- while the theme is built ---- */

static void
free_looks(void *arg)
{
	struct looks *looks = arg;

	looks_free(&looks);
}

struct wardrobe *
wardrobe_new(struct theme *theme, const struct theme_opts *opts)
{
	struct wardrobe *wardrobe = arena_get(theme->arena, sizeof(*wardrobe));

	wardrobe->theme = theme;
	wardrobe->last = &wardrobe->first;
	wardrobe->last_place = &theme->places;
	wardrobe->links = opts->links;
	wardrobe->looks = looks_new();
	arena_keep(theme->arena, free_looks, wardrobe->looks);
	return wardrobe;
}

static void
free_doc(void *doc)
{
	xmlDoc *mine = doc;

	html_free(&mine);
}

void
wardrobe_hang(
    struct wardrobe *wardrobe, xmlDoc **doc, const char *href, const char *name)
{
	struct arena *arena = wardrobe->theme->arena;
	struct costume *costume = arena_get(arena, sizeof(*costume));

	costume->href = href ? arena_strdup(arena, href) : NULL;
	costume->name = arena_strdup(arena, name);
	costume->doc = *doc;
	*doc = NULL;
	arena_keep(arena, free_doc, costume->doc);
	*wardrobe->last = costume;
	wardrobe->last = &costume->next;
}

static void
note_place(struct wardrobe *wardrobe, const struct costume *costume,
    const struct action *action, bool found)
{
	struct place *place = arena_get(wardrobe->theme->arena, sizeof(*place));

	place->page = costume->name;
	place->selector = place->typed = action->theme->typed;
	place->content = action->content->typed;
	place->found = found;
	*wardrobe->last_place = place;
	wardrobe->last_place = &place->next;
}

/* Whether its theme selector finds anything, in any of the pages. */
static int
survey_action(struct wardrobe *wardrobe, struct xpath_eval *eval,
    const struct action *action, bool *anywhere, struct err *err)
{
	struct arena *arena = arena_new(1024);
	int rc = 0;

	for (struct costume *c = wardrobe->first; c && rc == 0; c = c->next) {
		struct found found;

		rc = selection_run(
		    &found, action->theme, eval, c->doc, NULL, arena, err);
		if (rc != 0)
			err_prefix(
			    err, "%s:%ld", action->source->name, action->line);
		else if (action->act != ACT_DROP)
			note_place(wardrobe, c, action, found.by != NULL);
		*anywhere |= rc == 0 && found.by;
	}
	arena_free(&arena);
	return rc;
}

static int
survey_sequence(struct wardrobe *wardrobe, struct xpath_eval *eval,
    const struct sequence *sequence, struct err *err)
{
	struct theme *theme = wardrobe->theme;

	for (struct action *a = sequence->first; a; a = a->next) {
		bool anywhere = false;

		if (!a->theme)
			continue;
		if (survey_action(wardrobe, eval, a, &anywhere, err) != 0)
			return -1;
		/* What is not there need not go: that is no mistake. */
		if (anywhere || a->act == ACT_DROP || !wardrobe->first ||
		    a->notheme.how == HANDLE_IGNORE || a->sees_all)
			continue;
		words_add(theme->arena, &theme->warnings,
		    arena_printf(theme->arena,
			"%s:%ld: %s finds nothing in the theme",
			a->source->name, a->line, a->theme->typed));
	}
	return 0;
}

CHECKED int
wardrobe_survey(struct wardrobe *wardrobe, struct err *err)
{
	const struct ruleset *ruleset = wardrobe->theme->rules->ruleset;
	struct xpath_eval *eval = xpath_eval_new();
	int rc = 0;

	xpath_eval_begin(eval, NULL, 0);
	for (const struct sequence *s = ruleset->sequences; s && rc == 0;
	     s = s->next)
		rc = survey_sequence(wardrobe, eval, s, err);
	xpath_eval_free(&eval);
	return rc;
}

/* ---- a page ---- */

/* One page that is being dressed. */
struct fitting {
	const struct wardrobe *wardrobe;
	const struct ruleset *ruleset;
	const struct dress_ask *ask;
	struct facts facts;
	struct stage stage;
	struct wanted *wanted;
	const struct sequence **sequences; /* of the page's classes, in order */
	size_t sequences_count;
	bool *runs; /* one per sequence: its own match fits */
	const struct costume *costume;
	const char *look_href; /* of a theme that is wanted */
};

static bool
has_class(const struct sequence *sequence, const char *class)
{
	return words_have(&sequence->classes, class);
}

static bool
has_sequence(const struct fitting *fitting, const struct sequence *sequence)
{
	for (size_t i = 0; i < fitting->sequences_count; i++)
		if (fitting->sequences[i] == sequence)
			return true;
	return false;
}

/* For each class in its order, the rules of it in the order of the file. */
static void
choose_sequences(struct fitting *fitting, const struct words *classes)
{
	struct arena *arena = fitting->stage.arena;
	size_t all = 1;

	for (const struct sequence *s = fitting->ruleset->sequences; s;
	     s = s->next)
		all++;
	fitting->sequences =
	    arena_get(arena, all * sizeof(*fitting->sequences));
	fitting->runs = arena_get(arena, all * sizeof(*fitting->runs));
	for (size_t i = 0; i < classes->count; i++)
		for (const struct sequence *s = fitting->ruleset->sequences; s;
		     s = s->next)
			if (has_class(s, classes->list[i]) &&
			    !has_sequence(fitting, s))
				fitting->sequences[fitting->sequences_count++] =
				    s;
	for (size_t i = 0; i < fitting->sequences_count; i++)
		fitting->runs[i] =
		    match_fits(fitting->sequences[i]->match, &fitting->facts);
}

static void
skip_others(const struct fitting *fitting)
{
	const struct sequence *sequence = fitting->ruleset->sequences;

	for (; fitting->ask->trace && sequence; sequence = sequence->next)
		if (!has_sequence(fitting, sequence))
			tracing_skipped(fitting->ask->trace, sequence,
			    "the page has none of its rule's classes");
}

/* The last rule with a theme says which, even where its own match does not
 * fit; else the ruleset, else the site. */
static const struct look *
choose_look(const struct fitting *fitting)
{
	const struct look *look = fitting->ruleset->look;

	for (size_t i = 0; i < fitting->sequences_count; i++)
		if (fitting->sequences[i]->look)
			look = fitting->sequences[i]->look;
	return look;
}

static const struct costume *
find_costume(const struct wardrobe *wardrobe, const char *href)
{
	for (const struct costume *c = wardrobe->first; c; c = c->next)
		if (href ? c->href && strcmp(c->href, href) == 0 : !c->href)
			return c;
	return NULL;
}

static int
fill_look(struct fitting *fitting, const struct look *look)
{
	struct buf href;
	int rc;

	buf_init(&href, ADDRESS_LEN_MAX);
	rc = template_fill(
	    &href, look->href, &fitting->facts, fitting->stage.err);
	if (rc == 0)
		fitting->look_href =
		    arena_strdup(fitting->stage.arena, href.data);
	else
		err_prefix(fitting->stage.err, "%s:%ld", look->source->name,
		    look->line);
	buf_fini(&href);
	return rc;
}

/* DRESSED: there is a theme. */
static enum dressed
choose_theme(struct fitting *fitting)
{
	const struct look *look = choose_look(fitting);

	if (look && look->kind == LOOK_WANTED)
		return fill_look(fitting, look) == 0 ? DRESSED : DRESSED_FAILED;
	fitting->costume =
	    find_costume(fitting->wardrobe, look ? look->href : NULL);
	return fitting->costume ? DRESSED : DRESSED_NOT;
}

/* ---- what is fetched ---- */

static const struct dress_document *
find_document(const struct dress_ask *ask, const char *href)
{
	for (size_t i = 0; i < ask->documents_count; i++)
		if (strcmp(ask->documents[i].href, href) == 0)
			return &ask->documents[i];
	return NULL;
}

static void
want(struct fitting *fitting, const char *href)
{
	struct wanted *wanted = fitting->wanted;

	if (find_document(fitting->ask, href))
		return;
	for (size_t i = 0; i < wanted->count; i++)
		if (strcmp(wanted->list[i], href) == 0)
			return;
	wanted->list = mem_resize(
	    wanted->list, (wanted->count + 1) * sizeof(*wanted->list));
	wanted->list[wanted->count++] = mem_strdup(href);
}

static bool
is_all_there(struct fitting *fitting)
{
	if (fitting->look_href)
		want(fitting, fitting->look_href);
	for (size_t i = 0; i < fitting->sequences_count; i++) {
		const struct action *action = fitting->sequences[i]->first;

		for (; action && fitting->runs[i]; action = action->next)
			if (action->href)
				want(fitting, action->href);
	}
	return fitting->wanted->count == 0;
}

/* ---- a theme that only the request names ---- */

/* Where it is, as seen from the page; NULL: nowhere. */
static const char *
look_url(const struct fitting *fitting)
{
	const char *href = fitting->look_href, *found = NULL;
	struct buf here, url;

	buf_init(&here, ADDRESS_LEN_MAX);
	buf_init(&url, ADDRESS_LEN_MAX);
	buf_printf(&here, "http://here.invalid%s", fitting->facts.path);
	if (url_join(&url, here.data, href, strlen(href)) == 0 && !url.failed)
		found = arena_strdup(fitting->stage.arena, url.data);
	buf_fini(&url);
	buf_fini(&here);
	return found;
}

static bool
is_on_site(const struct fitting *fitting)
{
	struct url_parts parts;

	url_split(&parts, fitting->look_href, strlen(fitting->look_href));
	return !parts.authority.from && !parts.scheme.from;
}

/* One on the site itself keeps its links free of the host; its folder stands
 * before those that are relative. */
static void
rewrite_links(const struct fitting *fitting, const char *url, xmlDoc *doc)
{
	struct links links = {.mode = LINKS_ABSOLUTE, .base = url};
	struct url_parts parts;

	if (fitting->wardrobe->links == LINKS_KEEP || !url)
		return;
	if (is_on_site(fitting)) {
		url_split(&parts, url, strlen(url));
		while (parts.path.len > 0 &&
		       parts.path.from[parts.path.len - 1] != '/')
			parts.path.len--;
		links.mode = LINKS_PREFIX;
		links.prefix = arena_strndup(
		    fitting->stage.arena, parts.path.from, parts.path.len);
	}
	links_rewrite(doc, &links);
}

static int
parse_look(struct fitting *fitting, const struct dress_document *page,
    const char *url, xmlDoc **out)
{
	struct stage *stage = &fitting->stage;

	if (!page->bytes)
		return err_set(stage->err, "the theme %s: %s",
		    fitting->look_href,
		    page->why ? page->why : "it could not be had");
	if (!stage->compat && !html_is_page(page->bytes, page->len))
		return err_set(stage->err, "the theme %s is not an HTML page",
		    fitting->look_href);
	if (stage_parse(out, stage, page->bytes, page->len,
		page->content_type, stage->err) != 0)
		return err_prefix(
		    stage->err, "the theme %s", fitting->look_href);
	rewrite_links(fitting, url, *out);
	if (!stage->compat)
		theme_say_utf8(*out);
	return 0;
}

/* The theme that the request names, as the page's own: parsed now, or known.
 */
static int
put_on_look(struct fitting *fitting)
{
	struct stage *stage = &fitting->stage;
	const struct dress_document *page =
	    find_document(fitting->ask, fitting->look_href);
	const char *url = look_url(fitting);
	const struct look_key key = {
	    .name = arena_printf(stage->arena, "%d %d %s", (int)stage->parser,
		is_on_site(fitting), url ? url : fitting->look_href),
	    .bytes = page->bytes,
	    .len = page->len,
	    .content_type = page->content_type,
	};
	struct looks *looks = fitting->wardrobe->looks;
	struct look_doc *look = page->bytes ? looks_find(looks, &key) : NULL;
	xmlDoc *doc = NULL;

	if (!look) {
		if (parse_look(fitting, page, url, &doc) != 0)
			return -1;
		look = looks_note(looks, &key, &doc);
	}
	stage->theme = tree_copy_doc(look_doc_tree(look));
	look_doc_unref(&look);
	return 0;
}

/* ---- the work ---- */

static enum mutated
run_sequence(struct fitting *fitting, const struct sequence *sequence)
{
	for (const struct action *a = sequence->first; a; a = a->next) {
		enum mutated how = mutate(&fitting->stage, a);

		if (how != MUTATED)
			return how;
	}
	return MUTATED;
}

static enum mutated
run_sequences(struct fitting *fitting)
{
	bool standard = true;

	for (size_t i = 0; i < fitting->sequences_count; i++) {
		enum mutated how;

		if (!fitting->runs[i]) {
			tracing_skipped(fitting->ask->trace,
			    fitting->sequences[i], "its rule does not match");
			continue;
		}
		how = run_sequence(fitting, fitting->sequences[i]);
		if (how != MUTATED)
			return how;
		standard &= !fitting->sequences[i]->suppress_standard;
	}
	if (standard)
		return run_sequence(fitting, fitting->ruleset->standard);
	tracing_skipped(fitting->ask->trace, fitting->ruleset->standard,
	    "a rule suppresses the standard rule");
	return MUTATED;
}

static enum dressed
fit(struct fitting *fitting, struct buf *out)
{
	struct stage *stage = &fitting->stage;
	/* It may move away with the rest. */
	const xmlDtd *doctype = stage->content->intSubset;

	if (fitting->look_href) {
		if (put_on_look(fitting) != 0)
			return DRESSED_FAILED;
	} else {
		stage->theme = tree_copy_doc(fitting->costume->doc);
	}
	switch (run_sequences(fitting)) {
	case MUTATED_ABORT:
		return DRESSED_NOT;
	case MUTATED_FAILED:
		return DRESSED_FAILED;
	case MUTATED:
		break;
	}
	print_page(out, stage->theme, doctype, stage->compat);
	if (out->failed) {
		err_set(stage->err,
		    "the dressed page is over %zu bytes (themed_max)",
		    out->max);
		return DRESSED_FAILED;
	}
	return DRESSED;
}

static int
parse_content(struct fitting *fitting)
{
	const struct dress_ask *ask = fitting->ask;
	struct stage *stage = &fitting->stage;

	if (stage_parse(&stage->content, stage, ask->bytes, ask->len,
		ask->content_type, stage->err) != 0)
		return -1;
	facts_read_page(&fitting->facts, stage->content, stage->arena);
	return 0;
}

static enum dressed
dress(struct fitting *fitting, struct buf *out)
{
	struct words classes = {0};
	enum dressed how;

	if (parse_content(fitting) != 0)
		return DRESSED_FAILED;
	if (!classes_of_page(fitting->ruleset->givers, &fitting->facts,
		fitting->stage.arena, &classes))
		return DRESSED_NOT;
	choose_sequences(fitting, &classes);
	tracing_classes(fitting->ask->trace, &classes);
	skip_others(fitting);
	/* The reference shows the bare theme then, without the page. */
	if (fitting->sequences_count == 0 && !fitting->stage.compat)
		return DRESSED_NOT;
	how = choose_theme(fitting);
	if (how != DRESSED)
		return how;
	if (!is_all_there(fitting))
		return DRESSED_WANTS;
	if (!fitting->stage.compat &&
	    dress_is_of_frames(fitting->stage.content, fitting->stage.err))
		return DRESSED_NOT;
	return fit(fitting, out);
}

static void
tell_all(const struct fitting *fitting)
{
	const struct dress_ask *ask = fitting->ask;

	const struct words *told = &fitting->stage.told;
	const struct words *known = &fitting->wardrobe->theme->warnings;

	/* What is not in the theme was said when it was built. */
	for (size_t i = 0; ask->on_unmatched && i < told->count; i++)
		if (!words_have(known, told->list[i]))
			ask->on_unmatched(ask->arg, told->list[i]);
}

CHECKED enum dressed
wardrobe_dress(const struct wardrobe *wardrobe, struct xpath_eval *eval,
    const struct dress_ask *ask, struct wanted *wanted, struct buf *out,
    struct err *err)
{
	struct fitting fitting = {
	    .wardrobe = wardrobe,
	    .ruleset = wardrobe->theme->rules->ruleset,
	    .ask = ask,
	    .facts = {.exchange = &ask->exchange,
		.path = ask->path ? ask->path : ""},
	    .stage =
		{
		    .ask = ask,
		    .eval = eval,
		    .arena = arena_new(FITTING_ARENA),
		    .compat = wardrobe->theme->compat,
		    .parser = ask->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
		    .budget = {COPIED_NODES_MAX, out->max},
		    .err = err,
		},
	    .wanted = wanted,
	};
	enum dressed how;

	xpath_eval_begin(eval, NULL, ask->xpath_max_ops);
	how = dress(&fitting, out);
	if (how == DRESSED || how == DRESSED_NOT)
		tell_all(&fitting);
	xpath_eval_begin(eval, NULL, 0);
	stage_fini(&fitting.stage);
	arena_free(&fitting.stage.arena);
	return how;
}
