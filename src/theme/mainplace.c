/* theme/mainplace.c - measuring what a visitor came for (contract:
 * theme/mainplace.h) */
#include "theme/mainplace.h"

#include <string.h>

#include "dom/html.h"
#include "dom/xpath.h"
#include "theme/markup.h"
#include "theme/rule.h"

/* The words of theme_may_replace(). */
#define PLACES                                                                 \
	"//main | //*[@role='main'] | //*[@id='content'] | //*[@id='main']"

enum { PICTURE = 10 };

static bool
is_picture(const xmlNode *node)
{
	static const char *const names[] = {"img", "picture", "svg", "video",
	    "audio", "canvas", "iframe", "object", "embed", "input", "select",
	    "textarea"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp((const char *)node->name, names[i]) == 0)
			return true;
	return false;
}

static long
text_of(const xmlNode *text)
{
	long count = 0;

	if (markup_is_verbatim(text->parent))
		return 0;
	for (const char *c = (const char *)text->content; c && *c; c++)
		count += !strchr(" \t\r\n\f", *c);
	return count;
}

static long
measure(xmlNode *place)
{
	const xmlNode *end = markup_past(place);
	long count = 0;

	for (xmlNode *n = place; n && n != end; n = markup_following(n))
		if (markup_is_text(n))
			count += text_of(n);
		else if (n->type == XML_ELEMENT_NODE && is_picture(n))
			count += PICTURE;
	return count;
}

static long
measure_all(const xmlNodeSet *places)
{
	long most = -1;

	for (int i = 0; places && i < places->nodeNr; i++) {
		long count = measure(places->nodeTab[i]);

		if (count > most)
			most = count;
	}
	return most;
}

long
mainplace_measure(const char *bytes, size_t len)
{
	const struct html_opts opts = {
	    .content_type = "text/html; charset=utf-8"};
	xmlXPathObject *found = NULL;
	struct xpath_eval *eval;
	xmlDoc *doc = NULL;
	struct err err;
	long most = -1;

	rules_init();
	if (html_parse(&doc, bytes, len, &opts, &err) != 0)
		return -1;
	eval = xpath_eval_new();
	xpath_eval_begin(eval, doc, 0);
	if (xpath_eval_run(eval, PLACES, NULL, &found, &err) == 0)
		most = measure_all(found->nodesetval);
	xmlXPathFreeObject(found);
	xpath_eval_begin(eval, NULL, 0);
	xpath_eval_free(&eval);
	html_free(&doc);
	return most;
}
