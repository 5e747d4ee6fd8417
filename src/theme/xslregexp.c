/* theme/xslregexp.c - EXSLT's regular expressions (regexp:test, regexp:match,
 * regexp:replace), which libexslt has not, on PCRE2
 *
 * http://exslt.org/regular-expressions: flags are "i" (case is ignored) and
 * "g" (all matches, not the first). A match may cost so much (base/regex.h);
 * over that the page's dressing fails, rather than going on with a guess. */
#include <string.h>
#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/variables.h>
#include <libxslt/xsltutils.h>

#include "base/mem.h"
#include "base/regex.h"
#include "dom/xpath_func.h"
#include "theme/xslrun.h"

#define REGEXP_NS "http://exslt.org/regular-expressions"

enum {
	SPANS_MAX = 32,
	PATTERN_MAX = 64 * 1024, /* bytes */
	A_FIND = 20,		 /* steps, beside those of the match */
	A_PATTERN = 100,	 /* steps, when it is new */
};

/* The arguments of a call. */
struct call {
	xmlXPathParserContext *parser;
	struct xsl_run *run;
	char *text, *pattern, *flags, *replacement;
	bool all;
	size_t len; /* of text */
	const struct regex *regex;
};

static const struct regex *
find_regex(
    struct call *call, const char *pattern, bool ignore_case, struct err *err)
{
	struct xsl_shop *shop = call->run->page->shop;
	struct xsl_regex *made;
	struct regex *regex = NULL;
	size_t len = strlen(pattern);

	for (size_t i = 0; i < shop->regexes_count; i++)
		if (shop->regexes[i].ignore_case == ignore_case &&
		    strcmp(shop->regexes[i].pattern, pattern) == 0)
			return shop->regexes[i].regex;
	if (len > PATTERN_MAX) {
		err_set(err, "a regular expression of %zu bytes; at most %d",
		    len, PATTERN_MAX);
		return NULL;
	}
	if (!xpath_func_charge(call->parser, A_PATTERN + len))
		return NULL;
	if (regex_new_utf8(&regex, pattern, ignore_case, err) != 0)
		return NULL;
	if (shop->regexes_count == XSL_REGEX_MAX)
		xslregexp_free(shop);
	made = &shop->regexes[shop->regexes_count++];
	made->pattern = mem_strdup(pattern);
	made->ignore_case = ignore_case;
	made->regex = regex;
	return regex;
}

void
xslregexp_free(struct xsl_shop *shop)
{
	for (size_t i = 0; i < shop->regexes_count; i++) {
		mem_free(&shop->regexes[i].pattern);
		regex_free(&shop->regexes[i].regex);
	}
	shop->regexes_count = 0;
}

static void
failed(struct call *call, const char *words)
{
	xsl_fail(call->run, "%s", words);
	xmlXPathSetError(call->parser, XPATH_EXPR_ERROR);
}

static char *
pop_string(xmlXPathParserContext *ctxt)
{
	xmlChar *popped = xmlXPathPopString(ctxt);
	char *text = mem_strdup(popped ? (char *)popped : "");

	xmlFree(popped);
	return text;
}

static void
call_fini(struct call *call)
{
	mem_free(&call->text);
	mem_free(&call->pattern);
	mem_free(&call->flags);
	mem_free(&call->replacement);
}

/* text, pattern, flags?, replacement: as many as there are. */
static int
call_init(struct call *call, xmlXPathParserContext *ctxt, int count)
{
	struct err err;

	memset(call, 0, sizeof(*call));
	call->parser = ctxt;
	call->run = xsltXPathGetTransformContext(ctxt)->_private;
	if (!xpath_func_strings(ctxt, count, false))
		return -1;
	if (count == 4)
		call->replacement = pop_string(ctxt);
	call->flags = count >= 3 ? pop_string(ctxt) : mem_strdup("");
	call->pattern = pop_string(ctxt);
	call->text = pop_string(ctxt);
	call->len = strlen(call->text);
	if (ctxt->error)
		return -1;
	call->all = strchr(call->flags, 'g') != NULL;
	call->regex = find_regex(
	    call, call->pattern, strchr(call->flags, 'i') != NULL, &err);
	if (call->regex)
		return 0;
	if (!ctxt->error) /* else it was that it costs too much */
		failed(call, err.text);
	return -1;
}

/* Spans found, 0, or -1 with the page's reason. */
static int
find(struct call *call, size_t from, struct regex_span *spans)
{
	xmlXPathContext *context = call->parser->context;
	size_t left, steps;
	int count;

	if (!xpath_func_charge(call->parser, A_FIND))
		return -1;
	left = context->opLimit - context->opCount;
	steps = left;
	count = regex_find(
	    call->regex, call->text, call->len, from, spans, SPANS_MAX, &steps);
	(void)xpath_func_charge(call->parser, left - steps);
	if (count < 0)
		failed(call,
		    "a regular expression costs too much here; one in which "
		    "fewer parts may repeat, or a shorter text, costs less");
	return count;
}

/* Past a match; past one character when it is empty. */
static size_t
behind(const char *text, const struct regex_span *match)
{
	size_t at = match->to;

	if (match->to > match->from || !text[at])
		return at > match->from || text[at] ? at : at + 1;
	at++;
	while (((unsigned char)text[at] & 0xC0) == 0x80)
		at++;
	return at;
}

/* ---- test ---- */

static void
test(xmlXPathParserContext *ctxt, int nargs)
{
	struct regex_span spans[SPANS_MAX];
	struct call call;
	int count;

	if (nargs < 2 || nargs > 3) {
		xmlXPathSetArityError(ctxt);
		return;
	}
	if (call_init(&call, ctxt, nargs) == 0) {
		count = find(&call, 0, spans);
		if (count >= 0)
			valuePush(ctxt, xmlXPathNewBoolean(count > 0));
	}
	call_fini(&call);
}

/* ---- match ---- */

static int
add_match(struct call *call, xmlDoc *tree, xmlNodeSet *set,
    const struct regex_span *span)
{
	bool is_there = span->from != SIZE_MAX;
	size_t len = is_there ? span->to - span->from : 0;
	xmlNode *node, *text;

	if (!xpath_func_make_nodes(call->parser, 2) ||
	    !xpath_func_make(call->parser, len))
		return -1;
	node = xmlNewDocNode(tree, NULL, BAD_CAST "match", NULL);
	text = xmlNewTextLen(
	    BAD_CAST(is_there ? call->text + span->from : ""), (int)len);
	must(node && text);
	must(xmlAddChild(node, text));
	must(xmlAddChild((xmlNode *)tree, node));
	/* It is new, so it is not looked for in the set. */
	must(xmlXPathNodeSetAddUnique(set, node) == 0);
	return 0;
}

static int
match_all_of(struct call *call, xmlDoc *tree, xmlNodeSet *set)
{
	struct regex_span spans[SPANS_MAX];
	size_t from = 0;
	int count = 1;

	while (from <= call->len && (count = find(call, from, spans)) > 0) {
		if (add_match(call, tree, set, &spans[0]) != 0)
			return -1;
		from = behind(call->text, &spans[0]);
	}
	return count < 0 ? -1 : 0;
}

/* The first match, and its groups. */
static int
match_one(struct call *call, xmlDoc *tree, xmlNodeSet *set)
{
	struct regex_span spans[SPANS_MAX];
	int count = find(call, 0, spans);

	for (int i = 0; i < count; i++)
		if (add_match(call, tree, set, &spans[i]) != 0)
			return -1;
	return count < 0 ? -1 : 0;
}

static void
match(xmlXPathParserContext *ctxt, int nargs)
{
	xmlXPathObject *object;
	struct call call;
	xmlDoc *tree;
	int rc;

	if (nargs < 2 || nargs > 3) {
		xmlXPathSetArityError(ctxt);
		return;
	}
	if (call_init(&call, ctxt, nargs) == 0) {
		(void)xpath_func_make_nodes(ctxt, 1);
		tree = xsltCreateRVT(call.run->ctxt);
		must(tree);
		must(xsltRegisterLocalRVT(call.run->ctxt, tree) == 0);
		object = xmlXPathNewNodeSet(NULL);
		rc = call.all ? match_all_of(&call, tree, object->nodesetval)
			      : match_one(&call, tree, object->nodesetval);
		if (rc == 0)
			valuePush(ctxt, object);
		else
			xmlXPathFreeObject(object);
	}
	call_fini(&call);
}

/* ---- replace ---- */

/* $1 or \1 is a group, $& or $0 all of the match, $$ a dollar. */
static void
add_replacement(struct buf *out, const struct call *call,
    const struct regex_span *spans, int count)
{
	for (const char *p = call->replacement; *p && !out->failed; p++) {
		int group = -1;

		if ((*p == '$' || *p == '\\') && p[1] >= '0' && p[1] <= '9')
			group = p[1] - '0';
		else if (p[0] == '$' && p[1] == '&')
			group = 0;
		if (group < 0) {
			buf_putc(out, *p);
			if (p[0] == '$' && p[1] == '$')
				p++;
			continue;
		}
		p++;
		if (group < count && spans[group].from != SIZE_MAX)
			buf_add(out, call->text + spans[group].from,
			    spans[group].to - spans[group].from);
	}
}

static int
replace_in(struct call *call, struct buf *out)
{
	struct regex_span spans[SPANS_MAX];
	size_t len = call->len, from = 0, written = 0;
	int count = 1;

	while (from <= len && !out->failed &&
	       (count = find(call, from, spans)) > 0) {
		buf_add(out, call->text + written, spans[0].from - written);
		add_replacement(out, call, spans, count);
		written = spans[0].to;
		from = behind(call->text, &spans[0]);
		if (!call->all)
			break;
	}
	if (count < 0)
		return -1;
	buf_add(out, call->text + written, len - written);
	return 0;
}

static void
replace(xmlXPathParserContext *ctxt, int nargs)
{
	struct call call;
	struct buf out;

	CHECK_ARITY(4);
	buf_init(&out, XPATH_TEXT_MAX);
	if (call_init(&call, ctxt, nargs) == 0 &&
	    replace_in(&call, &out) == 0) {
		if (out.failed)
			failed(&call, "regexp:replace() makes too long a text");
		else if (xpath_func_make(ctxt, out.len))
			valuePush(
			    ctxt, xmlXPathNewCString(out.data ? out.data : ""));
	}
	call_fini(&call);
	buf_fini(&out);
}

void
xslregexp_register(struct xsl_run *run)
{
	must(xsltRegisterExtFunction(
		 run->ctxt, BAD_CAST "test", BAD_CAST REGEXP_NS, test) == 0);
	must(xsltRegisterExtFunction(
		 run->ctxt, BAD_CAST "match", BAD_CAST REGEXP_NS, match) == 0);
	must(xsltRegisterExtFunction(run->ctxt, BAD_CAST "replace",
		 BAD_CAST REGEXP_NS, replace) == 0);
}
