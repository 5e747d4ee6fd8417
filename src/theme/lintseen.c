/* theme/lintseen.c - content selectors and the pages that there are (contract:
 * theme/lint.h) */
#include "theme/lint.h"

#include <string.h>

#include "base/mem.h"
#include "dom/html.h"
#include "dom/xpath.h"
#include "theme/dress.h"
#include "theme/pattern.h"
#include "theme/ruleset.h"

/* One content selector of one rule. */
struct look_for {
	const struct source *source;
	long line;
	const char *typed;
	const char *const *xpaths;	   /* NULL behind the last */
	const struct selection *selection; /* Deliverance's instead */
	bool seen;
	struct look_for *next;
};

struct lint_seen {
	struct rules *rules;
	struct arena *arena;
	struct xpath_eval *eval;
	struct look_for *first, **last;
	size_t pages;
};

static struct look_for *
add(struct lint_seen *seen, const struct source *source, long line,
    const char *typed)
{
	struct look_for *one = arena_get(seen->arena, sizeof(*one));

	one->source = source;
	one->line = line;
	one->typed = typed;
	*seen->last = one;
	seen->last = &one->next;
	return one;
}

/* A rule about content alone finds its nodes wherever they are. */
static const char *const *
everywhere(struct arena *arena, const char *content)
{
	size_t count;
	char **parts = pattern_split(arena, content, &count);
	const char **xpaths = arena_get(arena, (count + 1) * sizeof(*xpaths));

	for (size_t i = 0; i < count; i++)
		xpaths[i] = pattern_everywhere(arena, parts[i]);
	return xpaths;
}

static const char *const *
one_path(struct arena *arena, const char *content)
{
	const char **xpaths = arena_get(arena, 2 * sizeof(*xpaths));

	xpaths[0] = content;
	return xpaths;
}

static void
add_rules(struct lint_seen *seen)
{
	struct arena *arena = seen->arena;

	for (const struct rule *r = seen->rules->first; r; r = r->next) {
		const char *content = r->pull.content;
		struct look_for *one;

		if (!content || r->pull.href || pattern_needs_xslt(content))
			continue;
		one = add(seen, r->source, r->line,
		    r->theme && r->pull.typed
			? r->pull.typed
			: arena_printf(arena, "content=\"%s\"", content));
		one->xpaths = r->theme ? one_path(arena, content)
				       : everywhere(arena, content);
	}
}

static void
add_actions(struct lint_seen *seen, const struct ruleset *ruleset)
{
	for (const struct sequence *s = ruleset->sequences; s; s = s->next)
		for (const struct action *a = s->first; a; a = a->next)
			if (a->content && !a->href)
				add(seen, a->source, a->line, a->content->typed)
				    ->selection = a->content;
}

struct lint_seen *
lint_seen_new(struct rules *rules)
{
	struct lint_seen *seen = mem_new(sizeof(*seen));

	rules_init();
	seen->rules = rules_ref(rules);
	seen->arena = arena_new(4096);
	seen->eval = xpath_eval_new();
	seen->last = &seen->first;
	if (rules->ruleset)
		add_actions(seen, rules->ruleset);
	else
		add_rules(seen);
	return seen;
}

void
lint_seen_free(struct lint_seen **seen)
{
	struct lint_seen *old = *seen;

	if (!old)
		return;
	xpath_eval_free(&old->eval);
	arena_free(&old->arena);
	rules_unref(&old->rules);
	mem_free(seen);
}

/* What cannot be told is taken for found. */
static bool
finds(struct lint_seen *seen, const char *xpath)
{
	xmlXPathObject *object;
	struct err err;
	bool found;

	if (xpath_eval_run(seen->eval, xpath, NULL, &object, &err) != 0)
		return true;
	found = object->type != XPATH_NODESET ||
		(object->nodesetval && object->nodesetval->nodeNr > 0);
	xmlXPathFreeObject(object);
	return found;
}

static bool
is_seen(struct lint_seen *seen, const struct look_for *one, xmlDoc *doc)
{
	struct arena *scratch;
	struct found found;
	struct err err;
	bool yes = false;

	for (size_t i = 0; one->xpaths && one->xpaths[i] && !yes; i++)
		yes = finds(seen, one->xpaths[i]);
	if (one->xpaths)
		return yes;
	scratch = arena_new(1024);
	yes = selection_run(&found, one->selection, seen->eval, doc, NULL,
		  scratch, &err) != 0 ||
	      found.by;
	arena_free(&scratch);
	return yes;
}

void
lint_seen_page(struct lint_seen *seen, const struct dress_ask *page)
{
	const struct html_opts opts = {
	    .content_type = page->content_type,
	    .parser = page->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
	    .limits = dress_limits(page),
	};
	xmlDoc *doc = NULL;
	struct err err;

	if (html_parse(&doc, page->bytes, page->len, &opts, &err) != 0)
		return;
	seen->pages++;
	xpath_eval_begin(seen->eval, doc, 0);
	xpath_eval_variable(seen->eval, "path", page->path);
	for (struct look_for *one = seen->first; one; one = one->next)
		if (!one->seen)
			one->seen = is_seen(seen, one, doc);
	xpath_eval_begin(seen->eval, NULL, 0);
	html_free(&doc);
}

size_t
lint_seen_pages(const struct lint_seen *seen)
{
	return seen->pages;
}

void
lint_seen_tell(const struct lint_seen *seen,
    void (*told)(void *arg, const char *words), void *arg)
{
	for (const struct look_for *one = seen->first; one; one = one->next)
		if (!one->seen)
			told(arg,
			    arena_printf(seen->arena,
				"%s:%ld: %s found nothing on any of %zu stored "
				"pages; mend the selector, or take the rule "
				"away",
				one->source->name, one->line, one->typed,
				seen->pages));
}
