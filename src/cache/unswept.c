/* cache/unswept.c - one row after the other is put to each open purge */
#include "cache/unswept.h"

#include <string.h>

#include "base/mem.h"
#include "cache/look.h"
#include "cache/purging.h"
#include "cache/purging_way.h"

struct unswept {
	sqlite3 *sqlite;
	sqlite3_stmt *row;
	struct epoch *list; /* their meanings are counted */
	unsigned count, room;
};

static void
on_open(void *arg, const struct epoch *epoch, bool is_open)
{
	struct unswept *unswept = arg;

	must(is_open);
	if (unswept->count == unswept->room) {
		unswept->room = unswept->room ? 2 * unswept->room : 8;
		unswept->list = mem_resize(unswept->list,
		    unswept->room * sizeof(*unswept->list));
	}
	unswept->list[unswept->count] = *epoch;
	meaning_ref(epoch->meaning);
	unswept->count++;
}

int
unswept_new(struct unswept **out, sqlite3 *sqlite, struct err *err)
{
	struct unswept *unswept = mem_new(sizeof(*unswept));

	unswept->sqlite = sqlite;
	if (look_prepare(&unswept->row, sqlite, WAY_ROW, err) != 0)
		goto out;
	if (purging_words(sqlite, 0, true, on_open, unswept) != SQLITE_OK) {
		err_set(err, "purges that are open: %s",
		    sqlite3_errmsg(sqlite));
		goto out;
	}
	*out = unswept;
	return 0;
out:
	unswept_free(&unswept);
	return -1;
}

void
unswept_free(struct unswept **unswept)
{
	if (!*unswept)
		return;
	sqlite3_finalize((*unswept)->row);
	for (unsigned i = 0; i < (*unswept)->count; i++)
		meaning_unref(&(*unswept)->list[i].meaning);
	mem_free(&(*unswept)->list);
	mem_free(unswept);
}

enum meant
unswept_judge(struct unswept *unswept, int64_t id, int64_t *at_ms)
{
	enum meant meant = MEANT_NOT;

	if (unswept->count == 0)
		return MEANT_NOT;
	sqlite3_bind_int64(unswept->row, 1, id);
	if (sqlite3_step(unswept->row) != SQLITE_ROW)
		goto out;
	for (unsigned i = 0; i < unswept->count; i++) {
		const struct epoch *epoch = &unswept->list[i];

		if (id > epoch->max_id ||
		    (epoch->soft && meant == MEANT_SOFT) ||
		    !way_is_meant(unswept->row, epoch->meaning))
			continue;
		meant = epoch->soft ? MEANT_SOFT : MEANT_HARD;
		if (!epoch->soft)
			break;
		*at_ms = epoch->at_ms;
	}
out:
	sqlite3_reset(unswept->row);
	return meant;
}

static void
state_of(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *state = (const char *)sqlite3_value_text(values[1]);
	int64_t at_ms;

	(void)count;
	switch (unswept_judge(sqlite3_user_data(context),
	    sqlite3_value_int64(values[0]), &at_ms)) {
	case MEANT_HARD:
		state = "purged";
		break;
	case MEANT_SOFT:
		if (state && strcmp(state, "fresh") == 0)
			state = "stale";
		break;
	case MEANT_NOT:
		break;
	}
	sqlite3_result_text(context, state, -1, SQLITE_TRANSIENT);
}

int
unswept_function(struct unswept *unswept, struct err *err)
{
	if (sqlite3_create_function(unswept->sqlite, "state_of", 2,
	    SQLITE_UTF8 | SQLITE_DIRECTONLY, unswept, state_of, NULL, NULL) !=
	    SQLITE_OK)
		return err_set(err, "%s", sqlite3_errmsg(unswept->sqlite));
	return 0;
}
