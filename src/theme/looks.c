/* theme/looks.c - a few trees under a lock (contract: theme/looks.h) */
#include "theme/looks.h"

#include <stdatomic.h>
#include <string.h>

#include "base/buf.h"
#include "base/lock.h"
#include "base/mem.h"
#include "dom/html.h"

struct look_doc {
	_Atomic unsigned refs;
	xmlDoc *doc;
};

struct kept {
	char *name; /* NULL: free */
	char *content_type;
	struct buf bytes; /* the source */
	uint64_t used;
	struct look_doc *look; /* counted */
};

struct looks {
	struct lock lock;
	/* shared: under lock */
	struct kept kept[LOOKS_MAX];
	size_t bytes;
	uint64_t uses;
};

struct looks *
looks_new(void)
{
	struct looks *looks = mem_new(sizeof(*looks));

	lock_init(&looks->lock);
	return looks;
}

const xmlDoc *
look_doc_tree(const struct look_doc *look)
{
	return look->doc;
}

void
look_doc_unref(struct look_doc **look)
{
	struct look_doc *old = *look;

	*look = NULL;
	if (!old || atomic_fetch_sub(&old->refs, 1) != 1)
		return;
	html_free(&old->doc);
	mem_free(&old);
}

static struct look_doc *
ref(struct look_doc *look)
{
	atomic_fetch_add_explicit(&look->refs, 1, memory_order_relaxed);
	return look;
}

/* Out of the table; its tree is freed by who has no lock in hand. */
static struct look_doc *
take_out(struct looks *looks, struct kept *kept)
{
	struct look_doc *look = kept->look;

	if (!kept->name)
		return NULL;
	looks->bytes -= kept->bytes.len;
	mem_free(&kept->name);
	buf_fini(&kept->bytes);
	mem_free(&kept->content_type);
	kept->look = NULL;
	return look;
}

void
looks_free(struct looks **looks)
{
	struct look_doc *gone;

	if (!*looks)
		return;
	for (unsigned i = 0; i < LOOKS_MAX; i++) {
		gone = take_out(*looks, &(*looks)->kept[i]);
		look_doc_unref(&gone);
	}
	lock_fini(&(*looks)->lock);
	mem_free(looks);
}

static bool
is_same(const struct kept *kept, const struct look_key *key)
{
	const char *type = key->content_type ? key->content_type : "";

	return kept->bytes.len == key->len &&
	       memcmp(kept->bytes.data, key->bytes, key->len) == 0 &&
	       strcmp(kept->content_type, type) == 0;
}

static struct kept *
find(struct looks *looks, const char *name)
{
	for (unsigned i = 0; i < LOOKS_MAX; i++)
		if (looks->kept[i].name &&
		    strcmp(looks->kept[i].name, name) == 0)
			return &looks->kept[i];
	return NULL;
}

struct look_doc *
looks_find(struct looks *looks, const struct look_key *key)
{
	struct look_doc *look = NULL, *gone = NULL;
	struct kept *kept;

	lock_take(&looks->lock);
	kept = find(looks, key->name);
	if (kept && is_same(kept, key)) {
		kept->used = ++looks->uses;
		look = ref(kept->look);
	} else if (kept) {
		gone = take_out(looks, kept);
	}
	lock_drop(&looks->lock);
	look_doc_unref(&gone);
	return look;
}

static struct kept *
oldest(struct looks *looks)
{
	struct kept *oldest = NULL;

	for (unsigned i = 0; i < LOOKS_MAX; i++)
		if (looks->kept[i].name &&
		    (!oldest || looks->kept[i].used < oldest->used))
			oldest = &looks->kept[i];
	return oldest;
}

static struct kept *
find_free(struct looks *looks)
{
	for (unsigned i = 0; i < LOOKS_MAX; i++)
		if (!looks->kept[i].name)
			return &looks->kept[i];
	return NULL;
}

/* A free place, once those that are in the way went to gone. */
static struct kept *
make_room(
    struct looks *looks, size_t len, struct look_doc **gone, size_t *gone_count)
{
	struct kept *kept;

	while (
	    !(kept = find_free(looks)) || looks->bytes + len > LOOKS_BYTES_MAX)
		gone[(*gone_count)++] = take_out(looks, oldest(looks));
	return kept;
}

/* Without memory for its source it is not kept. */
static void
fill(struct looks *looks, struct kept *kept, const struct look_key *key,
    struct look_doc *look)
{
	buf_init(&kept->bytes, key->len);
	if (buf_add(&kept->bytes, key->bytes, key->len) != 0) {
		buf_fini(&kept->bytes);
		return;
	}
	kept->name = mem_strdup(key->name);
	kept->content_type =
	    mem_strdup(key->content_type ? key->content_type : "");
	kept->used = ++looks->uses;
	kept->look = ref(look);
	looks->bytes += key->len;
}

struct look_doc *
looks_note(struct looks *looks, const struct look_key *key, xmlDoc **doc)
{
	struct look_doc *look = mem_new(sizeof(*look)), *gone[LOOKS_MAX];
	size_t gone_count = 0;

	atomic_init(&look->refs, 1);
	look->doc = *doc;
	*doc = NULL;
	if (key->len > LOOKS_BYTES_MAX / 2)
		return look;
	lock_take(&looks->lock);
	/* Another thread may have been faster. */
	if (!find(looks, key->name))
		fill(looks, make_room(looks, key->len, gone, &gone_count), key,
		    look);
	lock_drop(&looks->lock);
	while (gone_count > 0)
		look_doc_unref(&gone[--gone_count]);
	return look;
}
