/* alike FILE FILE
 *
 * Whether a browser makes the same page of both: elements, attributes, texts,
 * comments, DOCTYPE and mode, with scripting off and on. An attribute whose
 * value is its name is as good as one without a value. A run of white space
 * counts as one space, and none counts where nothing else stands; in pre,
 * textarea, script and style it counts as it is. Exit status 0: it does; 1:
 * not, and the first difference is printed; 2: a file cannot be read. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "browser.h"
#include "dump.h"

enum { FILE_MAX = 64 << 20, DUMP_MAX = 1 << 30, SHOWN = 300 };

static bool
is_kept(const xmlNode *text)
{
	static const char *const names[] = {
	    "pre", "textarea", "script", "style"};

	for (const xmlNode *n = text->parent; n; n = n->parent)
		for (size_t i = 0; i < COUNT_OF(names); i++)
			if (n->type == XML_ELEMENT_NODE &&
			    strcmp((const char *)n->name, names[i]) == 0)
				return true;
	return false;
}

/* Some texts are static, and have nothing to change. */
static void
put(char *to, char c)
{
	if (*to != c)
		*to = c;
}

/* One space for each run; the length. */
static size_t
collapse(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (!strchr(" \t\r\n\f", *from))
			put(to++, *from);
		else if (to == text || to[-1] != ' ')
			put(to++, ' ');
	put(to, '\0');
	return (size_t)(to - text);
}

/* The node behind this one and all below it. */
static xmlNode *
behind(xmlNode *node)
{
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

static void
forget_names(const xmlNode *element)
{
	for (const xmlAttr *a = element->properties; a; a = a->next)
		if (a->children && strcmp((const char *)a->children->content,
				       (const char *)a->name) == 0)
			*a->children->content = '\0';
}

static void
simplify(struct tree *tree)
{
	xmlNode *node = tree->doc.children, *next;

	for (; node; node = next) {
		char *text = (char *)node->content;

		next = node->type == XML_ELEMENT_NODE && node->children
			   ? node->children
			   : behind(node);
		if (node->type == XML_ELEMENT_NODE)
			forget_names(node);
		if (node->type == XML_TEXT_NODE && !is_kept(node) &&
		    collapse(text) <= strspn(text, " "))
			node_unlink(node);
	}
}

static void
dump(struct buf *out, const struct buf *page, bool scripting)
{
	struct tree *tree = browser_read(page->data, page->len, scripting);

	buf_init(out, DUMP_MAX);
	buf_puts(out, tree->quirks ? "quirks" : "no quirks");
	simplify(tree);
	dump_below(out, (const xmlNode *)&tree->doc);
	tree_free(&tree);
}

static bool
are_alike(const struct buf *pages, bool scripting)
{
	struct buf dumps[2];
	size_t from = 0;
	bool same;

	for (int i = 0; i < 2; i++)
		dump(&dumps[i], &pages[i], scripting);
	same = strcmp(dumps[0].data, dumps[1].data) == 0;
	for (size_t i = 0; dumps[0].data[i] == dumps[1].data[i] && !same; i++)
		if (dumps[0].data[i] == '\n')
			from = i + 1;
	if (!same)
		printf("with scripting %s:\n%.*s\n---- but\n%.*s\n",
		    scripting ? "on" : "off", SHOWN, dumps[0].data + from,
		    SHOWN, dumps[1].data + from);
	for (int i = 0; i < 2; i++)
		buf_fini(&dumps[i]);
	return same;
}

int
main(int argc, char **argv)
{
	struct buf pages[2];
	int rc = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: alike FILE FILE\n");
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		buf_init(&pages[i], FILE_MAX);
		if (browser_file(&pages[i], argv[i + 1]) != 0) {
			fprintf(stderr, "%s: cannot be read\n", argv[i + 1]);
			rc = 2;
		}
	}
	if (rc == 0 && !(are_alike(pages, false) && are_alike(pages, true)))
		rc = 1;
	for (int i = 0; i < 2; i++)
		buf_fini(&pages[i]);
	return rc;
}
