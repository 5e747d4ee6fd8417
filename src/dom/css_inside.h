/* dom/css_inside.h - a selector while it is read, for css*.c only
 *
 *   css.c            chains of compounds, and how they are said as paths
 *   css_name.c       places, complaints, qualified names
 *   css_attribute.c  [attribute], .class, #id
 *   css_pseudo.c     pseudo-classes
 *   css_word.c       words and numbers
 *
 * Reading functions answer 0, or -1 with the complaint in reader->err; what
 * else they answer is said there. */
#ifndef DOM_CSS_INSIDE_H
#define DOM_CSS_INSIDE_H

#include "base/err.h"
#include "dom/css_word.h"

enum {
	CSS_MAX_BYTES = 65536,	   /* a selector list */
	CSS_MAX_NESTING = 8,	   /* :not(:is(:has(... */
	CSS_MAX_COMPOUNDS = 32,	   /* "a b c" has three */
	CSS_MAX_PREDICATES = 65536 /* bytes of XPath for one compound */
};

struct css_compound {
	char combinator; /* ' ' '>' '+' '~': what stands before it */
	bool typed;	 /* it names an element */
	bool scope;	 /* it is :scope */
	struct buf test; /* "a", "*", "*[name() = 'a:b']" */
	struct buf predicates;
};

struct css_chain {
	size_t count;
	struct css_compound compounds[CSS_MAX_COMPOUNDS];
};

struct css_reader {
	struct css_cursor cursor;
	struct err *err;
	int nesting;
	bool as_pattern;
};

/* How a list within parentheses joins its outer compound. */
enum css_role { CSS_ROLE_MATCHES, CSS_ROLE_HAS };

/* Two words of a qualified name: "ns|name", "*|name", "|name", "name". */
struct css_qname {
	struct buf space;
	struct buf name;
	bool any; /* the name is * */
};

/* css_name.c */
/* -1, and what is wrong at the reader's place. */
int css_wrong(const struct css_reader *reader, const char *what);
int css_wrong_word(const struct css_reader *reader, const char *before,
    const char *word, const char *behind);
/* Step over this character if it is here. */
bool css_take(struct css_reader *reader, char c);
void css_qname_init(struct css_qname *qname);
void css_qname_fini(struct css_qname *qname);
/* 1: there is one, 0: there is none, -1 */
int css_read_qname(struct css_reader *reader, struct css_qname *qname);
/* How XPath says the name on an axis: 'a', 'ns:a', '*', or by name(). */
void css_say_qname(
    struct buf *out, const struct css_qname *qname, const char *any_of_axis);

/* css_attribute.c */
/* A predicate that nothing matches. */
void css_say_never(struct css_compound *compound);
/* before, the attribute, what stands between, the value as a string, behind */
void css_say_call(struct buf *out, const char *before, const char *attribute,
    const char *between, const char *value, const char *behind);
/* Behind "[", ".", "#". */
int css_read_attribute(
    struct css_reader *reader, struct css_compound *compound);
int css_read_class(struct css_reader *reader, struct css_compound *compound);
int css_read_id(struct css_reader *reader, struct css_compound *compound);

/* css_pseudo.c: behind ":" */
int css_read_pseudo(struct css_reader *reader, struct css_compound *compound);

/* css.c: a list within parentheses */
int css_read_list(
    struct css_reader *reader, struct buf *out, enum css_role role);

#endif
