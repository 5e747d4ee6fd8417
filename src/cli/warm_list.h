/* cli/warm_list.h - which pages a sitemap or a file names
 *
 * A sitemap (sitemaps.org), an index of sitemaps, or text with an address or
 * a path on each line ("#" begins a comment); each may be gzipped. Each page
 * counts once, in the order in which it was named. */
#ifndef CLI_WARM_LIST_H
#define CLI_WARM_LIST_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/err.h"
#include "page/route.h"

enum {
	/* What sitemaps.org allows one file is 50 MiB. */
	WARM_FILE_MAX = 64 << 20,
	WARM_FILES_MAX = 1000, /* sitemaps in all */
	WARM_NEST_MAX = 2,     /* an index may name another one */
	WARM_URLS_MAX = 1000000,
	WARM_URL_MAX = 8 << 10, /* of an address */
	WARM_EXAMPLES = 10,	/* of addresses that are not asked for */
};

/* Addresses that are not asked for: how many, and the first of them. */
struct warm_rest {
	size_t count;
	const char *examples[WARM_EXAMPLES];
};

struct warm_list {
	struct arena *arena;
	const struct routes *routes; /* borrowed; NULL: every host is ours */
	const char *through;	     /* the listener; borrowed */
	const char *base;	     /* of paths alone; borrowed, may be NULL */
	const char **urls;
	size_t count, room;
	unsigned files;		 /* that were read */
	struct warm_rest others; /* of no site of ours */
	struct warm_rest broken; /* no addresses */
	struct warm_seen *seen;
};

void warm_list_init(struct warm_list *list, const struct routes *routes,
    const char *through, const char *base);
void warm_list_fini(struct warm_list *list);

/* Read what source names, a file or a URL ("-": standard input), and the
 * sitemaps that it names. A sitemap on a host of ours comes through the
 * running livery. -1: the first cannot be had or read, or a limit was passed;
 * others that cannot be had are said on standard error and left out. */
CHECKED int warm_list_read(
    struct warm_list *list, const char *source, struct err *err);

/* Is there a site of ours for it? */
bool warm_list_is_ours(const struct warm_list *list, const char *url);

#endif
