/* cache/look.c - reading a cache file from outside */
#include "cache/look.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cache/query.h"

enum {
	WIDTH_MAX = 70,      /* of a column of a table */
	COLUMNS_MAX = 16,
	IGNORED_MAX = 1000,  /* parameters of one site */
	PROGRESS_STEPS = 100000, /* of SQLite's machine: some milliseconds */
};

int
look_open(sqlite3 **out, const char *file, struct err *err)
{
	sqlite3 *sqlite = NULL;
	int rc;

	if (access(file, R_OK) != 0)
		return err_set(err, "%s: there is no cache file that may be "
		    "read (--cache FILE names another)", file);
	rc = db_connect(&sqlite, file, SQLITE_OPEN_READONLY);
	if (rc != SQLITE_OK) {
		err_set(err, "%s: %s", file,
		    sqlite ? sqlite3_errmsg(sqlite) : sqlite3_errstr(rc));
		goto out;
	}
	if (!db_is_ours(sqlite, err)) {
		err_prefix(err, "%s", file);
		goto out;
	}
	*out = sqlite;
	return 0;
out:
	sqlite3_close(sqlite);
	return -1;
}

int
look_prepare(sqlite3_stmt **out, sqlite3 *sqlite, const char *sql,
    struct err *err)
{
	if (sqlite3_prepare_v2(sqlite, sql, -1, out, NULL) != SQLITE_OK)
		return err_set(err, "%s", sqlite3_errmsg(sqlite));
	return 0;
}

/* Texts parted by spaces, as a NULL-ended list. */
static void
split(const char **list, size_t max, char *text)
{
	char *rest = NULL;
	size_t n = 0;

	for (text = strtok_r(text, " ", &rest); text && n + 1 < max;
	     text = strtok_r(NULL, " ", &rest))
		list[n++] = text;
	list[n] = NULL;
}

static bool
is_stored(sqlite3 *sqlite, const char *url)
{
	sqlite3_stmt *stmt;
	struct err err;
	bool is;

	if (look_prepare(&stmt, sqlite, "SELECT 1 FROM entry WHERE url = ?1 "
	    "LIMIT 1", &err) != 0)
		return false;
	sqlite3_bind_text(stmt, 1, url, -1, SQLITE_STATIC);
	is = sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_finalize(stmt);
	return is;
}

/* The URL by the rules of one site, a row of its own; room: KEY_MAX bytes. */
static void
by_rules(char *room, sqlite3_stmt *site, const char *url)
{
	const char *words = (const char *)sqlite3_column_text(site, 1);
	char *text = mem_strdup(words ? words : "");
	const char *ignore[IGNORED_MAX];
	struct query_rules rules = {sqlite3_column_int(site, 0) != 0, ignore};
	struct slice normal;

	split(ignore, IGNORED_MAX, text);
	normal = query_normal(&rules, room,
	    (struct slice){url, strlen(url)});
	memmove(room, normal.from, normal.len);
	room[normal.len] = '\0';
	mem_free(&text);
}

/* What some site's rules make of it, if that is stored. */
static bool
find_by_rules(sqlite3 *sqlite, const char *url, char *room)
{
	sqlite3_stmt *site;
	struct err err;
	bool found = false;

	if (look_prepare(&site, sqlite, "SELECT sort_query, ignore_params "
	    "FROM site WHERE sort_query OR ignore_params <> ''", &err) != 0)
		return false;
	while (!found && sqlite3_step(site) == SQLITE_ROW) {
		by_rules(room, site, url);
		found = is_stored(sqlite, room);
	}
	sqlite3_finalize(site);
	return found;
}

const char *
look_url(sqlite3 *sqlite, const char *url, char *room)
{
	char normal[KEY_MAX];
	struct key key;

	if (url[0] == '/')
		return strlen(url) < KEY_MAX ? url : NULL;
	if (key_make_url(&key, room, KIND_PAGE, "-", url) != 0)
		return NULL;
	url = key_url(&key);
	if (!strchr(url, '?') || is_stored(sqlite, url) ||
	    !find_by_rules(sqlite, url, normal))
		return url;
	/* the room that it is borrowed from */
	strcpy(room, normal);
	return room;
}

/* ---- waiting ---- */

/* On the terminal, over whatever stood in that line. */
static int
on_progress(void *arg)
{
	struct look_busy *busy = arg;
	uint64_t s = (clock_mono_ms() - busy->since_ms) / 1000;

	if (s == busy->told_s)
		return 0;
	busy->told_s = s;
	fprintf(stderr, "\rreading %lld MiB: %llu s ",
	    busy->bytes >> 20, (unsigned long long)s);
	return 0;
}

void
look_busy(struct look_busy *busy, sqlite3 *sqlite, long long bytes)
{
	memset(busy, 0, sizeof(*busy));
	busy->since_ms = clock_mono_ms();
	busy->bytes = bytes;
	if (isatty(STDERR_FILENO))
		sqlite3_progress_handler(sqlite, PROGRESS_STEPS, on_progress,
		    busy);
}

void
look_calm(struct look_busy *busy, sqlite3 *sqlite)
{
	sqlite3_progress_handler(sqlite, 0, NULL, NULL);
	if (busy->told_s)
		fprintf(stderr, "\r\033[K");
}

/* ---- printing ---- */

static void
add_escaped(struct buf *buf, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			buf_printf(buf, "\\x%02x", c);
		else
			buf_putc(buf, (char)c);
	}
}

void
look_print(FILE *out, const char *text)
{
	struct buf buf;

	buf_init(&buf, HEAD_TEXT_MAX * 4);
	add_escaped(&buf, text ? text : "");
	if (buf.len)
		fwrite(buf.data, 1, buf.len, out);
	buf_fini(&buf);
}

void
look_time(char out[32], int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(out, 32, "%lld ms", (long long)ms);
}

void
look_span(char out[32], int64_t ms)
{
	long long s = ms / 1000;

	if (s < 120)
		snprintf(out, 32, "%lld s", s);
	else if (s < 7200)
		snprintf(out, 32, "%lld min %lld s", s / 60, s % 60);
	else if (s < 172800)
		snprintf(out, 32, "%lld h %lld min", s / 3600, s / 60 % 60);
	else
		snprintf(out, 32, "%lld d %lld h", s / 86400, s / 3600 % 24);
}

static void
print_cells(FILE *out, char *const *cells, const size_t *width, int columns)
{
	for (int i = 0; i < columns; i++) {
		if (!width)
			fprintf(out, "%s%s", i ? "\t" : "", cells[i]);
		else if (i == columns - 1)
			fprintf(out, "%s", cells[i]);
		else
			fprintf(out, "%-*s  ", (int)width[i], cells[i]);
	}
	fputc('\n', out);
}

static char *
cell_of(const char *text)
{
	struct buf buf;

	buf_init(&buf, HEAD_TEXT_MAX * 4);
	add_escaped(&buf, text ? text : "");
	return buf_steal(&buf, NULL);
}

/* Rows gathered so that their columns can be lined up. */
struct table {
	char **cells;
	size_t count, room;
	size_t width[COLUMNS_MAX];
	int columns;
};

static void
table_add(struct table *table, int column, char *cell)
{
	size_t len = strlen(cell);

	if (table->count == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->cells = mem_resize(table->cells,
		    table->room * sizeof(*table->cells));
	}
	table->cells[table->count++] = cell;
	if (len > WIDTH_MAX)
		len = WIDTH_MAX;
	if (len > table->width[column])
		table->width[column] = len;
}

static void
table_end(struct table *table, FILE *out, bool lined_up)
{
	for (size_t i = 0; i < table->count; i += (size_t)table->columns)
		print_cells(out, table->cells + i,
		    lined_up ? table->width : NULL, table->columns);
	for (size_t i = 0; i < table->count; i++)
		mem_free(&table->cells[i]);
	mem_free(&table->cells);
	table->room = table->count = 0;
}

void
look_table(FILE *out, sqlite3_stmt *stmt,
    bool (*wanted)(const char *pattern, const char *first),
    const char *pattern)
{
	struct table table = {.columns = sqlite3_column_count(stmt)};
	bool lined_up = isatty(fileno(out));

	must(table.columns <= COLUMNS_MAX);
	for (int i = 0; lined_up && i < table.columns; i++)
		table_add(&table, i, cell_of(sqlite3_column_name(stmt, i)));
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *first =
		    (const char *)sqlite3_column_text(stmt, 0);

		if (wanted && (!first || !wanted(pattern, first)))
			continue;
		for (int i = 0; i < table.columns; i++)
			table_add(&table, i, cell_of((const char *)
			    sqlite3_column_text(stmt, i)));
		if (!lined_up)
			table_end(&table, out, false);
	}
	table_end(&table, out, lined_up);
}
