/* theme/rule.c - rules as a whole: their life, their words, their version */
#include "theme/rule.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <libxml/parser.h>

#include "base/mem.h"
#include "theme/dependency.h"
#include "theme/diazo.h"

enum { RULES_ARENA = 16384 };

void
words_add(struct arena *arena, struct words *words, const char *text)
{
	const char **list;

	if (words->count == words->room) {
		words->room = words->room ? 2 * words->room : 8;
		list = arena_get(arena, words->room * sizeof(*list));
		if (words->count)
			memcpy(list, words->list, words->count * sizeof(*list));
		words->list = list;
	}
	words->list[words->count++] = text;
}

const char *
words_get(const struct words *words, size_t i)
{
	return i < words->count ? words->list[i] : NULL;
}

bool
words_have(const struct words *words, const char *text)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->list[i], text) == 0)
			return true;
	return false;
}

static pthread_once_t parser_is_up = PTHREAD_ONCE_INIT;

static void
bring_parser_up(void)
{
	xmlInitParser();
}

void
rules_init(void)
{
	pthread_once(&parser_is_up, bring_parser_up);
}

struct rules *
rules_new(void)
{
	struct rules *rules = mem_new(sizeof(*rules));

	rules->refs = 1;
	rules->arena = arena_new(RULES_ARENA);
	rules->dependencies = dependencies_new();
	rules->last = &rules->first;
	rules->last_choice = &rules->choices;
	rules->last_notheme = &rules->nothemes;
	rules->last_sheet = &rules->sheet;
	rules->last_said = &rules->said;
	rules->last_mention = &rules->mentions;
	return rules;
}

CHECKED int
rules_load(struct rules **out, const char *path, const struct rules_opts *opts,
    struct err *err)
{
	struct rules *rules = rules_new();
	int rc = -1;

	rules_init();
	rules->compat = opts->compat;
	if (diazo_read(rules, path, opts, err) != 0)
		goto out;
	*out = rules_ref(rules);
	rc = 0;
out:
	rules_unref(&rules);
	return rc;
}

struct rules *
rules_ref(struct rules *rules)
{
	atomic_fetch_add_explicit(&rules->refs, 1, memory_order_relaxed);
	return rules;
}

void
rules_unref(struct rules **rules)
{
	struct rules *old = *rules;

	*rules = NULL;
	if (!old || atomic_fetch_sub(&old->refs, 1) != 1)
		return;
	dependencies_free(&old->dependencies);
	arena_free(&old->arena);
	mem_free(&old);
}

const char *
rules_version(const struct rules *rules)
{
	return rules->version;
}

const char *
rules_theme_href(const struct rules *rules, size_t i)
{
	return words_get(&rules->hrefs, i);
}

const char *
rules_warning(const struct rules *rules, size_t i)
{
	return words_get(&rules->warnings, i);
}

static PRINTF(4, 0) const char *
with_place(struct rules *rules, const struct source *source, long line,
    const char *format, va_list args)
{
	const char *words = arena_vprintf(rules->arena, format, args);

	return arena_printf(
	    rules->arena, "%s:%ld: %s", source->name, line, words);
}

void
rules_warn(struct rules *rules, const struct source *source, long line,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_add(rules->arena, &rules->warnings,
	    with_place(rules, source, line, format, args));
	va_end(args);
}

void
rules_doubt(struct rules *rules, const struct source *source, long line,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_add(rules->arena, &rules->doubts,
	    with_place(rules, source, line, format, args));
	va_end(args);
}

int
rules_fail(struct err *err, const struct source *source, long line,
    const char *format, ...)
{
	char words[sizeof(err->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return err_set(err, "%s:%ld: %s", source->name, line, words);
}
