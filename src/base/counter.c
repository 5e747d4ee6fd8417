/* base/counter.c - one block a thread, a list of blocks, sums on demand
 *
 * Only its own thread writes a block, so a plain load and store (relaxed
 * atomics) count exactly. A thread that ends leaves its block, with all it
 * counted, to the next that begins, so that short threads (those that ask for
 * names) do not make the list long. */
#include "base/counter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/lock.h"
#include "base/mem.h"

struct block {
	_Atomic int64_t count[COUNTERS];
	struct block *next;
	bool taken; /* shared: under lock */
};

const struct counter_info counter_table[COUNTERS] = {
#define COUNTER_UP(symbol, name, help) {name, help, 0},
#define COUNTER_GAUGE(symbol, name, help) {name, help, 1},
	COUNTER_TABLE(COUNTER_UP, COUNTER_GAUGE)
};

static struct lock lock = LOCK_INIT;
static struct block *blocks; /* shared: under lock; never shrinks */
static _Thread_local struct block *mine;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;

static void
leave(void *arg)
{
	struct block *block = arg;

	mine = NULL;
	lock_take(&lock);
	block->taken = false;
	lock_drop(&lock);
}

static void
make_key(void)
{
	must(pthread_key_create(&at_thread_end, leave) == 0);
}

static struct block *
join(void)
{
	struct block *block;

	must(pthread_once(&once, make_key) == 0);
	lock_take(&lock);
	for (block = blocks; block && block->taken; block = block->next)
		;
	if (!block) {
		block = mem_new(sizeof(*block));
		block->next = blocks;
		blocks = block;
	}
	block->taken = true;
	lock_drop(&lock);
	must(pthread_setspecific(at_thread_end, block) == 0);
	mine = block;
	return block;
}

void
counter_add(enum counter counter, int64_t n)
{
	struct block *block = mine ? mine : join();
	_Atomic int64_t *count = &block->count[counter];

	atomic_store_explicit(count,
	    atomic_load_explicit(count, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

int64_t
counter_read(enum counter counter)
{
	int64_t sum = 0;
	struct block *block;

	lock_take(&lock);
	for (block = blocks; block; block = block->next)
		sum += atomic_load_explicit(&block->count[counter],
		    memory_order_relaxed);
	lock_drop(&lock);
	return sum;
}
