/* tests/unit/test_cache_words.c - each sentence of `livery cache why` */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cache/words.h"

#define NOW_MS 1700000000000LL
#define MIN    60000LL
#define DAY    86400000LL

static const struct policy_opts plain = {.stale_max_ms = 7 * DAY};
static const struct policy_opts lenient = {.stale_override = true,
    .stale_max_ms = 7 * DAY};
static const struct policy_opts short_lived = {.stale_max_ms = MIN};
static const struct policy_opts ttl_60 = {.stale_max_ms = 7 * DAY,
    .default_ttl_ms = MIN};

/* An answer with these fields that came so long ago. */
static struct object *
answer_of(const char *lines, int64_t ago_ms, const struct policy_opts *opts)
{
	char room[KEY_MAX], *bytes = mem_strdup("x");
	struct policy_answer answer = {200, NULL, NOW_MS - ago_ms,
	    NOW_MS - ago_ms};
	struct object *object;
	struct key key;

	assert_int_equal(key_make_url(&key, room, KIND_PAGE, "site",
	    "http://www.example.org/p"), 0);
	object = object_new(&key, KIND_PAGE, "site");
	object->status = 200;
	object->body = body_new(&bytes, 1);
	object->asked_ms = object->answered_ms = NOW_MS - ago_ms;
	object->vary = object->variant = object->tags = "";
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		const char *colon = memchr(lines, ':', len);

		head_add_n(&object->head, lines, (size_t)(colon - lines),
		    colon + 2, (size_t)(lines + len - colon - 2));
		lines += len + 1;
	}
	answer.head = &object->head;
	object->fresh = policy_freshness(&answer, opts);
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	return object;
}

static void
each_state_has_its_sentences(void **state)
{
	static const struct {
		const char *lines;
		int64_t ago_ms;
		const struct policy_opts *opts;
		const char *has[4];
	} rows[] = {
		/* fresh, by which field */
		{"Cache-Control: max-age=300\n", MIN, &plain,
		    {"fresh     until ", "(in 4 min 0 s), by Cache-Control: "
		    "max-age=300\n", "next      served as it is, the "
		    "upstream is not asked\n", "if down   served, fresh and "
		    "then stale, until "}},
		{"Cache-Control: max-age=9, s-maxage=300\n", MIN, &plain,
		    {"by Cache-Control: s-maxage=300\n", "if down   served "
		    "while it is fresh, then an error: s-maxage forbids "
		    "stale answers (stale_override = on allows them)\n"}},
		{"CDN-Cache-Control: max-age=300\nCache-Control: no-store\n",
		    MIN, &plain, {"by CDN-Cache-Control: max-age=300\n"}},
		{"Livery-Cache-Control: max-age=300\n", MIN, &plain,
		    {"by Livery-Cache-Control: max-age=300\n"}},
		{"Surrogate-Control: max-age=300\n", MIN, &plain,
		    {"by Surrogate-Control: max-age=300\n"}},
		{"Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 1000, &plain,
		    {"fresh     until ", "by Expires\n"}},
		{"Last-Modified: Tue, 14 Nov 2022 22:14:20 GMT\n", MIN,
		    &plain, {"by guess: a tenth of the time since "
		    "Last-Modified\n"}},
		{"ETag: \"a\"\n", 1000, &ttl_60,
		    {"by the site's default_ttl\n"}},
		{"Cache-Control: max-age=300\nAge: x\n", MIN, &plain,
		    {"stale     since ", "by Age, which is no number: so it "
		    "is taken for old\n"}},
		/* stale, and what is done */
		{"Cache-Control: max-age=60\nETag: \"a\"\n", 2 * MIN, &plain,
		    {"stale     since ", "(60 s ago), by Cache-Control: "
		    "max-age=60\n", "next      the upstream is asked first, "
		    "whether it still holds; this copy steps in if that "
		    "fails\n", "by nothing forbids stale answers, and "
		    "stale_max allows them for so long\n"}},
		{"Cache-Control: max-age=60\n", 2 * MIN, &plain,
		    {"next      the upstream is asked first; this copy steps "
		    "in if that fails\n"}},
		{"Cache-Control: max-age=60, stale-while-revalidate=90\n",
		    2 * MIN, &plain, {"next      served stale at once and "
		    "refreshed behind: stale-while-revalidate, until ",
		    "(in 30 s)\n", "if down   served stale until "}},
		{"Cache-Control: max-age=60, stale-if-error=90\n", 2 * MIN,
		    &plain, {"if down   served stale until ", "(in 30 s), by "
		    "stale-if-error\n"}},
		{"Cache-Control: max-age=60, stale-if-error=9, "
		    "stale-while-revalidate=90\n", 2 * MIN, &plain,
		    {"(in 30 s), by stale-while-revalidate\n"}},
		{"Cache-Control: max-age=60, stale-if-error=30\n", 2 * MIN,
		    &plain, {"next      the upstream is asked first; this "
		    "copy is of no use, since it has neither ETag nor "
		    "Last-Modified\n", "if down   an error: too stale since ",
		    "(30 s ago), by stale-if-error\n"}},
		{"Cache-Control: max-age=60\nETag: \"a\"\n", 3 * MIN,
		    &short_lived, {"next      the upstream is asked first; "
		    "this copy is used only if it says that it still holds\n",
		    "if down   an error: too stale since "}},
		{"Cache-Control: max-age=60, must-revalidate\nETag: \"a\"\n",
		    2 * MIN, &plain, {"if down   an error: must-revalidate "
		    "forbids stale answers"}},
		{"Cache-Control: max-age=60, proxy-revalidate\nETag: \"a\"\n",
		    2 * MIN, &plain, {"if down   an error: proxy-revalidate "
		    "forbids stale answers"}},
		{"Cache-Control: max-age=0, s-maxage=60, must-revalidate\n",
		    2 * MIN, &lenient, {"if down   served stale until ",
		    "by stale_override, for as long as stale_max allows\n"}},
		{"Cache-Control: no-cache\nETag: \"a\"\n", MIN, &plain,
		    {"fresh     never: no-cache wants the upstream asked each "
		    "time\n", "if down   an error: no-cache forbids stale "
		    "answers"}},
		{"Cache-Control: no-cache\nETag: \"a\"\n", MIN, &lenient,
		    {"if down   served stale until "}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct object *object = answer_of(rows[i].lines,
		    rows[i].ago_ms, rows[i].opts);
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		words_state(out, object, rows[i].opts, NOW_MS);
		fclose(out);
		for (size_t j = 0; j < 4 && rows[i].has[j]; j++)
			if (!strstr(text, rows[i].has[j]))
				fail_msg("row %zu: no \"%s\":\n%s", i,
				    rows[i].has[j], text);
		free(text);
		object_unref(&object);
	}
}

/* The words are about what policy_judge() will decide, at each moment. */
static void
the_words_agree_with_the_verdict(void **state)
{
	static const char *const said[] = {"max-age=60", "s-maxage=60",
	    "max-age=60, must-revalidate", "max-age=60, stale-if-error=30",
	    "max-age=60, stale-while-revalidate=30", "no-cache",
	    "max-age=60, stale-if-error=0"};
	static const struct policy_opts *const opts[] = {&plain, &lenient,
	    &short_lived};
	static const int64_t ago[] = {0, MIN - 1, MIN, MIN + 1, MIN + 30000,
	    MIN + 30001, 2 * MIN, 2 * MIN + 1, 8 * DAY + MIN};
	const struct policy_request request = {.is_get = true,
	    .cc = {.max_age = -1, .s_maxage = -1, .max_stale = -1,
	    .min_fresh = -1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(said) * COUNT_OF(opts) *
	    COUNT_OF(ago); i++) {
		const struct policy_opts *how = opts[i % COUNT_OF(opts)];
		int64_t ago_ms = ago[i / COUNT_OF(opts) % COUNT_OF(ago)];
		char lines[80], *text = NULL;
		struct object *object;
		enum use down;
		FILE *out;
		size_t len;

		snprintf(lines, sizeof(lines), "Cache-Control: %s\n",
		    said[i / COUNT_OF(opts) / COUNT_OF(ago)]);
		object = answer_of(lines, ago_ms, how);
		down = policy_judge(&object->fresh, object_ttl_ms(object,
		    NOW_MS), &request, true, how);
		out = open_memstream(&text, &len);
		words_state(out, object, how, NOW_MS);
		fclose(out);
		if ((down == USE_VALIDATED) !=
		    (strstr(text, "if down   an error") != NULL))
			fail_msg("%s%lld ms ago, %d:\n%s", lines,
			    (long long)ago_ms, (int)down, text);
		free(text);
		object_unref(&object);
	}
}

static void
a_soft_purge_is_named(void **state)
{
	struct object *object = answer_of("Cache-Control: max-age=600\n",
	    MIN, &plain);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	atomic_store(&object->expired_ms, NOW_MS - 5000);
	words_state(out, object, &plain, NOW_MS);
	fclose(out);
	assert_non_null(strstr(text, "(5 s ago), by a soft purge\n"));
	free(text);
	object_unref(&object);
}

static void
a_lifetime_of_the_sites_own_is_said(void **state)
{
	struct object *object = answer_of("Cache-Control: max-age=600\n",
	    MIN, &plain);
	char room[WORDS_MAX];

	(void)state;
	object->fresh.lifetime_ms = 550000;
	assert_string_equal(words_lifetime(room, object), "Cache-Control: "
	    "max-age=600, and the site's ttl_header or ttl_jitter");
	object_unref(&object);
}

static void
themes_are_kept_when_all_is_down(void **state)
{
	struct object *object = answer_of("Cache-Control: no-cache\n", MIN,
	    &plain);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	object->kind = KIND_THEME;
	words_state(out, object, &plain, NOW_MS);
	fclose(out);
	assert_non_null(strstr(text, "if down   served: themes"));
	free(text);
	object_unref(&object);
}

static void
a_variant_is_told_by_its_fields(void **state)
{
	static const struct {
		const char *variant, *text;
	} rows[] = {
		{"", ""},
		{"accept-language: de,en\n", "accept-language: de,en"},
		{"accept-language: de\ncookie\n",
		    "accept-language: de; cookie: not sent"},
		{"accept-language: en,de\n=de\n",
		    "accept-language: en,de; or who wants de most"},
		{"foo: \x1b[2J\n", "foo: \\x1b[2J"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct object *object = answer_of("", 0, &plain);
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		object->variant = rows[i].variant;
		words_variant(out, object);
		fclose(out);
		assert_string_equal(text, rows[i].text);
		free(text);
		object_unref(&object);
	}
}

static void
each_reason_not_to_store_is_explained(void **state)
{
	static const char *const reasons[] = {"set-cookie", "no-store",
	    "private", "authorization", "vary *", "status", "method",
	    "request no-store", "must-understand", "no freshness",
	    "no-cache", "stale", "no length", "too big", "cookie basket"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		assert_non_null(words_unstored(reasons[i]));
	assert_null(words_unstored("something else"));
}

static void
the_fields_that_count_are_shown(void **state)
{
	struct object *object = answer_of("Cache-Control: max-age=1\n"
	    "Cache-Control: public\nX-Other: y\nVary: Foo\n", 0, &plain);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	words_said(out, object);
	fclose(out);
	assert_string_equal(text, "  it says   Cache-Control: max-age=1\n"
	    "  it says   Cache-Control: public\n  it says   Vary: Foo\n");
	free(text);
	object_unref(&object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_its_sentences),
		cmocka_unit_test(the_words_agree_with_the_verdict),
		cmocka_unit_test(a_soft_purge_is_named),
		cmocka_unit_test(a_lifetime_of_the_sites_own_is_said),
		cmocka_unit_test(themes_are_kept_when_all_is_down),
		cmocka_unit_test(a_variant_is_told_by_its_fields),
		cmocka_unit_test(each_reason_not_to_store_is_explained),
		cmocka_unit_test(the_fields_that_count_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
