/* theme/form.h - one rule element: what it may say, and what it means then */
#ifndef THEME_FORM_H
#define THEME_FORM_H

#include "theme/selector.h"

enum { FORMS = 9 }; /* elements that are rules */

/* Whether an element counts. BAD: err is set. */
enum verdict { BAD = -1, TAKEN, LEFT };

struct form;

/* The form that an element of this name has, or NULL. */
const struct form *form_find(const char *name);
/* The name of the i-th form, NULL past the last. */
const char *form_name(size_t i);

/* Read a rule and add it to the rules. */
CHECKED enum verdict form_read(struct reading *reading, const struct form *form,
    const xmlNode *node, const struct terms *outer);

/* Whether there is markup in an element, more than space and comments. */
bool form_has_body(const xmlNode *node);
bool form_is_blank(const xmlNode *node);
/* Everything below an element that is a body: <include> and xsl:* are read. */
CHECKED int form_check_body(struct reading *reading, const xmlNode *body);

#endif
