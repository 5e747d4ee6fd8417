/* page/directive.c - SSI and ESI includes found in text (contract:
 * page/directive.h) */
#include "page/directive.h"

#include <string.h>
#include <strings.h>

#include "http/url.h"

static const char filter[] = ";filter_xpath=";

static bool
starts(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - at) >= len && strncasecmp(at, word, len) == 0;
}

static const char *
find(const char *at, const char *end, const char *word)
{
	return memmem(at, (size_t)(end - at), word, strlen(word));
}

static const char *
no_further(const char *at, const char *end)
{
	return end - at > INCLUDE_MAX ? at + INCLUDE_MAX : end;
}

/* The value of an attribute between at and end. */
static struct slice
attribute(const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (; at + len + 2 < end; at++) {
		const char *value = at + len + 2, *stop;

		if (strncasecmp(at, name, len) != 0 || at[len] != '=' ||
		    !strchr("\"'", at[len + 1]) || !strchr(" \t\r\n", at[-1]))
			continue;
		stop = memchr(value, at[len + 1], (size_t)(end - value));
		if (stop)
			return (struct slice){value, (size_t)(stop - value)};
	}
	return (struct slice){NULL, 0};
}

static bool
read_ssi(struct directive *directive, const char *at, const char *end)
{
	const char *stop = find(at, no_further(at, end), "-->");

	if (!stop)
		return false;
	directive->end = stop + 3;
	directive->address = attribute(at + 4, stop, "virtual");
	return directive->address.from != NULL;
}

static bool
read_esi_include(struct directive *directive, const char *at, const char *end)
{
	const char *stop = memchr(at, '>', (size_t)(no_further(at, end) - at));

	if (!stop)
		return false;
	directive->address = attribute(at + 4, stop, "src");
	directive->end = stop + 1;
	return directive->address.from != NULL;
}

static bool
read_until(struct directive *directive, const char *at, const char *end,
    const char *word, bool *is_missing)
{
	const char *stop = *is_missing ? NULL : find(at, end, word);

	*is_missing = !stop;
	if (stop)
		directive->end = stop + strlen(word);
	return stop != NULL;
}

static bool
read_here(struct directive *directive, struct scan *scan, const char *at)
{
	const char *end = scan->end;
	enum includes how = scan->how;
	bool no_tag_end = false;

	memset(directive, 0, sizeof(*directive));
	directive->from = at;
	if (how & INCLUDES_SSI && starts(at, end, "<!--#include"))
		return read_ssi(directive, at, end);
	if (!(how & INCLUDES_ESI))
		return false;
	if (starts(at, end, "<esi:include"))
		return read_esi_include(directive, at, end);
	if (starts(at, end, "<esi:remove"))
		return read_until(
		    directive, at, end, "</esi:remove>", &scan->no_remove_end);
	/* To a reader of HTML <esi:include/> has no end, so that what follows
	 * is in it, and its end tag comes anywhere. */
	if (starts(at, end, "<esi:comment") ||
	    starts(at, end, "</esi:include") ||
	    starts(at, end, "</esi:comment"))
		return read_until(
		    directive, at, no_further(at, end), ">", &no_tag_end);
	if (!starts(at, end, "<!--esi") ||
	    !read_until(directive, at, end, "-->", &scan->no_comment_end))
		return false;
	directive->inside.from = at + 7;
	directive->inside.len = (size_t)(directive->end - 3 - (at + 7));
	return true;
}

bool
directive_next(struct directive *directive, struct scan *scan)
{
	const char *at = scan->at;

	while ((at = memchr(at, '<', (size_t)(scan->end - at))) != NULL) {
		if (read_here(directive, scan, at)) {
			scan->at = directive->end;
			return true;
		}
		at++;
	}
	return false;
}

const char *
directive_address(char room[INCLUDE_MAX], struct slice slice)
{
	const char *at = slice.from, *end = at + slice.len;
	char *to = room;

	must(slice.len < INCLUDE_MAX);
	while (at < end) {
		bool is_escape = starts(at, end, "&amp;");

		*to++ = *at;
		at += is_escape ? 5 : 1;
	}
	*to = '\0';
	return room;
}

size_t
directive_page_len(const char *address)
{
	const char *part = strstr(address, filter);
	size_t len = part ? (size_t)(part - address) : strlen(address);

	/* "/x?;filter_xpath=...": the page is /x. */
	return part && len > 0 && address[len - 1] == '?' ? len - 1 : len;
}

const char *
directive_expression(struct arena *arena, const char *address)
{
	const char *at = strstr(address, filter), *expression;
	struct buf plain;

	if (!at)
		return NULL;
	at += strlen(filter);
	buf_init(&plain, INCLUDE_MAX);
	expression =
	    url_decode(&plain, at, strlen(at)) == 0
		? arena_strndup(arena, plain.len ? plain.data : "", plain.len)
		: at;
	buf_fini(&plain);
	return expression;
}
