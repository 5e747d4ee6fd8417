/* theme/document.c - the trees that a page is made of: the content itself, the
 * documents that rules bring in (href)
 *
 * Each document is parsed once a page, when the first rule asks it, and has
 * memos and marks of its own, since "//h1" means something else in each. One
 * that nobody has fetched yet is noted and stands empty: the dressing goes on,
 * so that all that is wanted becomes known in one round. */
#include <string.h>
#include <strings.h>

#include <libxml/HTMLtree.h>

#include "base/mem.h"
#include "dom/html.h"
#include "theme/dress.h"
#include "theme/markup.h"

struct document *
document_new(struct page *page, const char *href, xmlDoc *doc)
{
	struct document *document = arena_get(page->arena, sizeof(*document));

	document->href = href;
	document->doc = doc;
	document->memos = arena_get(page->arena,
	    (page->program->exprs_count + 1) * sizeof(*document->memos));
	*page->last_document = document;
	page->last_document = &document->next;
	return document;
}

void
document_forget(struct document *document, size_t exprs_count)
{
	for (size_t i = 0; i < exprs_count; i++)
		if (document->memos[i].nodes)
			xmlXPathFreeObject(document->memos[i].nodes);
	memset(document->memos, 0, exprs_count * sizeof(*document->memos));
}

void
document_free(struct document *document)
{
	if (document->owned)
		html_free(&document->doc);
}

struct document *
document_of(struct page *page, const xmlNode *node)
{
	struct document *document = page->documents;

	if (!node || node->doc == page->doc)
		return document;
	while (document && document->doc != node->doc)
		document = document->next;
	return document;
}

/* ---- what was fetched ---- */

static const struct dress_document *
find_given(const struct page *page, const char *href)
{
	for (size_t i = 0; i < page->ask->documents_count; i++)
		if (strcmp(page->ask->documents[i].href, href) == 0)
			return &page->ask->documents[i];
	return NULL;
}

static void
want(struct page *page, const char *href)
{
	for (size_t i = 0; i < page->wanted->count; i++)
		if (strcmp(page->wanted->list[i], href) == 0)
			return;
	page->wanted->list = mem_resize(page->wanted->list,
	    (page->wanted->count + 1) * sizeof(*page->wanted->list));
	page->wanted->list[page->wanted->count++] = mem_strdup(href);
}

void
wanted_fini(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		mem_free(&wanted->list[i]);
	mem_free(&wanted->list);
	wanted->count = 0;
}

/* The element that holds such a type's text in a page, or NULL. */
static const char *
wrapper(const char *content_type)
{
	static const struct {
		const char *type, *element;
	} types[] = {
	    {"text/css", "style"},
	    {"text/javascript", "script"},
	    {"application/javascript", "script"},
	    {"application/x-javascript", "script"},
	};

	for (size_t i = 0; content_type && i < COUNT_OF(types); i++)
		if (strncasecmp(content_type, types[i].type,
			strlen(types[i].type)) == 0)
			return types[i].element;
	return NULL;
}

static int
parse(struct page *page, const struct dress_document *given, xmlDoc **out,
    struct err *err)
{
	const struct html_opts opts = {
	    .content_type = given->content_type,
	    .compat = page->theme->compat,
	    .parser = page->ask->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
	    .limits = dress_limits(page->ask),
	};
	const char *element = wrapper(given->content_type);
	struct buf wrapped;
	int rc;

	if (!element)
		return html_parse(out, given->bytes, given->len, &opts, err);
	buf_init(&wrapped, SIZE_MAX);
	buf_printf(&wrapped, "<html><head><%s>", element);
	buf_add(&wrapped, given->bytes, given->len);
	buf_printf(&wrapped, "</%s></head></html>", element);
	rc = wrapped.failed
		 ? err_set(err, "no memory for it")
		 : html_parse(out, wrapped.data, wrapped.len, &opts, err);
	buf_fini(&wrapped);
	return rc;
}

/* Diazo's tools end where a document cannot be had; on a site, the rest of
 * the page is worth more than that. */
static int
load(struct page *page, struct document *document)
{
	const struct dress_document *given = find_given(page, document->href);
	struct err why;

	document->owned = true;
	if (!given) {
		want(page, document->href);
	} else if (given->bytes && given->len > 0) {
		if (parse(page, given, &document->doc, &why) == 0) {
			dress_prepare(page, document->doc);
			return 0;
		}
		document->why = arena_strdup(page->arena, why.text);
	} else if (!given->bytes) {
		document->why = arena_strdup(
		    page->arena, given->why ? given->why : "not to be had");
	}
	if (document->why && page->program->compat)
		return err_set(
		    page->err, "%s: %s", document->href, document->why);
	document->doc = htmlNewDocNoDtD(NULL, NULL);
	must(document->doc);
	return 0;
}

/* One of the program's documents. */
CHECKED static int
get(struct page *page, uint32_t number, struct document **out)
{
	const char *href = page->program->documents[number];
	struct document *document = page->documents;

	while (
	    document && (!document->href || strcmp(document->href, href) != 0))
		document = document->next;
	if (!document) {
		document = document_new(page, href, NULL);
		if (load(page, document) != 0)
			return -1;
	}
	*out = document;
	return 0;
}

CHECKED int
document_for(struct page *page, uint32_t expr, const xmlNode *node,
    struct document **out)
{
	uint32_t number = page->program->exprs[expr].document;

	if (number)
		return get(page, number, out);
	*out = document_of(page, node);
	return 0;
}
