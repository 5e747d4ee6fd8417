/* page/session.h - a client's requests come back to their server
 *
 * `session` of an upstream with several servers:
 *   insert   an answer that is its client's own brings a cookie of ours that
 *            names the server, signed, and is taken out of what the server
 *            gets. It counts for requests that are not answered from what
 *            clients share, and makes none of them unshared
 *   hash     by the value of the application's own cookie
 *   client   by the client's address
 * The first follows the server whatever becomes of the others, also when it
 * drains; the other two move when the set of servers changes (upstream/pool.h:
 * their server is waited for, though others are free). */
#ifndef PAGE_SESSION_H
#define PAGE_SESSION_H

#include "fetch/fetch.h"
#include "page/page.h"

/* That cookie is ours, and says nothing of who asks. */
bool session_is_ours(const struct upstream *upstream, struct slice name);
/* Fill in the ask's session or sticky, from the request's cookies or its
 * client's address. */
void session_ask(struct errand *errand, const struct request *request);
/* Take our cookie out of a Cookie field's value. Itself, when it has none;
 * else in the arena, "" when nothing is left. */
const char *session_strip(const struct upstream *upstream, const char *cookies,
    struct arena *arena);
/* The Set-Cookie value for an answer of that server, in the arena; NULL: the
 * request has it already, or there are no such sessions. */
const char *session_cookie(const struct upstream *upstream,
    const struct request *request, const char *server, struct arena *arena);

#endif
