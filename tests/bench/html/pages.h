/* tests/bench/html/pages.h - pages to measure with, always the same */
#ifndef TESTS_BENCH_HTML_PAGES_H
#define TESTS_BENCH_HTML_PAGES_H

#include "base/buf.h"

enum page_kind {
	PAGE_MARKUP, /* menus, lists, tables, cards: a tag every few words */
	PAGE_TEXT,   /* articles: long paragraphs, a link now and then */
	PAGE_ATTRIBUTES, /* long classes, data-*, srcset, icons in SVG */
	PAGE_KINDS
};

extern const char *const page_kind_names[PAGE_KINDS];

/* Add a whole page of about so many bytes. */
void page_make(struct buf *out, enum page_kind kind, size_t size);

#endif
