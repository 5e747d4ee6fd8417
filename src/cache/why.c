/* cache/why.c - `livery cache why URL`: in words, what is stored for it and
 * what would be served when */
#include "cache/inspect.h"

#include <string.h>

#include "base/clock.h"
#include "cache/look.h"
#include "cache/rows.h"
#include "cache/target.h"
#include "cache/unswept.h"
#include "cache/words.h"

enum {
	/* columns behind ROW_COLUMNS and the body */
	HITS = ROW_BOUND + 1,
	LAST_USED,
	LAST_ERROR,
	STALE_OVERRIDE,
	STALE_MAX,
	ENTRY_ID,
	EXPIRED,
	VARIANTS,
};

/* The window of one key's variants; the URL comes as a path or a whole. */
static const char sql_entries[] = "SELECT " ROW_COLUMNS ", bytes, hits, "
    "last_used_ms, last_error, coalesce(stale_override, 0), "
    "coalesce(stale_max_ms, 604800000), entry.id, "
    "nullif(expired_ms, -1), count(*) OVER (PARTITION BY key) FROM entry "
    "LEFT JOIN body ON body.id = entry.id LEFT JOIN site ON "
    "site.name = entry.site WHERE target = ?1 AND (url = ?2 OR ?1 = ?2) "
    "ORDER BY key, answered_ms DESC";
static const char sql_dresses[] = "SELECT dress.theme, theme_version, "
    "made_ms, dress.size, theme.live, source_sum = entry.sum FROM dress "
    "JOIN entry ON entry.id = dress.entry_id LEFT JOIN theme ON "
    "theme.name = dress.theme AND theme.version = theme_version "
    "WHERE entry_id = ?1";
static const char sql_unstored[] = "SELECT url, why, at_ms FROM unstored "
    "WHERE url = ?1 OR (?1 GLOB '/*' AND substr(url, -length(?1)) = ?1) "
    "ORDER BY at_ms DESC";
static const char sql_problems[] = "SELECT last_at, times, what, reason, "
    "instead FROM problems WHERE url = ?1 OR (?1 GLOB '/*' AND "
    "substr(url, -length(?1)) = ?1) LIMIT 5";
/* What may have been meant: another host or scheme, with or without the last
 * slash, with none or another query ('@' comes after '?'). */
static const char sql_near[] = "SELECT DISTINCT url FROM entry WHERE "
    "(target IN (?1, ?1 || '/', rtrim(?1, '/'), ?2, ?2 || '/') OR "
    "target >= ?2 || '?' AND target < ?2 || '@') AND "
    "state_of(id, '') <> 'purged' ORDER BY 1 LIMIT 6";

static const char *
text_of(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
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

/* ---- what is stored ---- */

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
		fputs("  dressed   in ", out);
		look_print(out, text_of(stmt, 0));
		fputc(' ', out);
		look_print(out, text_of(stmt, 1));
		fprintf(out, " at %s, %lld bytes%s\n", time,
		    (long long)sqlite3_column_int64(stmt, 3),
		    !sqlite3_column_int(stmt, 5) ?
		    ": the page has changed since" :
		    sqlite3_column_int(stmt, 4) ? ", the live theme" :
		    ": not the live theme, so it is dressed anew");
	}
	sqlite3_finalize(stmt);
}

static void
print_stored(const struct object *object, sqlite3_stmt *stmt, int64_t now_ms,
    FILE *out)
{
	int64_t used_ms = sqlite3_column_int64(stmt, LAST_USED);
	int64_t hits = sqlite3_column_int64(stmt, HITS);
	char time[32], span[32];

	look_time(time, object->answered_ms);
	look_span(span, object_age_ms(object, now_ms));
	fprintf(out, "  stored    %s, status %d, %zu bytes, age %s\n", time,
	    object->status, object->body->len, span);
	if (hits == 0) {
		fputs("  used      not yet from here\n", out);
		return;
	}
	look_span(span, used_ms < now_ms ? now_ms - used_ms : 0);
	fprintf(out, "  used      %lld hits, the last one %s ago\n",
	    (long long)hits, span);
}

static void
print_variant(const struct object *object, int number, int count, FILE *out)
{
	if (object->variant && *object->variant) {
		fprintf(out, "  variant   %d of %d: ", number, count);
		words_variant(out, object);
		fputc('\n', out);
	}
}

static void
print_object(const struct object *object, int number, sqlite3_stmt *stmt,
    FILE *out)
{
	const struct policy_opts opts = {
		.stale_override =
		    sqlite3_column_int(stmt, STALE_OVERRIDE) != 0,
		.stale_max_ms = sqlite3_column_int64(stmt, STALE_MAX),
	};
	int64_t now_ms = clock_wall_ms();

	print_variant(object, number, sqlite3_column_int(stmt, VARIANTS), out);
	print_stored(object, stmt, now_ms, out);
	words_state(out, object, &opts, now_ms);
	words_said(out, object);
	if (object->kind == KIND_RANGE)
		print_text(out, "parts", head_find(&object->head,
		    "Content-Range"));
	print_text(out, "etag", object->etag);
	print_text(out, "tags", object->tags);
	print_text(out, "error", text_of(stmt, LAST_ERROR));
}

static void
print_key(const struct key *key, const struct row *row, FILE *out)
{
	fputs("key ", out);
	look_print(out, key->text);
	fputs(" (", out);
	look_print(out, row->text[3].from);
	fputs(" of ", out);
	look_print(out, row->text[4].from);
	fputs(")\n", out);
}

/* A soft purge that is open: how it is then. */
static void
soften(struct object *object, sqlite3_stmt *stmt, enum meant meant,
    int64_t at_ms)
{
	atomic_store(&object->expired_ms, sqlite3_column_int64(stmt, EXPIRED));
	if (meant == MEANT_SOFT)
		object_expire(object, at_ms);
}

/* number: 1 for the first variant of its key, whose key is printed. False: it
 * has been purged. */
static bool
print_entry(struct unswept *unswept, sqlite3 *sqlite, sqlite3_stmt *stmt,
    int number, struct summing *summing, FILE *out)
{
	int64_t id = sqlite3_column_int64(stmt, ENTRY_ID), at_ms = 0;
	enum meant meant = unswept_judge(unswept, id, &at_ms);
	struct object *object;
	struct row row;
	struct key key;

	row_read(&row, stmt);
	key = (struct key){row.text[0].from, row.text[0].len, 0};
	if (key.text && number == 1)
		print_key(&key, &row, out);
	if (meant == MEANT_HARD) {
		fputs("  purged    served to nobody; the row goes soon\n",
		    out);
		return false;
	}
	if (!key.text || !row_is_whole(&row, &key, summing)) {
		fputs("  damaged   the row will be dropped when it is asked "
		    "for\n", out);
		return true;
	}
	key_hash(&key);
	object = row_to_object(&row, &key);
	if (object) {
		soften(object, stmt, meant, at_ms);
		print_object(object, number, stmt, out);
		print_dresses(sqlite, id, out);
	}
	object_unref(&object);
	return true;
}

/* Gives how many there are that have not been purged; -1: the file cannot be
 * read on. */
static int
print_entries(struct unswept *unswept, sqlite3 *sqlite, const char *name,
    FILE *out, struct err *err)
{
	struct summing *summing = summing_new();
	sqlite3_stmt *stmt = NULL;
	int step, found = -1, number = 0, left = 0, all = 0;

	if (look_prepare(&stmt, sqlite, sql_entries, err) != 0)
		goto out;
	sqlite3_bind_text(stmt, 1, target_of(name), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, name, -1, SQLITE_STATIC);
	found = 0;
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		number = left ? number + 1 : 1;
		left = (left ? left : sqlite3_column_int(stmt, VARIANTS)) - 1;
		if (all++)
			fputc('\n', out);
		found += print_entry(unswept, sqlite, stmt, number, summing,
		    out);
	}
	if (step != SQLITE_DONE)
		found = err_set(err, "%s", sqlite3_errmsg(sqlite));
out:
	sqlite3_finalize(stmt);
	summing_free(&summing);
	return found;
}

/* ---- what is not ---- */

/* found: how many are stored all the same. */
static bool
print_unstored(sqlite3 *sqlite, const char *url, int found, FILE *out)
{
	sqlite3_stmt *stmt = NULL;
	const char *why, *meaning;
	bool is_known = false;
	char time[32];

	if (sqlite3_prepare_v2(sqlite, sql_unstored, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return false;
	sqlite3_bind_text(stmt, 1, url, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		is_known = true;
		why = text_of(stmt, 1);
		meaning = words_unstored(why);
		look_time(time, sqlite3_column_int64(stmt, 2));
		fprintf(out, "%s  not kept  %s ", found ? "\n" : "", time);
		look_print(out, text_of(stmt, 0));
		fputs(": ", out);
		look_print(out, why);
		fprintf(out, "%s%s%s\n", meaning ? " (" : "",
		    meaning ? meaning : "", meaning ? ")" : "");
	}
	sqlite3_finalize(stmt);
	return is_known;
}

static void
print_near(sqlite3 *sqlite, const char *name, FILE *out)
{
	const char *target = target_of(name);
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(sqlite, sql_near, -1, &stmt, NULL) !=
	    SQLITE_OK)
		return;
	sqlite3_bind_text(stmt, 1, target, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, target, (int)strcspn(target, "?"),
	    SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		print_text(out, "stored is", text_of(stmt, 0));
	sqlite3_finalize(stmt);
}

static void
print_nothing(sqlite3 *sqlite, const char *name, FILE *out)
{
	fputs("nothing is stored for ", out);
	look_print(out, name);
	fputc('\n', out);
	if (!print_unstored(sqlite, name, 0, out))
		fputs("  why       nobody asked for it, or it was purged, "
		    "thrown out for others, or never finished; nothing was "
		    "noted of late\n", out);
	print_near(sqlite, name, out);
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
		fputs("  problem   ", out);
		look_print(out, text_of(stmt, 0));
		fprintf(out, ", %lld times: ",
		    (long long)sqlite3_column_int64(stmt, 1));
		look_print(out, text_of(stmt, 2));
		fputs(": ", out);
		look_print(out, text_of(stmt, 3));
		fputs("; instead: ", out);
		look_print(out, text_of(stmt, 4));
		fputc('\n', out);
	}
	sqlite3_finalize(stmt);
}

static int
print_all(struct unswept *unswept, sqlite3 *sqlite, const char *name,
    FILE *out, struct err *err)
{
	int found = print_entries(unswept, sqlite, name, out, err);

	if (found > 0)
		(void)print_unstored(sqlite, name, found, out);
	else if (found == 0)
		print_nothing(sqlite, name, out);
	if (found >= 0)
		print_problems(sqlite, name, out);
	return found < 0 ? -1 : found ? 0 : 1;
}

int
inspect_why(const char *file, const char *url, FILE *out, struct err *err)
{
	struct unswept *unswept = NULL;
	const char *name;
	char room[KEY_MAX];
	sqlite3 *sqlite = NULL;
	int rc = -1;

	if (look_open(&sqlite, file, err) != 0)
		return -1;
	name = look_url(sqlite, url, room);
	if (!name) {
		fprintf(out, "nothing is stored for it: its URL is longer "
		    "than %d bytes\n", KEY_MAX);
		rc = 1;
		goto out;
	}
	if (unswept_new(&unswept, sqlite, err) == 0 &&
	    unswept_function(unswept, err) == 0)
		rc = print_all(unswept, sqlite, name, out, err);
out:
	unswept_free(&unswept);
	sqlite3_close(sqlite);
	return rc;
}
