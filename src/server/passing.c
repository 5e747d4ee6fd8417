/* server/passing.c - before, after, and what the log says of it */
#include "server/passing.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/log.h"
#include "base/report.h"
#include "server/handover.h"
#include "server/notify.h"
#include "server/successor.h"
#include "server/takeover.h"

/* ---- from the one before ---- */

int
passing_begin(
    struct passing *passing, const char *path, bool takes, struct err *err)
{
	memset(passing, 0, sizeof(*passing));
	passing->path = path;
	if (!takes || !path)
		return 0;
	if (takeover_begin(&passing->from, path, err) != 0)
		return -1;
	if (!passing->from)
		log_info(
		    "nobody answers at %s, so nothing is taken over", path);
	return 0;
}

/* Sockets that `listen` does not name would let clients connect and never be
 * answered. */
static void
end_inheriting(bool removes)
{
	char where[LISTEN_TEXT];

	for (unsigned i = 0; inherit_unused(i, where, sizeof(where)) == 0; i++)
		log_warn("a socket was given on %s, which no `listen` names: "
			 "closed",
		    where);
	inherit_close(removes);
}

/* ---- to the one after ---- */

static void
say_main(pid_t pid)
{
	char state[32];

	snprintf(state, sizeof(state), "MAINPID=%ld", (long)pid);
	notify(state);
}

static void
on_taken(void *arg, pid_t by)
{
	struct passing *passing = arg;

	sockets_give(&passing->sockets, true);
	say_main(by);
}

static void
on_taken_back(void *arg)
{
	struct passing *passing = arg;

	sockets_give(&passing->sockets, false);
	say_main(getpid());
}

static void
on_gone(void *arg, pid_t by)
{
	struct passing *passing = arg;

	log_info("process %ld has taken over", (long)by);
	atomic_store(&passing->gone, true);
	kill(getpid(), SIGTERM);
}

static void
on_left(void *arg)
{
	struct passing *passing = arg;

	sockets_remove(&passing->sockets);
}

static int
wait_for_next(struct passing *passing, struct err *err)
{
	const struct handover_opts opts = {
	    .path = passing->path,
	    .sockets = &passing->sockets,
	    .on_taken = on_taken,
	    .on_taken_back = on_taken_back,
	    .on_gone = on_gone,
	    .on_left = on_left,
	    .arg = passing,
	};

	return handover_start(&passing->to, &opts, err);
}

int
passing_settle(struct passing *passing, struct front *front,
    struct admin *admin, struct err *err)
{
	bool took = passing->from != NULL;

	if (took && takeover_commit(passing->from, err) != 0)
		return -1;
	sockets_init(&passing->sockets, front, admin);
	if (took) {
		if (sockets_take(&passing->sockets, err) != 0)
			return -1;
		log_info("took over from process %ld",
		    (long)takeover_from(passing->from));
		takeover_end(&passing->from);
	}
	end_inheriting(took);
	if (!passing->path || wait_for_next(passing, err) == 0)
		return 0;
	if (!took)
		return -1;
	/* There is no way back, and clients are served. */
	log_error("%s, so nobody can take over from here", err->text);
	report_problem("takeover", NULL, err->text, "nobody can take over");
	return 0;
}

/* ---- signals ---- */

static void
start_successor(struct passing *passing)
{
	struct err err;

	if (!passing->to)
		log_error("USR2: `takeover` names no socket, so nobody can "
			  "take over");
	else if (passing->successor)
		log_warn("USR2: process %ld is starting already",
		    (long)passing->successor);
	else if (successor_start(&passing->successor, &err) != 0)
		log_error("USR2: cannot start the next livery: %s, going on "
			  "as before",
		    err.text);
	else
		log_info("USR2: process %ld is to take over",
		    (long)passing->successor);
}

void
passing_on(struct passing *passing, int signal)
{
	char how[80];

	if (signal == SIGUSR2) {
		start_successor(passing);
	} else if (passing->successor &&
		   successor_has_ended(passing->successor, how, sizeof(how))) {
		log_error("process %ld, which was to take over, ended with %s",
		    (long)passing->successor, how);
		passing->successor = 0;
	}
}

bool
passing_is_gone(struct passing *passing)
{
	return atomic_load(&passing->gone);
}

void
passing_end(struct passing *passing)
{
	handover_stop(&passing->to);
	takeover_end(&passing->from);
	sockets_fini(&passing->sockets);
}
