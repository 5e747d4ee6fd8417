/* page/pressthread.c - the thread that compresses (contract:
 * page/pressthread.h)
 *
 * In the order of asking, with a lower priority than all that answers. */
#include "page/pressthread.h"

#include "base/counter.h"
#include "base/mem.h"
#include "base/thread.h"
#include "page/press.h"

enum {
	WAITING_MAX = 32 << 20, /* bytes of bodies that wait for it */
	WORTH_PERCENT = 95,	/* of its size a body must have at most then */
};

struct press {
	struct cache *cache;
	struct thread thread;
	struct inbox inbox; /* shared: any thread posts objects, counted */
	_Atomic uint64_t waiting; /* bytes of their bodies */
	struct lock lock;
	struct cond cond;
	bool woken; /* shared: under lock */
	_Atomic bool stops;
};

/* ---- to compress ---- */

static size_t
worth(size_t len)
{
	return len / 100 * WORTH_PERCENT;
}

struct body *
press_compress(struct packer *packer, enum packing packing,
    enum packing_effort effort, const char *bytes, size_t len)
{
	struct buf out;
	char *packed;

	counter_add(COUNT_PACKED_FROM, (int64_t)len);
	buf_init(&out, worth(len) + 1);
	if (packer_run(packer, packing, effort, bytes, len, &out) != 0) {
		buf_fini(&out);
		return NULL;
	}
	packed = buf_steal(&out, &len);
	counter_up(COUNT_PACKED);
	counter_add(COUNT_PACKED_TO, (int64_t)len);
	return body_new(&packed, len);
}

void
press_one(struct press *press, struct packer *packer, struct object *object,
    enum packing packing)
{
	struct body *body = press_compress(packer, packing, PACKING_KEPT,
	    object->body->bytes, object->body->len);

	if (!body) {
		atomic_fetch_or(
		    &object->packed.marks, (unsigned)PACKED_VAIN << packing);
		return;
	}
	if (packed_set(&object->packed, packing, &body))
		(void)cache_resize(press->cache, object);
}

/* ---- the thread ---- */

static void
wake(struct press *press)
{
	lock_take(&press->lock);
	press->woken = true;
	cond_signal(&press->cond);
	lock_drop(&press->lock);
}

/* Too much waits: whoever asks next tries again, for whatever coding. One that
 * was wanted meanwhile relied on this post. */
static void
forget_wish(struct object *object)
{
	unsigned bits = PACKED_WAITS, i;

	for (i = PACKING_NONE + 1; i < PACKINGS; i++)
		bits |= (unsigned)PACKED_WANTED << i;
	atomic_fetch_and(&object->packed.marks, ~bits);
}

void
press_post(struct press *press, struct object *object)
{
	size_t len = object->body->len;

	if (atomic_fetch_add(&press->waiting, len) + len > WAITING_MAX) {
		atomic_fetch_sub(&press->waiting, len);
		forget_wish(object);
		return;
	}
	object_ref(object);
	if (inbox_post(&press->inbox, &object->packed.item))
		wake(press);
}

/* From the moment that its bit is gone it may be posted anew. What is thrown
 * out of memory meanwhile is not worth the work. */
static void
handle(struct press *press, struct packer *packer, struct object *object)
{
	unsigned marks = atomic_fetch_and(
		     &object->packed.marks, ~(unsigned)PACKED_WAITS),
		 i;

	atomic_fetch_sub(&press->waiting, object->body->len);
	for (i = PACKING_NONE + 1; i < PACKINGS; i++) {
		if (!(marks & (unsigned)PACKED_WANTED << i) ||
		    marks & (unsigned)PACKED_VAIN << i ||
		    packed_body(&object->packed, i))
			continue;
		if (atomic_load(&press->stops) ||
		    !cache_resize(press->cache, object))
			break;
		press_one(press, packer, object, i);
	}
	object_unref(&object);
}

static void
wait_for_work(struct press *press)
{
	lock_take(&press->lock);
	while (!press->woken)
		cond_wait(&press->cond, &press->lock, UINT64_MAX);
	press->woken = false;
	lock_drop(&press->lock);
}

static void
work(void *arg)
{
	struct press *press = arg;
	struct packer *packer = packer_new();
	struct inbox_item *item, *next;

	thread_step_back();
	do {
		wait_for_work(press);
		for (item = inbox_take(&press->inbox); item; item = next) {
			next = item->next;
			handle(press, packer,
			    container_of(item, struct object, packed.item));
		}
	} while (!atomic_load(&press->stops));
	packer_free(&packer);
}

int
press_start(struct press **out, struct cache *cache, struct err *err)
{
	struct press *press = mem_new(sizeof(*press));

	press->cache = cache;
	inbox_init(&press->inbox);
	lock_init(&press->lock);
	cond_init(&press->cond);
	*out = press;
	if (thread_start(&press->thread, "press", work, press, err) == 0)
		return 0;
	press_stop(out);
	return -1;
}

void
press_stop(struct press **press_p)
{
	struct press *press = *press_p;
	struct inbox_item *item, *next;
	struct object *object;

	*press_p = NULL;
	if (!press)
		return;
	atomic_store(&press->stops, true);
	wake(press);
	thread_join(&press->thread);
	for (item = inbox_take(&press->inbox); item; item = next) {
		next = item->next;
		object = container_of(item, struct object, packed.item);
		object_unref(&object);
	}
	inbox_fini(&press->inbox);
	cond_fini(&press->cond);
	lock_fini(&press->lock);
	mem_free(&press);
}
