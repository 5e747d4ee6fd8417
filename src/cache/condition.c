/* cache/condition.c - does the client's own copy still hold (RFC 9110 13) */
#include "cache/policy.h"

#include <string.h>

#include "http/date.h"
#include "http/etag.h"

static bool
is_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.from, b.from, a.len) == 0;
}

/* Is etag in the list, or one that it has in a coding? Weak comparison (RFC 9110
 * 8.8.3.2) looks at the quoted part alone. A list that is broken somewhere holds
 * what came before. */
static bool
list_has_etag(const char *list, const char *etag, enum packing *as)
{
	struct slice ours, theirs;
	bool is_strong = etag && *etag == '"';

	if (!etag || !etag_read(&etag, &ours))
		return false;
	for (;;) {
		list += strspn(list, " \t,");
		if (!*list || !etag_read(&list, &theirs))
			return false;
		if (is_same(ours, theirs)) {
			if (as && is_strong)
				*as = PACKING_NONE;
			return true;
		}
		if (as && is_strong && etag_is_packed(ours, theirs, as))
			return true;
	}
}

static bool
read_seconds(int64_t *out, const char *text, int64_t now_s)
{
	return text && date_parse(out, text, strlen(text), now_s) == 0;
}

bool
policy_not_modified_as(const char *if_none_match,
    const char *if_modified_since, const char *etag,
    const char *last_modified, int64_t now_s, enum packing *as)
{
	int64_t since, changed;

	if (if_none_match) {
		if_none_match += strspn(if_none_match, " \t");
		/* any answer that there is matches "*" */
		if (if_none_match[0] == '*' &&
		    if_none_match[1 + strspn(if_none_match + 1, " \t")] ==
		    '\0')
			return true;
		return list_has_etag(if_none_match, etag, as);
	}
	return read_seconds(&since, if_modified_since, now_s) &&
	    read_seconds(&changed, last_modified, now_s) && changed <= since;
}

bool
policy_not_modified(const char *if_none_match, const char *if_modified_since,
    const char *etag, const char *last_modified, int64_t now_s)
{
	return policy_not_modified_as(if_none_match, if_modified_since, etag,
	    last_modified, now_s, NULL);
}
