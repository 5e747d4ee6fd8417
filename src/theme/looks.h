/* theme/looks.h - parsed theme pages that only requests name
 *
 * A theme that is a page of the site itself, or has a {NAME} in its address,
 * comes with the page that is dressed, the same one again and again. So a few
 * stay parsed, with their links rewritten, for as long as their bytes are the
 * same; the one that was used longest ago goes first. They belong to one
 * version of a theme. Any thread. */
#ifndef THEME_LOOKS_H
#define THEME_LOOKS_H

#include <stddef.h>
#include <libxml/tree.h>

enum {
	LOOKS_MAX = 16,		  /* of one theme that are kept parsed */
	LOOKS_BYTES_MAX = 8 << 20 /* of all of them together, as sources */
};

struct looks;	 /* the table */
struct look_doc; /* one page; counted */

/* What makes two of them the same. */
struct look_key {
	const char *name; /* its address, and how it is parsed */
	const char *bytes;
	size_t len;
	const char *content_type; /* or NULL */
};

struct looks *looks_new(void);
void looks_free(struct looks **looks);

/* Counted, or NULL. One with other bytes is forgotten. */
struct look_doc *looks_find(struct looks *looks, const struct look_key *key);
/* Takes *doc. Gives it counted, kept or (over half of LOOKS_BYTES_MAX) not. */
struct look_doc *looks_note(
    struct looks *looks, const struct look_key *key, xmlDoc **doc);
/* To be read and copied only: threads share it. */
const xmlDoc *look_doc_tree(const struct look_doc *look);
void look_doc_unref(struct look_doc **look);

#endif
