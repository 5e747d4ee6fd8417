/* cache/writer.h - the one thread that writes the cache file
 *
 * Everybody posts and nobody waits, but for purges. What is posted is
 * committed in batches, within some 100 ms. When the file is in trouble or
 * the writer cannot keep up, stores are left out (they are in memory), and
 * everything else is kept for later, purges above all: until a purge is in
 * the file, nothing is read from it. */
#ifndef CACHE_WRITER_H
#define CACHE_WRITER_H

#include "cache/cache.h"
#include "cache/hash.h"
#include "cache/memtier.h"

struct writer;

/* file NULL: nothing is ever written. Opens the file here and now, then
 * starts the thread. Borrows memtier: it lives longer. */
CHECKED int writer_new(struct writer **out, const struct cache_opts *opts,
    struct memtier *memtier, struct err *err);
/* Write what is waiting, and stop. */
void writer_free(struct writer **writer);
void writer_set_limits(struct writer *writer, const struct cache_opts *opts);

/* ---- any thread ---- */

/* False: not to be written (counted, if it should have been). */
bool writer_store(struct writer *writer, struct object *object);
bool writer_store_dressed(struct writer *writer, struct object *page,
    struct object *dressed);
void writer_touch(struct writer *writer, struct object *object,
    int64_t now_ms);

/* Texts are copied. What each means depends on the deed. */
enum deed {
	DEED_ERROR,   /* key, reason */
	DEED_PROBLEM, /* what, url, reason, instead */
	DEED_ADDRESS, /* host, address */
	DEED_THEME,   /* name, url, version, when it was fetched in ms; number:
	               * size */
	DEED_SITE,    /* name, "1" for stale_override, "1" for sort_query,
	               * ignore_params; number: stale_max_ms */
	DEED_UNSTORED, /* url, why */
	DEED_CHARGE_ASK, /* name; number: since_ms of charge_ask() */
	DEED_CHARGE_END, /* name; number: keep_ms */
	DEED_DROP_ENTRY, DEED_DROP_DRESS, /* its sum in hex; number: the
	                                   * damaged row */
};
void writer_post(struct writer *writer, enum deed deed,
    const char *const *texts, int count, int64_t number);

/* Purge memory at once and the file. Waits until it is committed, or known not
 * to be soon; answers how many answers it meant. */
struct purge_deed;
struct purged writer_purge(struct writer *writer,
    const struct purge_deed *deed);
/* The same, without waiting for the count. */
void writer_purge_later(struct writer *writer,
    const struct purge_deed *deed);
/* Call told, on the writer's thread, after each purge by another process. */
void writer_on_change(struct writer *writer,
    void (*told)(void *arg, const char *kind, const char *key, int64_t at_ms),
    void *arg);
/* And after another has stored a theme, or a charge was answered. */
void writer_on_news(struct writer *writer, void (*told)(void *arg),
    void *arg);
/* Another process uses the file, now. */
bool writer_is_shared(struct writer *writer);
/* As in cache/charge.h. */
void writer_ask_charge(struct writer *writer, const char *name,
    int64_t since_ms);
enum charge writer_look_at_charge(struct writer *writer, const char *name);

/* ---- for readers ---- */

/* Which file is open, counting up; 0: none that may be read. */
uint64_t writer_generation(struct writer *writer);
/* A reader came upon a damaged place of that file. */
void writer_suspect(struct writer *writer, uint64_t generation);
/* The row with this id, and this sum in it, is damaged: counted, told, and
 * removed soon. */
void writer_drop_damaged(struct writer *writer, const char *url, int64_t id,
    const struct sum *sum, bool is_dressed);
/* epochs_covered() of the open file; roughly, since it is asked beside the
 * writer. */
int64_t writer_covered(struct writer *writer, const struct meaning *meaning);
/* How many purges are done in the file; asked before a row is read. */
uint64_t writer_purges_done(struct writer *writer);
/* How many purges were closed (epoch.h); asked before a row is read, and again
 * after writer_has_purged(): when it is another number, that is to be asked
 * anew, of the row read anew. */
uint64_t writer_closings(struct writer *writer);
/* What was read when so many were done has been purged, but was still in the
 * file: the writer had not come to it, or the file is only read. What a soft
 * purge meant is marked as stale. */
bool writer_has_purged(struct writer *writer, uint64_t done,
    struct object *object);

const char *writer_file(const struct writer *writer); /* or NULL */
const char *writer_trouble(struct writer *writer);    /* or NULL */
uint64_t writer_wal_bytes(struct writer *writer);

#endif
