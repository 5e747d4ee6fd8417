/* Any bytes as a selector: no crash, and what comes out compiles as XPath,
 * evaluates on a small page, and is a pattern on the pattern side. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>

#include "base/buf.h"
#include "dom/css.h"
#include "dom/xpath.h"

static const char page[] = "<r id='x'><a class='b c'>t<b/></a><a/><p/></r>";

static void
try(struct xpath_eval *eval, xmlDoc *doc, const char *selector, bool pattern)
{
	struct buf out;
	struct err err;
	xmlXPathObject *found;

	buf_init(&out, 1 << 22);
	if (css_to_xpath(&out, selector,
		pattern ? "//" : "descendant::", pattern, &err) == 0) {
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
		doc = xmlReadMemory(page, sizeof(page) - 1, NULL, NULL, 0);
	}
	must(selector && doc);
	memcpy(selector, data, size);
	selector[size] = '\0';
	try(eval, doc, selector, true);
	try(eval, doc, selector, false);
	free(selector);
	return 0;
}
