/* cache/object.h - a stored response: immutable once published, counted
 *
 * Whoever makes one fills it in before anybody else can see it; from then on
 * only the atomics change. What a 304 freshens is a new object that shares
 * the body. */
#ifndef CACHE_OBJECT_H
#define CACHE_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cache/key.h"
#include "cache/packed.h"
#include "http/head.h"

enum { OBJECT_SLOTS = 16 };

/* Body bytes, counted by the objects that share them. */
struct body {
	_Atomic unsigned refs;
	size_t len;
	char *bytes; /* malloc'd, NUL behind; but of a part neither */
	struct body *of; /* counted: what it is a part of; or NULL */
};
/* Takes *bytes (malloc'd). */
struct body *body_new(char **bytes, size_t len);
/* Bytes of another, which it counts. */
struct body *body_part(struct body *of, size_t at, size_t len);
struct body *body_ref(struct body *body);
void body_unref(struct body **body);
/* Takes the reference: it goes with the arena. */
void body_keep(struct arena *arena, struct body *body);

/* How long it may be used (policy.h fills this in). Milliseconds. */
struct freshness {
	int64_t lifetime_ms;
	int64_t initial_age_ms; /* corrected_initial_age, RFC 9111 4.2.3 */
	int64_t swr_ms;         /* stale-while-revalidate, RFC 5861 */
	int64_t sie_ms;         /* stale-if-error; -1: not said */
	bool strict;            /* must-revalidate, proxy-revalidate, s-maxage:
	                         * stale only by stale_override */
	bool no_cache;          /* never without asking */
};

struct held;
struct object {
	_Atomic unsigned refs;
	enum kind kind;
	bool is_dressed;
	struct arena *arena;  /* of all texts below */
	struct key key;
	const char *site;
	const char *url;      /* as the `entries` view shows it */
	int status;
	struct head head;     /* end-to-end fields as they came; no Age, no
	                       * Content-Length, no Transfer-Encoding */
	struct body *body;
	struct packed packed; /* the same in other codings, as they are made */
	/* Wall clock: when it was asked for, when its head came. */
	int64_t asked_ms, answered_ms;
	uint32_t cost_ms;     /* what fetching (or dressing) it took */
	struct freshness fresh;
	const char *etag;          /* or NULL */
	const char *last_modified; /* or NULL */
	const char *vary;     /* field names, lower case, sorted, joined with
	                       * ","; "" when it does not vary */
	const char *variant;  /* "name: value\n" of each as it was asked */
	const char *tags;     /* space separated; "" */
	/* Dressed objects: what they were made from and with. A change of the
	 * theme's page or of its rules is another theme_version;
	 * rules_version (NULL: none) is only shown. */
	const char *theme, *theme_version, *rules_version;
	uint64_t source_id;   /* the page object's id */
	/* Wall clock; 0: as long as what it was made from. One with such an end
	 * has documents in it that have ends of their own, and stays in memory.
	 */
	int64_t good_until_ms;
	struct held *held;    /* those, page/held.h; or NULL */
	/* A number of its own in this process. */
	uint64_t id;
	int64_t row;          /* in the cache file; 0: not (yet) there. The
	                       * writer's alone once it is published. */

	/* shared, atomics: any thread */
	_Atomic uint32_t hits;       /* since the writer last asked */
	_Atomic int64_t last_used_ms;
	_Atomic bool doubted;        /* a 304 spoke of another: its validators
	                              * are not to be asked with again */
	_Atomic unsigned early;      /* cache/early.c: its refresh was drawn */
	_Atomic uint64_t held_purges; /* page/held.c: seen with what is held */
	_Atomic unsigned plain;      /* page/weave.c: it has no includes */
	_Atomic int64_t expired_ms;  /* a soft purge meant it; wall clock; 0 */
	struct object *touched_next; /* the writer's list of used ones */
	bool touched_early;          /* the writer's: before it had a row */
	/* One a front thread: what it made of this object to send it (its
	 * own thread alone uses a slot). Freed with the object. */
	void *slot[OBJECT_SLOTS];
	void (*slot_free)(void *);
};

/* A new object with its own arena and an empty head; texts are copied. */
struct object *object_new(const struct key *key, enum kind kind,
    const char *site);
struct object *object_ref(struct object *object);
void object_unref(struct object **object);
/* Takes the reference: it goes with the arena. */
void object_keep(struct arena *arena, struct object *object);
/* One with the texts, head, freshness and body of `from` (the 304 and purge
 * ways); the head may be changed before it is published. */
struct object *object_copy(const struct object *from);

/* Bytes that it holds, body and all, but not its other codings. */
size_t object_size(const struct object *object);
/* Age at now (RFC 9111 4.2.3), and what is left of its lifetime (negative:
 * stale for so long). Milliseconds. */
int64_t object_age_ms(const struct object *object, int64_t now_ms);
int64_t object_ttl_ms(const struct object *object, int64_t now_ms);
/* From at_ms on it is stale, whatever its lifetime says. Any thread. */
void object_expire(struct object *object, int64_t at_ms);

#endif
