/* page/made.h - the object that an answer becomes, whatever was asked: a page,
 * a fragment, a theme, a theme's file */
#ifndef PAGE_MADE_H
#define PAGE_MADE_H

#include "cache/object.h"
#include "cache/policy.h"
#include "fetch/fetch.h"

/* What the policy judges. The head is borrowed. */
struct policy_answer made_facts(const struct answer *answer);

/* Make it, with all but what the policy says: url, fresh, tags, vary. Fields
 * of the one connection are gone. Takes *body. */
struct object *made_of(const struct answer *answer, const struct key *key,
    enum kind kind, const char *site, struct body **body);
/* The whole body's bytes, as they came. NULL: no memory for them. */
struct body *made_body(const struct answer *answer);

/* All who wait for the answer have it. Takes *object, which may be NULL. */
void made_set(struct answer *answer, struct object **object);

#endif
