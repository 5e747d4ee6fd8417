/* page/lengths.c - a table of lengths (contract: page/lengths.h)
 *
 * A place is one word, half of it the length and half of it the hash, so that
 * it needs no lock and nobody reads half of what is being written. A newer one
 * takes the place of an older one. */
#include "page/lengths.h"

#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "cache/hash.h"

enum { PLACES = 8192 };

struct lengths {
	_Atomic uint64_t places[PLACES]; /* 0: free */
};

struct lengths *
lengths_new(void)
{
	return mem_new(sizeof(struct lengths));
}

void
lengths_free(struct lengths **lengths)
{
	mem_free(lengths);
}

static uint64_t
marked(uint64_t hash)
{
	return hash & ~(uint64_t)UINT32_MAX;
}

/* One of 0 or over 4 GiB is not remembered. */
static void
note(struct lengths *lengths, uint64_t hash, uint64_t len)
{
	if (len > 0 && len <= UINT32_MAX)
		atomic_store_explicit(&lengths->places[hash % PLACES],
		    marked(hash) | len, memory_order_relaxed);
}

/* 0: not known. */
static uint32_t
find(struct lengths *lengths, uint64_t hash)
{
	uint64_t place = atomic_load_explicit(
	    &lengths->places[hash % PLACES], memory_order_relaxed);

	return marked(place) == marked(hash) ? (uint32_t)place : 0;
}

/* ---- of pages ---- */

/* 0: it has nothing that tells it apart. */
static uint64_t
hash_of(struct page *page)
{
	const struct request *request = &page->request;
	const char *etag = head_find(&page->reply.head, "ETag"), *text;

	if (!etag && page->reply.status == 304)
		etag = request->if_none_match;
	if (!etag || page->key.len == 0)
		return 0;
	text = arena_printf(page->arena, "%s\n%s\n%.*s", etag,
	    request->accept_encoding ? request->accept_encoding : "",
	    (int)page->key.len, page->key.text);
	return hash_seeded(text, strlen(text));
}

static uint64_t
length_of(const struct reply *reply)
{
	if (reply->bytes)
		return reply->len;
	return reply->length > 0 ? (uint64_t)reply->length : 0;
}

void
lengths_see(struct lengths *lengths, struct page *page)
{
	struct reply *reply = &page->reply;
	uint64_t hash;
	uint32_t known;

	if (reply->object || page->error_status)
		return;
	if (reply->status == 200 && page->request.is_get &&
	    length_of(reply) > 0) {
		hash = hash_of(page);
		if (hash)
			note(lengths, hash, length_of(reply));
	}
	if (reply->status == 304 && reply->answer && !reply->bytes &&
	    reply->length <= 0) {
		hash = hash_of(page);
		known = hash ? find(lengths, hash) : 0;
		if (known > 0)
			reply->length = known;
	}
}
