/* dom/build_noscript_el.h - what elements do in a noscript of a body
 *
 * The start tags that tree construction treats as no others, as far as that
 * matters to dom/build_noscript_body.c. An element that is added to
 * dom/build_body.c with a function of its own may have to be named here. */
#ifndef DOM_BUILD_NOSCRIPT_EL_H
#define DOM_BUILD_NOSCRIPT_EL_H

#include <stdbool.h>
#include "dom/names.h"

/* Whether it may reach out of the noscript in which it is, or is read in
 * another way by some browsers. */
bool noscript_never_fits(enum el el);
/* Whether its start tag ends a p, or might. */
bool noscript_el_ends_p(enum el el);

#endif
