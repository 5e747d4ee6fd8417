/* theme/xslstyle.c - the stylesheets of a thread, and what libxslt says when it
 * makes or runs one
 *
 * libxslt complains to a function of the process, libxml2 to functions of the
 * thread; both are caught while one of our calls is under way, and what was
 * said becomes one line with the place in the rules. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libexslt/exslt.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltutils.h>

#include "base/mem.h"
#include "dom/html.h"
#include "theme/xslrun.h"

/* ---- libxslt's words ---- */

static _Thread_local struct sink *sink;

void
xsl_add_words(char *words, size_t size, const char *format, va_list args)
{
	size_t n = strlen(words);

	if (n + 1 < size)
		vsnprintf(words + n, size - n, format, args);
}

/* libxslt has one function for the whole process. */
static void PRINTF(2, 3) on_generic(void *arg, const char *format, ...)
{
	va_list args;

	(void)arg;
	if (!sink)
		return;
	va_start(args, format);
	xsl_add_words(sink->words, sink->size, format, args);
	va_end(args);
}

static void
on_structured(void *arg, xmlError *error)
{
	struct sink *to = arg;
	size_t n = strlen(to->words);

	if (error->message && n + 1 < to->size)
		snprintf(to->words + n, to->size - n, "%s", error->message);
}

/* "... line 12 element value-of\nwords": where in the rules, and the words. */
static const struct sheet_line *
find_line(const struct sheet *sheet, const char *words)
{
	const char *at = strstr(words, "line ");
	size_t line = at ? (size_t)strtoul(at + 5, NULL, 10) : 0;

	if (line < 2 || line - 2 >= sheet->lines_count ||
	    !sheet->lines[line - 2].source)
		return NULL;
	return &sheet->lines[line - 2];
}

static const char *
after_place(const char *words)
{
	const char *newline = strchr(words, '\n');

	if (strstr(words, "error: ") == words + strcspn(words, ":") - 5 &&
	    newline && newline[1])
		return newline + 1;
	return words;
}

/* What libxslt says of depth is for those who run xsltproc. */
static const char *
plainly(const char *words)
{
	if (strstr(words, "infinite template recursion") ||
	    strstr(words, "xsltMaxDepth"))
		return "templates go on without end, or too deep; does one "
		       "apply templates to its own node? In an <include>, "
		       "method=\"raw\" ends that";
	if (strstr(words, "Operation limit exceeded"))
		return "it takes too many instructions; is there a loop "
		       "without end?";
	/* libxml2 puts the name of its own function before it */
	if (strncmp(words, "xmlXPathCompOpEval: ", 20) == 0)
		return words + 20;
	return words;
}

/* The first complaint as one line, where it was. */
bool
xsl_explain(const struct sheet *sheet, const char *words, struct err *err)
{
	const struct sheet_line *line = find_line(sheet, words);
	enum { SAME = 20 };
	char flat[400];
	size_t n = 0;

	for (const char *p = plainly(after_place(words));
	     *p && n + 1 < sizeof(flat) &&
	     strncmp(p, "runtime error: file", 19) != 0 &&
	     strncmp(p, "compilation error: file", 23) != 0;
	     p++) {
		if (*p != '\n')
			flat[n++] = *p;
		else if (strncmp(p + 1, words, SAME) == 0)
			break; /* the same once more */
		else if (p[1])
			flat[n++] = ' ';
	}
	while (n > 0 && (flat[n - 1] == ' ' || flat[n - 1] == '.'))
		n--;
	flat[n] = '\0';
	if (n == 0)
		snprintf(flat, sizeof(flat), "it failed without a word");
	if (line)
		rules_fail(err, line->source, line->line, "xsl: %s", flat);
	else
		err_set(err, "xsl: %s", flat);
	return line != NULL;
}

struct quiet
xsl_hush(struct sink *mine)
{
	struct quiet before = {xmlGenericError, xmlGenericErrorContext,
	    xmlStructuredError, xmlStructuredErrorContext, sink};

	sink = mine;
	xmlSetGenericErrorFunc(NULL, on_generic);
	xmlSetStructuredErrorFunc(mine, on_structured);
	return before;
}

void
xsl_unhush(struct quiet before)
{
	sink = before.sink;
	xmlSetGenericErrorFunc(before.generic_arg, before.generic);
	xmlSetStructuredErrorFunc(before.structured_arg, before.structured);
}

/* ---- once in the process ---- */

static pthread_once_t is_up = PTHREAD_ONCE_INIT;
xsltSecurityPrefs *xsl_forbidden;

static void
bring_up(void)
{
	static const xsltSecurityOption all[] = {XSLT_SECPREF_READ_FILE,
	    XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
	    XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK};

	rules_init();
	xsltInit();
	xsltSetGenericErrorFunc(NULL, on_generic);
	exsltCommonRegister();
	exsltMathRegister();
	exsltSetsRegister();
	exsltDateRegister();
	exsltStrRegister();
	exsltDynRegister();
	xsl_forbidden = xsltNewSecurityPrefs();
	must(xsl_forbidden);
	for (size_t i = 0; i < COUNT_OF(all); i++)
		must(xsltSetSecurityPrefs(
			 xsl_forbidden, all[i], xsltSecurityForbid) == 0);
	xsltSetDefaultSecurityPrefs(xsl_forbidden);
	xslfunc_init();
}

static void
init(void)
{
	pthread_once(&is_up, bring_up);
}

/* ---- stylesheets ---- */

static xsltStylesheet *
make_style(const struct sheet *sheet, struct err *err)
{
	char words[800] = "";
	struct sink mine = {words, sizeof(words)};
	struct quiet before;
	xsltStylesheet *style = NULL;
	xmlDoc *doc;

	init();
	before = xsl_hush(&mine);
	doc = xmlReadMemory(sheet->text, (int)sheet->len, "rules", NULL,
	    XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	if (doc)
		style = xsltParseStylesheetDoc(doc);
	if (doc && !style)
		xmlFreeDoc(doc);
	xsl_unhush(before);
	if (!style)
		xsl_explain(sheet, words, err);
	return style;
}

CHECKED int
xsl_check(const struct sheet *sheet, struct err *err)
{
	xsltStylesheet *style = make_style(sheet, err);

	if (!style)
		return -1;
	xsltFreeStylesheet(style);
	return 0;
}

/* The number in an attribute of ours; -1: it has none. */
static long
number_of(const xsltTemplate *template, const char *name)
{
	xmlChar *text = template->elem ? xmlGetNsProp(template->elem,
					     BAD_CAST name, BAD_CAST SHEET_NS)
				       : NULL;
	long number = text ? strtol((char *)text, NULL, 10) : -1;

	xmlFree(text);
	return number;
}

static void
find_templates(struct xsl_made *made, const struct sheet *sheet)
{
	made->parts_count = sheet->parts_count;
	made->bodies_count = sheet->rules->count;
	made->parts =
	    mem_new_array(made->parts_count + 1, sizeof(xsltTemplate *));
	made->bodies =
	    mem_new_array(made->bodies_count + 1, sizeof(xsltTemplate *));
	made->rules_count = sheet->templates_count;
	made->rules =
	    mem_new_array(made->rules_count + 1, sizeof(xsltTemplate *));
	for (xsltTemplate *t = made->style->templates; t; t = t->next) {
		long part = number_of(t, "part"), body = number_of(t, "body");
		long rule = number_of(t, "rule");

		if (part >= 0 && (size_t)part < made->parts_count)
			made->parts[part] = t;
		if (body >= 0 && (size_t)body < made->bodies_count)
			made->bodies[body] = t;
		if (rule >= 0 && (size_t)rule < made->rules_count)
			made->rules[rule] = t;
	}
}

static void
made_clear(struct xsl_made *made)
{
	if (made->style)
		xsltFreeStylesheet(made->style);
	for (size_t i = 0; i < made->files_count; i++) {
		mem_free(&made->files[i].path);
		html_free(&made->files[i].doc);
	}
	mem_free(&made->parts);
	mem_free(&made->bodies);
	mem_free(&made->rules);
	memset(made, 0, sizeof(*made));
}

struct xsl_shop *
xsl_shop_new(void)
{
	return mem_new(sizeof(struct xsl_shop));
}

void
xsl_shop_free(struct xsl_shop **shop)
{
	if (!*shop)
		return;
	for (size_t i = 0; i < COUNT_OF((*shop)->made); i++)
		made_clear(&(*shop)->made[i]);
	xslregexp_free(*shop);
	mem_free(shop);
}

/* This thread's stylesheet of a sheet; the one that was used least lately
 * makes room. */
struct xsl_made *
xsl_find_made(struct xsl_shop *shop, const struct sheet *sheet, struct err *err)
{
	struct xsl_made *oldest = &shop->made[0];

	shop->clock++;
	for (size_t i = 0; i < COUNT_OF(shop->made); i++) {
		struct xsl_made *made = &shop->made[i];

		if (made->serial == sheet->serial) {
			made->used = shop->clock;
			return made;
		}
		if (made->used < oldest->used)
			oldest = made;
	}
	made_clear(oldest);
	oldest->style = make_style(sheet, err);
	if (!oldest->style)
		return NULL;
	oldest->serial = sheet->serial;
	oldest->used = shop->clock;
	find_templates(oldest, sheet);
	return oldest;
}
