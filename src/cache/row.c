/* cache/row.c - which member stands in which column
 *
 * One struct row serves both tables: an array of texts and one of numbers, so
 * that binding, reading and summing are loops and cannot disagree. */
#include "cache/row.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Where the members of struct row come in ROW_COLUMNS. */
enum { KEY, VARIANT, VARY, KIND, SITE, URL, HEAD, ETAG, LAST_MODIFIED, TAGS };
enum {
	STATUS,
	ASKED,
	ANSWERED,
	COST,
	LIFETIME,
	INITIAL_AGE,
	SWR,
	SIE,
	STRICT,
	NO_CACHE,
	SIZE
};
static const int text_column[ROW_TEXTS] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10};
static const int number_column[ROW_NUMBERS] = {6, 11, 12, 13, 14, 15, 16, 17,
    18, 19, 20};
enum { BODY_SUM_COLUMN = 21, SUM_COLUMN = 22, BODY_COLUMN = 23 };

/* And in DRESS_COLUMNS. */
enum { D_THEME, D_VERSION, D_RULES, D_HEAD, D_ETAG, D_LAST_MODIFIED, D_TEXTS };
enum { D_STATUS, D_MADE, D_COST, D_SIZE, D_NUMBERS };
static const int dress_text_column[D_TEXTS] = {1, 2, 3, 5, 6, 7};
static const int dress_number_column[D_NUMBERS] = {4, 8, 9, 10};
enum { D_BODY_SUM_COLUMN = 11, D_SUM_COLUMN = 12, D_BODY_COLUMN = 13 };

static struct slice
text(const char *from)
{
	struct slice slice = {from, from ? strlen(from) : 0};

	return slice;
}

static struct slice
body_of(const struct object *object)
{
	struct slice slice = {"", 0};

	if (object->body) {
		slice.from = object->body->bytes;
		slice.len = object->body->len;
	}
	return slice;
}

static struct sum
row_sum(const struct row *row, int texts, int numbers,
    struct summing *summing)
{
	for (int i = 0; i < texts; i++) {
		summing_number(summing, row->text[i].from != NULL);
		summing_add(summing, row->text[i].from, row->text[i].len);
	}
	for (int i = 0; i < numbers; i++)
		summing_number(summing, row->number[i]);
	summing_add(summing, row->body_sum.bytes, SUM_LEN);
	return summing_end(summing);
}

static bool
is_same_sum(const struct sum *a, const struct sum *b)
{
	return memcmp(a->bytes, b->bytes, SUM_LEN) == 0;
}

/* ---- statements ---- */

static void
bind_text(sqlite3_stmt *stmt, int column, struct slice slice)
{
	if (slice.from)
		sqlite3_bind_text64(stmt, column + 1, slice.from, slice.len,
		    SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(stmt, column + 1);
}

static void
bind_sum(sqlite3_stmt *stmt, int column, const struct sum *sum)
{
	sqlite3_bind_blob(stmt, column + 1, sum->bytes, SUM_LEN,
	    SQLITE_STATIC);
}

static struct slice
read_text(sqlite3_stmt *stmt, int column)
{
	struct slice slice = {NULL, 0};

	/* the pointer first: asking for it may convert, and so the length */
	slice.from = (const char *)sqlite3_column_text(stmt, column);
	slice.len = (size_t)sqlite3_column_bytes(stmt, column);
	return slice;
}

static struct slice
read_blob(sqlite3_stmt *stmt, int column)
{
	struct slice slice = {NULL, 0};

	slice.from = sqlite3_column_blob(stmt, column);
	slice.len = (size_t)sqlite3_column_bytes(stmt, column);
	if (!slice.from)
		slice.from = "";
	return slice;
}

static struct sum
read_sum(sqlite3_stmt *stmt, int column)
{
	struct slice slice = read_blob(stmt, column);
	struct sum sum = {{0}};

	if (slice.len == SUM_LEN)
		memcpy(sum.bytes, slice.from, SUM_LEN);
	return sum;
}

/* ---- entries ---- */

static enum kind
kind_of(struct slice name)
{
	for (int kind = 0; kind < KINDS; kind++) {
		if (slice_is(name, kind_names[kind]))
			return (enum kind)kind;
	}
	return KINDS;
}

static void
take_numbers(struct row *row, const struct object *object)
{
	const struct freshness *fresh = &object->fresh;

	row->number[STATUS] = object->status;
	row->number[ASKED] = object->asked_ms;
	row->number[ANSWERED] = object->answered_ms;
	row->number[COST] = object->cost_ms;
	row->number[LIFETIME] = fresh->lifetime_ms;
	row->number[INITIAL_AGE] = fresh->initial_age_ms;
	row->number[SWR] = fresh->swr_ms;
	row->number[SIE] = fresh->sie_ms;
	row->number[STRICT] = fresh->strict;
	row->number[NO_CACHE] = fresh->no_cache;
	row->number[SIZE] = (int64_t)row->body.len;
}

static int
take_head(struct slice *out, const struct object *object, struct buf *head)
{
	buf_clear(head);
	if (head_write(&object->head, head) != 0 || head->failed)
		return -1;
	out->from = head->len ? head->data : "";
	out->len = head->len;
	return 0;
}

int
row_of_object(struct row *row, const struct object *object, struct buf *head,
    struct summing *summing)
{
	row->text[KEY] = text(object->key.text);
	row->text[VARIANT] = text(object->variant);
	row->text[VARY] = text(object->vary);
	row->text[KIND] = text(kind_names[object->kind]);
	row->text[SITE] = text(object->site);
	row->text[URL] = text(object->url);
	if (take_head(&row->text[HEAD], object, head) != 0)
		return -1;
	row->text[ETAG] = text(object->etag);
	row->text[LAST_MODIFIED] = text(object->last_modified);
	row->text[TAGS] = text(object->tags);
	row->body = body_of(object);
	take_numbers(row, object);
	row->body_sum = sum_of(row->body.from, row->body.len);
	row->sum = row_sum(row, ROW_TEXTS, ROW_NUMBERS, summing);
	return 0;
}

void
row_bind(const struct row *row, sqlite3_stmt *stmt)
{
	for (int i = 0; i < ROW_TEXTS; i++)
		bind_text(stmt, text_column[i], row->text[i]);
	for (int i = 0; i < ROW_NUMBERS; i++)
		sqlite3_bind_int64(stmt, number_column[i] + 1,
		    row->number[i]);
	bind_sum(stmt, BODY_SUM_COLUMN, &row->body_sum);
	bind_sum(stmt, SUM_COLUMN, &row->sum);
}

void
row_read(struct row *row, sqlite3_stmt *stmt)
{
	for (int i = 0; i < ROW_TEXTS; i++)
		row->text[i] = read_text(stmt, text_column[i]);
	for (int i = 0; i < ROW_NUMBERS; i++)
		row->number[i] = sqlite3_column_int64(stmt, number_column[i]);
	row->sum = read_sum(stmt, SUM_COLUMN);
	row->body = read_blob(stmt, BODY_COLUMN);
	row->body_sum = sum_of(row->body.from, row->body.len);
}

bool
row_is_whole(const struct row *row, const struct key *key,
    struct summing *summing)
{
	struct sum sum = row_sum(row, ROW_TEXTS, ROW_NUMBERS, summing);

	return is_same_sum(&sum, &row->sum) &&
	    row->text[KEY].len == key->len &&
	    memcmp(row->text[KEY].from, key->text, key->len) == 0 &&
	    row->number[SIZE] == (int64_t)row->body.len &&
	    kind_of(row->text[KIND]) != KINDS;
}

static int
give_body(struct object *object, struct slice bytes)
{
	char *copy = malloc(bytes.len + 1);

	if (!copy)
		return -1;
	if (bytes.len)
		memcpy(copy, bytes.from, bytes.len);
	copy[bytes.len] = '\0';
	object->body = body_new(&copy, bytes.len);
	return 0;
}

static const char *
keep_text(struct object *object, struct slice slice)
{
	return slice.from ?
	    arena_strndup(object->arena, slice.from, slice.len) : NULL;
}

static void
give_numbers(struct object *object, const struct row *row)
{
	struct freshness *fresh = &object->fresh;

	object->status = (int)row->number[STATUS];
	object->asked_ms = row->number[ASKED];
	object->answered_ms = row->number[ANSWERED];
	object->cost_ms = (uint32_t)row->number[COST];
	fresh->lifetime_ms = row->number[LIFETIME];
	fresh->initial_age_ms = row->number[INITIAL_AGE];
	fresh->swr_ms = row->number[SWR];
	fresh->sie_ms = row->number[SIE];
	fresh->strict = row->number[STRICT] != 0;
	fresh->no_cache = row->number[NO_CACHE] != 0;
}

struct object *
row_to_object(const struct row *row, const struct key *key)
{
	char *site = mem_strndup(row->text[SITE].from, row->text[SITE].len);
	struct object *object =
	    object_new(key, kind_of(row->text[KIND]), site);

	mem_free(&site);
	object->url = keep_text(object, row->text[URL]);
	object->variant = keep_text(object, row->text[VARIANT]);
	object->vary = keep_text(object, row->text[VARY]);
	object->etag = keep_text(object, row->text[ETAG]);
	object->last_modified = keep_text(object, row->text[LAST_MODIFIED]);
	object->tags = keep_text(object, row->text[TAGS]);
	give_numbers(object, row);
	if (head_read(&object->head, row->text[HEAD].from,
	    row->text[HEAD].len, NULL) != 0 ||
	    give_body(object, row->body) != 0)
		object_unref(&object);
	return object;
}

/* ---- dressed pages ---- */

static struct sum
dress_sum(const struct row *row, const struct sum *source,
    struct summing *summing)
{
	summing_add(summing, source->bytes, SUM_LEN);
	return row_sum(row, D_TEXTS, D_NUMBERS, summing);
}

int
dress_of_object(struct row *row, const struct object *dressed,
    int64_t made_ms, const struct sum *source, struct buf *head,
    struct summing *summing)
{
	row->text[D_THEME] = text(dressed->theme ? dressed->theme : "");
	row->text[D_VERSION] =
	    text(dressed->theme_version ? dressed->theme_version : "");
	row->text[D_RULES] =
	    text(dressed->rules_version ? dressed->rules_version : "");
	if (take_head(&row->text[D_HEAD], dressed, head) != 0)
		return -1;
	row->text[D_ETAG] = text(dressed->etag);
	row->text[D_LAST_MODIFIED] = text(dressed->last_modified);
	row->body = body_of(dressed);
	row->number[D_STATUS] = dressed->status;
	row->number[D_MADE] = made_ms;
	row->number[D_COST] = dressed->cost_ms;
	row->number[D_SIZE] = (int64_t)row->body.len;
	row->body_sum = sum_of(row->body.from, row->body.len);
	row->sum = dress_sum(row, source, summing);
	return 0;
}

void
dress_bind(const struct row *row, const struct sum *source,
    sqlite3_stmt *stmt)
{
	bind_sum(stmt, 0, source);
	for (int i = 0; i < D_TEXTS; i++)
		bind_text(stmt, dress_text_column[i], row->text[i]);
	for (int i = 0; i < D_NUMBERS; i++)
		sqlite3_bind_int64(stmt, dress_number_column[i] + 1,
		    row->number[i]);
	bind_sum(stmt, D_BODY_SUM_COLUMN, &row->body_sum);
	bind_sum(stmt, D_SUM_COLUMN, &row->sum);
}

void
dress_read(struct row *row, struct sum *source, sqlite3_stmt *stmt)
{
	*source = read_sum(stmt, 0);
	for (int i = 0; i < D_TEXTS; i++)
		row->text[i] = read_text(stmt, dress_text_column[i]);
	for (int i = 0; i < D_NUMBERS; i++)
		row->number[i] =
		    sqlite3_column_int64(stmt, dress_number_column[i]);
	row->sum = read_sum(stmt, D_SUM_COLUMN);
	row->body = read_blob(stmt, D_BODY_COLUMN);
	row->body_sum = sum_of(row->body.from, row->body.len);
}

bool
dress_is_whole(const struct row *row, const struct sum *source,
    struct summing *summing)
{
	struct sum sum = dress_sum(row, source, summing);

	return is_same_sum(&sum, &row->sum) &&
	    row->number[D_SIZE] == (int64_t)row->body.len;
}

bool
dress_is_version(const struct row *row, const char *theme_version)
{
	struct slice version = row->text[D_VERSION];

	return version.len == strlen(theme_version) &&
	    memcmp(version.from, theme_version, version.len) == 0;
}

struct object *
dress_to_object(const struct row *row, const struct object *page)
{
	struct object *object = object_new(&page->key, page->kind,
	    page->site);

	object->is_dressed = true;
	object->url = arena_strdup(object->arena, page->url);
	object->variant = arena_strdup(object->arena, page->variant);
	object->vary = arena_strdup(object->arena, page->vary);
	object->tags = arena_strdup(object->arena, page->tags);
	object->asked_ms = page->asked_ms;
	object->answered_ms = page->answered_ms;
	object->fresh = page->fresh;
	object->source_id = page->id;
	object->row = page->row;
	object->theme = keep_text(object, row->text[D_THEME]);
	object->theme_version = keep_text(object, row->text[D_VERSION]);
	object->rules_version = keep_text(object, row->text[D_RULES]);
	object->etag = keep_text(object, row->text[D_ETAG]);
	object->last_modified = keep_text(object, row->text[D_LAST_MODIFIED]);
	object->status = (int)row->number[D_STATUS];
	object->cost_ms = (uint32_t)row->number[D_COST];
	if (head_read(&object->head, row->text[D_HEAD].from,
	    row->text[D_HEAD].len, NULL) != 0 ||
	    give_body(object, row->body) != 0)
		object_unref(&object);
	return object;
}
