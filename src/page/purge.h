/* page/purge.h - a request to purge, as CMSs and caches' clients word it
 *
 *   PURGE /path               path and query, with and without the last slash,
 *                             on every host, since a CMS sends it to the
 *                             proxy's own address
 *   PURGE /VirtualHostBase/http/HOST:80/SITE/VirtualHostRoot/_vh_a/path
 *                             as Zope's proxies write it: /a/path on HOST
 *   PURGE /@@purgebyid/UID    what carries the tag UID (collective.purgebyid)
 *   X-Purge-Method: regex     the target is a pattern, looked for in path and
 *                             query; of the sites that Host names, or of all
 *   xkey, Surrogate-Key       what carries one of these tags
 *   BAN                       X-Host, X-Url, X-Content-Type, X-Cache-Tags are
 *                             patterns, all of which must hold; without any of
 *                             them as PURGE with a pattern
 *   PURGEKEYS                 xkey-purge, xkey-softpurge
 *   X-Purge-Soft, Fastly-Soft-Purge   1: stale, not gone; 0: gone
 *   X-Purge-Dry-Run: 1        only counted
 *
 * Of who may purge one site only they mean that site: page/purge_site.h. */
#ifndef PAGE_PURGE_H
#define PAGE_PURGE_H

#include "cache/meaning.h"
#include "page/page.h"

enum {
	PURGE_WORDS_MAX = 1024, /* tags, or sites, of one request */
};

/* What is asked for. */
struct purge_words {
	struct purge_word {
		struct meaning *meaning; /* counted */
		bool soft;
	} *words; /* on the arena */
	unsigned count;
	bool dry;
};

/* Read a request whose method purge_is(). 0, or the status to be answered with
 * *why. soft: what one is that does not say. Either way purge_words_fini(). */
int purge_words_read(struct purge_words *words, const struct request *request,
    const struct routes *routes, bool soft, struct arena *arena,
    const char **why);
void purge_words_fini(struct purge_words *words);

/* "/VirtualHostBase/http/www.example.org:80/Plone/VirtualHostRoot/_vh_a/x"
 * becomes host (without port) and target, "/a/x". False: it is no such
 * address. */
bool purge_virtual_host(const char *target, const char **host,
    const char **public_target, struct arena *arena);

#endif
