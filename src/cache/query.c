/* cache/query.c - parameters dropped and sorted (contract: cache/query.h) */
#include "cache/query.h"

#include <string.h>

static size_t
name_len(const struct slice *param)
{
	const char *equals = memchr(param->from, '=', param->len);

	return equals ? (size_t)(equals - param->from) : param->len;
}

/* Names are compared as they are written: "utm%5Fsource" is no utm_source
 * here, and counts. */
static bool
is_named(struct slice param, const char *pattern)
{
	size_t len = name_len(&param), fixed = strlen(pattern);

	if (fixed && pattern[fixed - 1] == '*')
		return len >= fixed - 1 &&
		       memcmp(param.from, pattern, fixed - 1) == 0;
	return len == fixed && memcmp(param.from, pattern, fixed) == 0;
}

static bool
is_ignored(const struct query_rules *rules, struct slice param)
{
	const char *const *name = rules->ignore;

	for (; name && *name; name++)
		if (is_named(param, *name))
			return true;
	return false;
}

/* How many count; -1: too many. */
static int
collect(
    const struct query_rules *rules, struct slice *params, struct slice query)
{
	const char *at = query.from, *end = at + query.len, *amp;
	int n = 0;

	for (; at <= end; at = amp + 1) {
		struct slice param;

		amp = memchr(at, '&', (size_t)(end - at));
		if (!amp)
			amp = end;
		param = (struct slice){at, (size_t)(amp - at)};
		if (is_ignored(rules, param))
			continue;
		if (n == QUERY_PARAMS_MAX)
			return -1;
		params[n++] = param;
	}
	return n;
}

static int
compare(const struct slice *x, const struct slice *y)
{
	size_t a = name_len(x), b = name_len(y);
	int order = memcmp(x->from, y->from, a < b ? a : b);

	return order ? order : (a > b) - (a < b);
}

/* By name alone, and those of one name stay as they are: which of two an
 * upstream believes is its own affair. By insertion, which does that, and
 * there are few. */
static void
sort(struct slice *params, int n)
{
	for (int i = 1; i < n; i++) {
		struct slice param = params[i];
		int at = i;

		for (; at > 0 && compare(&params[at - 1], &param) > 0; at--)
			params[at] = params[at - 1];
		params[at] = param;
	}
}

struct slice
query_normal(
    const struct query_rules *rules, char room[KEY_MAX], struct slice target)
{
	const char *mark = memchr(target.from, '?', target.len);
	struct slice params[QUERY_PARAMS_MAX], query;
	size_t len;
	int n;

	if (!mark || target.len >= KEY_MAX)
		return target;
	query.from = mark + 1;
	query.len = (size_t)(target.from + target.len - query.from);
	n = collect(rules, params, query);
	if (n < 0)
		return target;
	if (rules->sort)
		sort(params, n);
	len = (size_t)(mark - target.from);
	memcpy(room, target.from, len);
	for (int i = 0; i < n; i++) {
		room[len++] = i == 0 ? '?' : '&';
		memcpy(room + len, params[i].from, params[i].len);
		len += params[i].len;
	}
	return (struct slice){room, len};
}
