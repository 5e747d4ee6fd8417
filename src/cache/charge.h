/* cache/charge.h - who is in charge of what one process should do for all
 *
 * Several processes that use one cache file would each ask for a theme anew
 * when it is due. Instead one of them is in charge of it, asks, and stores what
 * comes; the others hear of that (news.h) and take it from the file. Who is in
 * charge stands in the table `charge`, and is settled in the writer's
 * transactions, so there is never but one. It lasts until a time that is said
 * when the asking is over, at most CHARGE_MAX_MS, and ends at once with its
 * process, however that ends (peers.h). A clock that jumps costs at most
 * that: then it lasts shorter, or two ask.
 *
 * Nobody waits here: one asks, and looks later. While the file is in trouble
 * there is no answer, and one goes on alone. */
#ifndef CACHE_CHARGE_H
#define CACHE_CHARGE_H

#include <stdbool.h>
#include <stdint.h>

struct rows;

enum {
	CHARGE_MAX_MS = 600 * 1000,
	CHARGE_BUSY_MS = 120 * 1000, /* of one asking */
	CHARGE_NAME_MAX = 4 << 10,   /* bytes; the writer cuts the rest off */
};

enum charge {
	CHARGE_ASKED,  /* no answer yet */
	CHARGE_OURS,   /* until charge_end() */
	CHARGE_THEIRS, /* another process's */
	CHARGE_BUSY,   /* and it is just asking */
};

struct charges;

struct charges *charges_new(void);
void charges_free(struct charges **charges);

/* ---- any thread ---- */

/* From now on charges_look() says CHARGE_ASKED, until there is an answer. */
void charges_expect(struct charges *charges, const char *name);
enum charge charges_look(struct charges *charges, const char *name);

/* ---- the writer, within its transaction ---- */

/* Be in charge, if nobody is who lives, or it is us already. since_ms: what was
 * asked for by another before that does not do; who is in charge and idle,
 * and began to ask before then, is in charge no more. 0: anything does. */
int charge_ask(struct rows *rows, const char *name, int64_t since_ms,
    int64_t now_ms);
/* The asking is over; in charge for so long yet, so that others do not begin
 * before we do. */
int charge_end(struct rows *rows, const char *name, int64_t keep_ms,
    int64_t now_ms);
/* There was an answer since last asked. */
bool charges_were_answered(struct charges *charges);

#endif
