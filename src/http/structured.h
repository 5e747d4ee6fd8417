/* http/structured.h - Structured Fields (RFC 8941): dictionaries and lists
 *
 * Read as section 4.2 says, strictly: whatever is wrong anywhere makes the
 * whole field wrong. Nothing is allocated; what is given points into the
 * text. */
#ifndef HTTP_STRUCTURED_H
#define HTTP_STRUCTURED_H

#include <stdbool.h>
#include <stdint.h>
#include "http/head.h"

enum sf_type {
	SF_BOOLEAN,
	SF_INTEGER,
	SF_DECIMAL,
	SF_STRING,
	SF_TOKEN,
	SF_BYTES,
	SF_INNER_LIST,
};

/* One member. A key without a value is true. Parameters are checked and left
 * out. */
struct sf_member {
	struct slice key;
	enum sf_type type;
	int64_t integer; /* of SF_INTEGER; of SF_BOOLEAN 0 or 1 */
};
typedef void (*sf_member_f)(void *arg, const struct sf_member *member);

/* Read text[len] (several lines of a field are joined with commas first) and
 * tell each member in the order given; of two with one key the last counts,
 * which is for on_member to do. Gives how many there are, or -1 when the text
 * is no dictionary: then some may have been told already. */
CHECKED int sf_dictionary(const char *text, size_t len,
    sf_member_f on_member, void *arg);

/* One item of a list, its parameters checked and left out. */
struct sf_item {
	enum sf_type type;
	int64_t integer;   /* as of a member */
	struct slice text; /* of SF_STRING: between its quotes, with each "\\"
	                    * and "\"" of it as it stands */
};
typedef void (*sf_item_f)(void *arg, const struct sf_item *item);

/* Read a list likewise. */
CHECKED int sf_list(const char *text, size_t len, sf_item_f on_item,
    void *arg);

#endif
