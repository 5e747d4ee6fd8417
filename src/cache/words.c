/* cache/words.c - the state of a stored answer, in sentences */
#include "cache/words.h"

#include <string.h>

#include "cache/look.h"
#include "http/targeted.h"

/* ---- how long ---- */

const char *
words_lifetime(char room[WORDS_MAX], const struct object *object)
{
	const struct head *head = &object->head;
	struct cachecontrol cc;
	const char *field = targeted_or_plain(&cc, head);
	bool is_targeted = field != NULL;
	int64_t said = cc.s_maxage >= 0 ? cc.s_maxage : cc.max_age;

	if (!field)
		field = "Cache-Control";
	if (cachecontrol_age(head) == AGE_UNKNOWN)
		snprintf(room, WORDS_MAX, "Age, which is no number: so it is "
		    "taken for old");
	else if (said >= 0)
		snprintf(room, WORDS_MAX, "%s: %s=%lld%s", field,
		    cc.s_maxage >= 0 ? "s-maxage" : "max-age",
		    (long long)said,
		    object->fresh.lifetime_ms == said * 1000 ? "" :
		    ", and the site's ttl_header or ttl_jitter");
	else if (!is_targeted && head_find(head, "Expires"))
		snprintf(room, WORDS_MAX, "Expires");
	else if (object->fresh.no_cache && object->fresh.lifetime_ms == 0)
		snprintf(room, WORDS_MAX, "%s: no-cache", field);
	else if (head_find(head, "Last-Modified"))
		snprintf(room, WORDS_MAX, "guess: a tenth of the time since "
		    "Last-Modified");
	else
		snprintf(room, WORDS_MAX, "the site's default_ttl");
	return room;
}

/* ---- which variant ---- */

void
words_variant(FILE *out, const struct object *object)
{
	const char *line = object->variant ? object->variant : "", *end;
	char text[512];

	for (; *line; line = end + (*end != '\0')) {
		size_t len;

		end = line + strcspn(line, "\n");
		len = (size_t)(end - line);
		snprintf(text, sizeof(text), "%.*s%s", (int)len, line,
		    memchr(line, ':', len) ? "" : ": not sent");
		if (line != object->variant)
			fputs("; ", out);
		if (*line == '=')
			snprintf(text, sizeof(text), "or who wants %.*s most",
			    (int)len - 1, line + 1);
		look_print(out, text);
	}
}

/* ---- what is served ---- */

/* A moment, and how far off it is. */
static void
print_moment(FILE *out, int64_t at_ms, int64_t now_ms)
{
	int64_t off = at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms;
	char time[32], span[32];

	look_time(time, at_ms);
	look_span(span, off);
	fprintf(out, "%s (%s%s%s)", time, at_ms > now_ms ? "in " : "", span,
	    at_ms > now_ms ? "" : " ago");
}

/* Was it that which made it stale? */
static bool
is_soft_purged(const struct object *object, int64_t now_ms)
{
	return atomic_load(&object->expired_ms) != 0 &&
	    object_ttl_ms(object, now_ms) <
	    object->fresh.lifetime_ms - object_age_ms(object, now_ms);
}

static void
print_fresh(FILE *out, const struct object *object, int64_t now_ms)
{
	int64_t ttl = object_ttl_ms(object, now_ms);
	char by[WORDS_MAX];

	if (object->fresh.no_cache) {
		fputs("  fresh     never: no-cache wants the upstream asked "
		    "each time\n", out);
		return;
	}
	fputs(ttl > 0 ? "  fresh     until " : "  stale     since ", out);
	print_moment(out, now_ms + ttl, now_ms);
	fprintf(out, ", by %s\n", is_soft_purged(object, now_ms) ?
	    "a soft purge" : words_lifetime(by, object));
}

static bool
has_validator(const struct object *object)
{
	return object->etag || object->last_modified;
}

static void
print_next(FILE *out, const struct object *object, enum use use,
    int64_t now_ms)
{
	int64_t ttl = object_ttl_ms(object, now_ms);

	fputs("  next      ", out);
	switch (use) {
	case USE_FRESH:
		fputs("served as it is, the upstream is not asked", out);
		break;
	case USE_REFRESH:
		fputs("served stale at once and refreshed behind: "
		    "stale-while-revalidate, until ", out);
		print_moment(out, now_ms + ttl + object->fresh.swr_ms,
		    now_ms);
		break;
	case USE_IF_FAILED:
		fprintf(out, "the upstream is asked first%s; this copy steps "
		    "in if that fails", has_validator(object) ?
		    ", whether it still holds" : "");
		break;
	case USE_VALIDATED:
		fprintf(out, "the upstream is asked first; this copy %s",
		    has_validator(object) ?
		    "is used only if it says that it still holds" :
		    "is of no use, since it has neither ETag nor "
		    "Last-Modified");
	}
	fputc('\n', out);
}

/* Which directive makes it strict. */
static const char *
strict_by(const struct object *object)
{
	struct cachecontrol cc;

	(void)targeted_or_plain(&cc, &object->head);
	if (cc.flags & CC_MUST_REVALIDATE)
		return "must-revalidate";
	if (cc.flags & CC_PROXY_REVALIDATE)
		return "proxy-revalidate";
	return "s-maxage";
}

/* Until when it may step in for an upstream that is down, as
 * policy_judge() decides, and by what. Relative to when it goes stale. */
static int64_t
stale_for_ms(const struct freshness *fresh, const struct policy_opts *opts,
    const char **by)
{
	int64_t said = fresh->sie_ms > fresh->swr_ms ? fresh->sie_ms :
	    fresh->swr_ms;

	*by = opts->stale_override ? "stale_override, for as long as "
	    "stale_max allows" : "nothing forbids stale answers, and "
	    "stale_max allows them for so long";
	if (opts->stale_override || fresh->sie_ms < 0 ||
	    said >= opts->stale_max_ms)
		return opts->stale_max_ms;
	*by = fresh->sie_ms >= fresh->swr_ms ? "stale-if-error" :
	    "stale-while-revalidate";
	return said;
}

static void
print_forbidden(FILE *out, const struct object *object, int64_t ttl)
{
	bool later = ttl > 0 && !object->fresh.no_cache;

	fprintf(out, "%san error: %s forbids stale answers "
	    "(stale_override = on allows them)\n",
	    later ? "served while it is fresh, then " : "",
	    object->fresh.no_cache ? "no-cache" : strict_by(object));
}

static void
print_down(FILE *out, const struct object *object,
    const struct policy_opts *opts, int64_t now_ms)
{
	const struct freshness *fresh = &object->fresh;
	int64_t ttl = object_ttl_ms(object, now_ms), end_ms;
	const char *by;

	fputs("  if down   ", out);
	if (object->kind == KIND_THEME || object->kind == KIND_ASSET) {
		fputs("served: themes and their files are kept until "
		    "replaced\n", out);
		return;
	}
	if (!opts->stale_override && (fresh->no_cache || fresh->strict)) {
		print_forbidden(out, object, ttl);
		return;
	}
	end_ms = now_ms + ttl + stale_for_ms(fresh, opts, &by);
	if (end_ms >= now_ms)
		fprintf(out, "served%s until ", ttl > 0 && !fresh->no_cache ?
		    ", fresh and then stale," : " stale");
	else
		fputs("an error: too stale since ", out);
	print_moment(out, end_ms, now_ms);
	fprintf(out, ", by %s\n", by);
}

void
words_state(FILE *out, const struct object *object,
    const struct policy_opts *opts, int64_t now_ms)
{
	const struct policy_request request = {.is_get = true,
	    .cc = {.max_age = -1, .s_maxage = -1, .max_stale = -1,
	    .min_fresh = -1}};
	enum use use = policy_judge(&object->fresh,
	    object_ttl_ms(object, now_ms), &request, false, opts);

	print_fresh(out, object, now_ms);
	print_next(out, object, use, now_ms);
	print_down(out, object, opts, now_ms);
}

/* ---- what it said ---- */

void
words_said(FILE *out, const struct object *object)
{
	static const char *const names[] = {"Livery-Cache-Control",
	    "CDN-Cache-Control", "Surrogate-Control", "Cache-Control",
	    "Expires", "Date", "Last-Modified", "Vary"};
	const char *value;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		unsigned at = 0;

		while ((value = head_next(&object->head, names[i], &at)) !=
		    NULL) {
			fprintf(out, "  it says   %s: ", names[i]);
			look_print(out, value);
			fputc('\n', out);
		}
	}
}

/* ---- not stored ---- */

const char *
words_unstored(const char *why)
{
	static const char *const meanings[][2] = {
		{"set-cookie", "the answer sets a cookie, and that is one "
		    "client's"},
		{"no-store", "the answer says no-store"},
		{"private", "the answer says private: it is one client's"},
		{"authorization", "the request had Authorization, and the "
		    "answer does not say public, s-maxage or "
		    "must-revalidate"},
		{"vary *", "its Vary says *, or what is no field's name: it "
		    "fits no other request"},
		{"status", "with its status it is a failure, or an answer to "
		    "one client's range or condition"},
		{"method", "only answers to GET are kept"},
		{"request no-store", "the client's request said no-store"},
		{"must-understand", "it says must-understand, and its status "
		    "is not one that is understood here"},
		{"no freshness", "nothing says how long it is fresh: no "
		    "s-maxage, max-age or Expires, no Last-Modified to guess "
		    "by, and the site has no default_ttl"},
		{"no-cache", "it says no-cache, and without ETag or "
		    "Last-Modified the upstream cannot be asked whether it "
		    "still holds"},
		{"stale", "it came stale, may not be served stale, and "
		    "without ETag or Last-Modified the upstream cannot be "
		    "asked whether it still holds"},
		{"no length", "nothing but the end of the connection ended "
		    "it, so a part could not be told from the whole"},
		{"too big", "it is larger than store_max, or than themed_max "
		    "where it is to be dressed"},
	};

	for (size_t i = 0; i < COUNT_OF(meanings); i++)
		if (strcmp(why, meanings[i][0]) == 0)
			return meanings[i][1];
	if (strncmp(why, "cookie ", 7) == 0)
		return "a request with this cookie is somebody's own; "
		    "ignore_cookies lists those that do not count";
	return NULL;
}
