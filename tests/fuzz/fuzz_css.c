/* Any bytes as a selector: no crash, and what comes out compiles as XPath,
 * evaluates on a small page, and is a pattern on the pattern side. What is a
 * plain path (of that, and of the bytes themselves) finds what libxml2's own
 * machine finds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>

#include "base/buf.h"
#include "dom/css.h"
#include "dom/path.h"
#include "dom/xpath.h"

static const char page[] = "<r id='x'><a class='b c'>t<b/></a><a/><p/></r>";

static void
say_nothing(void *data, const char *format, ...)
{
	(void)data;
	(void)format;
}

static void
compare(xmlDoc *doc, const char *expression)
{
	struct path *path = path_new(expression);
	xmlXPathContext *context = xmlXPathNewContext(doc);
	xmlXPathObject *ours, *theirs = NULL;
	unsigned long visited;

	must(context);
	context->node = (xmlNode *)doc;
	if (path)
		theirs = xmlXPathEval((const xmlChar *)expression, context);
	if (theirs) {
		int count = theirs->nodesetval ? theirs->nodesetval->nodeNr : 0;

		ours = path_select(path, (xmlNode *)doc, 0, &visited);
		must(ours && ours->nodesetval->nodeNr == count);
		for (int i = 0; i < count; i++)
			must(ours->nodesetval->nodeTab[i] ==
			     theirs->nodesetval->nodeTab[i]);
		xmlXPathFreeObject(ours);
	}
	xmlXPathFreeObject(theirs);
	xmlXPathFreeContext(context);
	path_free(&path);
}

static void
try(struct xpath_eval *eval, xmlDoc *doc, const char *selector, bool pattern)
{
	struct buf out;
	struct err err;
	xmlXPathObject *found;

	buf_init(&out, 1 << 22);
	if (css_to_xpath(&out, selector,
		pattern ? "//" : "descendant::", pattern, &err) == 0) {
		compare(doc, out.data);
		xpath_eval_begin(eval, doc, 100000);
		if (xpath_eval_run(eval, out.data, NULL, &found, &err) == 0) {
			must(found->type == XPATH_NODESET);
			xmlXPathFreeObject(found);
		} else {
			/* prefixes are free, and nesting adds up */
			must(strchr(selector, '|') ||
			     strstr(err.text, "operations") ||
			     strstr(err.text, "ecursion"));
		}
	}
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct xpath_eval *eval;
	static xmlDoc *doc;
	char *selector = malloc(size + 1);

	if (!eval) {
		eval = xpath_eval_new();
		xmlSetGenericErrorFunc(NULL, say_nothing);
		doc = xmlReadMemory(page, sizeof(page) - 1, NULL, NULL, 0);
	}
	must(selector && doc);
	memcpy(selector, data, size);
	selector[size] = '\0';
	compare(doc, selector);
	try(eval, doc, selector, true);
	try(eval, doc, selector, false);
	free(selector);
	return 0;
}
