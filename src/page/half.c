/* page/half.c - a dressed text that waits (contract: page/half.h) */
#include "page/half.h"

#include <string.h>

struct half {
	struct buf text;
	struct theme *theme; /* counted */
	uint64_t cost_us;
};

void
half_keep(struct page *page, struct buf *text, uint64_t cost_us)
{
	struct half *half = arena_get(page->arena, sizeof(*half));

	half_drop(page);
	half->text = *text;
	half->theme = theme_ref(page->theme);
	half->cost_us = cost_us;
	buf_init(text, half->text.max);
	page->half = half;
}

bool
half_take(struct page *page, struct buf *text, uint64_t *cost_us)
{
	struct half *half = page->half;
	bool is_its = half && half->theme == page->theme;

	if (is_its) {
		buf_fini(text);
		*text = half->text;
		*cost_us = half->cost_us;
		buf_init(&half->text, 0);
	}
	half_drop(page);
	return is_its;
}

void
half_drop(struct page *page)
{
	struct half *half = page->half;

	page->half = NULL;
	if (!half)
		return;
	buf_fini(&half->text);
	theme_unref(&half->theme);
}
