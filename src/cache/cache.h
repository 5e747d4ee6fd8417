/* cache/cache.h - what is kept: a memory tier in front of one SQLite file
 *
 * Stores go to memory at once and to the writer thread's inbox; the file has
 * them within 100 ms. Reads never wait for the writer. Nothing on the hit
 * path touches the disk or waits for a lock that is held across anything slow.
 * When the file cannot be used (read-only, full, corrupt, newer) livery runs on
 * from memory: one problem, one log line, and what can be set aside is. */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "cache/charge.h"
#include "cache/meaning.h"
#include "cache/object.h"
#include "cache/policy.h"
#include "cache/query.h"

struct cache;

struct cache_opts {
	const char *file;     /* NULL: memory only */
	uint64_t size_max;    /* bytes in the file: 1 GiB */
	uint64_t memory_max;  /* bytes of objects in memory: 64 MiB */
	uint64_t wal_max;     /* the WAL may grow to this: 256 MiB; past it
	                       * stores stay in memory */
	unsigned variants_max; /* for one URL: 32 */
};

/* Open, or make, or set aside and make anew. Fails only for what the
 * operator must mend (the folder is missing and cannot be made, no threads);
 * otherwise it runs from memory and says so. Starts the writer thread. */
CHECKED int cache_open(struct cache **out, const struct cache_opts *opts,
    struct err *err);
/* Write what is waiting, and stop. */
void cache_close(struct cache **cache);
/* The file it uses, or NULL in memory. */
const char *cache_file(const struct cache *cache);
/* New limits, at reload. */
void cache_set_limits(struct cache *cache, const struct cache_opts *opts);

/* ---- looking up ---- */

/* From memory. NULL or a counted object that matches the request's fields
 * (policy_vary_matches; field NULL: the one without). *dressed (may be NULL)
 * is set to the dressed object made from it, counted, or NULL. Any thread; one
 * short lock, no allocation. */
struct object *cache_find(struct cache *cache, const struct key *key,
    request_field_f field, void *arg, struct object **dressed);

/* Whether memory has any variant of it. */
bool cache_has(struct cache *cache, const struct key *key);

/* From the file, and into memory: one handle a thread, which may block on
 * nothing but the disk. Rows with a wrong hash are dropped, counted and
 * reported, never given. *dressed: the stored dressed page made with
 * theme_version (NULL: none wanted). */
struct cache_reader;
struct cache_reader *cache_reader_new(struct cache *cache);
void cache_reader_free(struct cache_reader **reader);
struct object *cache_load(struct cache_reader *reader,
    const struct key *key, request_field_f field, void *arg,
    const char *theme_version, struct object **dressed);
/* Close the file if it is no longer the one in use: one that was removed
 * takes its room on the disk until the last handle is closed. Whoever keeps a
 * reader calls this now and then while it has nothing to do. */
void cache_reader_rest(struct cache_reader *reader);

/* It was used: hits and last use reach the file within 5 s. Any thread. */
void cache_touch(struct cache *cache, struct object *object, int64_t now_ms);

/* ---- storing ---- */

/* Publish an object: memory at once, the file soon, replacing what had the
 * same key and variant. Borrows. False: memory only (too big, file trouble).*/
bool cache_store(struct cache *cache, struct object *object);
/* A 304: same body, new head and times. */
bool cache_freshen(struct cache *cache, struct object *old_object,
    struct object *fresh);
/* The dressed page of `page`. Borrows both. One without a theme (the verdict
 * that the rules leave the page as it is) stays in memory. */
bool cache_store_dressed(struct cache *cache, struct object *page,
    struct object *dressed);
/* A coding of its body was made (object->packed): memory counts it. False: it
 * is not in memory any more, and making more is in vain. Any thread. */
bool cache_resize(struct cache *cache, const struct object *object);
/* The last fetch of this key went wrong; for the view's last_error. */
void cache_note_error(struct cache *cache, const struct key *key,
    const char *reason);

/* It was not stored (policy_storing.why, "cookie NAME", ...), for `livery
 * cache why`. Each URL at most once a minute, the newest thousand. */
void cache_note_unstored(struct cache *cache, const struct key *key,
    const char *why, int64_t now_ms);

/* "Its answers cannot be shared": whoever asks for this key until then
 * asks alone. In memory only, bounded. */
void cache_mark_unshared(struct cache *cache, const struct key *key,
    int64_t until_ms);
bool cache_is_unshared(struct cache *cache, const struct key *key,
    int64_t now_ms);

/* ---- purging: memory now, the file in the writer's next batch ---- */

/* Purge what this means (the words of cache/meaning.h). Waits for the writer
 * (not for front threads: CLI, admin and crew only): when it answers, the purge
 * is in force, and is after a restart; what it takes from the file goes then or
 * soon. soft: nothing goes; it is stale from now on. */
struct purged cache_purge(struct cache *cache, struct meaning *meaning,
    bool soft);
/* Only count what it would be. Reads the file: not for front threads. Stops
 * counting after a few seconds. */
struct purged cache_purge_count(struct cache *cache,
    struct meaning *meaning);
/* The most used of the pages that it means, at most max: told(arg, url,
 * variant). Reads the file, or looks through memory if there is none. */
void cache_most_used(struct cache *cache, struct meaning *meaning,
    unsigned max, void (*told)(void *arg, const char *url,
    const char *variant), void *arg);

/* The key's answers are not to be used any more (RFC 9111 4.4: an unsafe
 * method succeeded). Any thread: memory at once, the file soon. */
void cache_invalidate(struct cache *cache, const struct key *key);
/* The same, and all that carries one of these tags (parted by spaces, at most
 * MEANING_KEY_MAX bytes); by: a number that nobody else has, for
 * cache_was_purged_by_others(). */
void cache_invalidate_by(struct cache *cache, const struct key *key,
    uint64_t by);
void cache_invalidate_tags(struct cache *cache, const char *tags,
    uint64_t by);
uint64_t cache_new_number(struct cache *cache);

/* How many purges there were. An answer to a question asked before one that
 * means it is as old as what was purged: it is not to be stored. */
uint64_t cache_purges(struct cache *cache);
/* And up to the last that may have meant what is put into pages (fragments).
 * The hit path's: one atomic load. */
uint64_t cache_purges_of_parts(struct cache *cache);
bool cache_was_purged(struct cache *cache, uint64_t purges,
    const struct object *object);
/* Purges by that number do not count. */
bool cache_was_purged_by_others(struct cache *cache, uint64_t purges,
    const struct object *object, uint64_t by);

/* Tags and `all` leave themes and their files alone: the last good one stays
 * until a fetch has replaced it. While the file is in trouble the purge holds
 * in memory, nothing more is read from the file, and it is purged first thing
 * when it can be written again. */

/* told(arg, kind, key, at_ms) on the writer's thread after a purge by another
 * process (the words of cache/meaning.h, and when it was), so that a theme can
 * be fetched anew. Memory was purged already. */
void cache_on_change(struct cache *cache,
    void (*told)(void *arg, const char *kind, const char *key, int64_t at_ms),
    void *arg);

/* ---- with other processes on the same file ---- */

/* There is another one, now. Any thread, does not wait. */
bool cache_is_shared(struct cache *cache);
/* Ask to be in charge of something, and look at the answer (cache/charge.h:
 * none of them waits). */
void cache_charge_ask(struct cache *cache, const char *name,
    int64_t since_ms);
enum charge cache_charge_look(struct cache *cache, const char *name);
void cache_charge_end(struct cache *cache, const char *name,
    int64_t keep_ms);
/* told(arg) on the writer's thread when another process has stored a theme, or
 * such an answer is there. NULL ends it: then it is over. */
void cache_on_news(struct cache *cache, void (*told)(void *arg), void *arg);

/* ---- beside answers ---- */

void cache_problem(struct cache *cache, const char *what, const char *url,
    const char *reason, const char *instead);
void cache_address(struct cache *cache, const char *host,
    const char *address);
/* Calls told(arg, host, address) for each last good address. At start. */
void cache_addresses(struct cache *cache,
    void (*told)(void *arg, const char *host, const char *address),
    void *arg);

/* What this site says about staleness, and about queries (NULL: nothing), so that the view `entries` and
 * `livery cache why` know it too. At start and reload. */
void cache_site(struct cache *cache, const char *site,
    const struct policy_opts *opts, const struct query_rules *query);

/* A theme's version, fetched then, went live; older ones of that name are
 * history. */
void cache_theme_live(struct cache *cache, const char *theme,
    const char *url, const char *version, size_t size, int64_t fetched_ms);

/* ---- figures ---- */

struct cache_figures {
	uint64_t entries, entry_bytes, stale, dressed;
	uint64_t file_bytes, wal_bytes;
	bool in_memory_only;
	const char *trouble; /* or NULL: why the file is not written */
};
/* Reads the file; not for front threads. Of a large file the first four may be
 * as old as twenty times what counting them took. */
void cache_read_figures(struct cache *cache, struct cache_figures *out);

/* The latest problems, newest first, at most max. Reads the file; not for
 * front threads. Texts are told's only while it runs. */
struct cache_problem_seen {
	const char *last_at; /* 2026-11-21T10:00:00Z */
	int64_t times;
	const char *what, *url, *reason, *instead;
};
void cache_problems(struct cache *cache, unsigned max,
    void (*told)(void *arg, const struct cache_problem_seen *problem),
    void *arg);

#endif
