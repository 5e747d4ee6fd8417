/* theme/matcher.c - the words before a pattern, and what each of them tests
 * (contract: theme/matcher.h) */
#include "theme/matcher.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/regex.h"

#define BLANKS " \t\r\n\f\v"

struct matcher {
	enum matcher_kind kind;
	bool ignore_case;
	bool negate;
	const char *pattern;
	size_t len; /* of the pattern */
	struct regex *regex;
};

/* Whether the word is one of a list with a blank behind each. */
static bool
is_listed(const char *list, const char *word, size_t len)
{
	for (; *list; list += strcspn(list, " ") + 1)
		if (strcspn(list, " ") == len &&
		    strncasecmp(list, word, len) == 0)
			return true;
	return false;
}

int
matcher_boolean(const char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strcspn(text, BLANKS);
	if (text[len + strspn(text + len, BLANKS)] != '\0')
		return -1;
	if (is_listed("true yes on y t 1 ", text, len))
		return 1;
	return is_listed("false no off n f 0 ", text, len) ? 0 : -1;
}

/* ---- reading ---- */

static const struct word {
	const char *name;
	enum matcher_kind kind;
	bool ignore_case;
} words[] = {
    {"exact", MATCHER_EXACT, false},
    {"exact-insensitive", MATCHER_EXACT, true},
    {"wildcard", MATCHER_WILDCARD, false},
    {"wildcard-insensitive", MATCHER_WILDCARD, true},
    {"regex", MATCHER_REGEX, false},
    {"path", MATCHER_PATH, false},
    {"subpath", MATCHER_SUBPATH, false},
    {"contains", MATCHER_CONTAINS, false},
    {"contains-insensitive", MATCHER_CONTAINS, true},
    {"boolean", MATCHER_BOOLEAN, false},
};

/* The length of the word before a colon, 0: there is none. */
static size_t
word_length(const char *text)
{
	size_t len = 0;

	if (!isalpha((unsigned char)*text))
		return 0;
	while (isalnum((unsigned char)text[len]) || text[len] == '-' ||
	       text[len] == '_')
		len++;
	return text[len] == ':' ? len : 0;
}

static const struct word *
word_find(const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i].name) == len &&
		    strncasecmp(words[i].name, text, len) == 0)
			return &words[i];
	return NULL;
}

/* Take the words off the front. */
static int
read_words(struct matcher *matcher, const char **pattern, struct err *err)
{
	const char *at = *pattern;
	const struct word *word;
	size_t len;

	while ((len = word_length(at)) == 3 && strncasecmp(at, "not", 3) == 0) {
		matcher->negate = !matcher->negate;
		matcher->kind = MATCHER_EXACT;
		matcher->ignore_case = false;
		at += len + 1;
		at += strspn(at, BLANKS);
	}
	if (len > 0) {
		word = word_find(at, len);
		if (!word)
			return err_set(err,
			    "\"%.*s:\" is no kind of match; there are exact:, "
			    "wildcard:, regex:, path:, subpath:, contains:, "
			    "boolean:, not: (for the text itself: exact:%s)",
			    (int)len, at, at);
		matcher->kind = word->kind;
		matcher->ignore_case = word->ignore_case;
		at += len + 1;
		at += strspn(at, BLANKS);
	}
	*pattern = at;
	return 0;
}

static void
release_regex(void *regex)
{
	struct regex *mine = regex;

	regex_free(&mine);
}

/* The line feed ends a comment of the (?x) kind, in which alone the pattern
 * could swallow the bracket; elsewhere it would be part of the pattern. */
static int
read_regex(struct matcher *matcher, struct arena *arena, struct err *err)
{
	const char *flags = matcher->pattern;
	bool extended = strncmp(flags, "(?", 2) == 0 &&
			memchr(flags, 'x', strspn(flags, "(?aiLmsux"));
	char *anchored = arena_printf(
	    arena, "\\A(?:%s%s)", matcher->pattern, extended ? "\n" : "");

	/* What is said of a mistake is said of the pattern as it stands. */
	if (regex_new(&matcher->regex, matcher->pattern, false, err) != 0)
		return -1;
	regex_free(&matcher->regex);
	if (regex_new(&matcher->regex, anchored, false, err) != 0)
		return -1;
	arena_keep(arena, release_regex, matcher->regex);
	return 0;
}

static int
read_boolean(struct matcher *matcher, struct err *err)
{
	const char *pattern = matcher->pattern;
	int yes = matcher_boolean(pattern);

	if (strcasecmp(pattern, "not") == 0)
		yes = 0;
	else if (*pattern == '\0')
		yes = 1;
	if (yes < 0)
		return err_set(err,
		    "boolean:%s: should be boolean:true or boolean:false",
		    pattern);
	matcher->negate ^= yes == 0;
	return 0;
}

int
matcher_read(const struct matcher **out, struct arena *arena,
    const char *pattern, enum matcher_kind kind, bool ignore_case,
    struct err *err)
{
	struct matcher *matcher = arena_get(arena, sizeof(*matcher));

	matcher->kind = kind;
	matcher->ignore_case = ignore_case;
	pattern += strspn(pattern, BLANKS);
	if (read_words(matcher, &pattern, err) != 0)
		return -1;
	matcher->pattern = arena_strdup(arena, pattern);
	matcher->len = strlen(pattern);
	if (matcher->kind == MATCHER_REGEX &&
	    read_regex(matcher, arena, err) != 0)
		return -1;
	if (matcher->kind == MATCHER_BOOLEAN && read_boolean(matcher, err) != 0)
		return -1;
	if (matcher->kind == MATCHER_PATH || matcher->kind == MATCHER_SUBPATH)
		while (matcher->len > 0 && pattern[matcher->len - 1] == '/')
			matcher->len--;
	*out = matcher;
	return 0;
}

/* ---- testing ---- */

static int
lower(char c, bool ignore_case)
{
	return ignore_case ? tolower((unsigned char)c) : (unsigned char)c;
}

/* The "]" of a set that begins behind "[", or NULL. */
static const char *
set_end(const char *set)
{
	if (*set == '!')
		set++;
	return *set ? strchr(set + 1, ']') : NULL;
}

static bool
set_has(const char *set, const char *end, char c, bool ignore_case)
{
	bool negate = *set == '!', has = false;
	int is = lower(c, ignore_case);

	for (set += negate; set < end; set++) {
		int from = lower(*set, ignore_case), to = from;

		if (set[1] == '-' && set + 2 < end) {
			to = lower(set[2], ignore_case);
			set += 2;
		}
		has |= from <= is && is <= to;
	}
	return has != negate;
}

/* Whether the pattern's next part takes this one byte; its length. */
static size_t
glob_step(const char *pattern, char c, bool ignore_case)
{
	const char *end;

	if (*pattern == '?')
		return 1;
	if (*pattern == '[' && (end = set_end(pattern + 1)) != NULL)
		return set_has(pattern + 1, end, c, ignore_case)
			   ? (size_t)(end - pattern) + 1
			   : 0;
	return *pattern &&
	       lower(*pattern, ignore_case) == lower(c, ignore_case);
}

bool
matcher_glob(const char *pattern, const char *text, bool ignore_case)
{
	const char *star = NULL, *retry = NULL;

	/* On a mismatch only the last star needs to take one byte more. */
	while (*text) {
		size_t step = 0;

		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
			continue;
		}
		step = glob_step(pattern, *text, ignore_case);
		if (step > 0) {
			pattern += step;
			text++;
		} else if (star) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static bool
is_same(const struct matcher *matcher, const char *text)
{
	return (matcher->ignore_case ? strcasecmp : strcmp)(
		   matcher->pattern, text) == 0;
}

static bool
is_below(const struct matcher *matcher, const char *text)
{
	return strncmp(text, matcher->pattern, matcher->len) == 0 &&
	       text[matcher->len] == '/';
}

static bool
fits(const struct matcher *matcher, const char *text)
{
	switch (matcher->kind) {
	case MATCHER_EXACT:
		return is_same(matcher, text);
	case MATCHER_WILDCARD:
		return matcher_glob(
		    matcher->pattern, text, matcher->ignore_case);
	case MATCHER_REGEX:
		return regex_matches(matcher->regex, text, strlen(text));
	case MATCHER_PATH:
		return matcher->len == 0 || is_below(matcher, text) ||
		       (strlen(text) == matcher->len &&
			   memcmp(text, matcher->pattern, matcher->len) == 0);
	case MATCHER_SUBPATH:
		return is_below(matcher, text) && text[matcher->len + 1];
	case MATCHER_CONTAINS:
		return (matcher->ignore_case ? strcasestr : strstr)(
		    text, matcher->pattern);
	case MATCHER_BOOLEAN:
		return matcher_boolean(text) > 0;
	}
	must(!"a matcher of no kind");
	return false;
}

bool
matcher_fits(const struct matcher *matcher, const char *text)
{
	return fits(matcher, text) != matcher->negate;
}

size_t
matcher_prefix(const struct matcher *matcher)
{
	size_t len = matcher->len;

	if (matcher->negate || matcher->ignore_case)
		return 0;
	if (matcher->kind == MATCHER_PATH || matcher->kind == MATCHER_SUBPATH)
		return len;
	if (matcher->kind != MATCHER_EXACT)
		return 0;
	while (len > 0 && matcher->pattern[len - 1] == '/')
		len--;
	return len;
}
