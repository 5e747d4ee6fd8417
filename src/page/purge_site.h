/* page/purge_site.h - purges by who may purge one site only
 *
 * A site may have a token and addresses of its own (purge_token,
 * purge_allowed). Whatever words such a request has, they mean this site's
 * answers and no other's. */
#ifndef PAGE_PURGE_SITE_H
#define PAGE_PURGE_SITE_H

#include "page/purge.h"

/* A token is the right one. Takes as long whatever is wrong with it. */
bool purge_has_token(const struct request *request, const char *token);

/* The site that lets this request purge it, by its token or, being the site
 * that the request is for (`asked`, or NULL), by its addresses. NULL: none. */
const struct site *purge_site_of(const struct request *request,
    const struct routes *routes, const struct site *asked);

/* Narrow all words to that site; those of others go. 0, or the status to be
 * answered with *why: nothing is left, or it becomes too long. */
int purge_narrow(struct purge_words *words, const struct site *site,
    struct arena *arena, const char **why);

#endif
