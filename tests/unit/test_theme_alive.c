/* Markup made to mean one thing where it is read and another where it is put:
 * whatever rules do with it, wherever the theme has a place for it, nothing
 * runs in the page that did not run in the content, with scripts or without
 *
 * Each shape has its handler in a text, a comment or a value, where it is dead;
 * those in which it runs to begin with are left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/arena.h"
#include "dom/build.h"
#include "dom/node.h"
#include "theme/theme.h"

enum { SHAPE_MAX = 400, PAGE_MAX = 2000, OUT_MAX = 1 << 20, NODES = 10000 };

#define DIAZO(inner)                                                           \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\" "                 \
	"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">" inner "</rules>"
#define BRING "<replace css:theme-children='#t' css:content-children='#c'/>"

static const char *const rulesets[] = {
    DIAZO(BRING),
    DIAZO("<replace css:theme='#t' css:content='#c'/>"),
    DIAZO("<before css:theme='#t' css:content-children='#c'/>"
	  "<after css:theme-children='#t' content='//comment()'/>"),
    DIAZO(BRING "<strip css:content='svg, math'/>"
		"<before css:content='p, style'>x</before>"
		"<drop content='//@title'/>"),
    DIAZO("<replace css:theme-children='#t'>"
	  "<xsl:copy-of select=\"//*[@id='c']/node()\"/></replace>"),
    DIAZO("<replace css:theme-children='#t'><noscript>"
	  "<include css:content='#c'/></noscript><svg><g>"
	  "<include css:content-children='#c'/></g></svg></replace>"),
    DIAZO("<copy attributes='*' css:theme='#t' content='//p'/>"),
    DIAZO("<replace css:theme='#t' css:content='#n, #s, #g'/>"
	  "<replace css:content-children='#n, #s, #g'>"
	  "<include css:content-children='#c'/></replace>"),
    DIAZO("<replace css:theme='#t' css:content='#n, #s, #g'/>"
	  "<after css:content='#n b, #s option, #g g'>"
	  "<p><include css:content='#c'/></p></after>"),
    DIAZO("<replace css:theme='#t' css:content='#n, #s, #g'/>"
	  "<xsl:template match='b|option|g'><i><xsl:copy-of "
	  "select=\"//*[@id='c']/node()\"/></i></xsl:template>"),
    "<ruleset><rule><replace content='children:#c' theme='children:#t'/>"
    "</rule></ruleset>",
};

static const char *const places[] = {"<div id=t></div>",
    "<noscript id=t></noscript>", "<noscript><p id=t></p></noscript>",
    "<svg id=t></svg>", "<svg><g id=t></g></svg>",
    "<svg><desc id=t></desc></svg>", "<svg><style id=t></style></svg>",
    "<math id=t></math>", "<math><annotation-xml id=t></annotation-xml></math>",
    "<select><option id=t></option></select>", "<textarea id=t></textarea>",
    "<style id=t></style>", "<iframe id=t></iframe>",
    "<table><tr id=t></tr></table>", "<template id=t></template>"};

#define EVIL  "<img src=x onerror=alert(1)>"
#define QUIET "&lt;img src=x onerror=alert(1)>"

/* What holds text, or markup of another kind; what might end it, or what is
 * around it; and how the one may stand in the other. */
static const char *const holders[] = {"style", "xmp", "iframe", "noembed",
    "title", "textarea", "noscript", "select", "template", "svg", "math",
    "svg><style", "svg><title", "svg><foreignObject", "math><mi"};
static const char *const ends[] = {"style", "script", "xmp", "noscript",
    "title", "textarea", "template", "select", "svg", "math", "div", "table"};
static const struct {
	const char *before, *behind;
} forms[] = {{"></", ">" EVIL}, {"><!--</", ">" EVIL "-->"},
    {">&lt;/", ">" QUIET}, {"><b title=\"</", ">" EVIL "\">"}};

static const char *const shapes[] = {
    "<!--</noscript>" EVIL "-->",
    "<!-- </NOSCRIPT " EVIL "-->",
    "<noscript><!--</noscript>" QUIET "-->",
    "<p><noscript><form>" EVIL "</form></noscript>",
    "<p><noscript><div>" EVIL "</div></noscript></p>",
    "<a><noscript><a>" EVIL "</a></noscript></a>",
    "<button><noscript><button>" EVIL "</noscript>",
    "<h1><noscript></h1>" EVIL "</noscript></h1>",
    "<noscript></div>" EVIL "</noscript>",
    "<noscript><table>" EVIL "</table></noscript>",
    "<table><noscript><tr>" EVIL "</noscript><tr><td>x</table>",
    "<table><tr><td><noscript><td>" EVIL "</noscript></table>",
    "<ul><li><noscript><li>" EVIL "</noscript></ul>",
    "<noscript><body onload=alert(1)></noscript>",
    "<noscript><b onclick=alert(1)></noscript>x",
    "<noscript><svg><p>" EVIL "</svg></noscript>",
    "<select><noscript><input onclick=alert(1)></noscript></select>",
    "<noscript><plaintext>" EVIL "</noscript>",
    "<noscript>" EVIL,
    "<svg><![CDATA[</noscript>" EVIL "]]></svg>",
    "<math><mtext><table><mglyph><style><!--</style>"
    "<p title=\"--&gt;" QUIET "\">",
    "<form><math><mtext></form><form><mglyph><style></math>" EVIL,
    "<math><annotation-xml encoding=\"text/html\"><style>" EVIL,
    "<svg></p><title><style><a id=\"</style>" EVIL "\">",
    "<svg><script>&lt;/script>" QUIET "</script></svg>",
    "<svg><textarea><!--</textarea>" EVIL "--></textarea></svg>",
    "<svg><script><!--</script>" EVIL "--></script></svg>",
    "<script type=x>" EVIL "</script>",
    "<script type=x><!--<script></script>" EVIL "--></script>",
    "<p title='\"" EVIL "'>x",
    "<p title=`\"" EVIL "`>x",
    "<p a='</noscript' b='" EVIL "'>x",
    "<p onclick/=alert(1)>x",
    "<p class /onclick/=alert(1)>x",
    "<p title=\"&lt/noscript&gt&ltimg src=x onerror=alert(1)&gt\">x",
    "&ltimg src=x onerror=alert(1)&gt",
    "&amp;lt;img src=x onerror=alert(1)>",
    "&#60img src=x onerror=alert(1)>",
    "<!--<!-- --!&gt;" EVIL "-->",
    "<?x </noscript " EVIL "?>",
    "<table><select><tr><td title=\"</select>" EVIL "\">",
    "<listing>" QUIET "</listing>",
    "<plaintext>" EVIL,
    "<ſtyle></style><b title=\"<style>" EVIL "\">",
    "<x:script>alert(1)</x:script>",
    "<a href=\"java&#10;script&colon;x\">x</a>",
};

/* What a body of xsl:* may write around what it brings in, and how that is. */
static const char *const around[] = {"noscript", "select", "textarea", "title",
    "iframe", "noembed", "noframes", "plaintext", "style", "script", "xmp",
    "svg", "math", "table", "template", "p><noscript", "noscript><p",
    "svg><desc", "svg><style", "svg><title", "math><annotation-xml",
    "select><option", "table><tr><td><noscript", "textarea><noscript",
    "noscript><textarea", "noscript><select", "noscript><style", "svg><noscript",
    "form", "button"};
static const char *const brought[] = {
    "<xsl:copy-of select=\"//*[@id='c']\"/>",
    "<xsl:copy-of select=\"//*[@id='c']/node()\"/>",
    "<xsl:apply-templates select=\"//*[@id='c']/node()\"/>",
    "<xsl:value-of select=\"//*[@id='c']\"/>",
    "<xsl:for-each select=\"//*[@id='c']/*\"><xsl:copy><xsl:copy-of "
    "select=\"@*\"/><xsl:value-of select=\".\"/></xsl:copy></xsl:for-each>",
    "<i title=\"{//*[@id='c']}\"><xsl:comment><xsl:value-of "
    "select=\"translate(//*[@id='c'], '-', '_')\"/></xsl:comment></i>",
};

static char folder[64];

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_alive.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* ---- what runs ---- */

static bool
is_handler(const xmlAttr *a)
{
	return strncasecmp((const char *)a->name, "on", 2) == 0 &&
	       a->children && a->children->content && *a->children->content;
}

static bool
has_handler(const xmlNode *element)
{
	const xmlAttr *a = element->properties;

	while (a && !is_handler(a))
		a = a->next;
	return a;
}

static const xmlNode *
past(const xmlNode *node)
{
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

static bool
is_inert(const xmlNode *node)
{
	return node->type != XML_ELEMENT_NODE ||
	       (strcmp((const char *)node->name, "template") == 0 &&
		   !(node->extra & NODE_FOREIGN));
}

/* Whether a handler runs, to a browser with scripts or without. */
static bool
runs(const char *page, size_t len, bool scripting)
{
	const struct build_opts opts = {.depth = NODES,
	    .attributes = NODES,
	    .nodes = NODES,
	    .implied = true,
	    .scripting = scripting};
	struct tree *tree = tree_new(arena_new(PAGE_MAX));
	struct build *build = build_new(tree, &opts);
	char *copy = arena_room(tree->arena, len + 1);
	const xmlNode *node;
	struct err err;

	memcpy(copy, page, len);
	assert_int_equal(build_feed(build, copy, len, true, &err), 0);
	build_free(&build);
	node = tree->doc.children;
	while (node && (is_inert(node) || !has_handler(node)))
		node = is_inert(node) || !node->children ? past(node)
							 : node->children;
	tree_free(&tree);
	return node;
}

/* ---- dressing ---- */

static struct theme *
weave(const char *ruleset, const char *place)
{
	const struct theme_opts opts = {.links = LINKS_KEEP};
	const struct rules_opts rules_opts = {0};
	char path[128], page[PAGE_MAX];
	struct theme_page theme_page = {.bytes = page};
	struct theme *theme = NULL;
	struct rules *rules = NULL;
	struct err err = {""};
	FILE *file;

	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(ruleset, file);
	fclose(file);
	theme_page.len = (size_t)snprintf(page, sizeof(page),
	    "<!DOCTYPE html><title>t</title><body>%s</body>", place);
	if (rules_load(&rules, path, &rules_opts, &err) != 0 ||
	    theme_build(&theme, rules, &theme_page, 1, &opts, &err) != 0)
		fail_msg("%s: %s", ruleset, err.text);
	rules_unref(&rules);
	return theme;
}

static void
try(struct theme *theme, struct dresser *dresser, const char *ruleset,
    const char *place, const char *shape)
{
	char page[PAGE_MAX];
	struct dress_ask ask = {
	    .bytes = page, .content_type = "text/html; charset=utf-8"};
	struct err err = {""};
	struct buf out;

	ask.len = (size_t)snprintf(page, sizeof(page),
	    "<!DOCTYPE html><title>c</title><body><noscript id=n><b>x</b>"
	    "</noscript><select id=s><option>x</select><svg id=g><g></g></svg>"
	    "<div id=c>%s</div><p>x",
	    shape);
	buf_init(&out, OUT_MAX);
	if (theme_dress(theme, dresser, &ask, &out, &err) != DRESSED)
		fail_msg("%s: %s", shape, err.text);
	for (int scripting = 0; scripting < 2; scripting++)
		if (runs(out.data, out.len, scripting) &&
		    !runs(page, ask.len, scripting))
			fail_msg("%s\nin %s, by %s:\n%s\nscripting %s", shape,
			    place, ruleset, out.data, scripting ? "on" : "off");
	buf_fini(&out);
}

/* The end tags of what "svg><style" opens. */
static void
close_all(char *to, const char *holder)
{
	const char *end = holder + strlen(holder), *from;

	*to = '\0';
	for (;;) {
		for (from = end; from > holder && from[-1] != '<';)
			from--;
		to += sprintf(to, "</%.*s>", (int)(end - from), from);
		if (from == holder)
			return;
		end = from - 2;
	}
}

static void
try_built(struct theme *theme, struct dresser *dresser, const char *ruleset,
    const char *place, size_t i, size_t k)
{
	char shape[SHAPE_MAX], closing[64];

	close_all(closing, holders[i]);
	for (size_t f = 0; f < COUNT_OF(forms); f++) {
		snprintf(shape, sizeof(shape), "<%s%s%s%s%s", holders[i],
		    forms[f].before, ends[k], forms[f].behind, closing);
		try(theme, dresser, ruleset, place, shape);
	}
}

/* All that are built with the first rules, a part of them with the others. */
static void
try_all(struct theme *theme, struct dresser *dresser, size_t r, size_t p)
{
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		try(theme, dresser, rulesets[r], places[p], shapes[i]);
	for (size_t i = 0; i < COUNT_OF(holders); i++)
		for (size_t k = 0; k < COUNT_OF(ends); k++)
			if (r == 0 || (i + k + r + p) % 4 == 0)
				try_built(theme, dresser, rulesets[r],
				    places[p], i, k);
}

static void
nothing_comes_alive_wherever_it_is_put(void **state)
{
	(void)state;
	for (size_t r = 0; r < COUNT_OF(rulesets); r++)
		for (size_t p = 0; p < COUNT_OF(places); p++) {
			struct theme *theme = weave(rulesets[r], places[p]);
			struct dresser *dresser = dresser_new();

			try_all(theme, dresser, r, p);
			dresser_free(&dresser);
			theme_unref(&theme);
		}
}

static void
try_within(const char *holder, const char *what)
{
	char ruleset[PAGE_MAX], closing[64];
	struct dresser *dresser = dresser_new();
	struct theme *theme;

	close_all(closing, holder);
	snprintf(ruleset, sizeof(ruleset),
	    DIAZO("<replace css:theme-children='#t'><%s>%s%s</replace>"),
	    holder, what, closing);
	theme = weave(ruleset, places[0]);
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		try(theme, dresser, ruleset, places[0], shapes[i]);
	for (size_t i = 0; i < COUNT_OF(holders); i++)
		for (size_t k = 0; k < COUNT_OF(ends); k++)
			if ((i + k + strlen(what)) % 8 == 0)
				try_built(theme, dresser, ruleset, places[0],
				    i, k);
	dresser_free(&dresser);
	theme_unref(&theme);
}

static void
nothing_comes_alive_in_what_rules_write_around_it(void **state)
{
	(void)state;
	for (size_t a = 0; a < COUNT_OF(around); a++)
		for (size_t b = 0; b < COUNT_OF(brought); b++)
			try_within(around[a], brought[b]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_comes_alive_wherever_it_is_put),
	    cmocka_unit_test(nothing_comes_alive_in_what_rules_write_around_it),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
