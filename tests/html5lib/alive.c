/* Scripts, handlers and addresses that are code (contract: alive.h)
 *
 * Each is a line of text; how often a line is there is what counts. In a
 * template nothing runs. */
#include "alive.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dom/node.h"

struct lines {
	char **list;
	size_t count, room;
};

static void
lines_add(struct lines *lines, const struct buf *line)
{
	if (lines->count == lines->room) {
		lines->room = lines->room ? 2 * lines->room : 16;
		lines->list =
		    mem_resize(lines->list, lines->room * sizeof(*lines->list));
	}
	lines->list[lines->count++] = mem_strndup(line->data, line->len);
}

static void
lines_fini(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		mem_free(&lines->list[i]);
	mem_free(&lines->list);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- what runs ---- */

static const char *
value_of(const xmlAttr *a)
{
	return a->children ? (const char *)a->children->content : "";
}

/* javascript: and its like, also with white space in between. */
static bool
is_code(const char *value)
{
	static const char *const schemes[] = {
	    "javascript:", "vbscript:", "data:"};
	char said[16];
	size_t len = 0;

	for (; *value && len + 1 < sizeof(said); value++)
		if ((unsigned char)*value > ' ')
			said[len++] = *value;
	said[len] = '\0';
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (strncasecmp(said, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

static bool
is_address(const char *name)
{
	static const char *const names[] = {"href", "src", "action",
	    "formaction", "data", "xlink:href", "to", "from", "values",
	    "background"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
runs(const xmlAttr *a)
{
	const char *name = (const char *)a->name;

	return strncasecmp(name, "on", 2) == 0 ||
	       strcasecmp(name, "srcdoc") == 0 ||
	       (is_address(name) && is_code(value_of(a)));
}

static void
add_script(struct lines *lines, struct buf *line, const xmlNode *script)
{
	buf_clear(line);
	buf_puts(line, "script");
	for (const xmlAttr *a = script->properties; a; a = a->next) {
		buf_printf(line, " %s=", (const char *)a->name);
		buf_puts(line, value_of(a));
	}
	buf_puts(line, ": ");
	for (const xmlNode *c = script->children; c; c = c->next)
		if (c->content)
			buf_puts(line, (const char *)c->content);
	lines_add(lines, line);
}

/* Without any text or address there is nothing to run. */
static bool
may_run(const xmlNode *script)
{
	return !(script->extra & NODE_UNENDED) &&
	       (script->children || xmlHasProp(script, BAD_CAST "src") ||
		   xmlHasProp(script, BAD_CAST "href") ||
		   xmlHasProp(script, BAD_CAST "xlink:href"));
}

static void
add_element(struct lines *lines, struct buf *line, const xmlNode *node)
{
	if (strcmp((const char *)node->name, "script") == 0 && may_run(node))
		add_script(lines, line, node);
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		if (!runs(a))
			continue;
		buf_clear(line);
		buf_printf(line, "%s %s=", (const char *)node->name,
		    (const char *)a->name);
		buf_puts(line, value_of(a));
		lines_add(lines, line);
	}
}

static bool
is_template(const xmlNode *node)
{
	return strcmp((const char *)node->name, "template") == 0 &&
	       !(node->extra & NODE_FOREIGN);
}

static void
read_page(struct lines *lines, const xmlDoc *doc)
{
	enum { LINE_MAX_LEN = 64 << 20 };
	const xmlNode *node = doc ? doc->children : NULL;
	struct buf line;

	buf_init(&line, LINE_MAX_LEN);
	while (node) {
		bool down = node->children;

		if (node->type == XML_ELEMENT_NODE) {
			add_element(lines, &line, node);
			down = down && !is_template(node);
		} else {
			down = false;
		}
		if (down) {
			node = node->children;
			continue;
		}
		while (node && !node->next)
			node = node->parent == (const xmlNode *)doc
				   ? NULL
				   : node->parent;
		node = node ? node->next : NULL;
	}
	buf_fini(&line);
	if (lines->count)
		qsort(lines->list, lines->count, sizeof(*lines->list), by_text);
}

void
alive_news(struct buf *out, const xmlDoc *page, const xmlDoc *content,
    const xmlDoc *theme)
{
	struct lines now = {0}, before = {0};
	size_t at = 0;

	read_page(&now, page);
	read_page(&before, theme);
	read_page(&before, content);
	for (size_t i = 0; i < now.count; i++) {
		int order = 1;

		while (at < before.count &&
		       (order = strcmp(before.list[at], now.list[i])) < 0)
			at++;
		if (at < before.count && order == 0)
			at++;
		else
			buf_printf(out, "alive: %s\n", now.list[i]);
	}
	lines_fini(&now);
	lines_fini(&before);
}
