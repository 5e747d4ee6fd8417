/* base/thread.h - threads with a name, and a promise about waiting */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct thread {
	pthread_t id;
	bool runs;
};

/* Start run(arg) in a thread called name (15 bytes). All signals are blocked
 * in it. -1: the system has no thread to give. */
CHECKED int thread_start(struct thread *thread, const char *name,
    void (*run)(void *), void *arg, struct err *err);
/* Wait for its end; nothing when it was never started. */
void thread_join(struct thread *thread);

/* This thread must never wait for a socket, a timer or a child: from now on
 * thread_may_block() is false here. Front threads and workers say so. */
void thread_forbid_blocking(void);
bool thread_may_block(void);

/* This thread gives way to the process's others from now on, for good: a lower
 * priority, which needs no privilege. Said in the log when the system forbids
 * it; then it goes on as it was. */
void thread_step_back(void);
/* Processor time of this thread. */
uint64_t thread_cpu_us(void);

#endif
