/* base/lock.c - thin over pthreads; every failure is a bug */
#include "base/lock.h"

#include <errno.h>
#include <time.h>

static uintptr_t
self(void)
{
	static _Thread_local char here;

	return (uintptr_t)&here;
}

void
lock_init(struct lock *lock)
{
	must(pthread_mutex_init(&lock->mutex, NULL) == 0);
	atomic_store(&lock->holder, 0);
}

void
lock_fini(struct lock *lock)
{
	must(pthread_mutex_destroy(&lock->mutex) == 0);
}

void
lock_take(struct lock *lock)
{
	must(!lock_is_mine(lock)); /* would wait for ever */
	must(pthread_mutex_lock(&lock->mutex) == 0);
	atomic_store_explicit(&lock->holder, self(), memory_order_relaxed);
}

void
lock_drop(struct lock *lock)
{
	must(lock_is_mine(lock));
	atomic_store_explicit(&lock->holder, 0, memory_order_relaxed);
	must(pthread_mutex_unlock(&lock->mutex) == 0);
}

bool
lock_is_mine(struct lock *lock)
{
	return atomic_load_explicit(&lock->holder, memory_order_relaxed) ==
	    self();
}

void
cond_init(struct cond *cond)
{
	pthread_condattr_t attr;

	must(pthread_condattr_init(&attr) == 0);
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&cond->cond, &attr) == 0);
	pthread_condattr_destroy(&attr);
}

void
cond_fini(struct cond *cond)
{
	must(pthread_cond_destroy(&cond->cond) == 0);
}

static struct timespec
in_ms(uint64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += (time_t)(ms / 1000);
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

bool
cond_wait(struct cond *cond, struct lock *lock, uint64_t timeout_ms)
{
	struct timespec at;
	int rc;

	must(lock_is_mine(lock));
	atomic_store_explicit(&lock->holder, 0, memory_order_relaxed);
	if (timeout_ms == UINT64_MAX) {
		rc = pthread_cond_wait(&cond->cond, &lock->mutex);
	} else {
		at = in_ms(timeout_ms);
		rc = pthread_cond_timedwait(&cond->cond, &lock->mutex, &at);
	}
	must(rc == 0 || rc == ETIMEDOUT);
	atomic_store_explicit(&lock->holder, self(), memory_order_relaxed);
	return rc == 0;
}

void
cond_signal(struct cond *cond)
{
	must(pthread_cond_signal(&cond->cond) == 0);
}

void
cond_broadcast(struct cond *cond)
{
	must(pthread_cond_broadcast(&cond->cond) == 0);
}
