/* base/lock.h - a mutex that knows who holds it
 *
 * Locks are leaves: hold one, briefly, and call no other module. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/must.h"

struct lock {
	pthread_mutex_t mutex;
	_Atomic uintptr_t holder; /* 0: nobody; for lock_is_mine only */
};

#define LOCK_INIT                                                          \
	{                                                                  \
		PTHREAD_MUTEX_INITIALIZER, 0                               \
	}

void lock_init(struct lock *lock);
void lock_fini(struct lock *lock);
void lock_take(struct lock *lock);
void lock_drop(struct lock *lock);
bool lock_is_mine(struct lock *lock);

/* Something to wait for, with a lock. Only threads that may block. */
struct cond {
	pthread_cond_t cond; /* on the monotonic clock */
};
void cond_init(struct cond *cond);
void cond_fini(struct cond *cond);
/* False when timeout_ms (real time; UINT64_MAX: none) went by first. */
bool cond_wait(struct cond *cond, struct lock *lock, uint64_t timeout_ms);
void cond_signal(struct cond *cond);
void cond_broadcast(struct cond *cond);

#endif
