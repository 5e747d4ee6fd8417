/* cli/replay.c - comparing a page with itself (contract: cli/replay.h) */
#include "cli/replay.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/diff.h"
#include "cli/explain.h"
#include "page/due.h"
#include "theme/mainplace.h"

bool
replay_is_due(const struct object *page)
{
	return due_is(page->status, &page->head);
}

/* ---- what is lost ---- */

static void
lose(struct replay_page *page, char *words)
{
	if (page->lost_count < LOST_MAX)
		page->lost[page->lost_count++] = words;
	else
		mem_free(&words);
}

static bool
is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool
brings(const struct traced_rule *rule)
{
	return rule->theme && rule->runs > 0 && rule->in_content.count > 0;
}

/* Some rule fills that place, or shows that content elsewhere. */
static bool
is_still_done(const struct dress_trace *now, const struct traced_rule *was)
{
	for (size_t i = 0; i < now->rules_count; i++) {
		const struct traced_rule *rule = &now->rules[i];

		if (brings(rule) && (is_same(rule->content, was->content) ||
					(is_same(rule->theme, was->theme) &&
					    is_same(rule->does, was->does))))
			return true;
	}
	return false;
}

static void
find_lost_rules(struct replay_page *page)
{
	const struct dress_trace *was = page->was_trace;

	for (size_t i = 0; was && i < was->rules_count; i++) {
		const struct traced_rule *rule = &was->rules[i];

		if (!brings(rule) || is_still_done(page->is_trace, rule))
			continue;
		lose(page, mem_printf("%s:%ld: %s %s brought %zu of %s in, and "
				      "nothing does now",
			       rule->source, rule->line, rule->does,
			       rule->theme, rule->in_content.count,
			       rule->content ? rule->content : "the content"));
	}
}

static void
find_lost_main(struct replay_page *page)
{
	long was = mainplace_measure(page->was->data, page->was->len), is;

	if (was <= 0)
		return;
	is = mainplace_measure(page->is->data, page->is->len);
	if (is <= 0)
		lose(page, mem_printf(is < 0 ? "there is no main place any more"
					     : "the main place is empty"));
}

/* Nobody knows how it was: only what is plainly wrong counts. */
static void
check_alone(struct replay_page *page)
{
	if (page->is_how == DRESSED &&
	    mainplace_measure(page->is->data, page->is->len) == 0)
		lose(page, mem_strdup("the main place is empty"));
}

static void
count(const struct replay_page *page, struct replay_figures *figures)
{
	figures->pages++;
	figures->changed += page->differs;
	figures->lost += page->lost_count > 0;
	figures->failed += page->is_how == DRESSED_FAILED;
	figures->unknown += page->was_how == DRESSED_WANTS;
	figures->unsure += page->doubt[0] != '\0';
	figures->undressed += page->is_how == DRESSED_NOT;
}

void
replay_compare(struct replay_page *page, struct replay_figures *figures)
{
	bool known = page->was_how != DRESSED_WANTS;

	page->differs =
	    known &&
	    (page->was->len != page->is->len ||
		(page->is->len && memcmp(page->was->data, page->is->data,
				      page->is->len) != 0));
	if (page->is_how == DRESSED_FAILED && page->was_how != DRESSED_FAILED)
		lose(page,
		    mem_printf("it cannot be dressed: %s", page->why.text));
	else if (page->was_how == DRESSED && page->is_how == DRESSED_NOT)
		lose(page, mem_strdup("it is not dressed any more"));
	else if (!known)
		check_alone(page);
	else if (page->differs) {
		find_lost_main(page);
		find_lost_rules(page);
	}
	count(page, figures);
}

void
replay_page_fini(struct replay_page *page)
{
	for (size_t i = 0; i < page->lost_count; i++)
		mem_free(&page->lost[i]);
	page->lost_count = 0;
}

/* ---- telling ---- */

/* What is stored must not play with somebody's terminal. */
static void
put_safe(const char *words)
{
	for (; *words; words++)
		putchar((unsigned char)*words < ' ' || *words == 0x7f ? '?'
								      : *words);
}

static void
on_line_text(void *arg, char sign, const char *line)
{
	(void)arg;
	printf("    %c", sign);
	put_safe(line);
	putchar('\n');
}

static void
print_text(const struct replay_page *page, size_t lines)
{
	size_t differ;

	fputs(page->lost_count ? "loses    "
	      : page->differs  ? "changes  "
			       : "unsure   ",
	    stdout);
	put_safe(page->url);
	putchar('\n');
	for (size_t i = 0; i < page->lost_count; i++) {
		fputs("    ", stdout);
		put_safe(page->lost[i]);
		putchar('\n');
	}
	if (page->doubt[0]) {
		fputs("    not sure: ", stdout);
		put_safe(page->doubt);
		putchar('\n');
	}
	if (!page->differs || lines == 0)
		return;
	differ = diff_pages(page->was->data, page->was->len, page->is->data,
	    page->is->len, lines, on_line_text, NULL);
	if (differ > lines)
		printf("    and %zu lines more\n", differ - lines);
}

static void
on_line_json(void *arg, char sign, const char *line)
{
	char *words = mem_printf("%c%s", sign, line);

	json_array_append_new(arg, explain_text(words));
	mem_free(&words);
}

static void
print_json(const struct replay_page *page, size_t lines)
{
	json_t *object = json_object(), *lost = json_array();
	json_t *diff = json_array();
	size_t differ = 0;

	for (size_t i = 0; i < page->lost_count; i++)
		json_array_append_new(lost, explain_text(page->lost[i]));
	if (page->differs)
		differ = diff_pages(page->was->data, page->was->len,
		    page->is->data, page->is->len, lines, on_line_json, diff);
	json_object_set_new(object, "url", explain_text(page->url));
	json_object_set_new(object, "site", explain_text(page->site));
	json_object_set_new(object, "changes", json_boolean(page->differs));
	json_object_set_new(object, "loses", lost);
	if (page->doubt[0])
		json_object_set_new(
		    object, "unsure", explain_text(page->doubt));
	json_object_set_new(object, "diff", diff);
	json_object_set_new(object, "lines", json_integer((json_int_t)differ));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

void
replay_print(const struct replay_page *page, bool json, size_t lines)
{
	if (json)
		print_json(page, lines);
	else
		print_text(page, lines);
}

void
replay_sum_up(const struct replay_figures *figures, bool json)
{
	json_t *object;

	if (!json) {
		printf("%lld pages: %lld change, %lld lose something, %lld "
		       "cannot be dressed, %lld stay undressed",
		    (long long)figures->pages, (long long)figures->changed,
		    (long long)figures->lost, (long long)figures->failed,
		    (long long)figures->undressed);
		if (figures->unknown)
			printf(", %lld were not stored dressed",
			    (long long)figures->unknown);
		if (figures->unsure)
			printf(
			    ", %lld are a guess", (long long)figures->unsure);
		if (figures->damaged)
			printf(", %lld are damaged in the file",
			    (long long)figures->damaged);
		putchar('\n');
		return;
	}
	object = json_pack("{s{sIsIsIsIsIsIsIsI}}", "summary", "pages",
	    (json_int_t)figures->pages, "changed", (json_int_t)figures->changed,
	    "lost", (json_int_t)figures->lost, "failed",
	    (json_int_t)figures->failed, "undressed",
	    (json_int_t)figures->undressed, "unknown",
	    (json_int_t)figures->unknown, "unsure", (json_int_t)figures->unsure,
	    "damaged", (json_int_t)figures->damaged);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}
