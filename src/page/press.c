/* page/press.c - codings chosen, and made behind
 *
 * The bits of one word (cache/packed.h) settle who posts an object to the
 * press's inbox, so the hit path takes no lock for it but once for each coding
 * of an object, and never an allocation: the inbox's link is in the object. */
#include "page/press.h"

#include <string.h>

#include "http/accept.h"
#include "page/pressthread.h"

enum {
	LARGEST = 8 << 20,     /* bytes; a larger body goes as it is */
	AT_ONCE_MAX = 1 << 20, /* one that somebody waits for */
	OWN_MAX = 1 << 20,     /* a page of one client's own */
	VALUE_MAX = 128,       /* an Accept-Encoding that is remembered */
};

/* ---- what may be compressed ---- */

static bool
fields_allow(int status, const struct head *head)
{
	struct cachecontrol cc;

	if (status < 200 || status == 204 || status == 206 || status == 304 ||
	    head_find(head, "Content-Encoding") ||
	    !packing_suits(head_find(head, "Content-Type")))
		return false;
	cachecontrol_read(&cc, head, "Cache-Control");
	return !(cc.flags & CC_NO_TRANSFORM);
}

static bool
is_fit(const struct site *site, uint64_t len)
{
	return len >= site->opts.compress_min && len <= LARGEST;
}

/* Its fields never change, so they are looked at once. */
static bool
suits(const struct site *site, struct object *object)
{
	unsigned marks =
	    atomic_load_explicit(&object->packed.marks, memory_order_relaxed);

	if (!object->body || !is_fit(site, object->body->len))
		return false;
	if (!(marks & PACKED_JUDGED)) {
		marks = PACKED_JUDGED;
		if (fields_allow(object->status, &object->head))
			marks |= PACKED_SUITS;
		atomic_fetch_or(&object->packed.marks, marks);
	}
	return marks & PACKED_SUITS;
}

/* ---- to choose ---- */

/* Browsers all say one of a few things, again and again. */
static const struct accept *
accept_of(const char *value)
{
	static _Thread_local struct accept accept;
	static _Thread_local char known[VALUE_MAX];
	size_t len;

	if (*known && strcmp(known, value) == 0)
		return &accept;
	accept_read(&accept, value);
	len = strlen(value);
	if (len < sizeof(known))
		memcpy(known, value, len + 1);
	else
		*known = '\0';
	return &accept;
}

/* A mask of the codings that are there. */
static unsigned
those_there(const struct packed *packed)
{
	unsigned among = 0, i;

	for (i = PACKING_NONE + 1; i < PACKINGS; i++)
		if (packed_body(packed, i))
			among |= 1u << i;
	return among;
}

/* All but those that were tried in vain. */
static enum packing
wanted(const struct site *site, const struct accept *accept, unsigned marks)
{
	return accept_best(accept, site->packings, site->packings_count,
	    ~(marks / PACKED_VAIN));
}

/* It would be good to have it so: who asks for it the second time has it made.
 */
static void
ask_for(struct press *press, struct object *object, enum packing packing,
    unsigned marks, bool is_first)
{
	unsigned bits = (unsigned)PACKED_WANTED << packing;

	if (marks & bits)
		return;
	if (is_first || !(marks & PACKED_USED)) {
		atomic_fetch_or(&object->packed.marks, PACKED_USED);
		return;
	}
	bits |= PACKED_WAITS;
	if (!(atomic_fetch_or(&object->packed.marks, bits) & PACKED_WAITS))
		press_post(press, object);
}

static void
choose_packing(
    struct reply *reply, const struct object *object, enum packing packing)
{
	if (packing == PACKING_NONE)
		return;
	reply->packing = packing;
	reply->packed = packed_body(&object->packed, packing);
}

bool
press_choose(struct press *press, const struct site *site,
    const struct request *request, struct object *object, bool is_first,
    struct reply *reply)
{
	const struct accept *accept;
	enum packing packing;
	unsigned marks;

	if (site->packings_count == 0 || !suits(site, object))
		return true;
	reply->varies = true;
	if (!request->accept_encoding)
		return true;
	accept = accept_of(request->accept_encoding);
	marks =
	    atomic_load_explicit(&object->packed.marks, memory_order_relaxed);
	packing = wanted(site, accept, marks);
	if (packing != PACKING_NONE && !packed_body(&object->packed, packing)) {
		if (accept->weight[PACKING_NONE] == 0 &&
		    object->body->len <= AT_ONCE_MAX)
			return false;
		ask_for(press, object, packing, marks, is_first);
		packing = accept_best(accept, site->packings,
		    site->packings_count, those_there(&object->packed));
	}
	choose_packing(reply, object, packing);
	return true;
}

/* Here and now what the request wants; then press_choose() is true. */
static void
make(struct press *press, const struct site *site,
    const struct request *request, struct object *object, struct packer *packer)
{
	const struct accept *accept = accept_of(request->accept_encoding);
	enum packing packing;

	/* One after the other, if the first are in vain. */
	for (;;) {
		packing =
		    wanted(site, accept, atomic_load(&object->packed.marks));
		if (packing == PACKING_NONE ||
		    packed_body(&object->packed, packing))
			return;
		press_one(press, packer, object, packing);
	}
}

void
press_reply(struct page *page, struct worker *worker, struct object *object)
{
	struct press *press = page->pages->press;
	struct reply *reply = &page->reply;

	/* one that a 304 confirmed was there before */
	bool is_first =
	    !page->hit && page->answer && page->answer->status != 304;

	if (press_choose(
		press, page->site, &page->request, object, is_first, reply))
		return;
	make(press, page->site, &page->request, object, worker->packer);
	(void)press_choose(
	    press, page->site, &page->request, object, false, reply);
}

/* ---- what is not stored ---- */

/* Once, beside what it varies by already. */
static void
add_vary(struct head *head)
{
	const char *value = head_joined(head, "Vary", head->arena), *rest;
	struct slice item;

	for (rest = value; rest && list_next(&rest, &item);)
		if (slice_is(item, "*") || slice_is(item, "Accept-Encoding"))
			return;
	head_set(head, "Vary",
	    value ? arena_printf(head->arena, "%s, Accept-Encoding", value)
		  : "Accept-Encoding");
}

void
press_add_vary(const struct page *page, int status, struct head *head)
{
	int64_t length = page->answer->length;

	if (!page->sharing.may || page->site->packings_count == 0 ||
	    (length >= 0 && !is_fit(page->site, (uint64_t)length)))
		return;
	if (fields_allow(status, head))
		add_vary(head);
}

/* Pages of ours about failures are made once for all, and short. */
static bool
is_own(const struct page *page)
{
	const struct reply *reply = &page->reply;
	const struct site *site = page->site;

	return site && site->opts.compress_own && site->packings_count > 0 &&
	       reply->theme && !page->error_status &&
	       reply->len >= site->opts.compress_min && reply->len <= OWN_MAX &&
	       fields_allow(reply->status, &reply->head);
}

void
press_own(struct page *page, struct worker *worker)
{
	const char *value = page->request.accept_encoding;
	struct reply *reply = &page->reply;
	enum packing packing;
	struct body *body;

	if (!is_own(page))
		return;
	add_vary(&reply->head);
	if (!value)
		return;
	packing = wanted(page->site, accept_of(value), 0);
	if (packing == PACKING_NONE)
		return;
	body = press_compress(
	    worker->packer, packing, PACKING_ONCE, reply->bytes, reply->len);
	if (!body)
		return;
	body_keep(page->arena, body);
	reply->bytes = body->bytes;
	reply->len = body->len;
	head_add(&reply->head, "Content-Encoding", packing_name(packing));
	packed_count(packing);
}
