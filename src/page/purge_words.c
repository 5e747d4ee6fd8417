/* page/purge_words.c - what a request to purge asks for (contract:
 * page/purge.h) */
#include "page/purge.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* One request being read. */
struct reading {
	struct purge_words *out;
	const struct request *request;
	const struct routes *routes;
	struct arena *arena;
	bool soft;
	const char **why;
	int status; /* 0: nothing is wrong so far */
};

static const char *
field(const struct reading *reading, const char *name)
{
	return head_find(reading->request->fields, name);
}

static void
wrong(struct reading *reading, const char *why)
{
	reading->status = 400;
	*reading->why = arena_strdup(reading->arena, why);
}

static void
add(struct reading *reading, const char *kind, const char *key, bool soft)
{
	struct purge_words *out = reading->out;
	struct meaning *meaning;
	struct err err;

	if (reading->status)
		return;
	if (out->count == PURGE_WORDS_MAX) {
		wrong(reading, "too many keys at once\n");
		return;
	}
	if (meaning_new(&meaning, kind, key, &err) != 0) {
		wrong(reading, arena_printf(reading->arena, "%s\n", err.text));
		return;
	}
	if (!out->words)
		out->words = arena_get(reading->arena,
		    PURGE_WORDS_MAX * sizeof(*out->words));
	out->words[out->count++] = (struct purge_word){meaning, soft};
}

/* ---- tags ---- */

/* Parted by spaces, commas or, in X-Ids-Involved, by "#". */
static void
add_tags(struct reading *reading, const char *text, bool soft)
{
	struct buf tags;
	size_t len;

	buf_init(&tags, MEANING_KEY_MAX);
	for (;; text += len) {
		text += strspn(text, " \t,#");
		len = strcspn(text, " \t,#");
		if (len == 0)
			break;
		if (tags.len)
			buf_putc(&tags, ' ');
		buf_add(&tags, text, len);
	}
	if (tags.failed)
		wrong(reading, "too many keys at once\n");
	else if (tags.len > 0)
		add(reading, "tags", tags.data, soft);
	buf_fini(&tags);
}

/* All fields of that name. False: none is there. */
static bool
add_tag_field(struct reading *reading, const char *name, bool soft)
{
	const char *value;
	unsigned at = 0;
	bool found = false;

	while ((value = head_next(reading->request->fields, name, &at)) !=
	    NULL) {
		add_tags(reading, value, soft);
		found = true;
	}
	return found;
}

static bool
read_tags(struct reading *reading)
{
	static const char *const names[] = {
	    "xkey", "Surrogate-Key", "Cache-Tag", "xkey-purge"};
	bool found = false;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		found |= add_tag_field(reading, names[i], reading->soft);
	found |= add_tag_field(reading, "xkey-softpurge", true);
	if (found && reading->out->count == 0)
		wrong(reading, "no key is named\n");
	return found;
}

/* ---- patterns ---- */

/* Of that site; NULL: of all. */
static void
add_pattern(struct reading *reading, const struct site *site,
    const char *pattern)
{
	bool all = strcmp(pattern, "/.*") == 0 || strcmp(pattern, ".*") == 0;
	const char *key;

	if (all)
		key = site ? site->opts.name : "";
	else if (site)
		key = arena_printf(reading->arena, "site %s\nurl %s",
		    site->opts.name, pattern);
	else
		key = arena_printf(reading->arena, "url %s", pattern);
	add(reading, all ? "all" : "match", key, reading->soft);
}

/* Of the sites whose `hosts` name the Host, or of all. */
static void
read_pattern(struct reading *reading, const char *pattern)
{
	const struct request *request = reading->request;
	unsigned found = 0;

	for (unsigned i = 0; i < routes_count(reading->routes); i++) {
		const struct site *site = routes_site(reading->routes, i);

		if (!site_has_host(site, request->host, request->host_len))
			continue;
		add_pattern(reading, site, pattern);
		found++;
	}
	if (found == 0)
		add_pattern(reading, NULL, pattern);
}

/* What looks the same everywhere says nothing. */
static void
put_pattern(struct buf *lines, const char *place, const char *pattern)
{
	if (pattern && strcmp(pattern, ".*") != 0)
		buf_printf(lines, "%s %s\n", place, pattern);
}

static void
read_ban(struct reading *reading)
{
	static const char *const places[][2] = {{"X-Host", "host"},
	    {"X-Url", "url"}, {"X-Content-Type", "type"},
	    {"X-Cache-Tags", "tags"}};
	struct buf lines;
	bool found = false;

	buf_init(&lines, MEANING_KEY_MAX);
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		const char *pattern = field(reading, places[i][0]);

		found |= pattern != NULL;
		put_pattern(&lines, places[i][1], pattern);
	}
	if (lines.failed)
		wrong(reading, "the patterns are too long\n");
	else if (!found)
		read_pattern(reading, reading->request->target);
	else if (lines.len > 0)
		add(reading, "match", lines.data, reading->soft);
	else
		add(reading, "all", "", reading->soft);
	buf_fini(&lines);
}

/* ---- addresses ---- */

/* What follows "/NAME/" or "/NAME" at the end, from anywhere in the path. */
static const char *
behind(const char *path, const char *name)
{
	size_t len = strlen(name);
	const char *at = path;

	while ((at = strstr(at, name)) != NULL) {
		if (at[len] == '/' || at[len] == '\0' || at[len] == '?')
			return at + len;
		at += len;
	}
	return NULL;
}

bool
purge_virtual_host(const char *target, const char **host,
    const char **public_target, struct arena *arena)
{
	static const char base[] = "/VirtualHostBase/";
	const char *at, *rest;
	char *lower;
	size_t len;
	struct buf out;

	if (strncmp(target, base, sizeof(base) - 1) != 0)
		return false;
	at = strchr(target + sizeof(base) - 1, '/');
	rest = at ? behind(at, "/VirtualHostRoot") : NULL;
	len = at ? routes_host_len(at + 1, strcspn(at + 1, "/")) : 0;
	if (!rest || len == 0)
		return false;
	lower = arena_strndup(arena, at + 1, len);
	for (size_t i = 0; i < len; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] = (char)(lower[i] | 0x20);
	*host = lower;
	/* the public path has what they say in front */
	buf_init(&out, strlen(target) + 2);
	while (strncmp(rest, "/_vh_", 5) == 0) {
		size_t n = strcspn(rest + 5, "/?");

		buf_putc(&out, '/');
		buf_add(&out, rest + 5, n);
		rest += 5 + n;
	}
	if (out.len == 0 && *rest != '/')
		buf_putc(&out, '/');
	buf_puts(&out, rest);
	*public_target = arena_strndup(arena, out.data, out.len);
	buf_fini(&out);
	return true;
}

static void
add_once(struct reading *reading, const char *kind, const char *key)
{
	for (unsigned i = 0; i < reading->out->count; i++)
		if (strcmp(meaning_key(reading->out->words[i].meaning), key) ==
		    0)
			return;
	add(reading, kind, key, reading->soft);
}

/* As it came, and as the keys of sites have it that sort queries or leave
 * parameters out. */
static void
add_target(struct reading *reading, const char *kind, const char *where,
    const char *target)
{
	struct slice scheme = {"http", 4}, host = {"h", 1};
	struct slice text = {target, strlen(target)};
	char room[KEY_MAX];
	struct key key;

	add(reading, kind, arena_printf(reading->arena, "%s %s", where,
	    target), reading->soft);
	if (!strchr(target, '?'))
		return;
	for (unsigned i = 0; i < routes_count(reading->routes); i++)
		if (site_key(routes_site(reading->routes, i), &key, room,
			scheme, host, text) == 0)
			add_once(reading, kind, arena_printf(reading->arena,
			    "%s %s", where, strstr(key_url(&key), "://h/") +
			    sizeof("://h") - 1));
}

static void
read_address(struct reading *reading)
{
	const char *target = reading->request->target, *host, *public_target;
	const char *uid = strstr(target, "/@@purgebyid/");

	if (uid) {
		uid += sizeof("/@@purgebyid/") - 1;
		add_tags(reading, arena_strndup(reading->arena, uid,
		    strcspn(uid, "/?")), reading->soft);
	} else if (purge_virtual_host(target, &host, &public_target,
	    reading->arena)) {
		add_target(reading, "at", host, public_target);
	} else {
		add_target(reading, "path", "", *target ? target : "/");
	}
}

static void
read_purge(struct reading *reading)
{
	const char *how = field(reading, "X-Purge-Method");

	if (how && strcasecmp(how, "regex") == 0)
		read_pattern(reading, reading->request->target);
	else if (how && strcasecmp(how, "exact") != 0 &&
	    strcasecmp(how, "default") != 0)
		wrong(reading, "X-Purge-Method is one of exact, default and "
		    "regex\n");
	else if (!read_tags(reading))
		read_address(reading);
}

/* ---- all of it ---- */

static bool
is_on(const char *value)
{
	return strcmp(value, "0") != 0 && strcasecmp(value, "false") != 0 &&
	    strcasecmp(value, "no") != 0 && *value;
}

static bool
is_soft(const struct reading *reading)
{
	static const char *const names[] = {"X-Purge-Soft",
	    "Fastly-Soft-Purge"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (field(reading, names[i]))
			return is_on(field(reading, names[i]));
	return reading->soft;
}

static void
read_keys(struct reading *reading)
{
	/* it names itself what is soft */
	bool found = add_tag_field(reading, "xkey-purge", false);

	found |= add_tag_field(reading, "xkey-softpurge", true);
	if (!found || (reading->out->count == 0 && !reading->status))
		wrong(reading, "PURGEKEYS wants keys in xkey-purge or "
		    "xkey-softpurge\n");
}

int
purge_words_read(struct purge_words *words, const struct request *request,
    const struct routes *routes, bool soft, struct arena *arena,
    const char **why)
{
	struct reading reading = {words, request, routes, arena, soft, why, 0};
	const char *dry;

	memset(words, 0, sizeof(*words));
	reading.soft = is_soft(&reading);
	dry = field(&reading, "X-Purge-Dry-Run");
	words->dry = dry && is_on(dry);
	if (strcmp(request->method, "BAN") == 0)
		read_ban(&reading);
	else if (strcmp(request->method, "PURGEKEYS") == 0)
		read_keys(&reading);
	else
		read_purge(&reading);
	return reading.status;
}

void
purge_words_fini(struct purge_words *words)
{
	for (unsigned i = 0; i < words->count; i++)
		meaning_unref(&words->words[i].meaning);
	words->count = 0;
}
