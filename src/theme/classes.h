/* theme/classes.h - which classes a page has, so that rules know whether it is
 * theirs
 *
 * A <match> looks at a request and its answer and gives page classes; a rule
 * belongs to a class. <rule> and <proxy> may have the same match attributes. */
#ifndef THEME_CLASSES_H
#define THEME_CLASSES_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "base/arena.h"
#include "base/buf.h"
#include "theme/rule.h"
#include "theme/selector.h"

/* What is known of one request, and of its answer. */
struct facts {
	const struct dress_exchange *exchange;
	const char *path;  /* never NULL; as the client sent it, no query */
	size_t prefix_len; /* of the path: SCRIPT_NAME */
	/* each <meta http-equiv> of the page: name, content, name, ... */
	struct words metas;
};

/* The match attributes of one element: all of them must fit. */
struct match;

/* Gives NULL when the element has none. with_response: those about the answer
 * may be among them; else they are an error. */
CHECKED int match_read(const struct match **out, struct reading *reading,
    const xmlNode *node, bool with_response);
/* A match of NULL fits everything. */
bool match_fits(const struct match *match, const struct facts *facts);
/* Its path= and domain= alone, if there are any. */
bool match_fits_address(const struct match *match, const struct facts *facts);
/* matcher_prefix() of its path attribute, 0: it has none. */
size_t match_prefix(const struct match *match);
/* What of a request it looks at beside the address: names of fields are added
 * to fields; true: the method, too. */
bool match_looks_at(
    const struct match *match, struct arena *arena, struct words *fields);

/* One <match>. */
struct giver {
	const struct match *match;
	struct words classes;
	bool abort, last;
	struct giver *next;
};

/* The classes of a page, each once: those of the <match>es in the order of the
 * file, of X-Deliverance-Page-Class, and of the proxy; "default" if there is
 * none. False: a <match abort> says that the page is not themed. */
CHECKED bool classes_of_page(const struct giver *givers,
    const struct facts *facts, struct arena *arena, struct words *out);

/* Collect the metas of a page. */
void facts_read_page(
    struct facts *facts, const xmlDoc *doc, struct arena *arena);

/* Add what WSGI's environ has under this name; false: nothing. There are
 * REQUEST_METHOD, QUERY_STRING, SCRIPT_NAME (what the proxy's match took off
 * the path), PATH_INFO (the rest, decoded), SERVER_NAME, SERVER_PORT (as the
 * Host field has it), SERVER_PROTOCOL, CONTENT_TYPE, CONTENT_LENGTH,
 * wsgi.url_scheme, REMOTE_ADDR (the client's address, seen through proxies that
 * are trusted), and HTTP_NAME for each request field. Nobody has logged in
 * here: there is no REMOTE_USER. */
CHECKED bool facts_environ(
    const struct facts *facts, const char *name, struct buf *out);
/* The same of a name, as facts_environ() knows it. What is in no field of the
 * request, the client's address, is "*" (RFC 9110 12.5.5). */
bool facts_looks_at(
    const char *name, struct arena *arena, struct words *fields);
/* Whether facts_environ() has it for each request. */
bool facts_always_have(const char *name);

/* Words separated by white space, each once. */
void words_split(struct arena *arena, struct words *words, const char *text);

#endif
