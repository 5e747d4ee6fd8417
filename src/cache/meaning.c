/* cache/meaning.c - a purge's words, read once and asked often */
#include "cache/meaning.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/regex.h"
#include "cache/target.h"

enum { KEYS, URLS, PATHS, AT, TAG, TAGS, ALL, MATCH };
static const char *const kinds[] = {
	[KEYS] = "key", [URLS] = "url", [PATHS] = "path", [AT] = "at",
	[TAG] = "tag", [TAGS] = "tags", [ALL] = "all", [MATCH] = "match",
};

/* What patterns are looked for in. */
enum { IN_HOST, IN_URL, IN_TYPE, IN_TAGS, PLACES };
static const char *const places[PLACES] = {"host ", "url ", "type ", "tags "};

struct meaning {
	_Atomic unsigned refs;
	int kind;
	char *key;
	char *where;  /* or "" */
	char *target; /* or NULL */
	char *twin;   /* or NULL */
	struct regex *pattern[PLACES]; /* or NULL */
};

/* ---- addresses ---- */

/* The host of a URL, without its port. */
static struct slice
host_of(const char *url)
{
	const char *colon = strstr(url, "://");
	struct slice host = {url, 0};
	size_t len;

	if (!colon)
		return host;
	host.from = colon + 3;
	host.len = strcspn(host.from, "/?");
	if (host.from[0] == '[')
		len = strcspn(host.from, "]") + 1;
	else
		len = strcspn(host.from, ":");
	if (len < host.len)
		host.len = len;
	return host;
}

/* ---- reading ---- */

static void
read_target(struct meaning *meaning, const char *target)
{
	size_t size = strlen(target) + 2;

	meaning->target = mem_strdup(target);
	meaning->twin = mem_new(size);
	if (!target_twin(meaning->twin, size, target))
		snprintf(meaning->twin, size, "%s", target);
}

/* "WHERE TARGET" */
static void
read_place(struct meaning *meaning)
{
	const char *space = strchr(meaning->key, ' ');

	if (space)
		meaning->where = mem_strndup(meaning->key,
		    (size_t)(space - meaning->key));
	read_target(meaning, space ? space + 1 : meaning->key);
}

CHECKED static int
read_line(struct meaning *meaning, const char *line, struct err *err)
{
	size_t len;

	if (strncmp(line, "site ", 5) == 0 && !meaning->where) {
		meaning->where = mem_strdup(line + 5);
		return 0;
	}
	for (int i = 0; i < PLACES; i++) {
		len = strlen(places[i]);
		if (strncmp(line, places[i], len) == 0 && !meaning->pattern[i])
			return regex_new(&meaning->pattern[i], line + len,
			    i == IN_HOST || i == IN_TYPE, err);
	}
	return err_set(err, "a purge by patterns has no '%s'", line);
}

CHECKED static int
read_lines(struct meaning *meaning, struct err *err)
{
	char *lines = mem_strdup(meaning->key), *rest = lines, *line;
	int rc = 0;

	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL)
		if (*line)
			rc = read_line(meaning, line, err);
	mem_free(&lines);
	return rc;
}

static int
kind_of(const char *kind)
{
	for (int i = 0; i < (int)COUNT_OF(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return i;
	return -1;
}

static void
read_key(struct meaning *meaning)
{
	char room[KEY_MAX];
	struct key parts;

	meaning->target = mem_strdup(meaning->key);
	meaning->twin = mem_strdup(key_parts(&parts, room, meaning->key) ?
	    parts.text : meaning->key);
}

CHECKED static int
read_words(struct meaning *meaning, struct err *err)
{
	switch (meaning->kind) {
	case KEYS:
		read_key(meaning);
		break;
	case PATHS:
	case AT:
		read_place(meaning);
		break;
	case URLS:
		read_target(meaning, target_of(meaning->key));
		break;
	case ALL:
		meaning->where = mem_strdup(meaning->key);
		break;
	case MATCH:
		if (read_lines(meaning, err) != 0)
			return -1;
		break;
	default:
		break;
	}
	if (!meaning->where)
		meaning->where = mem_strdup("");
	return 0;
}

int
meaning_new(struct meaning **out, const char *kind, const char *key,
    struct err *err)
{
	struct meaning *meaning;

	if (kind_of(kind) < 0)
		return err_set(err, "no purge is called '%s'", kind);
	if (strlen(key) > MEANING_KEY_MAX)
		return err_set(err, "a purge of more than %d bytes",
		    MEANING_KEY_MAX);
	meaning = mem_new(sizeof(*meaning));
	atomic_init(&meaning->refs, 1);
	meaning->kind = kind_of(kind);
	meaning->key = mem_strdup(key);
	if (read_words(meaning, err) != 0) {
		meaning_unref(&meaning);
		return -1;
	}
	*out = meaning;
	return 0;
}

/* With the words that stand before it in a key. */
CHECKED static int
with_words(struct meaning **out, const char *kind, const char *words,
    const char *text, struct err *err)
{
	char *key = mem_printf("%s %s", words, text);
	int rc = meaning_new(out, kind, key, err);

	mem_free(&key);
	return rc;
}

int
meaning_of(struct meaning **out, const char *tag, const char *pattern,
    struct err *err)
{
	if (tag)
		return meaning_new(out, "tag", tag, err);
	if (!pattern)
		return meaning_new(out, "all", "", err);
	if (strchr(pattern, '\n'))
		return err_set(err, "a pattern is one line");
	return with_words(out, "match", "url", pattern, err);
}

int
meaning_of_path(struct meaning **out, const char *path, struct err *err)
{
	return with_words(out, "path", "", path, err);
}

struct meaning *
meaning_ref(struct meaning *meaning)
{
	atomic_fetch_add(&meaning->refs, 1);
	return meaning;
}

void
meaning_unref(struct meaning **meaning_p)
{
	struct meaning *meaning = *meaning_p;

	*meaning_p = NULL;
	if (!meaning || atomic_fetch_sub(&meaning->refs, 1) != 1)
		return;
	for (int i = 0; i < PLACES; i++)
		if (meaning->pattern[i])
			regex_free(&meaning->pattern[i]);
	mem_free(&meaning->key);
	mem_free(&meaning->where);
	mem_free(&meaning->target);
	mem_free(&meaning->twin);
	mem_free(&meaning);
}

const char *
meaning_kind(const struct meaning *meaning)
{
	return kinds[meaning->kind];
}

const char *
meaning_key(const struct meaning *meaning)
{
	return meaning->key;
}

const char *
meaning_where(const struct meaning *meaning)
{
	return meaning->where;
}

const char *
meaning_target(const struct meaning *meaning)
{
	return meaning->target;
}

const char *
meaning_twin(const struct meaning *meaning)
{
	return meaning->twin;
}

/* ---- asking ---- */

static bool
is_target(const struct meaning *meaning, const struct purgeable *what)
{
	const char *target = target_of(what->url);

	return strcmp(target, meaning->target) == 0 ||
	    strcmp(target, meaning->twin) == 0;
}

static bool
is_site(const struct meaning *meaning, const struct purgeable *what)
{
	return !*meaning->where || strcmp(meaning->where, what->site) == 0;
}

static bool
is_host(const struct meaning *meaning, const struct purgeable *what)
{
	struct slice host = host_of(what->url);

	return strlen(meaning->where) == host.len &&
	    strncasecmp(meaning->where, host.from, host.len) == 0;
}

static bool
has_tag(const char *tags, const char *tag, size_t wanted)
{
	size_t len;

	for (; *tags; tags += len, tags += strspn(tags, " ")) {
		len = strcspn(tags, " ");
		if (len == wanted && memcmp(tags, tag, len) == 0)
			return true;
	}
	return false;
}

static bool
has_any_tag(const char *tags, const char *any)
{
	size_t len;

	for (; *tags && *any; any += len, any += strspn(any, " ")) {
		len = strcspn(any, " ");
		if (has_tag(tags, any, len))
			return true;
	}
	return false;
}

static struct slice
place_of(int place, const struct purgeable *what)
{
	const char *text = target_of(what->url);

	if (place == IN_HOST)
		return host_of(what->url);
	if (place == IN_TYPE)
		return (struct slice){what->type, what->type_len};
	return (struct slice){text, strlen(text)};
}

static bool
is_in(const struct regex *pattern, struct slice text)
{
	struct regex_span span;

	return regex_find(pattern, text.from, text.len, 0, &span, 1,
	    NULL) != 0;
}

/* Clients write patterns for the field as it came: "(^|,)news(,|$)". */
static bool
is_in_tags(const struct regex *pattern, const char *tags)
{
	char *list = mem_strdup(tags);
	bool found;

	for (char *at = list; (at = strchr(at, ' ')) != NULL;)
		*at = ',';
	found = is_in(pattern, (struct slice){list, strlen(list)});
	mem_free(&list);
	return found;
}

static bool
is_matched(const struct meaning *meaning, const struct purgeable *what)
{
	for (int i = 0; i < PLACES; i++) {
		const struct regex *pattern = meaning->pattern[i];

		if (!pattern || (!what->tags && (i == IN_TAGS || i == IN_TYPE)))
			continue;
		if (i == IN_TAGS ? !is_in_tags(pattern, what->tags) :
		    !is_in(pattern, place_of(i, what)))
			return false;
	}
	return true;
}

bool
meaning_holds(const struct meaning *meaning, const struct purgeable *what)
{
	if (meaning->kind == KEYS)
		return strcmp(meaning->key, what->key) == 0 ||
		    strcmp(meaning->twin, what->key) == 0;
	if (what->is_lasting)
		return false;
	switch (meaning->kind) {
	case URLS:
		return strcmp(meaning->key, what->url) == 0;
	case PATHS:
		return is_target(meaning, what) && is_site(meaning, what);
	case AT:
		return is_target(meaning, what) && is_host(meaning, what);
	case TAG:
	case TAGS:
		return !what->tags || has_any_tag(what->tags, meaning->key);
	case ALL:
		return is_site(meaning, what);
	default:
		return is_site(meaning, what) && is_matched(meaning, what);
	}
}

bool
meaning_holds_object(const struct meaning *meaning,
    const struct object *object)
{
	const char *type = NULL;
	struct purgeable what = {
		.key = object->key.text,
		.site = object->site,
		.url = object->url,
		.tags = object->tags,
		.is_lasting = object->kind == KIND_THEME ||
		    object->kind == KIND_ASSET,
	};

	if (meaning->kind == MATCH)
		type = head_find(&object->head, "Content-Type");
	what.type = type ? type : "";
	what.type_len = strlen(what.type);
	return meaning_holds(meaning, &what);
}
