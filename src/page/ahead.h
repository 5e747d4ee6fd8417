/* page/ahead.h - a large page is read while it arrives
 *
 * A body that is gathered to be dressed has nobody who looks at it before its
 * end. From AHEAD_FROM bytes on, what has arrived is given to the parser in the
 * meantime (theme/theme.h, struct reading), so that at its end only the last
 * piece is left to be read. Smaller pages, and those that find no room, are
 * read as a whole when they are there, as if there was nothing of this.
 *
 *   engine   each time that AHEAD_PIECE bytes are new, offers the crew a job;
 *            which takes it when a worker sits idle and no page waits for one
 *   worker   reads what has arrived, AHEAD_RUN bytes at most, and is free
 *            again: nobody waits for the network here
 *   page     takes it out of its answer when it is about to be dressed; when
 *            a worker is just at it, the page waits for that job's end in no
 *            thread, and then goes back to the crew
 *
 * The bytes are those of the answer's flow, which keeps all of them; the
 * parser has copies. One page of those who wait for an answer gets it. What
 * nobody took is gone, at once or with the job that is at it, when the body
 * broke off or passed a limit (what then streams is no page to be dressed),
 * when the first of those who waited has its reply (the rules have no use for
 * it), or with the answer (all clients left). While nobody waits for the
 * answer nothing is read. A tree over a limit of HTML is given up where that
 * is seen, and the page learns it when it is dressed.
 *
 * Trees take memory while they wait for the network, so only so many are read
 * at a time: one site has at most as many as the crew has workers, all have
 * twice as many. */
#ifndef PAGE_AHEAD_H
#define PAGE_AHEAD_H

#include "fetch/fetch.h"
#include "page/life.h"

enum {
	AHEAD_FROM = 256 << 10,
	AHEAD_PIECE = 64 << 10,
	AHEAD_RUN = 256 << 10,
};

struct ahead;

/* Whether pages of this site may be read so: not by libxml2's parser. */
bool ahead_may(const struct site *site);

/* ---- on the engine's thread, before the answer is anybody's ---- */

/* So many bytes of the answer's body are there. Begins to read it, goes on, or
 * does neither. */
void ahead_more(struct pages *pages, struct routes *routes,
    const struct site *site, struct answer *answer, uint64_t arrived);
/* The answer will not be dressed. Any thread that has the answer. */
void ahead_drop(struct answer *answer);

/* ---- the page's owner ---- */

/* Take what was read of page->answer, if there is any, into page->ahead; true:
 * go on. False: a worker is at it; the page is away, and will come back to
 * STEP_THEME. */
CHECKED bool ahead_take(struct page *page);
/* What to give to theme_dress(), or NULL; *cost_us is what it has cost. */
struct reading *ahead_reading(struct page *page, uint64_t *cost_us);
void ahead_close(struct page *page);

#endif
