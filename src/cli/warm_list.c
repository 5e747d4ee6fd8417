/* cli/warm_list.c - lists are read one after another, each may name more */
#include "cli/warm_list.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cache/key.h"
#include "cli/get.h"
#include "cli/input.h"
#include "cli/warm_ask.h"
#include "dom/sitemap.h"
#include "http/coding.h"
#include "http/url.h"

enum { RATIO_MAX = 2000, FIRST_ROOM = 1024 };

/* A sitemap that is still to be read. */
struct source {
	const char *name;
	unsigned nesting;
};

struct reading {
	struct warm_list *list;
	struct source sources[WARM_FILES_MAX];
	unsigned count, at;
	struct err *err;
};

/* ---- which were named already ---- */

/* A table of hashes, half full at most; each points at its address. */
struct warm_seen {
	const char **slots;
	size_t room;
};

static const char **
slot_of(const struct warm_seen *seen, uint64_t hash, const char *url)
{
	size_t i = (size_t)hash & (seen->room - 1);

	while (seen->slots[i] && strcmp(seen->slots[i], url) != 0)
		i = (i + 1) & (seen->room - 1);
	return &seen->slots[i];
}

static uint64_t
hash_of(const char *url)
{
	struct key key = {url, strlen(url), 0};

	key_hash(&key);
	return key.hash;
}

static void
seen_grow(struct warm_seen *seen)
{
	struct warm_seen grown = {
	    NULL, seen->room ? seen->room * 2 : (size_t)FIRST_ROOM * 2};

	grown.slots = mem_new_array(grown.room, sizeof(*grown.slots));
	for (size_t i = 0; i < seen->room; i++)
		if (seen->slots[i])
			*slot_of(&grown, hash_of(seen->slots[i]),
			    seen->slots[i]) = seen->slots[i];
	mem_free(&seen->slots);
	*seen = grown;
}

/* ---- addresses ---- */

static void
note(struct warm_list *list, struct warm_rest *rest, const char *text)
{
	if (rest->count < WARM_EXAMPLES)
		rest->examples[rest->count] = arena_strdup(list->arena, text);
	rest->count++;
}

bool
warm_list_is_ours(const struct warm_list *list, const char *url)
{
	struct url_parts parts;
	const char *target;

	url_split(&parts, url, strlen(url));
	if (!list->routes)
		return true;
	target = parts.path.len ? parts.path.from : "/";
	return routes_find(list->routes, parts.authority.from,
		   parts.authority.len, target) != NULL;
}

/* In its normal form; NULL: it is no address that can be asked for. */
static const char *
normal(const char *url, char room[KEY_MAX])
{
	struct url_authority authority;
	struct url_parts parts;
	struct key key;

	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return NULL;
	url_split(&parts, url, strlen(url));
	if (!input_is_url(url) ||
	    url_authority_split(
		&authority, parts.authority.from, parts.authority.len) != 0)
		return NULL;
	return key_make_url(&key, room, KIND_PAGE, "-", url) == 0
		   ? key_url(&key)
		   : NULL;
}

static int
add_normal(struct warm_list *list, const char *url, struct err *err)
{
	uint64_t hash = hash_of(url);

	if (list->count * 2 >= list->seen->room)
		seen_grow(list->seen);
	if (*slot_of(list->seen, hash, url))
		return 0;
	if (list->count == WARM_URLS_MAX)
		return err_set(err, "more than %d addresses", WARM_URLS_MAX);
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : FIRST_ROOM;
		list->urls =
		    mem_resize(list->urls, list->room * sizeof(*list->urls));
	}
	url = arena_strdup(list->arena, url);
	list->urls[list->count++] = url;
	*slot_of(list->seen, hash, url) = url;
	return 0;
}

static int
add_url(struct warm_list *list, const char *text, struct err *err)
{
	char room[KEY_MAX];
	const char *url;
	struct buf whole;
	int rc;

	buf_init(&whole, WARM_URL_MAX);
	if (text[0] == '/' && text[1] != '/' && list->base)
		rc = url_join(&whole, list->base, text, strcspn(text, "#"));
	else
		rc = buf_add(&whole, text, strcspn(text, "#"));
	url = rc != 0 || whole.len == 0 ? NULL : normal(whole.data, room);
	rc = 0;
	if (!url)
		note(list, &list->broken, text);
	else if (!warm_list_is_ours(list, url))
		note(list, &list->others, url);
	else
		rc = add_normal(list, url, err);
	buf_fini(&whole);
	return rc;
}

/* ---- one list ---- */

static int
add_source(struct reading *reading, const char *url)
{
	struct warm_list *list = reading->list;
	unsigned nesting = reading->sources[reading->at].nesting + 1;
	char room[KEY_MAX];
	const char *name = normal(url, room);

	if (nesting > WARM_NEST_MAX)
		return err_set(reading->err, "sitemaps nest deeper than %d",
		    WARM_NEST_MAX);
	if (!name || !warm_list_is_ours(list, name)) {
		note(list, name ? &list->others : &list->broken, url);
		return 0;
	}
	for (unsigned i = 0; i < reading->count; i++)
		if (strcmp(reading->sources[i].name, name) == 0)
			return 0;
	if (reading->count == WARM_FILES_MAX)
		return err_set(
		    reading->err, "more than %d sitemaps", WARM_FILES_MAX);
	reading->sources[reading->count++] =
	    (struct source){arena_strdup(list->arena, name), nesting};
	return 0;
}

static int
on_loc(void *arg, const char *loc, bool is_map)
{
	struct reading *reading = arg;

	return is_map ? add_source(reading, loc)
		      : add_url(reading->list, loc, reading->err);
}

static int
read_lines(struct reading *reading, char *text)
{
	char *next;
	int rc = 0;

	for (char *line = text; line && rc == 0; line = next) {
		size_t len = strcspn(line, "\r\n");

		next = line[len] ? line + len + 1 : NULL;
		while (len && strchr(" \t", line[len - 1]))
			len--;
		line[len] = '\0';
		line += strspn(line, " \t");
		if (*line && *line != '#')
			rc = add_url(reading->list, line, reading->err);
	}
	return rc;
}

static int
read_text(struct reading *reading, struct buf *text)
{
	static const char mark[] = "\xef\xbb\xbf";
	char *from = text->data;

	if (text->len == 0)
		return 0;
	if (strncmp(from, mark, 3) == 0)
		from += 3;
	if (from[strspn(from, " \t\r\n")] == '<')
		return sitemap_read(from,
		    text->len - (size_t)(from - text->data), on_loc, reading,
		    reading->err);
	if (memchr(from, '\0', text->len - (size_t)(from - text->data)))
		return err_set(reading->err, "it is no text");
	return read_lines(reading, from);
}

static int
into_buf(void *arg, const void *bytes, size_t len)
{
	return buf_add(arg, bytes, len);
}

/* By what the bytes are; names and media types lie. */
static int
inflate(struct buf *text, struct err *err)
{
	static const struct decode_limits limits = {
	    WARM_FILE_MAX, RATIO_MAX, 1};
	struct decoder *decoder;
	struct buf plain;
	int rc = -1;

	if (text->len < 2 || memcmp(text->data, "\x1f\x8b", 2) != 0)
		return 0;
	buf_init(&plain, WARM_FILE_MAX);
	if (decoder_new(&decoder, "gzip", &limits, err) == 0 &&
	    decoder_feed(
		decoder, text->data, text->len, into_buf, &plain, err) == 0)
		rc = decoder_end(decoder, err);
	decoder_free(&decoder);
	buf_fini(text);
	*text = plain;
	return rc;
}

static int
get_text(struct buf *text, const struct warm_list *list,
    const struct source *source, struct err *err)
{
	if (!input_is_url(source->name))
		return input_read(text,
		    strcmp(source->name, "-") == 0 ? "/dev/stdin"
						   : source->name,
		    err);
	if (list->routes && warm_list_is_ours(list, source->name))
		return warm_fetch(text, list->through, source->name, err);
	return get_url(text, source->name, err);
}

static int
read_source(struct reading *reading, const struct source *source)
{
	struct buf text;
	int rc;

	buf_init(&text, WARM_FILE_MAX);
	rc = get_text(&text, reading->list, source, reading->err);
	if (rc == 0)
		rc = inflate(&text, reading->err);
	if (rc == 0)
		rc = read_text(reading, &text);
	buf_fini(&text);
	if (rc != 0 && !strstr(reading->err->text, source->name))
		return err_prefix(reading->err, "%s", source->name);
	return rc;
}

/* ---- all of them ---- */

void
warm_list_init(struct warm_list *list, const struct routes *routes,
    const char *through, const char *base)
{
	*list = (struct warm_list){.arena = arena_new(64 << 10),
	    .routes = routes,
	    .through = through,
	    .base = base};
	list->seen = mem_new(sizeof(*list->seen));
	seen_grow(list->seen);
}

void
warm_list_fini(struct warm_list *list)
{
	mem_free(&list->seen->slots);
	mem_free(&list->seen);
	mem_free(&list->urls);
	arena_free(&list->arena);
}

int
warm_list_read(struct warm_list *list, const char *source, struct err *err)
{
	struct reading *reading = mem_new(sizeof(*reading));
	int rc = 0;

	reading->list = list;
	reading->err = err;
	reading->sources[reading->count++] = (struct source){source, 0};
	for (; rc == 0 && reading->at < reading->count; reading->at++) {
		list->files++;
		if (read_source(reading, &reading->sources[reading->at]) == 0)
			continue;
		if (reading->at == 0 || list->count == WARM_URLS_MAX)
			rc = -1;
		else
			fprintf(
			    stderr, "livery cache: left out: %s\n", err->text);
	}
	mem_free(&reading);
	return rc;
}
