/* base/thread.c - pthreads, started the same way everywhere */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

/* How much nicer a thread is that stepped back: about a tenth of what others
 * weigh. More would let one that holds a lock wait for too long when the
 * machine is full. */
enum { BACK = 10 };

static _Thread_local bool no_blocking;

struct start {
	char name[16];
	void (*run)(void *);
	void *arg;
};

static void *
begin(void *arg)
{
	struct start start = *(struct start *)arg;

	mem_free(&arg);
	pthread_setname_np(pthread_self(), start.name);
	start.run(start.arg);
	return NULL;
}

int
thread_start(struct thread *thread, const char *name, void (*run)(void *),
    void *arg, struct err *err)
{
	struct start *start = mem_new(sizeof(*start));
	sigset_t all, before;
	int rc;

	strncpy(start->name, name, sizeof(start->name) - 1);
	start->run = run;
	start->arg = arg;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread->id, NULL, begin, start);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0) {
		mem_free(&start);
		return err_set(err, "no thread for %s: %s", name,
		    strerror(rc));
	}
	thread->runs = true;
	return 0;
}

void
thread_join(struct thread *thread)
{
	if (!thread->runs)
		return;
	must(pthread_join(thread->id, NULL) == 0);
	thread->runs = false;
}

void
thread_forbid_blocking(void)
{
	no_blocking = true;
}

bool
thread_may_block(void)
{
	return !no_blocking;
}

void
thread_step_back(void)
{
	id_t self = (id_t)gettid();

	if (setpriority(PRIO_PROCESS, self,
		getpriority(PRIO_PROCESS, self) + BACK) != 0)
		log_warn("a thread cannot lower its priority: %s",
		    strerror(errno));
}

uint64_t
thread_cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}
