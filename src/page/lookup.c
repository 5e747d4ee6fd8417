/* page/lookup.c - what is stored for a page: in memory, then in the file */
#include <string.h>

#include "page/life.h"
#include "page/shape.h"

/* What a field of the page's request is to whom it is asked of. */
const char *
page_field(void *arg, const char *name)
{
	struct page *page = arg;
	struct slice value;

	if (strcmp(name, POLICY_SHAPE) == 0)
		return shape_of(&page->request, page->arena);
	switch (sent_field(&page->request, &page->choice, name, &value)) {
	case SENT_ABSENT:
		return NULL;
	case SENT_VALUE:
		return arena_strndup(page->arena, value.from, value.len);
	case SENT_AS_IT_CAME:
		break;
	}
	if (sent_is_listed(&page->request, name))
		return NULL;
	return head_joined(page->request.fields, name, page->arena);
}

enum step
lookup_step(struct page *page, struct worker *worker)
{
	struct cache *cache = page->pages->opts.cache;
	const char *version = NULL;

	if (!page->sharing.may || page->key.len == 0)
		return STEP_FETCH;
	page->object = cache_find(cache, &page->key, page_field, page,
	    &page->dressed);
	if (page->object)
		return STEP_JUDGE;
	if (page->site->skin) {
		theme_unref(&page->theme);
		skin_look(page->site->skin, &page->theme);
		version = page->theme ? arena_printf(page->arena, "%s%s",
		    theme_version(page->theme), page->site->wearing) : NULL;
	}
	page->object = cache_load(worker->reader, &page->key, page_field,
	    page, version, &page->dressed);
	page->from_file = page->object != NULL;
	page->other_variant = !page->object && cache_has(cache, &page->key);
	page->looked_in_vain = !page->object && !page->other_variant;
	return STEP_JUDGE;
}
