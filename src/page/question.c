/* page/question.c - the request as the upstream gets it
 *
 * An upstream request is built anew from parsed parts, so nothing that two
 * parsers could read differently goes through. What a shared question asks
 * has nothing of one client in it. */
#include "page/question.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "http/accept.h"
#include "http/auth.h"
#include "http/etag.h"
#include "http/targeted.h"
#include "page/failing.h"
#include "page/forwarding.h"
#include "page/hops.h"
#include "page/session.h"
#include "page/validator.h"
#include "page/whom.h"

/* ---- the fields ---- */

void
question_add_credentials(struct head *fields, const struct upstream_opts *opts)
{
	struct buf value;

	if (!opts->username || head_find(fields, "Authorization"))
		return;
	buf_init(&value, 4096);
	if (auth_basic(&value, opts->username, opts->password) == 0)
		head_add(fields, "Authorization", value.data);
	buf_fini(&value);
}

/* A tag of ours for a coding of ours means nothing to the upstream. */
static void
widen_tags(struct head *fields, const char *name)
{
	const char *tags = head_joined(fields, name, fields->arena), *wide;

	wide = tags ? etag_widen(tags, fields->arena) : NULL;
	if (wide != tags)
		head_set(fields, name, wide);
}

/* Without the one that names the server. */
static void
add_cookies(struct head *out, const struct page *page, const char *cookies)
{
	const char *left = session_strip(page->choice.upstream, cookies,
	    out->arena);

	if (*left)
		head_add(out, "Cookie", left);
}

static void
add_field(struct head *out, const struct page *page, const struct field *field)
{
	if (strcasecmp(field->name, "Cookie") == 0)
		add_cookies(out, page, field->value);
	else
		head_add_n(out, field->name, field->name_len, field->value,
		    field->value_len);
}

static void
add_fields(struct question *question, struct errand *errand,
    const struct page *page, bool shared)
{
	const struct request *request = &page->request;
	struct head *out = &errand->fields;
	struct accept accept;
	unsigned i;

	for (i = 0; i < request->fields->count; i++) {
		const struct field *field = &request->fields->fields[i];

		if (sent_is_dropped(request, field->name, shared) ||
		    sent_is_listed(request, field->name) ||
		    ranges_drops(page, field->name))
			continue;
		add_field(out, page, field);
		if (question->has_shape &&
		    (shared || !sent_is_dropped(request, field->name, true)))
			shape_add(&question->shape, field);
	}
	head_drop_hop_by_hop(out);
	if (page->site->packings_count > 0) {
		widen_tags(out, "If-Match");
		widen_tags(out, "If-None-Match");
	}
	/* What is dressed or stored is decoded here; what is passed on as it
	 * comes must be something that this client can read. */
	accept_read(&accept, request->accept_encoding);
	head_add(out, "Accept-Encoding",
	    accept.weight[PACKING_GZIP] > 0 ? "gzip" : "identity");
	head_add(out, "Surrogate-Capability",
	    surrogate_capability(page->site->opts.includes & INCLUDES_ESI));
	forwarding_add(errand, page);
	question_add_credentials(out, &page->choice.upstream->opts);
	choice_add_fields(&page->choice, request, out, &errand->host);
}

const char *
question_field(void *arg, const char *name)
{
	const struct errand *errand = arg;
	const struct question *question = errand->arg;
	struct slice value;

	if (strcmp(name, POLICY_SHAPE) == 0)
		return question->has_shape ?
		    shape_text(&question->shape, errand->arena) : NULL;
	switch (sent_field(
	    &question->request, &question->choice, name, &value)) {
	case SENT_ABSENT:
		return NULL;
	case SENT_VALUE:
		return arena_strndup(errand->arena, value.from, value.len);
	case SENT_AS_IT_CAME:
		break;
	}
	return head_joined(&errand->fields, name, errand->arena);
}

/* For people. The target has the prefix of the upstream's URL in it. */
const char *
question_url(const struct question *question, const struct errand *errand)
{
	const struct upstream *upstream = question->choice.upstream;

	if (upstream->form == UPSTREAM_HTTP)
		return arena_printf(errand->arena, "%s://%s%s",
		    upstream->scheme, upstream->authority, errand->target);
	return arena_printf(errand->arena, "%s%s", upstream->opts.url,
	    errand->target);
}

/* ---- making one ---- */

static void
copy_request(struct question *question, const struct request *from,
    struct arena *arena)
{
	struct request *to = &question->request;

	/* Only what the hooks read; nothing borrowed from the client. */
	memset(to, 0, sizeof(*to));
	to->is_get = from->is_get;
	to->is_head = from->is_head;
	to->is_script = from->is_script;
	to->livery_off = from->livery_off;
	to->is_trusted = from->is_trusted;
	to->scheme = strcmp(from->scheme, "https") == 0 ? "https" : "http";
	to->host = arena_strndup(arena, from->host, from->host_len);
	to->host_len = from->host_len;
}

static void
add_validators(struct errand *errand, const struct object *stored)
{
	if (stored->etag)
		head_add(&errand->fields, "If-None-Match", stored->etag);
	if (stored->last_modified)
		head_add(&errand->fields, "If-Modified-Since",
		    stored->last_modified);
}

static bool
is_conditional(const struct head *fields)
{
	return head_find(fields, "If-None-Match") ||
	    head_find(fields, "If-Modified-Since");
}

/* What the client has of a page that nobody shares is asked about as the
 * upstream knows it. An answer that is known not to be shared is the client's
 * alone, though it might be stored. */
static void
add_own_condition(struct question *question, struct errand *errand,
    struct page *page, bool has_copy)
{
	const struct request *request = &page->request;

	if (question->shared) {
		if (has_copy ||
		    !cache_is_unshared(page->pages->opts.cache, &page->key,
			clock_wall_ms()))
			return;
		if (request->if_none_match)
			head_add(&errand->fields, "If-None-Match",
			    head_joined(request->fields, "If-None-Match",
				errand->arena));
		else if (request->if_modified_since)
			head_add(&errand->fields, "If-Modified-Since",
			    request->if_modified_since);
	}
	question->own_condition = is_conditional(&errand->fields);
	question->if_none_match = head_joined(&errand->fields,
	    "If-None-Match", errand->arena);
	question->version = validator_ask(errand, page);
}

const char *
question_host(const struct upstream *upstream, const char *client_host,
    struct arena *arena)
{
	const char *host = upstream->opts.host;

	/* HTTP/1.0 may do without; servers of HTTP/1.1 mostly refuse an empty
	 * one. */
	if (!host || strcmp(host, "client") == 0)
		return *client_host ? client_host : NULL;
	if (strcmp(host, "upstream") == 0)
		return NULL;
	return arena_strdup(arena, host);
}

static void
on_free(struct errand *errand)
{
	struct question *question = errand->arg;

	object_unref(&question->stored);
	object_unref(&question->seen);
	object_unref(&question->dressed);
	choice_fini(&question->choice);
	routes_unref(&question->routes);
}

/* What of the page its hooks are to know. */
static void
take_facts(struct question *question, const struct page *page)
{
	bool whole = page->key.len > 0 && !page->request.range;

	question->pages = page->pages;
	question->routes = routes_ref(page->routes);
	question->site = page->site;
	question->asks = page->asks;
	question->shared = page->sharing.may && whole && page->request.is_get;
	question->bound = ranges_of(page) ||
	    (page->sharing.may_keep && whole);
	question->has_shape = question->shared || question->bound;
	question->is_post = question->bound && !page->request.is_get;
	question->parts = page->part != NULL;
	question->looked_in_vain = page->looked_in_vain;
	question->since = since_now(page->pages->opts.cache);
	question->is_unsafe = page->is_unsafe && page->key.len > 0;
}

static void
ask_whom(struct errand *errand, struct question *question, struct page *page)
{
	choice_copy(&question->choice, &page->choice, errand->arena);
	errand->target = question->choice.target;
	errand->host = question_host(page->choice.upstream,
	    question->request.host, errand->arena);
	errand->upstream = upstream_ref(page->choice.upstream);
	whom_page(errand, page->hops, &page->request.client);
	/* What is shared is asked of any server. */
	if (!page->sharing.may)
		session_ask(errand, &page->request);
}

/* stored: what the asker has of it, or NULL. */
static void
add_conditions(struct question *question, struct errand *errand,
    struct page *page, struct object *stored)
{
	question->has_copy = stored != NULL;
	question->seen = object_ref(stored);
	if (question->shared && stored && !atomic_load(&stored->doubted) &&
	    (stored->etag || stored->last_modified)) {
		question->stored = object_ref(stored);
		question->dressed = object_ref(page->object ? page->dressed :
			page->fallback_dressed);
		add_validators(errand, stored);
	} else {
		add_own_condition(question, errand, page, stored != NULL);
	}
	page->conditional = is_conditional(&errand->fields);
}

/* Under which key its answer is known, and who may join it. */
static void
set_keys(struct question *question, struct errand *errand,
    const struct page *page, bool sharable)
{
	if (question->shared || question->bound || question->is_unsafe) {
		question->key = page->key;
		question->key.text = arena_strndup(errand->arena,
		    page->key.text, page->key.len);
	}
	if (sharable && question->shared) {
		errand->key = hops_key(&question->key, page->hops,
		    errand->arena);
		errand->is_over = question_is_over;
		errand->on_ask = question_on_ask;
	}
}

struct errand *
question_new(struct page *page, bool sharable)
{
	struct errand *errand = errand_new();
	struct question *question = arena_get(errand->arena,
	    sizeof(*question));

	take_facts(question, page);
	copy_request(question, &page->request, errand->arena);
	errand->method = arena_strdup(errand->arena, page->request.method);
	errand->upgrade = page->request.upgrade;
	ask_whom(errand, question, page);
	add_fields(question, errand, page, page->sharing.may &&
	    (!page->request.range || question->bound));
	question->ranged = ranges_ask(page, errand);
	if (question->ranged)
		question->ranged->number = question->since.number;
	add_conditions(question, errand, page,
	    page->object ? page->object : page->fallback);
	if (page->body)
		errand->body = flow_ref(page->body);
	errand->body_len = page->body_len;
	set_keys(question, errand, page, sharable);
	errand->outlives = question->shared;
	errand->decode = true;
	errand->on_head = question_on_head;
	errand->on_end = question_on_end;
	errand->on_free = on_free;
	errand->arg = question;
	return errand;
}

bool
question_may_ask(struct page *page)
{
	uint64_t now_ms = clock_mono_ms();

	return upstream_is_failing(page->choice.upstream, now_ms) ?
	    upstream_may_try(page->choice.upstream, now_ms) :
	    failing_may_try(page->pages->failing, &page->key, now_ms);
}

void
question_refresh(struct page *page, struct object *stale)
{
	struct errand *errand;
	struct question *question;
	struct object *before = page->object;
	struct request asked = page->request;
	struct policy_request asks = page->asks;

	if (!question_may_ask(page))
		return;
	page->object = stale;
	/* Whoever comes next will want all of it. */
	page->request.method = "GET";
	page->request.is_get = page->asks.is_get = true;
	page->request.is_head = page->asks.is_head = false;
	page->request.range = NULL;
	errand = question_new(page, true);
	page->request = asked;
	page->asks = asks;
	page->object = before;
	question = errand->arg;
	question->is_refresh = true;
	fetch_ask(page->pages->opts.fetch, &errand, NULL);
}
