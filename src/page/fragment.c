/* page/fragment.c - whom to ask for a document, and what to keep of it */
#include "page/fragment.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "cache/group.h"
#include "http/media.h"
#include "http/status.h"
#include "http/targeted.h"
#include "page/hops.h"
#include "page/life.h"
#include "page/origins.h"

enum {
	FAILURES = 1024,
	CONNECT_MS = 3000,
	RELINKED_MAX = 16 << 20, /* bytes of one with its links rewritten */
};

struct failure {
	_Atomic uint64_t hash;
	_Atomic int64_t until_ms;
	_Atomic bool was_late;
};

struct fragments {
	struct origins *origins; /* elsewhere */
	/* shared: a colliding one takes the other's place */
	struct failure failures[FAILURES];
};

struct question {
	struct pages *pages;
	struct key key;
	struct key asked;      /* as one who has been here so often */
	const char *url;
	const char *site;
	struct object *stored; /* counted, or NULL */
	uint64_t keep_max;
	int64_t min_refresh_ms, ttl_ms;
	uint64_t purges;       /* that were when it was asked */
	bool storing;
	/* of a page of a site, whom that asks: */
	struct routes *routes;  /* counted: keeps what follows; or NULL */
	const struct site *own;
	struct choice choice;
	struct request request; /* what that is made from */
	struct head fields;
};

struct fragments *
fragments_new(void)
{
	struct fragments *fragments = mem_new(sizeof(*fragments));

	fragments->origins = origins_new();
	return fragments;
}

void
fragments_free(struct fragments **fragments)
{
	if (!*fragments)
		return;
	origins_free(&(*fragments)->origins);
	mem_free(fragments);
}

bool
fragment_has_failed(struct fragments *fragments, const struct key *key,
    int64_t now_ms)
{
	struct failure *failure = &fragments->failures[key->hash % FAILURES];

	return atomic_load(&failure->hash) == key->hash &&
	       atomic_load(&failure->until_ms) > now_ms;
}

void
fragment_note_failed(struct fragments *fragments, const struct key *key,
    int64_t until_ms)
{
	struct failure *failure = &fragments->failures[key->hash % FAILURES];

	/* Its own failure is over, not another's in the same place. */
	if (until_ms == 0 && atomic_load(&failure->hash) != key->hash)
		return;
	if (until_ms == 0 || atomic_load(&failure->hash) != key->hash)
		atomic_store(&failure->was_late, false);
	atomic_store(&failure->until_ms, until_ms);
	atomic_store(&failure->hash, key->hash);
}

void
fragment_note_late(struct fragments *fragments, const struct key *key,
    int64_t until_ms)
{
	fragment_note_failed(fragments, key, until_ms);
	atomic_store(&fragments->failures[key->hash % FAILURES].was_late,
	    true);
}

bool
fragment_was_late(struct fragments *fragments, const struct key *key)
{
	struct failure *failure = &fragments->failures[key->hash % FAILURES];

	return atomic_load(&failure->hash) == key->hash &&
	       atomic_load(&failure->was_late);
}

bool
fragment_is_forbidden(const struct upstream *upstream, const char *address)
{
	struct net_address at;

	return upstream->opts.public_only &&
	       (net_parse(&at, address, strlen(address)) != 0 ||
		   net_is_private(&at));
}

/* ---- whom to ask ---- */

static struct upstream *
elsewhere(const struct fragment_asker *asker, const char *url,
    bool public_only, struct err *err)
{
	const struct site_opts *site = &asker->site->opts;
	struct upstream_opts opts;

	upstream_opts_default(&opts);
	opts.name = "fragments";
	opts.url = url;
	opts.host = "upstream";
	opts.connect_ms = CONNECT_MS;
	opts.first_byte_ms = site->fragment_timeout_ms;
	opts.total_ms = site->fragment_timeout_ms;
	opts.public_only = public_only;
	return origins_get(asker->pages->fragments->origins, &opts, err);
}

static bool
same(struct slice slice, const char *text, size_t len)
{
	return slice.len == len && strncasecmp(slice.from, text, len) == 0;
}

static const char *
target_of(struct arena *arena, const struct url_parts *parts)
{
	bool query = parts->query.from != NULL;

	return arena_printf(arena, "%s%.*s%s%.*s",
	    parts->path.len ? "" : "/", (int)parts->path.len,
	    parts->path.from, query ? "?" : "", (int)parts->query.len,
	    query ? parts->query.from : "");
}

/* A file's folder is the upstream, and the file the target. */
static int
ask_file(struct errand *errand, const struct fragment_asker *asker,
    const struct url_parts *parts, struct err *err)
{
	struct upstream_opts opts;
	const char *path = arena_strndup(errand->arena, parts->path.from,
	    parts->path.len);
	const char *last = strrchr(path, '/');

	if (!last || !asker->may_read || !asker->may_read(asker->arg, path))
		return err_set(err, "no file that the rules may read");
	upstream_opts_default(&opts);
	opts.name = "fragments";
	opts.url = last == path ? "/" : arena_strndup(errand->arena, path,
	    (size_t)(last - path));
	if (upstream_new(&errand->upstream, &opts, err) != 0)
		return -1;
	errand->target = last;
	errand->is_theme = true;
	return 0;
}

/* A page of the site itself. NULL: of another origin, or of no site. */
static const struct site *
own_site(const struct fragment_asker *asker, const struct url_parts *parts,
    const char *target)
{
	if (!same(parts->scheme, asker->scheme, strlen(asker->scheme)) ||
	    !same(parts->authority, asker->host, asker->host_len))
		return NULL;
	return routes_find(asker->routes, asker->host, asker->host_len,
	    target);
}

/* A request that has a Host and nothing else. */
static void
read_own(struct errand *errand, const struct fragment_asker *asker,
    const char *target)
{
	struct question *question = errand->arg;
	struct request *request = &question->request;

	request->method = "GET";
	request->is_get = true;
	request->scheme =
	    strcmp(asker->scheme, "https") == 0 ? "https" : "http";
	request->host =
	    arena_strndup(errand->arena, asker->host, asker->host_len);
	request->host_len = asker->host_len;
	request->target = target;
	request->target_len = strlen(target);
	head_init(&question->fields, errand->arena);
	head_add(&question->fields, "Host", request->host);
	request->fields = &question->fields;
}

/* As a page of the site would be asked for by somebody who says nothing of
 * himself. */
static int
ask_own(struct errand *errand, const struct fragment_asker *asker,
    const struct site *site, const char *target, struct err *err)
{
	struct question *question = errand->arg;
	struct request *request = &question->request;
	struct choice *choice = &question->choice;
	int status;

	question->routes = routes_ref(asker->routes);
	question->own = site;
	read_own(errand, asker, target);
	err_set(err, "no proxy of the rules is for it");
	status = choose(choice, site, request, errand->arena, err);
	if (status != 0)
		return status == 301 ? err_set(err, "it is a folder") : -1;
	errand->upstream = upstream_ref(choice->upstream);
	errand->target = choice->target;
	errand->host = question_host(choice->upstream, request->host,
	    errand->arena);
	head_add(&errand->fields, "X-Forwarded-Host", request->host);
	head_add(&errand->fields, "X-Forwarded-Proto", asker->scheme);
	question_add_credentials(&errand->fields, &choice->upstream->opts);
	choice_add_fields(choice, request, &errand->fields, &errand->host);
	return 0;
}

static int
ask_elsewhere(struct errand *errand, const struct fragment_asker *asker,
    const char *url, const struct url_parts *parts, struct err *err)
{
	bool named = origins_are_named(asker->site->opts.fragment_hosts,
	    parts->authority.from, parts->authority.len);
	struct buf origin;

	if (asker->named_only && !named)
		return err_set(err, "%.*s is not one of fragment_hosts",
		    (int)parts->authority.len, parts->authority.from);
	buf_init(&origin, KEY_MAX);
	if (url_origin(&origin, url) == 0)
		errand->upstream = elsewhere(asker, origin.data, !named, err);
	else
		err_set(err, "no address of a web server");
	buf_fini(&origin);
	errand->is_theme = true;
	return errand->upstream ? 0 : -1;
}

static int
choose_whom(struct errand *errand, const struct fragment_asker *asker,
    const char *url, struct err *err)
{
	struct url_parts parts;
	const struct site *site;

	url_split(&parts, url, strlen(url));
	if (same(parts.scheme, "file", 4) && !asker->named_only)
		return ask_file(errand, asker, &parts, err);
	if (!same(parts.scheme, "http", 4) && !same(parts.scheme, "https", 5))
		return err_set(err, "only http:, https: and file: are fetched");
	errand->target = target_of(errand->arena, &parts);
	site = own_site(asker, &parts, errand->target);
	if (site)
		return ask_own(errand, asker, site, errand->target, err);
	return ask_elsewhere(errand, asker, url, &parts, err);
}

/* ---- what comes ---- */

static bool
is_good(const struct answer *answer)
{
	return answer->status == 200 || status_is_redirect(answer->status);
}

static struct policy_opts
policy_of(const struct question *question)
{
	return (struct policy_opts){
	    .stale_max_ms = INT64_MAX,
	    .default_ttl_ms = question->ttl_ms,
	};
}

static struct policy_answer
facts_of(const struct answer *answer)
{
	return (struct policy_answer){
	    .status = answer->status,
	    .head = &answer->head,
	    .asked_ms = answer->asked_ms,
	    .answered_ms = answer->answered_ms,
	};
}

/* Kept as a theme is: good for a while, and better stale than gone. */
static struct freshness
kept_fresh(const struct question *question, struct freshness fresh)
{
	if (fresh.lifetime_ms < fresh.initial_age_ms + question->min_refresh_ms)
		fresh.lifetime_ms =
		    fresh.initial_age_ms + question->min_refresh_ms;
	fresh.no_cache = fresh.strict = false;
	return fresh;
}

/* A redirect is followed by who reads it, at the address that clients use. */
static void
map_location(
    const struct question *question, int status, struct head *head)
{
	const char *location = head_find(head, "Location"), *ours;

	choice_adapt_head(
	    &question->choice, &question->request, status, head);
	if (!location || !question->choice.upstream)
		return;
	ours = location_ours(&question->choice, &question->request, location,
	    head->arena);
	if (ours != location)
		head_set(head, "Location", ours);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct policy_request asks = {.is_get = true};
	struct policy_answer facts = facts_of(answer);
	struct policy_opts opts = policy_of(question);
	struct policy_storing storing;

	map_location(question, answer->status, &answer->head);
	storing = policy_store(&asks, &facts, &opts);
	errand->keep_max = question->keep_max;
	question->storing = is_good(answer) && (storing.store || storing.share);
	/* What is stored is of a time when it could be kept. */
	if (is_good(answer) && !question->storing && question->stored)
		cache_invalidate(question->pages->opts.cache, &question->key);
	return answer->status == 304 || question->storing || !is_good(answer)
		   ? PLAN_GATHER
		   : PLAN_GATHER_ALONE;
}

/* Its links, too, are for who asks this site. False: it stays as it is. */
static bool
relink(const struct question *question, const struct head *head,
    char **bytes, size_t *len)
{
	struct buf out;
	struct err err;
	bool done;

	if (*len == 0 || !question->own ||
	    !choice_relinks(&question->choice, head))
		return false;
	buf_init(&out, RELINKED_MAX);
	done = choice_relink(&question->choice, question->own,
		   &question->request, head, *bytes, *len, &out, &err) == 0;
	if (done) {
		free(*bytes);
		*bytes = buf_steal(&out, len);
	}
	buf_fini(&out);
	return done;
}

static struct object *
object_of(const struct question *question, const struct answer *answer)
{
	size_t len = (size_t)flow_len(answer->flow);
	char *bytes = flow_flatten(answer->flow);
	bool relinked =
	    bytes && relink(question, &answer->head, &bytes, &len);
	struct policy_answer facts = facts_of(answer);
	struct policy_opts opts = policy_of(question);
	struct object *object;

	if (!bytes)
		return NULL;
	object = object_new(&question->key, KIND_FRAGMENT, question->site);
	object->url = arena_strdup(object->arena, question->url);
	object->status = answer->status;
	head_copy(&object->head, &answer->head);
	head_drop(&object->head, "Age");
	head_drop(&object->head, "Content-Length");
	head_drop(&object->head, "Set-Cookie");
	if (relinked)
		head_set(&object->head, "Content-Type",
		    "text/html; charset=utf-8");
	head_drop(&object->head, "Vary");
	object->body = body_new(&bytes, len);
	object->asked_ms = answer->asked_ms;
	object->answered_ms = answer->answered_ms;
	object->cost_ms = answer->cost_ms;
	object->fresh = kept_fresh(question, policy_freshness(&facts, &opts));
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	object->tags = group_all_tags(object);
	return object;
}

static void
made_free(void *made)
{
	struct object *object = made;

	object_unref(&object);
}

static void
set_made(struct answer *answer, struct object *object)
{
	answer->made = object;
	answer->made_free = made_free;
}

/* Somebody else's answer was stored after the asker had looked. */
static bool
on_ask(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct object *object = cache_find(question->pages->opts.cache,
	    &question->key, NULL, NULL, NULL);

	if (!object || object_ttl_ms(object, clock_wall_ms()) <= 0) {
		object_unref(&object);
		return false;
	}
	answer->status = object->status;
	set_made(answer, object);
	return true;
}

static const char *
reason_of(struct errand *errand, const struct answer *answer)
{
	if (answer->outcome != FETCH_OK)
		return answer->reason;
	if (answer->status == 508)
		return "status 508: by its Via it goes in a circle";
	return arena_printf(errand->arena, "status %d", answer->status);
}

static void
on_failed(const struct question *question, struct errand *errand,
    const struct answer *answer)
{
	if (answer->outcome == FETCH_LEFT || answer->outcome == FETCH_KILLED ||
	    answer->outcome == FETCH_STOPPED)
		return;
	counter_up(COUNT_FRAGMENT_FAILED);
	fragment_note_failed(question->pages->fragments, &question->asked,
	    clock_wall_ms() + question->min_refresh_ms);
	report_problem("fragment", question->url,
	    reason_of(errand, answer),
	    question->stored ? "the stored copy" : "the page without it");
}

static void
on_end(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct cache *cache = question->pages->opts.cache;
	struct policy_answer facts = facts_of(answer);
	struct policy_opts opts = policy_of(question);
	struct object *object = NULL;
	bool confirmed = answer->outcome == FETCH_OK &&
			 answer->status == 304 && question->stored;

	if (confirmed) {
		object = policy_freshen(question->stored, &facts, &opts);
		object->fresh = kept_fresh(question, object->fresh);
		if (!cache_was_purged(cache, question->purges, object))
			cache_freshen(cache, question->stored, object);
	} else if (answer->outcome == FETCH_OK && is_good(answer)) {
		object = object_of(question, answer);
		if (object && question->storing) {
			if (!cache_was_purged(
				cache, question->purges, object))
				cache_store(cache, object);
		} else if (object)
			object->fresh.no_cache = true;
	}
	counter_up(COUNT_FRAGMENTS);
	if (!object)
		on_failed(question, errand, answer);
	else
		fragment_note_failed(
		    question->pages->fragments, &question->asked, 0);
	set_made(answer, object);
}

static void
on_free(struct errand *errand)
{
	struct question *question = errand->arg;

	object_unref(&question->stored);
	choice_fini(&question->choice);
	routes_unref(&question->routes);
}

/* ---- making one ---- */

int
fragment_key(struct key *key, char *room, const struct fragment_asker *asker,
    const char *url)
{
	return key_make_url(key, room, KIND_FRAGMENT, asker->site->opts.name,
	    url);
}

static struct question *
new_question(struct errand *errand, const struct fragment_asker *asker,
    const struct key *key, const char *url, struct object *stored)
{
	struct question *question =
	    arena_get(errand->arena, sizeof(*question));
	const struct site_opts *opts = &asker->site->opts;

	question->pages = asker->pages;
	question->key = *key;
	question->key.text = arena_strndup(errand->arena, key->text, key->len);
	question->asked = hops_key(&question->key, asker->hops, errand->arena);
	question->url = arena_strdup(errand->arena, url);
	question->site = arena_strdup(errand->arena, opts->name);
	question->stored = stored ? object_ref(stored) : NULL;
	question->keep_max = opts->fragment_max;
	question->purges = cache_purges(asker->pages->opts.cache);
	question->min_refresh_ms = opts->fragment_min_refresh_ms;
	question->ttl_ms = opts->fragment_ttl_ms;
	return question;
}

static void
add_fields(struct errand *errand, const struct fragment_asker *asker,
    const struct object *stored)
{
	head_add(&errand->fields, "Accept", "text/html, */*;q=0.5");
	head_add(&errand->fields, "Accept-Encoding", "gzip");
	head_add(&errand->fields, "User-Agent", "livery");
	head_add(&errand->fields, "Surrogate-Capability",
	    surrogate_capability(
		asker->site->opts.includes & INCLUDES_ESI));
	head_add(&errand->fields, "Via",
	    hops_via(asker->fields, asker->pages->opts.via, errand->arena));
	if (stored && stored->etag)
		head_add(&errand->fields, "If-None-Match", stored->etag);
	if (stored && stored->last_modified)
		head_add(&errand->fields, "If-Modified-Since",
		    stored->last_modified);
}

struct errand *
fragment_errand(const struct fragment_asker *asker, const struct key *key,
    const char *url, struct object *stored, struct err *err)
{
	struct errand *errand = errand_new();
	struct question *question =
	    new_question(errand, asker, key, url, stored);

	errand->method = "GET";
	errand->on_ask = on_ask;
	errand->on_head = on_head;
	errand->on_end = on_end;
	errand->on_free = on_free;
	errand->arg = question;
	add_fields(errand, asker, stored);
	if (choose_whom(errand, asker, question->url, err) != 0) {
		errand_free(&errand);
		return NULL;
	}
	errand->key = question->asked;
	errand->body_len = 0;
	errand->outlives = true;
	errand->decode = true;
	return errand;
}
