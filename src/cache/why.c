/* cache/why.c - `livery cache why URL`: in words, what is stored for it and
 * what would be served when */
#include "cache/inspect.h"

#include <string.h>

#include "base/clock.h"
#include "cache/look.h"
#include "cache/policy.h"
#include "cache/rows.h"

enum {
	/* columns behind ROW_COLUMNS and the body */
	HITS = ROW_BOUND + 1,
	LAST_ERROR,
	STALE_OVERRIDE,
	STALE_MAX,
	ENTRY_ID,
};

static const char sql_entries[] = "SELECT " ROW_COLUMNS ", bytes, hits, "
    "last_error, coalesce(stale_override, 0), "
    "coalesce(stale_max_ms, 604800000), entry.id FROM entry "
    "LEFT JOIN body ON body.id = entry.id LEFT JOIN site ON "
    "site.name = entry.site WHERE target = ?1 AND (url = ?2 OR ?1 = ?2) "
    "ORDER BY answered_ms DESC";
static const char sql_dresses[] = "SELECT theme, theme_version, made_ms, "
    "size FROM dress WHERE entry_id = ?1";
static const char sql_unstored[] = "SELECT url, why, at_ms FROM unstored "
    "WHERE url = ?1 OR (?1 GLOB '/*' AND substr(url, -length(?1)) = ?1) "
    "ORDER BY at_ms DESC";
static const char sql_problems[] = "SELECT last_at, times, what, reason, "
    "instead FROM problems WHERE url = ?1 OR (?1 GLOB '/*' AND "
    "substr(url, -length(?1)) = ?1) LIMIT 5";

/* Which field the lifetime comes from. */
static const char *
source_of_lifetime(const struct object *object)
{
	struct cachecontrol cc;

	cachecontrol_read(&cc, &object->head, "Cache-Control");
	if (cc.s_maxage >= 0)
		return "Cache-Control: s-maxage";
	if (cc.max_age >= 0)
		return "Cache-Control: max-age";
	if (head_find(&object->head, "Expires"))
		return "Expires";
	if (head_find(&object->head, "Last-Modified"))
		return "a tenth of the time since Last-Modified";
	return "the site's default_ttl";
}

static void
print_freshness(const struct object *object, int64_t now_ms, FILE *out)
{
	int64_t ttl = object_ttl_ms(object, now_ms);
	char time[32], span[32];

	look_time(time, now_ms + ttl);
	look_span(span, ttl < 0 ? -ttl : ttl);
	if (object->fresh.no_cache)
		fprintf(out, "  fresh     never without asking (no-cache)\n");
	else if (ttl > 0)
		fprintf(out, "  fresh     until %s, %s more, by %s\n", time,
		    span, source_of_lifetime(object));
	else
		fprintf(out, "  stale     since %s, for %s, by %s\n", time,
		    span, source_of_lifetime(object));
}

/* What happens with the next request, with the upstream up or down. */
static void
print_verdict(const struct object *object, const struct policy_opts *opts,
    int64_t now_ms, FILE *out)
{
	static const char *const up[] = {
		[USE_FRESH] = "served as it is",
		[USE_REFRESH] = "served stale, and refreshed behind",
		[USE_IF_FAILED] = "asked for anew first",
		[USE_VALIDATED] = "asked for anew first",
	};
	const struct policy_request request = {.is_get = true,
	    .cc = {.max_age = -1, .s_maxage = -1, .max_stale = -1,
	    .min_fresh = -1}};
	int64_t ttl = object_ttl_ms(object, now_ms);
	bool lasting = object->kind == KIND_THEME ||
	    object->kind == KIND_ASSET;
	enum use is_up = policy_judge(&object->fresh, ttl, &request, false,
	    opts);
	enum use is_down = policy_judge(&object->fresh, ttl, &request, true,
	    opts);

	fprintf(out, "  next      %s\n", up[is_up]);
	if (lasting)
		fprintf(out, "  if down   served: themes and their files are "
		    "kept until replaced\n");
	else if (is_down == USE_VALIDATED)
		fprintf(out, "  if down   an error: %s\n",
		    -ttl > opts->stale_max_ms ? "it is staler than stale_max" :
		    object->fresh.no_cache ? "no-cache forbids stale answers "
		    "(stale_override allows them)" :
		    object->fresh.strict ? "must-revalidate, "
		    "proxy-revalidate or s-maxage forbids stale answers "
		    "(stale_override allows them)" :
		    "its stale-if-error has passed");
	else
		fprintf(out, "  if down   served%s\n",
		    is_down == USE_FRESH ? "" : " stale");
}

static void
print_dresses(sqlite3 *sqlite, int64_t id, FILE *out)
{
	sqlite3_stmt *stmt = NULL;
	char time[32];

	if (sqlite3_prepare_v2(sqlite, sql_dresses, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return;
	sqlite3_bind_int64(stmt, 1, id);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		look_time(time, sqlite3_column_int64(stmt, 2));
		fprintf(out, "  dressed   in ");
		look_print(out, (const char *)sqlite3_column_text(stmt, 0));
		fprintf(out, " ");
		look_print(out, (const char *)sqlite3_column_text(stmt, 1));
		fprintf(out, " at %s, %lld bytes\n", time,
		    (long long)sqlite3_column_int64(stmt, 3));
	}
	sqlite3_finalize(stmt);
}

/* A name and a stored text, if there is one. */
static void
print_text(FILE *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "  %-9s ", name);
	look_print(out, text);
	fputc('\n', out);
}

static void
print_object(const struct object *object, const struct policy_opts *opts,
    sqlite3_stmt *stmt, FILE *out)
{
	int64_t now_ms = clock_wall_ms();
	char time[32], age[32];

	look_time(time, object->answered_ms);
	look_span(age, object_age_ms(object, now_ms));
	fprintf(out, "  stored    %s, age %s, status %d, %zu bytes, %lld "
	    "hits\n", time, age, object->status, object->body->len,
	    (long long)sqlite3_column_int64(stmt, HITS));
	print_text(out, "variant", object->variant);
	print_freshness(object, now_ms, out);
	print_verdict(object, opts, now_ms, out);
	print_text(out, "etag", object->etag);
	print_text(out, "tags", object->tags);
	print_text(out, "error",
	    (const char *)sqlite3_column_text(stmt, LAST_ERROR));
}

static void
print_entry(sqlite3 *sqlite, sqlite3_stmt *stmt, struct summing *summing,
    FILE *out)
{
	struct policy_opts opts = {
		.stale_override =
		    sqlite3_column_int(stmt, STALE_OVERRIDE) != 0,
		.stale_max_ms = sqlite3_column_int64(stmt, STALE_MAX),
	};
	struct object *object;
	struct row row;
	struct key key;

	row_read(&row, stmt);
	key.text = row.text[0].from;
	key.len = row.text[0].len;
	look_print(out, key.text);
	fputc('\n', out);
	if (!key.text || !row_is_whole(&row, &key, summing)) {
		fputs("  damaged   the row will be dropped when it is asked "
		    "for\n", out);
		return;
	}
	key_hash(&key);
	object = row_to_object(&row, &key);
	if (object) {
		print_object(object, &opts, stmt, out);
		print_dresses(sqlite, sqlite3_column_int64(stmt, ENTRY_ID),
		    out);
	}
	object_unref(&object);
}

static void
print_unstored(sqlite3 *sqlite, const char *url, FILE *out)
{
	sqlite3_stmt *stmt = NULL;
	char time[32];

	if (sqlite3_prepare_v2(sqlite, sql_unstored, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return;
	sqlite3_bind_text(stmt, 1, url, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		look_time(time, sqlite3_column_int64(stmt, 2));
		fprintf(out, "  not kept  %s: ", time);
		look_print(out, (const char *)sqlite3_column_text(stmt, 1));
		fputc('\n', out);
	}
	sqlite3_finalize(stmt);
}

static void
print_problems(sqlite3 *sqlite, const char *url, FILE *out)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(sqlite, sql_problems, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return;
	sqlite3_bind_text(stmt, 1, url, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		fputs("  problem  ", out);
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			fputc(' ', out);
			look_print(out,
			    (const char *)sqlite3_column_text(stmt, i));
		}
		fputc('\n', out);
	}
	sqlite3_finalize(stmt);
}

int
inspect_why(const char *file, const char *url, FILE *out, struct err *err)
{
	struct summing *summing = summing_new();
	char room[KEY_MAX];
	const char *name = look_url(url, room);
	sqlite3_stmt *stmt = NULL;
	sqlite3 *sqlite = NULL;
	int rc = -1, step, found = 0;

	if (look_open(&sqlite, file, err) != 0)
		goto out;
	rc = 1;
	if (!name) {
		fprintf(out, "not stored: its URL is longer than %d bytes\n",
		    KEY_MAX);
		goto out;
	}
	rc = look_prepare(&stmt, sqlite, sql_entries, err);
	if (rc != 0)
		goto out;
	sqlite3_bind_text(stmt, 1, target_of(name), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, name, -1, SQLITE_STATIC);
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		print_entry(sqlite, stmt, summing, out);
		found++;
	}
	if (step != SQLITE_DONE) {
		rc = err_set(err, "%s: %s", file, sqlite3_errmsg(sqlite));
		goto out;
	}
	if (!found)
		fputs("nothing is stored for it: never asked for, purged, "
		    "thrown out, or not to be kept\n", out);
	print_unstored(sqlite, name, out);
	print_problems(sqlite, name, out);
	rc = found ? 0 : 1;
out:
	sqlite3_finalize(stmt);
	sqlite3_close(sqlite);
	summing_free(&summing);
	return rc;
}
