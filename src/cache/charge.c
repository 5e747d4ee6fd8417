/* cache/charge.c - a row for each theme, and what was answered last */
#include "cache/charge.h"

#include <stdatomic.h>
#include <string.h>

#include "base/lock.h"
#include "base/mem.h"
#include "cache/peers.h"
#include "cache/rows.h"
#include "cache/statement.h"

/* One for each name that was ever asked for: the themes of the configuration,
 * and of those before it. */
struct seen {
	struct seen *next;
	char *name;
	enum charge charge;
};

struct charges {
	struct lock lock;
	struct seen *first; /* shared: under lock */
	_Atomic bool answered;
};

struct charges *
charges_new(void)
{
	struct charges *charges = mem_new(sizeof(*charges));

	lock_init(&charges->lock);
	return charges;
}

void
charges_free(struct charges **charges_p)
{
	struct charges *charges = *charges_p;
	struct seen *seen;

	*charges_p = NULL;
	if (!charges)
		return;
	while ((seen = charges->first) != NULL) {
		charges->first = seen->next;
		mem_free(&seen->name);
		mem_free(&seen);
	}
	lock_fini(&charges->lock);
	mem_free(&charges);
}

/* Under the lock. */
static struct seen *
find(struct charges *charges, const char *name)
{
	struct seen *seen = charges->first;

	while (seen && strcmp(seen->name, name) != 0)
		seen = seen->next;
	return seen;
}

static void
set(struct charges *charges, const char *name, enum charge charge)
{
	struct seen *fresh = mem_new(sizeof(*fresh)), *seen;

	fresh->name = mem_strdup(name);
	lock_take(&charges->lock);
	seen = find(charges, name);
	if (!seen) {
		seen = fresh;
		seen->next = charges->first;
		charges->first = seen;
		fresh = NULL;
	}
	seen->charge = charge;
	lock_drop(&charges->lock);
	if (fresh)
		mem_free(&fresh->name);
	mem_free(&fresh);
}

void
charges_expect(struct charges *charges, const char *name)
{
	set(charges, name, CHARGE_ASKED);
}

enum charge
charges_look(struct charges *charges, const char *name)
{
	enum charge charge = CHARGE_ASKED;
	struct seen *seen;

	lock_take(&charges->lock);
	seen = find(charges, name);
	if (seen)
		charge = seen->charge;
	lock_drop(&charges->lock);
	return charge;
}

bool
charges_were_answered(struct charges *charges)
{
	return atomic_exchange(&charges->answered, false);
}

/* ---- in the file ---- */

struct holder {
	int64_t process; /* 0: nobody */
	int64_t asked_ms, until_ms;
	bool is_busy;
};

static int
read_holder(struct rows *rows, const char *name, struct holder *holder)
{
	sqlite3_stmt *stmt = statement(rows, SQL_CHARGE);
	int rc;

	memset(holder, 0, sizeof(*holder));
	statement_bind_texts(stmt, &name, 1);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		holder->process = sqlite3_column_int64(stmt, 0);
		holder->asked_ms = sqlite3_column_int64(stmt, 1);
		holder->is_busy = sqlite3_column_int(stmt, 2) != 0;
		holder->until_ms = sqlite3_column_int64(stmt, 3);
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A time that lies further ahead than any that is ever written is from before
 * the clock was set back. */
static bool
is_in_charge(struct rows *rows, const struct holder *holder, int64_t now_ms)
{
	return holder->until_ms > now_ms &&
	    holder->until_ms <= now_ms + CHARGE_MAX_MS &&
	    peers_is_alive(rows->peers, holder->process);
}

static bool
may_take(struct rows *rows, const struct holder *holder, int64_t since_ms,
    int64_t now_ms)
{
	if (holder->process == peers_number(rows->peers) ||
	    !is_in_charge(rows, holder, now_ms))
		return true;
	return since_ms && !holder->is_busy && holder->asked_ms < since_ms;
}

static int
take(struct rows *rows, const char *name, int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_TAKE_CHARGE);

	statement_bind_texts(stmt, &name, 1);
	sqlite3_bind_int64(stmt, 2, peers_number(rows->peers));
	sqlite3_bind_int64(stmt, 3, now_ms);
	sqlite3_bind_int64(stmt, 4, now_ms + CHARGE_BUSY_MS);
	return db_run(stmt);
}

int
charge_ask(struct rows *rows, const char *name, int64_t since_ms,
    int64_t now_ms)
{
	struct holder holder;
	int rc = read_holder(rows, name, &holder);

	if (rc != SQLITE_OK)
		return rc;
	if (may_take(rows, &holder, since_ms, now_ms)) {
		rc = take(rows, name, now_ms);
		if (rc != SQLITE_OK)
			return rc;
		set(rows->charges, name, CHARGE_OURS);
	} else {
		set(rows->charges, name, holder.is_busy ? CHARGE_BUSY :
		    CHARGE_THEIRS);
	}
	atomic_store(&rows->charges->answered, true);
	return SQLITE_OK;
}

int
charge_end(struct rows *rows, const char *name, int64_t keep_ms,
    int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_END_CHARGE);

	statement_bind_texts(stmt, &name, 1);
	sqlite3_bind_int64(stmt, 2, peers_number(rows->peers));
	sqlite3_bind_int64(stmt, 3, now_ms +
	    (keep_ms < CHARGE_MAX_MS ? keep_ms : CHARGE_MAX_MS));
	return db_run(stmt);
}
