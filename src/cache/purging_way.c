/* cache/purging_way.c - how the rows of a purge are found
 *
 * Each kind has one way to find its candidates, and the meaning has the last
 * word on each: so rows and objects in memory cannot be judged in two ways.
 * Where the index alone decides (a tag, everything) nothing is left to ask. */
#include "cache/purging_way.h"

#include <string.h>
#include <strings.h>

#include "cache/row.h"

/* What a candidate is judged by. ?1 and ?2: ids from (without) and to (with);
 * ?3, ?4: what the kind looks for. One column only: all of them are meant. */
#define JUDGED "id, key, site, url, tags, lasting, head "
#define BETWEEN "id > ?1 AND id <= ?2 "
const char WAY_ROW[] = "SELECT " JUDGED "FROM entry WHERE id = ?1";
static const struct way {
	const char *kind;
	const char *sql;
} ways[] = {
	{"key", "SELECT " JUDGED "FROM entry INDEXED BY "
	    "entry_by_key WHERE key IN (?3, ?4) AND "
	    BETWEEN "ORDER BY id"},
	{"url", "SELECT " JUDGED "FROM entry INDEXED BY "
	    "entry_by_target WHERE target IN (?3, ?4) "
	    "AND " BETWEEN "ORDER BY id"},
	{"path", "SELECT " JUDGED "FROM entry INDEXED BY "
	    "entry_by_target WHERE target IN (?3, ?4) "
	    "AND " BETWEEN "ORDER BY id"},
	{"at", "SELECT " JUDGED "FROM entry INDEXED BY "
	    "entry_by_target WHERE target IN (?3, ?4) "
	    "AND " BETWEEN "ORDER BY id"},
	/* what lasts has no rows in `tag` */
	{"tag", "SELECT entry_id FROM tag WHERE tag = ?3 AND "
	    "entry_id > ?1 AND entry_id <= ?2 ORDER BY entry_id"},
	/* only counted: see rows_purge() */
	{"tags", "SELECT " JUDGED "FROM entry WHERE tags <> '' AND " BETWEEN
	    "ORDER BY id"},
	{"all", "SELECT " JUDGED "FROM entry WHERE " BETWEEN
	    "ORDER BY id"},
	{"match", "SELECT " JUDGED "FROM entry WHERE " BETWEEN
	    "ORDER BY id"},
};
/* Every site: the row itself is not looked at. In the order of the table: by the
 * index of use all of them would be sorted for the first few. */
static const struct way everything = {"all", "SELECT id FROM entry NOT INDEXED "
    "WHERE " BETWEEN "AND lasting = 0 ORDER BY id"};
/* The same, in no order, from the index of use alone. */
static const struct way everything_counted = {"all", "SELECT id FROM "
    "entry INDEXED BY entry_by_use WHERE lasting = 0 AND " BETWEEN};

static const struct way *
way_of(const struct meaning *meaning, bool counting)
{
	const char *kind = meaning_kind(meaning);

	if (strcmp(kind, "all") == 0 && !*meaning_where(meaning))
		return counting ? &everything_counted : &everything;
	for (size_t i = 0; i < COUNT_OF(ways); i++)
		if (strcmp(ways[i].kind, kind) == 0)
			return &ways[i];
	must(!"a purge has one of the kinds");
	return NULL;
}

int
way_prepare(sqlite3_stmt **out, sqlite3 *sqlite, const struct meaning *meaning,
    bool counting)
{
	return sqlite3_prepare_v2(sqlite, way_of(meaning, counting)->sql, -1,
	    out, NULL);
}

void
way_bind(sqlite3_stmt *stmt, const struct meaning *meaning, int64_t from,
    int64_t to)
{
	const char *target = meaning_target(meaning);

	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	if (sqlite3_bind_parameter_count(stmt) < 3)
		return;
	sqlite3_bind_text(stmt, 3, target ? target : meaning_key(meaning), -1,
	    SQLITE_STATIC);
	if (sqlite3_bind_parameter_count(stmt) >= 4)
		sqlite3_bind_text(stmt, 4, meaning_twin(meaning), -1,
		    SQLITE_STATIC);
}

/* ---- judging ---- */

static const char *
text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? text : "";
}

/* The Content-Type in "Name: value" lines. */
static struct slice
type_of(const char *head)
{
	static const char name[] = "content-type:";
	struct slice type = {"", 0};

	while (head && strncasecmp(head, name, sizeof(name) - 1) != 0) {
		head = strchr(head, '\n');
		head = head ? head + 1 : NULL;
	}
	if (!head)
		return type;
	type.from = head + sizeof(name) - 1;
	type.from += strspn(type.from, " \t");
	type.len = strcspn(type.from, "\r\n");
	return type;
}

bool
way_is_meant(sqlite3_stmt *stmt, const struct meaning *meaning)
{
	struct purgeable what;
	struct slice type;

	if (sqlite3_column_count(stmt) == 1)
		return true; /* its index has the last word */
	type = type_of(strcmp(meaning_kind(meaning), "match") == 0 ?
	    text(stmt, 6) : NULL);
	what = (struct purgeable){
		.key = text(stmt, 1),
		.site = text(stmt, 2),
		.url = text(stmt, 3),
		.tags = text(stmt, 4),
		.type = type.from,
		.type_len = type.len,
		.is_lasting = sqlite3_column_int(stmt, 5) != 0,
	};
	return meaning_holds(meaning, &what);
}
