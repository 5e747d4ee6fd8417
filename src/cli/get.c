/* cli/get.c - a resolver, an engine and one question, waited for */
#include "cli/get.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/mem.h"
#include "cli/input.h"
#include "conf/defaults.h"
#include "fetch/fetch.h"
#include "http/status.h"
#include "http/url.h"
#include "upstream/resolver.h"
#include "upstream/upstream.h"

enum { REDIRECTS_MAX = 5, URL_MAX = 8192 };

struct get {
	struct resolver *resolver;
	struct fetch *fetch;
	struct waiter waiter;
	struct lock lock;
	struct cond came;
	/* shared: under lock */
	bool has_come;
	struct answer *answer;
};

static void
on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct get *get = container_of(waiter, struct get, waiter);

	lock_take(&get->lock);
	get->answer = answer && event != EVENT_HEAD ? answer_ref(answer) : NULL;
	get->has_come = true;
	cond_signal(&get->came);
	lock_drop(&get->lock);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	(void)errand;
	(void)answer;
	return PLAN_GATHER;
}

static int
start(struct get *get, struct err *err)
{
	struct conf conf = {.arena = arena_new(4096)};
	int rc = -1;

	defaults_conf(&conf);
	conf.fetch.engines = 1;
	if (resolver_new(&get->resolver, &conf.resolver, err) == 0) {
		conf.fetch.resolver = get->resolver;
		rc = fetch_start(&get->fetch, &conf.fetch, err);
	}
	arena_free(&conf.arena);
	return rc;
}

static void
stop(struct get *get)
{
	if (get->fetch)
		fetch_stop(&get->fetch);
	if (get->resolver)
		resolver_free(&get->resolver);
}

/* The place of an URL, and what is to be asked for there. */
static int
split(struct upstream **out, struct errand *errand, const char *url,
    struct err *err)
{
	struct skin_opts theme;
	struct url_parts parts;

	defaults_theme(&theme);
	url_split(&parts, url, strlen(url));
	theme.upstream.name = "theme";
	theme.upstream.url = arena_printf(errand->arena, "%.*s://%.*s",
	    (int)parts.scheme.len, parts.scheme.from, (int)parts.authority.len,
	    parts.authority.from);
	errand->target = arena_printf(errand->arena, "%s%.*s%s%.*s",
	    parts.path.len ? "" : "/", (int)parts.path.len, parts.path.from,
	    parts.query.from ? "?" : "", (int)parts.query.len,
	    parts.query.from ? parts.query.from : "");
	return upstream_new(out, &theme.upstream, err);
}

static int
ask(struct get *get, const char *url, uint64_t most, struct err *err)
{
	struct errand *errand = errand_new();

	errand->method = "GET";
	if (split(&errand->upstream, errand, url, err) != 0) {
		errand_free(&errand);
		return -1;
	}
	head_add(&errand->fields, "User-Agent", "livery");
	head_add(&errand->fields, "Accept", "text/html,*/*;q=0.1");
	errand->keep_max = most;
	errand->decode = true;
	errand->is_theme = true;
	errand->on_head = on_head;
	get->has_come = false;
	get->waiter = (struct waiter){.on_event = on_event};
	fetch_ask(get->fetch, &errand, &get->waiter);
	lock_take(&get->lock);
	while (!get->has_come)
		(void)cond_wait(&get->came, &get->lock, UINT64_MAX);
	lock_drop(&get->lock);
	return 0;
}

static int
take(struct get *get, struct buf *out, const char *url, struct err *err)
{
	const struct answer *answer = get->answer;
	char *bytes;
	int rc;

	if (!answer)
		return err_set(err, "%s: the page is too big", url);
	if (answer->outcome != FETCH_OK)
		return err_set(err, "%s: %s", url, answer->reason);
	if (answer->status != 200)
		return err_set(err, "%s: status %d", url, answer->status);
	bytes = flow_flatten(answer->flow);
	rc = bytes ? buf_add(out, bytes, (size_t)flow_len(answer->flow)) : -1;
	free(bytes);
	return rc == 0 ? 0 : err_set(err, "%s: the page is too big", url);
}

/* True: url is another one now, to be asked for. A redirect leads to no file
 * of this machine. */
static bool
is_elsewhere(const struct get *get, struct buf *url)
{
	const char *location = NULL;
	struct buf next;
	bool is = false;

	if (get->answer && get->answer->outcome == FETCH_OK &&
	    status_is_redirect(get->answer->status))
		location = head_find(&get->answer->head, "Location");
	if (!location)
		return false;
	buf_init(&next, URL_MAX);
	if (url_join(&next, url->data, location, strlen(location)) == 0 &&
	    input_is_url(next.data)) {
		buf_clear(url);
		is = buf_add(url, next.data, next.len) == 0;
	}
	buf_fini(&next);
	return is;
}

static int
get_page(struct get *get, struct buf *out, struct buf *url, struct err *err)
{
	unsigned hops = 0;
	bool again;
	int rc;

	do {
		if (ask(get, url->data, out->max, err) != 0)
			return -1;
		again = hops++ < REDIRECTS_MAX && is_elsewhere(get, url);
		rc = again ? 0 : take(get, out, url->data, err);
		answer_unref(&get->answer);
	} while (again);
	return rc;
}

int
get_url(struct buf *out, const char *url, struct err *err)
{
	struct get get = {0};
	struct buf at;
	int rc = -1;

	lock_init(&get.lock);
	cond_init(&get.came);
	buf_init(&at, URL_MAX);
	if (buf_puts(&at, url) != 0)
		err_set(err, "the URL is too long");
	else if (start(&get, err) == 0)
		rc = get_page(&get, out, &at, err);
	stop(&get);
	buf_fini(&at);
	cond_fini(&get.came);
	lock_fini(&get.lock);
	return rc;
}
