/* cache/condition.c - does the client's own copy still hold (RFC 9110 13) */
#include "cache/policy.h"

#include <string.h>

#include "http/date.h"

/* Read one entity-tag at *at, without its W/: weak comparison (RFC 9110
 * 8.8.3.2) looks at the quoted part alone. False: none stands there. */
static bool
read_etag(const char **at, struct slice *tag)
{
	const char *from = *at, *end;

	if (strncmp(from, "W/", 2) == 0)
		from += 2;
	if (*from != '"')
		return false;
	end = strchr(from + 1, '"');
	if (!end)
		return false;
	tag->from = from;
	tag->len = (size_t)(end + 1 - from);
	*at = end + 1;
	return true;
}

static bool
is_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.from, b.from, a.len) == 0;
}

/* Is etag in the list? A list that is broken somewhere holds what came
 * before. */
static bool
list_has_etag(const char *list, const char *etag)
{
	struct slice ours, theirs;

	if (!etag || !read_etag(&etag, &ours))
		return false;
	for (;;) {
		list += strspn(list, " \t,");
		if (!*list || !read_etag(&list, &theirs))
			return false;
		if (is_same(ours, theirs))
			return true;
	}
}

static bool
read_seconds(int64_t *out, const char *text, int64_t now_s)
{
	return text && date_parse(out, text, strlen(text), now_s) == 0;
}

bool
policy_not_modified(const char *if_none_match, const char *if_modified_since,
    const char *etag, const char *last_modified, int64_t now_s)
{
	int64_t since, changed;

	if (if_none_match) {
		if_none_match += strspn(if_none_match, " \t");
		/* any answer that there is matches "*" */
		if (if_none_match[0] == '*' &&
		    if_none_match[1 + strspn(if_none_match + 1, " \t")] ==
		    '\0')
			return true;
		return list_has_etag(if_none_match, etag);
	}
	return read_seconds(&since, if_modified_since, now_s) &&
	    read_seconds(&changed, last_modified, now_s) && changed <= since;
}
