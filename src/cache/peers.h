/* cache/peers.h - the other livery processes that use the same cache file
 *
 * Who writes the file has a number in it (the table `process`), and a lock on
 * the byte of that number in FILE.lease. The kernel drops the lock when the
 * process ends, however it ends: so whether a process lives is asked of the
 * kernel, and needs no heartbeat and no clock. Numbers are never used twice.
 *
 * Whoever comes joins in a transaction before it reads anything. A process that
 * found itself alone within a transaction was alone until its end, as far as
 * that concerns the newcomer: what it wrote was there before the newcomer's
 * first look. So who is alone need not tell anybody what it stores.
 *
 * Where there are no such locks, all others count as alive. */
#ifndef CACHE_PEERS_H
#define CACHE_PEERS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Between two transactions of one that has more to write, so that the others
 * have their turn. */
enum { PEERS_REST_US = 2000 };

struct peers;

struct peers *peers_new(void);
void peers_free(struct peers **peers);

/* ---- the writer thread ---- */

/* Become one of those that use this file, which sqlite has open: an SQLite
 * code. Rows of the dead go. is_late: it was read from already. */
int peers_join(struct peers *peers, sqlite3 *sqlite, const char *file,
    bool is_late);
/* The end: row and charges go, if they can; otherwise with the next who
 * joins. */
void peers_leave(struct peers *peers, sqlite3 *sqlite);
/* The file was closed, or could not be joined: let go of the lock. */
void peers_let_go(struct peers *peers);
/* The file is the one that was joined last, too: what was known of it holds. */
bool peers_came_back(const struct peers *peers);
/* Asked once: others may have been there meanwhile, and what they stored was
 * not told to us. */
bool peers_missed(struct peers *peers);
/* Our own; 0: none. */
int64_t peers_number(const struct peers *peers);
bool peers_is_alive(struct peers *peers, int64_t number);

/* ---- any thread ---- */

/* Another process uses the file. One call to the kernel, which does not
 * wait. */
bool peers_are_there(struct peers *peers);

#endif
