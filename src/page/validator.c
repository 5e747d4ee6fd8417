/* page/validator.c - tags of dressed pages (contract: page/validator.h) */
#include "page/validator.h"

#include <string.h>

#include "base/counter.h"
#include "cache/hash.h"

enum { VERSION_SHOWN = 16, SUM_SHOWN = 16 };

/* What a strong tag and a weak one have before the version. */
static const char marks[2] = {'-', '~'};

/* ---- out ---- */

const char *
validator_version(struct arena *arena, const char *version, const char *wearing)
{
	return arena_printf(arena, "%.*s%s", VERSION_SHOWN, version, wearing);
}

/* What stands in the quotes of the one tag that a text is. */
static bool
read_tag(struct slice *inside, bool *is_weak, const char *text)
{
	size_t len;

	if (!text)
		return false;
	*is_weak = strncmp(text, "W/", 2) == 0;
	text += *is_weak ? 2 : 0;
	len = strlen(text);
	if (len < 2 || text[0] != '"' ||
	    strchr(text + 1, '"') != text + len - 1)
		return false;
	*inside = (struct slice){text + 1, len - 2};
	return true;
}

const char *
validator_dressed(struct arena *arena, const char *etag, const char *version,
    const char *mark)
{
	struct slice inside;
	bool is_weak;

	if (!read_tag(&inside, &is_weak, etag))
		return NULL;
	return arena_printf(arena, "W/\"%.*s%c%s%s\"", (int)inside.len,
	    inside.from, marks[is_weak], version, mark);
}

static const char *
sum_text(struct arena *arena, const char *format, const char *bytes, size_t len)
{
	char hex[2 * SUM_LEN + 1];
	struct sum sum = sum_of(bytes, len);

	sum_hex(hex, &sum);
	hex[SUM_SHOWN] = '\0';
	return arena_printf(
	    arena, "%s%s%s", format, hex, *format == 'W' ? "\"" : "");
}

const char *
validator_of_bytes(struct arena *arena, const char *bytes, size_t len)
{
	return sum_text(arena, "W/\"", bytes, len);
}

const char *
validator_mark(struct arena *arena, const char *bytes, size_t len)
{
	return sum_text(arena, "-", bytes, len);
}

/* ---- and back ---- */

/* The next member of a list of tags, quotes and W/ included. */
static bool
next_tag(const char **rest, struct slice *tag)
{
	const char *at = *rest, *end;

	at += strspn(at, " \t,");
	tag->from = at;
	if (strncmp(at, "W/", 2) == 0)
		at += 2;
	if (*at != '"' || !(end = strchr(at + 1, '"')))
		return false;
	*rest = end + 1;
	tag->len = (size_t)(end + 1 - tag->from);
	return true;
}

/* W/"x-VERSION" to "x". */
static bool
lead_back(
    struct slice *inside, bool *was_weak, struct slice tag, const char *version)
{
	size_t len = strlen(version);

	if (tag.len < 4 + len + 1 || memcmp(tag.from, "W/\"", 3) != 0)
		return false;
	*inside = (struct slice){tag.from + 3, tag.len - 4};
	if (memcmp(inside->from + inside->len - len, version, len) != 0)
		return false;
	inside->len -= len + 1;
	*was_weak = inside->from[inside->len] == marks[true];
	return *was_weak || inside->from[inside->len] == marks[false];
}

const char *
validator_asked(struct arena *arena, const char *if_none_match,
    const char *version, unsigned *mapped)
{
	const char *all = "", *rest = if_none_match;
	struct slice tag, inside;
	bool was_weak;

	*mapped = 0;
	while (next_tag(&rest, &tag)) {
		const char *comma = *all ? ", " : "";

		if (lead_back(&inside, &was_weak, tag, version)) {
			(*mapped)++;
			all = arena_printf(arena, "%s%s%s\"%.*s\"", all, comma,
			    was_weak ? "W/" : "", (int)inside.len, inside.from);
		} else {
			all = arena_printf(arena, "%s%s%.*s", all, comma,
			    (int)tag.len, tag.from);
		}
	}
	return *mapped ? all : if_none_match;
}

static bool
begins_with(struct slice text, struct slice start)
{
	return text.len >= start.len &&
	       memcmp(text.from, start.from, start.len) == 0;
}

static bool
is_coding(struct slice text)
{
	static const char *const ends[] = {
	    "-gzip", "--gzip", ";gzip", "-br", "-zstd", "-deflate"};

	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (slice_is(text, ends[i]))
			return true;
	return false;
}

static bool
is_longer_by_a_coding(struct slice text, struct slice start)
{
	if (!begins_with(text, start))
		return false;
	text.from += start.len;
	text.len -= start.len;
	return text.len == 0 || is_coding(text);
}

bool
validator_confirms(const char *stored, const char *said)
{
	struct slice theirs, ours;
	bool is_weak;

	if (!said || !stored)
		return true;
	if (!read_tag(&theirs, &is_weak, said) ||
	    !read_tag(&ours, &is_weak, stored))
		return strcmp(stored, said) == 0;
	return is_longer_by_a_coding(theirs, ours) ||
	       is_longer_by_a_coding(ours, theirs);
}

/* ---- a client's own condition ---- */

/* The version that this page is dressed with, if that and the upstream's bytes
 * are all that goes into it. */
static const char *
version_of(struct page *page, struct arena *arena)
{
	const struct request *request = &page->request;

	if (!page->site->skin || request->is_script || request->livery_off ||
	    request->livery_debug || page->part)
		return NULL;
	if (!page->theme)
		skin_look(page->site->skin, &page->theme);
	if (!page->theme || params_vary(page))
		return NULL;
	return validator_version(
	    arena, theme_version(page->theme), page->site->wearing);
}

const char *
validator_ask(struct errand *errand, struct page *page)
{
	const char *theirs =
	    head_joined(&errand->fields, "If-None-Match", errand->arena);
	const char *version, *ours;
	unsigned mapped;

	if (!theirs || (!page->request.is_get && !page->request.is_head))
		return NULL;
	version = version_of(page, errand->arena);
	if (!version)
		return NULL;
	ours = validator_asked(errand->arena, theirs, version, &mapped);
	if (mapped == 0)
		return NULL;
	head_set(&errand->fields, "If-None-Match", ours);
	return version;
}

/* The only tag of a list, or NULL. */
static const char *
only_tag(struct arena *arena, const char *list)
{
	struct slice tag, other;

	if (!next_tag(&list, &tag) || next_tag(&list, &other))
		return NULL;
	return arena_strndup(arena, tag.from, tag.len);
}

void
validator_answer(const struct errand *errand, struct answer *answer,
    const char *version, const char *if_none_match)
{
	const char *said = head_find(&answer->head, "ETag"), *etag;

	if (!said)
		said = only_tag(
		    answer->arena, head_find(&errand->fields, "If-None-Match"));
	etag = validator_dressed(answer->arena, said, version, "");
	/* The client's copy of something else holds, which was not dressed. */
	if (!etag || !policy_not_modified(if_none_match, NULL, etag, NULL, 0))
		return;
	head_set(&answer->head, "ETag", etag);
	head_drop(&answer->head, "Last-Modified");
	head_add(&answer->head, "Vary", "X-Requested-With, Sec-Fetch-Dest");
}

bool
validator_holds(struct page *page)
{
	struct reply *reply = &page->reply;
	const struct request *request = &page->request;
	const char *etag = head_find(&reply->head, "ETag");

	if (!request->if_none_match || !etag || reply->status != 200 ||
	    (!request->is_get && !request->is_head) ||
	    !policy_not_modified(request->if_none_match, NULL, etag, NULL, 0))
		return false;
	counter_up(COUNT_NOT_MODIFIED);
	reply->status = 304;
	reply->bytes = "";
	return true;
}
