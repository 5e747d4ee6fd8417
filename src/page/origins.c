/* page/origins.c - a ring of upstreams under a lock */
#include "page/origins.h"

#include <string.h>
#include <strings.h>

#include "base/lock.h"
#include "base/mem.h"

enum { ORIGINS_MAX = 64 };

struct origins {
	struct lock lock;
	/* shared: under lock */
	struct upstream *ring[ORIGINS_MAX]; /* counted */
	unsigned next;
};

struct origins *
origins_new(void)
{
	struct origins *origins = mem_new(sizeof(*origins));

	lock_init(&origins->lock);
	return origins;
}

void
origins_free(struct origins **origins)
{
	if (!*origins)
		return;
	for (unsigned i = 0; i < ORIGINS_MAX; i++)
		upstream_unref(&(*origins)->ring[i]);
	lock_fini(&(*origins)->lock);
	mem_free(origins);
}

static struct upstream *
find(struct origins *origins, const struct upstream_opts *opts)
{
	for (unsigned i = 0; i < ORIGINS_MAX; i++)
		if (origins->ring[i] &&
		    upstream_opts_same(&origins->ring[i]->opts, opts))
			return upstream_ref(origins->ring[i]);
	return NULL;
}

struct upstream *
origins_get(
    struct origins *origins, const struct upstream_opts *opts, struct err *err)
{
	struct upstream *upstream, *gone;

	lock_take(&origins->lock);
	upstream = find(origins, opts);
	lock_drop(&origins->lock);
	if (upstream || upstream_new(&upstream, opts, err) != 0)
		return upstream;
	lock_take(&origins->lock);
	gone = origins->ring[origins->next];
	origins->ring[origins->next] = upstream_ref(upstream);
	origins->next = (origins->next + 1) % ORIGINS_MAX;
	lock_drop(&origins->lock);
	upstream_unref(&gone);
	return upstream;
}

bool
origins_are_named(const char *const *names, const char *authority, size_t len)
{
	for (; names && *names; names++)
		if (strlen(*names) == len &&
		    strncasecmp(*names, authority, len) == 0)
			return true;
	return false;
}
