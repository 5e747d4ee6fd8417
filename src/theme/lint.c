/* theme/lint.c - rules that do not do what they seem to (contract:
 * theme/lint.h) */
#include "theme/lint.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "theme/linting.h"
#include "theme/pattern.h"
#include "theme/ruleset.h"
#include "theme/woven.h"

struct lint {
	struct arena *arena;
	void (*told)(void *arg, const char *words);
	void *arg;
};

enum { LINT_ARENA = 4096 };

static void tell(const struct lint *lint, const struct source *source,
    long line, const char *format, ...) PRINTF(4, 5);

static void
tell(const struct lint *lint, const struct source *source, long line,
    const char *format, ...)
{
	va_list args;
	char *words;

	va_start(args, format);
	words = arena_vprintf(lint->arena, format, args);
	va_end(args);
	lint->told(lint->arg,
	    arena_printf(lint->arena, "%s:%ld: %s", source->name, line, words));
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- two that do the same ---- */

static bool
same_terms(const struct terms *a, const struct terms *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->list[i]->kind != b->list[i]->kind ||
		    a->list[i]->negate != b->list[i]->negate ||
		    strcmp(a->list[i]->text, b->list[i]->text) != 0)
			return false;
	return true;
}

static bool
same_names(const struct rule *a, const struct rule *b)
{
	const char **x = a->attributes, **y = b->attributes;

	if (a->all_attributes != b->all_attributes || !x != !y)
		return false;
	while (x && *x && *y && strcmp(*x, *y) == 0) {
		x++;
		y++;
	}
	return !x || (!*x && !*y);
}

static bool
is_twin(const struct rule *a, const struct rule *b)
{
	return a->does == b->does && !a->body && !b->body &&
	       is_same(a->theme, b->theme) &&
	       is_same(a->pull.content, b->pull.content) &&
	       is_same(a->pull.href, b->pull.href) &&
	       same_terms(&a->terms, &b->terms) && same_names(a, b);
}

static bool
inserts(enum does does)
{
	return does == DO_BEFORE || does == DO_AFTER || does == DO_PREPEND ||
	       does == DO_APPEND || does == DO_CONTENT_BEFORE ||
	       does == DO_CONTENT_AFTER || does == DO_CONTENT_PREPEND ||
	       does == DO_CONTENT_APPEND;
}

/* ---- two selectors for one element ---- */

/* The id that the last step of a path asks for, in quotes; its length in
 * *len. NULL: none. */
static const char *
last_id(const char *path, size_t *len)
{
	static const char mark[] = "@id";
	const char *at = NULL, *value;

	for (const char *c = strstr(path, mark); c; c = strstr(c + 1, mark))
		at = c;
	if (!at || strchr(path, '|'))
		return NULL;
	value = at + strlen(mark);
	value += strspn(value, " =");
	if (*value != '\'' && *value != '"')
		return NULL;
	*len = strcspn(value + 1, *value == '"' ? "\"" : "'");
	/* Not below it, nor above. */
	if (strchr(value + 1 + *len, '/'))
		return NULL;
	return value + 1;
}

static bool
is_same_element(const char *a, const char *b)
{
	size_t a_len, b_len;
	const char *x = last_id(a, &a_len), *y = last_id(b, &b_len);

	return x && y && a_len == b_len && memcmp(x, y, a_len) == 0;
}

static bool
is_dispatched(enum does does)
{
	return does == DO_CONTENT_BEFORE || does == DO_CONTENT_REPLACE ||
	       does == DO_CONTENT_AFTER || does == DO_CONTENT_PREPEND ||
	       does == DO_CONTENT_APPEND;
}

static bool
both_replace(const struct rule *a, const struct rule *b)
{
	return a->does == b->does &&
	       (a->does == DO_CONTENT_REPLACE ||
		   a->does == DO_CONTENT_REPLACE_CHILDREN) &&
	       is_same(a->pull.content, b->pull.content) &&
	       a->terms.count == 0 && b->terms.count == 0;
}

static bool
are_rivals(const struct rule *a, const struct rule *b)
{
	return a->does == b->does && is_dispatched(a->does) &&
	       !is_same(a->pull.content, b->pull.content) &&
	       is_same_element(a->pull.content, b->pull.content);
}

/* ---- unions ---- */

static bool
is_union(const struct lint *lint, const char *xpath)
{
	size_t count;

	pattern_split(lint->arena, xpath, &count);
	return count > 1;
}

static bool
is_typed_children(const struct pull *pull)
{
	return pull->typed && strstr(pull->typed, "content-children=") &&
	       strchr(pull->typed, '=') >
		   strstr(pull->typed, "content-children");
}

static void
lint_unions(const struct lint *lint, const struct rule *rule)
{
	enum does does = rule->does;

	if (!rule->pull.content || !is_union(lint, rule->pull.content))
		return;
	if (is_typed_children(&rule->pull))
		tell(lint, rule->source, rule->line,
		    "%s is a union, and \"children\" is about its last part "
		    "only in Diazo's own code and with --compat; write a rule "
		    "for each part",
		    rule->pull.typed);
	if (rule->terms.count > 0 &&
	    (does == DO_CONTENT_DROP || does == DO_CONTENT_STRIP ||
		does == DO_CONTENT_REPLACE_CHILDREN))
		tell(lint, rule->source, rule->line,
		    "content=\"%s\" is a union, and the condition is about its "
		    "last part only in Diazo's own code and with --compat; "
		    "write a rule for each part",
		    rule->pull.content);
}

/* ---- Diazo's rules ---- */

static void
lint_pair(
    const struct lint *lint, const struct rule *first, const struct rule *rule)
{
	if (is_twin(first, rule))
		tell(lint, rule->source, rule->line,
		    "the rule at %s:%ld does the same%s; take one of the two "
		    "away",
		    first->source->name, first->line,
		    inserts(rule->does) ? ", so all stands there twice" : "");
	else if (both_replace(first, rule))
		tell(lint, rule->source, rule->line,
		    "the rule at %s:%ld replaces the same content without a "
		    "condition, and %s; give one of the two a condition, or "
		    "make one of them",
		    first->source->name, first->line,
		    rule->does == DO_CONTENT_REPLACE ? "what both hold comes in"
						     : "only this one counts");
	else if (are_rivals(first, rule))
		tell(lint, rule->source, rule->line,
		    "content=\"%s\" and content=\"%s\" of %s:%ld are about one "
		    "element, where only one of the two rules runs; write the "
		    "same selector in both",
		    rule->pull.content, first->pull.content,
		    first->source->name, first->line);
}

enum { LINT_PAIRS_MAX = 2000 }; /* rules of which each two are compared */

static void
lint_diazo(const struct lint *lint, const struct rules *rules)
{
	const char *words;
	size_t i = 0;

	while ((words = words_get(&rules->doubts, i++)) != NULL)
		lint->told(lint->arg, words);
	i = 0;
	for (const struct rule *r = rules->first; r; r = r->next, i++) {
		lint_unions(lint, r);
		if (i >= LINT_PAIRS_MAX)
			continue;
		for (const struct rule *f = rules->first; f != r; f = f->next)
			lint_pair(lint, f, r);
	}
}

/* ---- Deliverance's actions ---- */

static const char *
typed(const struct selection *selection)
{
	return selection ? selection->typed : NULL;
}

/* What it selects in the theme is not there any more behind it. */
static bool
takes_away(const struct action *action)
{
	return action->theme && !action->condition && !action->href &&
	       action->theme->first->selects == SELECTS_ELEMENTS &&
	       !action->theme->first->next && action->act == ACT_DROP;
}

static void
lint_actions(const struct lint *lint, const struct action *first,
    const struct action *action)
{
	if (action->act == first->act &&
	    is_same(typed(action->theme), typed(first->theme)) &&
	    is_same(typed(action->content), typed(first->content)) &&
	    is_same(typed(action->condition), typed(first->condition)) &&
	    is_same(action->href, first->href))
		tell(lint, action->source, action->line,
		    "the action at line %ld does the same; take one of the two "
		    "away",
		    first->line);
	else if (takes_away(first) && action->theme &&
		 is_same(typed(action->theme), typed(first->theme)))
		tell(lint, action->source, action->line,
		    "%s finds nothing any more: the action at line %ld has "
		    "dropped it; put this one before it, or take one away",
		    typed(action->theme), first->line);
}

static void
lint_ruleset(const struct lint *lint, const struct ruleset *ruleset)
{
	for (const struct sequence *s = ruleset->sequences; s; s = s->next) {
		size_t i = 0;

		for (const struct action *a = s->first; a && i < LINT_PAIRS_MAX;
		     a = a->next, i++)
			for (const struct action *f = s->first; f != a;
			     f = f->next)
				lint_actions(lint, f, a);
	}
}

void
lint_rules(const struct rules *rules,
    void (*told)(void *arg, const char *words), void *arg)
{
	struct lint lint = {arena_new(LINT_ARENA), told, arg};

	if (rules->ruleset)
		lint_ruleset(&lint, rules->ruleset);
	else
		lint_diazo(&lint, rules);
	arena_free(&lint.arena);
}

/* ---- rules that can never run ---- */

static const char *
verb(const struct rule *rule)
{
	switch (rule->does) {
	case DO_DROP:
		return "drops";
	case DO_STRIP:
		return "strips";
	case DO_DROP_CHILDREN:
		return "empties";
	default:
		return "replaces";
	}
}

void
lint_theme(const struct theme *theme,
    void (*told)(void *arg, const char *words), void *arg)
{
	const struct program *program = theme->program;
	struct lint lint = {arena_new(LINT_ARENA), told, arg};

	for (size_t i = 0; !theme->wardrobe && i < program->rules_count; i++) {
		const struct shade *shade = &program->shades[i];
		const struct rule *rule = program->rules[i], *by;

		if (!shade->is_hit || shade->is_free)
			continue;
		by = program->rules[shade->by];
		if (is_twin(by, rule) || is_twin(rule, by))
			continue; /* lint_rules() has told */
		tell(&lint, rule->source, rule->line,
		    "%s can never run: the rule at %s:%ld %s all that it "
		    "selects; give that one a condition, or take one of the "
		    "two away",
		    rule->typed, by->source->name, by->line, verb(by));
	}
	arena_free(&lint.arena);
}
