/* base/regex.c - the only place that sees PCRE2 */
#include "base/regex.h"

#include <ctype.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/mem.h"

/* What a match may cost in steps, and in memory for what it might have to go
 * back to. (PCRE2's limit on depth is no use here: an honest "(a|b)+" goes as
 * deep as its text is long.) */
enum { MATCH_LIMIT = 100000, HEAP_LIMIT_KIB = 16 << 10 };

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
};

int
regex_new(struct regex **out, const char *pattern, bool ignore_case,
    struct err *err)
{
	struct regex *regex;
	PCRE2_SIZE at;
	PCRE2_UCHAR words[128];
	int rc;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern,
	    PCRE2_ZERO_TERMINATED,
	    PCRE2_NEVER_BACKSLASH_C | (ignore_case ? PCRE2_CASELESS : 0), &rc,
	    &at, NULL);

	if (!code) {
		pcre2_get_error_message(rc, words, sizeof(words));
		return err_set(err, "regex '%s', at byte %zu: %s", pattern,
		    (size_t)at + 1, (char *)words);
	}
	regex = mem_new(sizeof(*regex));
	regex->code = code;
	regex->limits = pcre2_match_context_create(NULL);
	must(regex->limits);
	pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
	*out = regex;
	return 0;
}

void
regex_free(struct regex **regex)
{
	if (!*regex)
		return;
	pcre2_match_context_free((*regex)->limits);
	pcre2_code_free((*regex)->code);
	mem_free(regex);
}

bool
regex_matches(const struct regex *regex, const char *text, size_t len)
{
	pcre2_match_data *data =
	    pcre2_match_data_create_from_pattern(regex->code, NULL);
	int rc;

	must(data);
	rc = pcre2_match(regex->code, (PCRE2_SPTR)text, len, 0, 0, data,
	    regex->limits);
	pcre2_match_data_free(data);
	return rc >= 0;
}

static bool
same(char a, char b, bool ignore_case)
{
	return a == b ||
	    (ignore_case &&
		tolower((unsigned char)a) == tolower((unsigned char)b));
}

bool
glob_matches(const char *pattern, const char *text, bool ignore_case)
{
	const char *star = NULL, *retry = NULL;

	/* On a mismatch only the last star needs to take one byte more. */
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == '?' ||
		    (*pattern && same(*pattern, *text, ignore_case))) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
