/* tests/unit/test_page_purge_words.c - what requests to purge ask for */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/must.h"
#include "page/purge_site.h"

static void
addresses_of_zopes_proxies_are_those_of_the_public(void **state)
{
	static const struct {
		const char *target, *host, *path; /* host NULL: it is none */
	} cases[] = {
		{"/VirtualHostBase/http/www.example.org:80/Plone/"
		 "VirtualHostRoot/a/b?x=1", "www.example.org", "/a/b?x=1"},
		{"/VirtualHostBase/https/WWW.example.org/Plone/x/"
		 "VirtualHostRoot/_vh_a/_vh_b/c", "www.example.org", "/a/b/c"},
		{"/VirtualHostBase/http/[::1]:8080/VirtualHostRoot/c", "[::1]",
		    "/c"},
		{"/VirtualHostBase/http/h/P/VirtualHostRoot", "h", "/"},
		{"/VirtualHostBase/http/h/P/VirtualHostRoot/", "h", "/"},
		{"/VirtualHostBase/http/h/P/VirtualHostRoot?x", "h", "/?x"},
		{"/VirtualHostBase/http/h/P/VirtualHostRoot/_vh_a", "h", "/a"},
		{"/VirtualHostBase/http/h/P/VirtualHostRoot/a/_vh_b", "h",
		    "/a/_vh_b"},
		{"/VirtualHostBase/http/h/P/VirtualHostRoots/a", NULL, NULL},
		{"/VirtualHostBase/http/h/P", NULL, NULL},
		{"/VirtualHostBase/http", NULL, NULL},
		{"/VirtualHostBase//", NULL, NULL},
		{"/VirtualHostBase/http//VirtualHostRoot/a", NULL, NULL},
		{"/a/VirtualHostBase/http/h/VirtualHostRoot/a", NULL, NULL},
	};
	struct arena *arena = arena_new(1024);
	const char *host, *path;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool is = purge_virtual_host(cases[i].target, &host, &path,
		    arena);

		if (is != (cases[i].host != NULL))
			fail_msg("%s", cases[i].target);
		if (!is)
			continue;
		assert_string_equal(host, cases[i].host);
		assert_string_equal(path, cases[i].path);
	}
	arena_free(&arena);
}

/* "KIND KEY" of each word, "~" in front when it is soft; or the status. */
static void
check(const char *method, const char *target, const char *const *fields,
    const char *wanted)
{
	struct arena *arena = arena_new(1024);
	struct routes *routes = routes_new();
	struct purge_words words;
	struct request request = {.method = method, .target = target,
	    .target_len = strlen(target), .host = "127.0.0.1",
	    .host_len = 9};
	char got[512] = "";
	struct head head;
	const char *why = NULL;
	int status;

	head_init(&head, arena);
	for (; *fields; fields += 2)
		head_add(&head, fields[0], fields[1]);
	request.fields = &head;
	status = purge_words_read(&words, &request, routes, false, arena,
	    &why);
	if (status)
		snprintf(got, sizeof(got), "%d", status);
	assert_true((status == 0) == (why == NULL));
	for (unsigned i = 0; !status && i < words.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s%s%s %s", i ? "; " : "",
		    words.words[i].soft ? "~" : "",
		    meaning_kind(words.words[i].meaning),
		    meaning_key(words.words[i].meaning));
	if (words.dry)
		strcat(got, " dry");
	purge_words_fini(&words);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s %s: %s, not %s", method, target, got, wanted);
	routes_unref(&routes);
	arena_free(&arena);
}

#define FIELDS(...) (const char *const[]){__VA_ARGS__}

static void
requests_ask_for_what_they_say(void **state)
{
	(void)state;
	check("PURGE", "/a", FIELDS(NULL), "path  /a");
	check("PURGE", "/a", FIELDS("X-Purge-Method", "exact", NULL), "path  /a");
	check("PURGE", "/a", FIELDS("X-Purge-Method", "other", NULL), "400");
	check("PURGE", "/a.*", FIELDS("X-Purge-Method", "Regex", NULL),
	    "match url /a.*");
	check("PURGE", "/(a", FIELDS("X-Purge-Method", "regex", NULL), "400");
	check("PURGE", "/.*", FIELDS("X-Purge-Method", "regex", NULL), "all ");
	check("PURGE", "/@@purgebyid/u1", FIELDS(NULL), "tags u1");
	check("PURGE", "/Plone/@@purgebyid/u1/?x", FIELDS(NULL), "tags u1");
	check("PURGE", "/a", FIELDS("xkey", "k1, k2", NULL), "tags k1 k2");
	check("PURGE", "/a", FIELDS("Surrogate-Key", "k", NULL), "tags k");
	check("PURGE", "/a", FIELDS("xkey", " ", NULL), "400");
	check("PURGE", "/a", FIELDS("X-Purge-Soft", "1", NULL), "~path  /a");
	check("PURGE", "/a", FIELDS("Fastly-Soft-Purge", "1", NULL), "~path  /a");
	check("PURGE", "/a", FIELDS("X-Purge-Soft", "0", NULL), "path  /a");
	check("PURGE", "/a", FIELDS("X-Purge-Dry-Run", "1", NULL), "path  /a dry");
	check("BAN", "/a", FIELDS(NULL), "match url /a");
	check("BAN", "/", FIELDS("X-Url", "^/b", "X-Host", "h$", NULL),
	    "match host h$\nurl ^/b\n");
	check("BAN", "/", FIELDS("X-Url", ".*", "X-Host", ".*", NULL), "all ");
	check("BAN", "/", FIELDS("X-Cache-Tags", "[[", NULL), "400");
	check("PURGEKEYS", "/", FIELDS(NULL), "400");
	check("PURGEKEYS", "/", FIELDS("xkey-purge", "", NULL), "400");
	check("PURGEKEYS", "/", FIELDS("xkey-purge", "a b",
	    "xkey-softpurge", "c", NULL), "tags a b; ~tags c");
}

/* One word by who may purge site a only: what is left of it, or the status. */
static void
check_narrow(const char *kind, const char *key, const char *wanted)
{
	static const char *const hosts[] = {"a.example", NULL};
	const struct site site = {.opts = {.name = "a", .hosts = hosts}};
	struct arena *arena = arena_new(1024);
	struct purge_word word = {NULL, true};
	struct purge_words words = {&word, 1, false};
	const char *why = NULL;
	char got[512];
	struct err err;
	int status;

	if (meaning_new(&word.meaning, kind, key, &err) != 0)
		fail_msg("%s", err.text);
	status = purge_narrow(&words, &site, arena, &why);
	assert_int_equal(words.count, status == 403 ? 0 : 1);
	assert_true((status == 0) == (why == NULL));
	if (status)
		snprintf(got, sizeof(got), "%d", status);
	else
		snprintf(got, sizeof(got), "%s%s %s", word.soft ? "~" : "",
		    meaning_kind(word.meaning), meaning_key(word.meaning));
	purge_words_fini(&words);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s %s: %s, not %s", kind, key, got, wanted);
	arena_free(&arena);
}

static void
who_may_purge_one_site_means_that_one(void **state)
{
	char *tags;

	(void)state;
	check_narrow("path", " /x", "~path a /x");
	check_narrow("path", "a /x?y z", "~path a /x?y z");
	check_narrow("path", "b /x", "403");
	check_narrow("at", "a.example /x", "~path a /x");
	check_narrow("at", "b.example /x", "403");
	check_narrow("all", "", "~all a");
	check_narrow("all", "a", "~all a");
	check_narrow("all", "b", "403");
	check_narrow("match", "url ^/x", "~match site a\nurl ^/x");
	check_narrow("match", "host .\ntags x\n", "~match site a\nhost .\n"
	    "tags x\n");
	check_narrow("match", "site a\nurl x", "~match site a\nurl x");
	check_narrow("match", "site b\nurl x", "403");
	check_narrow("tags", "t", "~match site a\ntags (?:^|,)(?:t)(?:,|$)");
	check_narrow("tags", "t.1 (|) \\E x\xc3\xb6", "~match site a\n"
	    "tags (?:^|,)(?:t\\.1|\\(\\|\\)|\\\\E|x\xc3\xb6)(?:,|$)");
	/* twice as long, each byte behind a backslash: too long */
	tags = mem_new(MEANING_KEY_MAX);
	memset(tags, '.', MEANING_KEY_MAX - 1);
	check_narrow("tags", tags, "400");
	mem_free(&tags);
}

static void
a_narrowed_tag_is_that_tag_and_no_other(void **state)
{
	static const struct site site = {.opts = {.name = "a"}};
	static const struct {
		const char *site, *tags;
		bool holds;
	} rows[] = {
		{"a", "x.y", true}, {"a", "n x.y m", true},
		{"a", "xzy", false}, {"a", "x.yz", false},
		{"a", "n,x", false}, {"a", "", false}, {"a", "q", true},
		{"b", "x.y", false},
	};
	struct arena *arena = arena_new(1024);
	struct purge_word word = {NULL, false};
	struct purge_words words = {&word, 1, false};
	const char *why;
	struct err err;

	(void)state;
	assert_int_equal(meaning_new(&word.meaning, "tags", "x.y q", &err), 0);
	assert_int_equal(purge_narrow(&words, &site, arena, &why), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct purgeable what = {.key = "p a http://h/",
		    .site = rows[i].site, .url = "http://h/",
		    .tags = rows[i].tags, .type = ""};

		if (meaning_holds(word.meaning, &what) != rows[i].holds)
			fail_msg("%s '%s'", rows[i].site, rows[i].tags);
	}
	purge_words_fini(&words);
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_may_purge_one_site_means_that_one),
	    cmocka_unit_test(a_narrowed_tag_is_that_tag_and_no_other),
	    cmocka_unit_test(
		addresses_of_zopes_proxies_are_those_of_the_public),
	    cmocka_unit_test(requests_ask_for_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
