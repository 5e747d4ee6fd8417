/* cache/news.h - answers that were stored, told to the other processes that use
 * the file
 *
 * Each of them has answers in memory, and one that another process has stored
 * anew is not to be served from there any more. So while there is another
 * (peers.h), each store leaves a line in the table `news`, in its own
 * transaction: whose, which key, and when it was answered. Writers read what is
 * new with each transaction, and when the file has changed. Of lines the last
 * NEWS_MAX are kept; who was away for longer finds that some are missing.
 *
 * What was answered last is what stays, in the file and in every memory: who
 * stores an answer that is older than the one that another put there meanwhile
 * leaves it. */
#ifndef CACHE_NEWS_H
#define CACHE_NEWS_H

#include "cache/rows.h"

enum { NEWS_MAX = 8192 };

struct news {
	struct key key; /* borrowed text */
	int64_t answered_ms;
};

/* As rows_put(), as one of several. Within the writer's transaction. *is_late:
 * a newer one is there, and this one was left. */
int news_store(struct rows *rows, struct object *object, int64_t now_ms,
    bool *is_late);
/* Keep to NEWS_MAX. Within the writer's transaction. */
int news_trim(struct rows *rows);
/* Tell of what the others have stored since last asked; NULL: of some of it
 * nothing is known any more. */
int news_read(struct rows *rows,
    void (*told)(void *arg, const struct news *news), void *arg);

#endif
