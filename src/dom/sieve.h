/* dom/sieve.h - what many plain paths select, in one walk of a document
 *
 * As browsers match style sheets: each path waits in the bucket of the id, the
 * class or the name that its last step wants, so an element looks only at
 * those that may end in it, and these look upward from there. The cost of a
 * walk hardly grows with the number of paths.
 *
 * Filled by one thread, then read by any number of them. */
#ifndef DOM_SIEVE_H
#define DOM_SIEVE_H

#include <stdbool.h>
#include <stdint.h>
#include <libxml/xpath.h>

struct sieve;

struct sieve *sieve_new(void);
void sieve_free(struct sieve **sieve);

/* Have the expression found as number. False: it is no plain path from the
 * root (dom/path.h), or one whose end stands in several ways. */
bool sieve_add(struct sieve *sieve, const char *expression, uint32_t number);

/* Walk a document; sets[number] becomes a new node-set in document order where
 * the path of that number selects anything, else stays as it is. Gives how
 * much was looked at, as dom/xpath.h counts it; at most most (0: any number),
 * then 0 and the sets are of no use, but the caller's to free. */
unsigned long sieve_run(const struct sieve *sieve, xmlDoc *doc,
    unsigned long most, xmlNodeSet **sets);

#endif
