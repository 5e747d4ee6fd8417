/* cli/replay.h - one page as it is and as it would be: what differs, what is
 * lost, and telling it */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "cache/object.h"
#include "theme/trace.h"

enum { LOST_MAX = 20 }; /* losses of one page that are told */

struct replay_figures {
	int64_t pages, changed, lost, failed, unknown, undressed, damaged;
	int64_t unsure; /* their doubt says why */
};

struct replay_page {
	const char *url, *site;
	/* DRESSED_WANTS: nobody knows */
	enum dressed was_how, is_how;
	const struct buf *was, *is;			/* as shown */
	const struct dress_trace *was_trace, *is_trace; /* was: or NULL */
	struct err why;	   /* of is_how DRESSED_FAILED */
	const char *doubt; /* whether it is what visitors get; "": it is */
	/* found out */
	bool differs;
	char *lost[LOST_MAX];
	size_t lost_count;
};

/* Whether a stored answer is one that is dressed. */
bool replay_is_due(const struct object *page);
/* Find out, and count. A page loses something when its main place had
 * something in it and has not any more, when it was dressed and cannot be any
 * more, or when a rule put content into the theme, and now no rule finds any
 * for that place, or any with that selector. */
void replay_compare(struct replay_page *page, struct replay_figures *figures);
void replay_page_fini(struct replay_page *page);

/* On standard output, as text or as one JSON object in a line. */
void replay_print(const struct replay_page *page, bool json, size_t lines);
void replay_sum_up(const struct replay_figures *figures, bool json);

#endif
