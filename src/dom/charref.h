/* dom/charref.h - one character reference (WHATWG 13.2.5.72 to .80) */
#ifndef DOM_CHARREF_H
#define DOM_CHARREF_H

#include <stdbool.h>
#include <stddef.h>

enum charref_kind {
	CHARREF_NONE, /* the '&' is a character like others */
	CHARREF_FOUND,
	CHARREF_MORE, /* what follows the bytes decides; never if whole */
};

struct charref {
	const char *text; /* UTF-8; static, or made */
	size_t len;
	size_t used; /* bytes behind the '&' */
	bool plain;  /* nothing else could be meant (dom/token.h) */
	char made[5];
};

/* What stands behind an '&'. whole: nothing follows `end` that could belong to
 * the reference. Of an attribute's value other rules hold. */
enum charref_kind charref_read(struct charref *ref, const char *at,
    const char *end, bool whole, bool in_attribute);

#endif
