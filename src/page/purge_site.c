/* page/purge_site.c - words narrowed to one site
 *
 * A path has a place for the site, and so have patterns and "everything". Tags
 * have none: they become a pattern, which finds its rows by looking at each, in
 * small steps, instead of by an index. */
#include "page/purge_site.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* ---- who may ---- */

static bool
is_token(const char *token, const char *given)
{
	size_t len = strlen(token), given_len = strlen(given);
	volatile unsigned char differs = len != given_len;

	for (size_t i = 0; i < given_len; i++)
		differs |= (unsigned char)(given[i] ^ token[i % len]);
	return differs == 0;
}

bool
purge_has_token(const struct request *request, const char *token)
{
	static const char bearer[] = "bearer ";
	const char *given = request->authorization;

	if (!token || !*token)
		return false;
	if (given && strncasecmp(given, bearer, sizeof(bearer) - 1) == 0) {
		given += sizeof(bearer) - 1;
		given += strspn(given, " ");
		if (is_token(token, given))
			return true;
	}
	given = head_find(request->fields, "X-Purge-Token");
	return given && is_token(token, given);
}

/* What came through a proxy is never this machine's own user. */
static bool
is_through_here(const struct request *request)
{
	return (request->client.is_unix ||
		   net_is_loopback(&request->client)) &&
	       (head_find(request->fields, "X-Forwarded-For") ||
		   head_find(request->fields, "Forwarded") ||
		   head_find(request->fields, "Via"));
}

const struct site *
purge_site_of(const struct request *request, const struct routes *routes,
    const struct site *asked)
{
	for (unsigned i = 0; i < routes_count(routes); i++) {
		const struct site *site = routes_site(routes, i);

		if (purge_has_token(request, site->opts.purge_token))
			return site;
	}
	if (asked && asked->purge_allowed && !is_through_here(request) &&
	    nets_have(asked->purge_allowed, &request->client))
		return asked;
	return NULL;
}

/* ---- narrower words ---- */

/* "a b" becomes "(?:^|,)(?:a|b)(?:,|$)": the tags of an answer, parted by
 * commas, have one of them. */
static void
put_tags(struct buf *out, const char *tags)
{
	buf_puts(out, "tags (?:^|,)(?:");
	for (; *tags; tags++) {
		if (*tags == ' ')
			buf_putc(out, '|');
		else if (isalnum((unsigned char)*tags) ||
			 (unsigned char)*tags >= 0x80)
			buf_putc(out, *tags);
		else
			buf_printf(out, "\\%c", *tags);
	}
	buf_puts(out, ")(?:,|$)");
}

/* Its kind, with the key in out; NULL: it means nothing of this site. */
static const char *
put_narrow(
    struct buf *out, const struct meaning *meaning, const struct site *site)
{
	const char *kind = meaning_kind(meaning);
	const char *where = meaning_where(meaning);
	const char *name = site->opts.name;

	if (strcmp(kind, "at") == 0) {
		if (!site_has_host(site, where, strlen(where)))
			return NULL;
		buf_printf(out, "%s %s", name, meaning_target(meaning));
		return "path";
	}
	if (*where && strcmp(where, name) != 0)
		return NULL;
	if (strcmp(kind, "path") == 0) {
		buf_printf(out, "%s %s", name, meaning_target(meaning));
	} else if (strcmp(kind, "all") == 0) {
		buf_puts(out, name);
	} else if (strcmp(kind, "match") == 0) {
		if (!*where)
			buf_printf(out, "site %s\n", name);
		buf_puts(out, meaning_key(meaning));
	} else {
		must(strcmp(kind, "tags") == 0);
		buf_printf(out, "site %s\n", name);
		put_tags(out, meaning_key(meaning));
		return "match";
	}
	return kind;
}

/* 1: it is now; 0: it means nothing of this site; -1: it cannot be said. */
static int
narrow(struct meaning **meaning, const struct site *site, struct err *err)
{
	struct meaning *other = NULL;
	const char *kind;
	struct buf key;
	int rc = 0;

	buf_init(&key, MEANING_KEY_MAX);
	kind = put_narrow(&key, *meaning, site);
	if (key.failed)
		rc = err_set(err, "too many keys at once");
	else if (kind)
		rc = meaning_new(&other, kind, key.data, err) == 0 ? 1 : -1;
	buf_fini(&key);
	if (rc == 1) {
		meaning_unref(meaning);
		*meaning = other;
	}
	return rc;
}

int
purge_narrow(struct purge_words *words, const struct site *site,
    struct arena *arena, const char **why)
{
	unsigned kept = 0, i = 0;
	struct err err;
	int rc = 0;

	for (; i < words->count; i++) {
		struct purge_word *word = &words->words[i];

		rc = narrow(&word->meaning, site, &err);
		if (rc < 0)
			break;
		if (rc == 1)
			words->words[kept++] = *word;
		else
			meaning_unref(&word->meaning);
	}
	/* those that it did not come to */
	while (i < words->count)
		words->words[kept++] = words->words[i++];
	words->count = kept;
	if (rc < 0) {
		*why = arena_printf(arena, "%s\n", err.text);
		return 400;
	}
	if (kept > 0)
		return 0;
	*why = "purging is not allowed for that site\n";
	return 403;
}
