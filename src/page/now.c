/* page/now.c - the answer that memory alone can give, on the thread that read
 * the request
 *
 * This is the hit path: one look-up, no allocation, no lock but the memory
 * tier's own, no disk. Whatever is not plain here is left to a page. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "cache/early.h"
#include "page/due.h"
#include "page/held.h"
#include "page/life.h"
#include "page/press.h"

/* ---- a front thread's own reference to the routes ---- */

struct mine {
	struct pages *pages;
	struct routes *routes;
	uint64_t version;
};

static pthread_key_t key_of_mine;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
drop_mine(void *arg)
{
	struct mine *mine = arg;

	routes_unref(&mine->routes);
	mem_free(&mine);
}

static void
make_key(void)
{
	must(pthread_key_create(&key_of_mine, drop_mine) == 0);
}

static struct mine *
mine_get(void)
{
	struct mine *mine;

	pthread_once(&once, make_key);
	mine = pthread_getspecific(key_of_mine);
	if (!mine) {
		mine = mem_new(sizeof(*mine));
		must(pthread_setspecific(key_of_mine, mine) == 0);
	}
	return mine;
}

static const struct routes *
routes_mine(struct pages *pages)
{
	struct mine *mine = mine_get();
	uint64_t version = atomic_load_explicit(&pages->routes_version,
	    memory_order_acquire);

	if (mine->pages != pages || mine->version != version) {
		routes_unref(&mine->routes);
		mine->routes = pages_routes(pages);
		mine->pages = pages;
		mine->version = version;
	}
	return mine->routes;
}

/* Who is asked is not known yet where proxies choose. */
bool
page_may_upgrade(struct pages *pages, const struct request *request)
{
	const struct site *site = routes_find(routes_mine(pages), request->host,
	    request->host_len, request->target);

	return site && site->opts.upgrade &&
	    (!site->upstream || site->upstream->form != UPSTREAM_FOLDER);
}

/* ---- the hit ---- */

struct asking {
	const struct request *request;
	const struct site *site;
	bool unsure; /* what Vary names cannot be read without a copy */
};

/* Only what is plain: one field of that name, sent on as it came. */
static const char *
now_field(void *arg, const char *name)
{
	struct asking *asking = arg;
	const struct choice one = {.upstream = asking->site->upstream};
	struct slice value;

	/* Who is asked, and so what is sent, is a page's to find out. */
	if (asking->site->chooser && (strcasecmp(name, "Host") == 0 ||
		chooser_sets(asking->site->chooser, name))) {
		asking->unsure = true;
		return NULL;
	}
	/* errors: not what is fast */
	if (strcmp(name, POLICY_SHAPE) == 0) {
		asking->unsure = true;
		return NULL;
	}
	switch (sent_field(asking->request, &one, name, &value)) {
	case SENT_ABSENT:
		return NULL;
	case SENT_VALUE:
		asking->unsure = true;
		return NULL;
	case SENT_AS_IT_CAME:
		break;
	}
	if (head_count(asking->request->fields, name) > 1 ||
	    sent_is_listed(asking->request, name))
		asking->unsure = true;
	return head_find(asking->request->fields, name);
}

enum { VERSION_DIGITS = 16 };

/* The version of a dressed page is its theme's, and then what its site had it
 * wear. The same theme is asked for again and again. */
static bool
is_dressed_so(const char *text, uint64_t version, const char *wearing)
{
	static _Thread_local uint64_t known;
	static _Thread_local char digits[VERSION_DIGITS + 1];

	if (known != version) {
		snprintf(digits, sizeof(digits), "%016" PRIx64, version);
		known = version;
	}
	if (strncmp(text, digits, VERSION_DIGITS) != 0)
		return false;
	text = strchr(text + VERSION_DIGITS, '-');
	return text ? strcmp(text, wearing) == 0 : *wearing == '\0';
}

/* What this request's reader should see of a fresh object: the dressed page,
 * the object itself, or NULL when it must be dressed first. */
static struct object *
shown(struct pages *pages, const struct site *site,
    const struct request *request, struct object *object,
    struct object *dressed, int64_t now_ms)
{
	uint64_t version;

	if (request->livery_off)
		return object;
	if (!site->skin || request->is_script)
		return weave_now(pages, site, object, dressed, now_ms);
	version = skin_version(site->skin);
	if (dressed && dressed->theme_version && version != 0 &&
	    held_is_good_now(pages->opts.cache, dressed, now_ms) &&
	    is_dressed_so(dressed->theme_version, version, site->wearing))
		return dressed;
	if (due_is(object->status, &object->head))
		return NULL;
	return weave_now(pages, site, object, dressed, now_ms);
}

/* "hit; ttl=57", without the cost of printf. */
static void
hit_status(char *out, int64_t ttl_s)
{
	char digits[24];
	size_t n = sizeof(digits);
	uint64_t left = ttl_s < 0 ? 0 : (uint64_t)ttl_s;

	digits[--n] = '\0';
	do {
		digits[--n] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	memcpy(out, "hit; ttl=", 9);
	memcpy(out + 9, digits + n, sizeof(digits) - n);
}

static bool
usable_now(const struct site *site, const struct request *request,
    const struct object *object, int64_t ttl_ms)
{
	struct policy_request asks = {
		.is_get = request->is_get, .is_head = request->is_head,
		.is_allowed = request->is_allowed,
	};

	cachecontrol_read(&asks.cc, request->fields, "Cache-Control");
	policy_soften(&asks, object);
	return policy_judge(&object->fresh, ttl_ms, &asks, false,
		   &site->opts.policy) == USE_FRESH;
}

static bool
fresh_enough(const struct site *site, const struct request *request,
    const struct object *object, int64_t ttl_ms)
{
	if (ttl_ms <= 0 || object->fresh.no_cache)
		return false;
	return !request->cache_control ||
	    usable_now(site, request, object, ttl_ms);
}

/* Takes both. */
static void
fill(struct reply *reply, struct object **object, struct object **source,
    int64_t ttl_ms)
{
	reply->status = (*object)->status;
	reply->object = *object;
	reply->source = *source;
	*object = *source = NULL;
	reply->kind = "hit";
	hit_status(reply->cache_status, ttl_ms / 1000);
}

static bool
hit(struct pages *pages, const struct site *site,
    const struct request *request, struct key *key, struct reply *reply)
{
	struct asking asking = {request, site, false};
	struct object *dressed = NULL, *object, *show = NULL;
	int64_t now_ms = clock_wall_ms(), ttl_ms;

	object = cache_find(pages->opts.cache, key, now_field, &asking,
	    &dressed);
	if (!object)
		return false;
	ttl_ms = object_ttl_ms(object, now_ms);
	reply->ends_here = site->opts.policy.ttl_header;
	reply->hsts = site_hsts(site, request->scheme);
	/* a page has the time to have it refreshed before it is stale */
	if (!asking.unsure && fresh_enough(site, request, object, ttl_ms) &&
	    !early_wins(object, ttl_ms, site->opts.policy.early_refresh))
		show = shown(pages, site, request, object, dressed, now_ms);
	if (!show ||
	    !press_choose(pages->press, site, request, show, false, reply)) {
		object_unref(&dressed);
		object_unref(&object);
		return false;
	}
	cache_touch(pages->opts.cache, object, now_ms);
	counter_up(show == dressed ? COUNT_HIT_DRESSED : COUNT_HIT_PLAIN);
	if (show == dressed) {
		fill(reply, &dressed, &object, ttl_ms);
		return true;
	}
	object_unref(&dressed);
	show = object_ref(object);
	fill(reply, &show, &object, ttl_ms);
	return true;
}

bool
page_now(struct pages *pages, const struct request *request,
    struct reply *reply)
{
	const struct routes *routes = routes_mine(pages);
	const struct site *site;
	struct sharing sharing;
	struct key key;
	char room[KEY_MAX];

	if ((!request->is_get && !request->is_head) || request->livery_debug)
		return false;
	if (request->target[1] == '.' && asset_is_path(request))
		return asset_now(pages, routes, request, reply);
	site = routes_find(routes, request->host, request->host_len,
	    request->target);
	if (!site || part_is_asked(site, request))
		return false;
	sharing = sharing_of(request, site);
	if (!sharing.may ||
	    (site->chooser && chooser_looks_beyond(site->chooser)))
		return false;
	if (site_key(site, &key, room,
		(struct slice){request->scheme, strlen(request->scheme)},
		(struct slice){request->host, request->host_len},
		(struct slice){request->target, request->target_len}) != 0)
		return false;
	return hit(pages, site, request, &key, reply);
}
