/* theme/xslexslt.c - EXSLT's functions, at what they cost
 *
 * libexslt takes each of its functions for one step, though str:replace() in
 * str:replace() fills memory, and set:difference() takes the square of its
 * sets. Those are done here, or let through when their arguments are paid for
 * (dom/xpath_func.h). What they answer is what libexslt answers. */
#include <string.h>
#include <libxml/xpathInternals.h>
#include <libexslt/exslt.h>
#include <libxslt/extensions.h>
#include <libxslt/functions.h>

#include "base/mem.h"
#include "theme/xslnodes.h"

/* ---- those that libexslt may do, once they are paid for ---- */

enum price {
	TEXTS,	/* node-sets count as the text of their first node */
	LETTERS, /* the same, and each letter is asked for several things */
	VALUES, /* each node's value is read */
	PAIRS,	/* each node of one set is looked for in the other */
	NODES,	/* node-sets stay, texts become nodes */
	JOINED, /* the values are read and put together */
};

static const struct charged {
	const char *ns, *name;
	enum price price;
	xmlXPathFunction core; /* of XSLT itself; NULL: libexslt knows */
} charged[] = {
    {NULL, "format-number", LETTERS, xsltFormatNumberFunction},
    {"http://exslt.org/common", "node-set", NODES, NULL},
    {"http://exslt.org/strings", "align", TEXTS, NULL},
    {"http://exslt.org/strings", "concat", JOINED, NULL},
    {"http://exslt.org/strings", "decode-uri", TEXTS, NULL},
    {"http://exslt.org/strings", "encode-uri", TEXTS, NULL},
    {"http://exslt.org/sets", "difference", PAIRS, NULL},
    {"http://exslt.org/sets", "distinct", VALUES, NULL},
    {"http://exslt.org/sets", "has-same-node", PAIRS, NULL},
    {"http://exslt.org/sets", "intersection", PAIRS, NULL},
    {"http://exslt.org/sets", "leading", PAIRS, NULL},
    {"http://exslt.org/sets", "trailing", PAIRS, NULL},
    {"http://exslt.org/math", "abs", TEXTS, NULL},
    {"http://exslt.org/math", "acos", TEXTS, NULL},
    {"http://exslt.org/math", "asin", TEXTS, NULL},
    {"http://exslt.org/math", "atan", TEXTS, NULL},
    {"http://exslt.org/math", "atan2", TEXTS, NULL},
    {"http://exslt.org/math", "constant", TEXTS, NULL},
    {"http://exslt.org/math", "cos", TEXTS, NULL},
    {"http://exslt.org/math", "exp", TEXTS, NULL},
    {"http://exslt.org/math", "highest", VALUES, NULL},
    {"http://exslt.org/math", "log", TEXTS, NULL},
    {"http://exslt.org/math", "lowest", VALUES, NULL},
    {"http://exslt.org/math", "max", VALUES, NULL},
    {"http://exslt.org/math", "min", VALUES, NULL},
    {"http://exslt.org/math", "power", TEXTS, NULL},
    {"http://exslt.org/math", "sin", TEXTS, NULL},
    {"http://exslt.org/math", "sqrt", TEXTS, NULL},
    {"http://exslt.org/math", "tan", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "add", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "add-duration", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "date", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "day-abbreviation", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "day-in-month", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "day-in-week", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "day-in-year", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "day-name", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "day-of-week-in-month", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "difference", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "duration", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "hour-in-day", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "leap-year", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "minute-in-hour", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "month-abbreviation", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "month-in-year", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "month-name", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "second-in-minute", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "seconds", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "sum", VALUES, NULL},
    {"http://exslt.org/dates-and-times", "time", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "week-in-month", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "week-in-year", TEXTS, NULL},
    {"http://exslt.org/dates-and-times", "year", TEXTS, NULL},
};

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* What is being called stands in the context. */
static const struct charged *
find_charged(const xmlXPathContext *context)
{
	for (size_t i = 0; i < COUNT_OF(charged); i++)
		if (is_same(charged[i].name, (const char *)context->function) &&
		    is_same(charged[i].ns, (const char *)context->functionURI))
			return &charged[i];
	return NULL;
}

static bool
pay_pairs(xmlXPathParserContext *parser, int nargs)
{
	const xmlNodeSet *one, *other;
	size_t pairs;

	if (nargs != 2)
		return true; /* an error, which libexslt tells */
	one = xslnodes_of(parser->valueTab[parser->valueNr - 2]);
	other = xslnodes_of(parser->valueTab[parser->valueNr - 1]);
	if (!one || !other)
		return true;
	pairs = (size_t)one->nodeNr * (size_t)other->nodeNr;
	return xpath_func_charge(parser, pairs / XPATH_COMPARED_A_STEP);
}

static bool
pay_nodes(xmlXPathParserContext *parser)
{
	const xmlXPathObject *value = parser->value;

	if (!value || value->type != XPATH_STRING)
		return true;
	return xpath_func_make(
		   parser, strlen((const char *)value->stringval)) &&
	       xpath_func_make_nodes(parser, 2); /* a text, its document */
}

static bool
pay_letters(xmlXPathParserContext *parser, int nargs)
{
	size_t letters = 0;

	if (!xpath_func_strings(parser, nargs, true))
		return false;
	for (int i = parser->valueNr - nargs; i < parser->valueNr; i++)
		if (parser->valueTab[i]->type == XPATH_STRING)
			letters += strlen(
			    (const char *)parser->valueTab[i]->stringval);
	return xpath_func_charge(parser, letters);
}

static bool
pay(xmlXPathParserContext *parser, const struct charged *function, int nargs)
{
	switch (function->price) {
	case TEXTS:
		return xpath_func_strings(parser, nargs, true);
	case LETTERS:
		return pay_letters(parser, nargs);
	case VALUES:
	case JOINED:
		return xslnodes_pay(parser, nargs, function->price == JOINED);
	case PAIRS:
		return pay_pairs(parser, nargs);
	case NODES:
		return pay_nodes(parser);
	}
	return false;
}

static void
call(xmlXPathParserContext *parser, int nargs)
{
	const struct charged *function = find_charged(parser->context);
	xmlXPathFunction original;

	must(function);
	if (!pay(parser, function, nargs))
		return;
	original = function->core;
	if (!original)
		original = xsltExtModuleFunctionLookup(
		    BAD_CAST function->name, BAD_CAST function->ns);
	must(original);
	original(parser, nargs);
	if (parser->error || !parser->value)
		return;
	if (parser->value->type == XPATH_STRING && !parser->value->stringval)
		parser->value->stringval = xmlStrdup(BAD_CAST "");
	if (parser->value->type == XPATH_STRING)
		(void)xpath_func_make(
		    parser, strlen((const char *)parser->value->stringval));
	else
		xpath_func_count_copy(parser->context, parser->value);
}

/* ---- all of them ---- */

static void
put(struct xsl_run *run, const char *ns, const char *name,
    xmlXPathFunction function)
{
	xmlXPathContext *context = run->ctxt->xpathCtxt;

	/* One that is there is not overwritten. */
	xmlXPathRegisterFuncNS(context, BAD_CAST name, BAD_CAST ns, NULL);
	must(xmlXPathRegisterFuncNS(
		 context, BAD_CAST name, BAD_CAST ns, function) == 0);
}

void
xslexslt_register(struct xsl_run *run)
{
	static const struct {
		const char *ns, *name;
		xmlXPathFunction function;
	} own[] = {
	    {"http://exslt.org/strings", "padding", xsltext_padding},
	    {"http://exslt.org/strings", "replace", xsltext_replace},
	    {"http://exslt.org/strings", "split", xsltext_split},
	    {"http://exslt.org/strings", "tokenize", xsltext_tokenize},
	    {"http://exslt.org/dynamic", "evaluate", xsldynamic_evaluate},
	    {"http://exslt.org/dynamic", "map", xsldynamic_map},
	    {NULL, "key", xsldynamic_key},
	};

	for (size_t i = 0; i < COUNT_OF(own); i++)
		put(run, own[i].ns, own[i].name, own[i].function);
	for (size_t i = 0; i < COUNT_OF(charged); i++)
		put(run, charged[i].ns, charged[i].name, call);
}
