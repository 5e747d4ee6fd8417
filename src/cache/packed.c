/* cache/packed.c - set once by whoever is first, released with the object */
#include "cache/packed.h"

#include "base/counter.h"
#include "cache/object.h"

bool
packed_set(struct packed *packed, enum packing packing, struct body **body)
{
	struct body *none = NULL;
	bool was_first =
	    atomic_compare_exchange_strong_explicit(&packed->body[packing],
		&none, *body, memory_order_acq_rel, memory_order_acquire);

	if (was_first)
		*body = NULL;
	else
		body_unref(body);
	return was_first;
}

/* What its fields say is judged anew: they may be others. */
void
packed_copy(struct packed *to, const struct packed *from)
{
	unsigned marks = atomic_load(&from->marks), i;

	atomic_init(&to->marks,
	    marks & ~(unsigned)(PACKED_JUDGED | PACKED_SUITS | PACKED_WAITS));
	for (i = 0; i < PACKINGS; i++) {
		struct body *body = packed_body(from, i);

		atomic_init(&to->body[i], body_ref(body));
		/* one that was waiting is to be asked for again */
		if (!body)
			atomic_fetch_and(
			    &to->marks, ~((unsigned)PACKED_WANTED << i));
	}
}

void
packed_fini(struct packed *packed)
{
	struct body *body;
	unsigned i;

	for (i = 0; i < PACKINGS; i++) {
		body = packed_body(packed, i);
		body_unref(&body);
	}
}

size_t
packed_size(const struct packed *packed)
{
	const struct body *body;
	size_t size = 0;
	unsigned i;

	for (i = 0; i < PACKINGS; i++) {
		body = packed_body(packed, i);
		if (body)
			size += sizeof(*body) + body->len;
	}
	return size;
}

void
packed_count(enum packing packing)
{
	static const enum counter counters[PACKINGS] = {
	    [PACKING_GZIP] = COUNT_SENT_GZIP,
	    [PACKING_BR] = COUNT_SENT_BR,
	    [PACKING_ZSTD] = COUNT_SENT_ZSTD,
	};

	if (packing != PACKING_NONE)
		counter_up(counters[packing]);
}
