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

static int
new_with(struct regex **out, const char *pattern, uint32_t options,
    struct err *err)
{
	struct regex *regex;
	PCRE2_SIZE at;
	PCRE2_UCHAR words[128];
	int rc;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern,
	    PCRE2_ZERO_TERMINATED,
	    PCRE2_NEVER_BACKSLASH_C | options, &rc, &at, NULL);

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

int
regex_new(struct regex **out, const char *pattern, bool ignore_case,
    struct err *err)
{
	return new_with(
	    out, pattern, ignore_case ? PCRE2_CASELESS : 0, err);
}

int
regex_new_utf8(struct regex **out, const char *pattern, bool ignore_case,
    struct err *err)
{
	return new_with(out, pattern,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_AUTO_CALLOUT |
		(ignore_case ? PCRE2_CASELESS : 0),
	    err);
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

/* What one search may cost. */
struct search {
	size_t steps;
	PCRE2_SIZE at; /* where the last item was tried */
};

/* PCRE2 calls this before each item of a pattern. How far it has come since
 * tells what the item cost that was tried before; a group that is referred to
 * is compared byte by byte. */
static int
on_item(pcre2_callout_block *block, void *arg)
{
	enum { BYTES_A_STEP = 16 };
	struct search *search = arg;
	size_t at = block->current_position;
	size_t cost = at > search->at ? at - search->at : search->at - at;

	for (uint32_t i = 1; i < block->capture_top; i++)
		if (block->offset_vector[2 * i] != PCRE2_UNSET)
			cost += block->offset_vector[2 * i + 1] -
				block->offset_vector[2 * i];
	/* each group is looked at here, and copied by PCRE2 */
	cost = 1 + (cost + block->capture_top) / BYTES_A_STEP;
	search->at = at;
	if (cost >= search->steps) {
		search->steps = 0;
		return PCRE2_ERROR_MATCHLIMIT;
	}
	search->steps -= cost;
	return 0;
}

static int
match(const struct regex *regex, const char *text, size_t len, size_t from,
    pcre2_match_data *data, size_t *steps)
{
	pcre2_match_context *limits;
	struct search search = {0, from};
	uint32_t options = from > 0 ? PCRE2_NO_UTF_CHECK : 0;
	int count;

	if (!steps)
		return pcre2_match(regex->code, (PCRE2_SPTR)text, len, from,
		    options, data, regex->limits);
	limits = pcre2_match_context_copy(regex->limits);
	must(limits);
	search.steps = *steps;
	pcre2_set_callout(limits, on_item, &search);
	count = pcre2_match(regex->code, (PCRE2_SPTR)text, len, from, options,
	    data, limits);
	pcre2_match_context_free(limits);
	*steps = search.steps;
	return count;
}

int
regex_find(const struct regex *regex, const char *text, size_t len,
    size_t from, struct regex_span *spans, int max, size_t *steps)
{
	pcre2_match_data *data =
	    pcre2_match_data_create_from_pattern(regex->code, NULL);
	const PCRE2_SIZE *ends;
	int count;

	must(data);
	count = match(regex, text, len, from, data, steps);
	ends = pcre2_get_ovector_pointer(data);
	if (count > max)
		count = max;
	for (int i = 0; i < count; i++) {
		spans[i].from = ends[2 * i];
		spans[i].to = ends[2 * i + 1];
	}
	pcre2_match_data_free(data);
	if (count == PCRE2_ERROR_NOMATCH)
		return 0;
	return count < 0 ? -1 : count;
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
