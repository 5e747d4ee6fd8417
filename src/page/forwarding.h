/* page/forwarding.h - an upstream is told for whom it is asked
 *
 * By the fields that its `forwarding` names. What a trusted peer has said in
 * Forwarded or X-Forwarded-For goes before our own word, as far as
 * `trusted_fields` believes it; what anybody else said is not passed on. */
#ifndef PAGE_FORWARDING_H
#define PAGE_FORWARDING_H

#include "page/page.h"

struct errand;
struct page;

/* Those fields, and Via. */
void forwarding_add(struct errand *errand, const struct page *page);
/* The port that the client has asked at, for X-Forwarded-Port: a trusted
 * peer's word for it, the host's, or the scheme's. */
struct slice forwarding_port(const struct request *request);

#endif
