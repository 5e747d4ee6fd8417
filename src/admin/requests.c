/* admin/requests.c - what is in flight, and ending it */
#include <inttypes.h>
#include <stdlib.h>

#include "admin/inside.h"
#include "base/mem.h"

enum { LIST_MAX = 1000 };

static void
add_member(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ", \"%s\": ", name);
	json_text(out, text ? text : "");
}

static void
add_page(struct buf *out, const struct page_figures *page)
{
	buf_printf(out, "{\"id\": %" PRIu64 ", \"age_ms\": %" PRIu64, page->id,
	    page->age_ms);
	add_member(out, "stage", page->stage);
	add_member(out, "method", page->method);
	add_member(out, "url", page->url);
	add_member(out, "site", page->site);
	add_member(out, "upstream", page->upstream);
	buf_putc(out, '}');
}

int
admin_requests(struct admin *admin, struct buf *out)
{
	struct page_figures *list = mem_new_array(LIST_MAX, sizeof(*list));
	unsigned count = pages_list(admin->opts.pages, list, LIST_MAX), i;

	buf_printf(out, "{\"count\": %u, \"requests\": [", count);
	for (i = 0; i < count && i < LIST_MAX; i++) {
		buf_puts(out, i ? ",\n" : "\n");
		add_page(out, &list[i]);
	}
	buf_puts(out, count ? "\n]}\n" : "]}\n");
	mem_free(&list);
	return 200;
}

int
admin_kill(struct admin *admin, const char *id, struct buf *out)
{
	unsigned long long number;
	char *end;

	if (!id || *id < '0' || *id > '9')
		return admin_wrong(out, 400, "id=NUMBER is wanted");
	number = strtoull(id, &end, 10);
	if (*end)
		return admin_wrong(out, 400, "id=NUMBER is wanted");
	if (!pages_kill(admin->opts.pages, number))
		return admin_wrong(out, 404, "no such request is in flight");
	buf_puts(out, "{\"killed\": 1}\n");
	return 200;
}
