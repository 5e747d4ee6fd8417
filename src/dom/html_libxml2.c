/* dom/html_libxml2.c - a page through libxml2's own HTML parser
 *
 * Bytes that are UTF-8 -> tokens that cannot be misread (scan.c) -> the parser,
 * which builds the tree through the callbacks here. In compat mode the scan
 * only counts.
 *
 * The callbacks: libxml2 stops at depth 256 and loses the rest without a word
 * unless told that huge is fine, so the depth is counted here once more; and
 * text of scripts comes in pieces of 1000 bytes, each of which libxml2 would
 * append with a strlen() of all before it. */
#include "dom/html_inside.h"

#include <string.h>
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

#include "base/mem.h"
#include "dom/node.h"
#include "dom/scan.h"
#include "dom/tags.h"

struct build {
	const struct html_opts *opts;
	size_t depth;
	bool too_deep;
	struct buf raw; /* text of the open script or style */
	struct err *err;
};

/* ---- libxml2's callbacks ---- */

static struct build *
build_of(void *parser)
{
	return ((htmlParserCtxt *)parser)->_private;
}

static void
flush_raw(htmlParserCtxt *parser)
{
	struct build *build = build_of(parser);
	xmlNode *text;
	int len;

	if (build->raw.len == 0)
		return;
	if (!build->opts->compat)
		build->raw.len = scan_real_raw(build->raw.data, build->raw.len);
	len = (int)build->raw.len;
	text = build->opts->compat ? xmlNewCDataBlock(parser->myDoc,
					 (xmlChar *)build->raw.data, len)
				   : xmlNewDocTextLen(parser->myDoc,
					 (xmlChar *)build->raw.data, len);
	must(text);
	if (parser->node)
		xmlAddChild(parser->node, text);
	else
		xmlFreeNode(text);
	buf_clear(&build->raw);
}

static void
add_attribute(htmlParserCtxt *parser, const xmlChar *name, const xmlChar *value)
{
	char room[SCAN_NAME_MAX];
	const char *real = scan_real_name((const char *)name, room);
	xmlAttr *attribute = xmlNewNsProp(
	    parser->node, NULL, real ? (const xmlChar *)real : name, NULL);

	must(attribute);
	if (!value)
		return;
	attribute->children = xmlNewDocText(parser->myDoc, value);
	must(attribute->children);
	attribute->last = attribute->children;
	attribute->children->parent = (xmlNode *)attribute;
	if (xmlIsID(parser->myDoc, parser->node, attribute) == 1)
		xmlAddID(NULL, parser->myDoc, value, attribute);
}

static void
on_start(void *data, const xmlChar *name, const xmlChar **attributes)
{
	htmlParserCtxt *parser = data;
	struct build *build = build_of(data);
	char room[SCAN_NAME_MAX];
	const char *real;

	flush_raw(parser);
	if ((size_t)parser->nodeNr >= build->depth) {
		build->too_deep = true;
		xmlStopParser(parser);
		return;
	}
	if (build->opts->compat) {
		xmlSAX2StartElement(parser, name, attributes);
		return;
	}
	xmlSAX2StartElement(parser, name, NULL);
	real = scan_real_name((const char *)name, room);
	if (real)
		xmlNodeSetName(parser->node, (const xmlChar *)real);
	/* HTML's names are disguised only where they are not HTML's */
	if (real && tag_is_of_html(real, strlen(real)))
		parser->node->extra |= NODE_SVG;
	for (size_t i = 0; attributes && attributes[i]; i += 2)
		add_attribute(parser, attributes[i], attributes[i + 1]);
}

static void
on_end(void *data, const xmlChar *name)
{
	flush_raw(data);
	xmlSAX2EndElement(data, name);
}

static void
on_raw(void *data, const xmlChar *text, int len)
{
	buf_add(&build_of(data)->raw, text, (size_t)len);
}

/* ---- parsing ---- */

static htmlParserCtxt *
parser_new(
    struct build *build, const char *bytes, size_t len, const char *charset)
{
	/* libxml2 copies the bytes */
	htmlParserCtxt *parser = htmlCreateMemoryParserCtxt(bytes, (int)len);
	xmlCharEncodingHandler *handler;

	if (!parser)
		return NULL;
	htmlCtxtUseOptions(parser,
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_NODEFDTD | HTML_PARSE_COMPACT |
		(charset ? HTML_PARSE_IGNORE_ENC : 0));
	parser->options |= XML_PARSE_HUGE; /* on_start() knows the limit */
	parser->_private = build;
	parser->sax->startElement = on_start;
	parser->sax->endElement = on_end;
	parser->sax->cdataBlock = on_raw;
	if (charset) {
		handler = xmlFindCharEncodingHandler(charset);
		must(handler);
		xmlSwitchToEncoding(parser, handler);
		parser->input->encoding = xmlStrdup((const xmlChar *)charset);
	}
	return parser;
}

static int
refuse(struct build *build)
{
	if (build->too_deep)
		return err_set(build->err,
		    "the page has elements nested more "
		    "than %zu deep (html_max_depth)",
		    build->depth);
	if (build->raw.failed)
		return err_set(build->err, "no memory for a script of the "
					   "page");
	return err_set(build->err, "the page has no element");
}

static int
build_tree(
    xmlDoc **out, struct build *build, struct text *text, const char *charset)
{
	htmlParserCtxt *parser;
	xmlDoc *doc;

	if (text->len == 0)
		return refuse(build);
	parser = parser_new(build, text->p, text->len, charset);
	buf_fini(&text->own);
	if (!parser)
		return err_set(build->err, "no memory for the page");
	htmlParseDocument(parser);
	doc = parser->myDoc;
	parser->myDoc = NULL;
	htmlFreeParserCtxt(parser);
	if (!doc || build->too_deep || build->raw.failed ||
	    !xmlDocGetRootElement(doc)) {
		xmlFreeDoc(doc);
		return refuse(build);
	}
	*out = doc;
	return 0;
}

/* ---- the whole ---- */

/* Tokens of the text in its place; only counted in compat mode. */
static int
scan(struct text *text, const struct html_opts *opts,
    const struct html_limits *limits, size_t max, struct err *err)
{
	struct scan_opts scan_opts = {
	    .depth = limits->depth,
	    .attributes = limits->attributes,
	    .nodes = limits->nodes,
	    .xhtml = text->is_xhtml,
	};
	struct buf tokens;

	if (opts->compat)
		return scan_html(NULL, text->p, text->len, &scan_opts, err);
	buf_init(&tokens, max);
	if (buf_reserve(&tokens, text->len + text->len / 8) != 0 ||
	    scan_html(&tokens, text->p, text->len, &scan_opts, err) != 0) {
		if (!tokens.data)
			err_set(err, "no memory for the page");
		buf_fini(&tokens);
		return -1;
	}
	text_replace(text, &tokens);
	return 0;
}

/* libxml2 says some things past every option and handler: to nobody. */
static void PRINTF(2, 3) say_nothing(void *data, const char *format, ...)
{
	(void)data;
	(void)format;
}

int
html_libxml2(xmlDoc **out, struct text *text, const char *charset,
    const struct html_opts *opts, const struct html_limits *limits,
    struct err *err)
{
	size_t max = limits->bytes * TEXT_GROWS;
	struct build build = {
	    .opts = opts, .depth = limits->depth, .err = err};
	xmlGenericErrorFunc said = xmlGenericError;
	void *said_to = xmlGenericErrorContext;
	int rc = -1;

	if (max > INT32_MAX)
		max = INT32_MAX;
	xmlInitParser();
	buf_init(&build.raw, max);
	xmlSetGenericErrorFunc(NULL, say_nothing);
	if (scan(text, opts, limits, max, err) == 0)
		rc = build_tree(out, &build, text, charset);
	xmlSetGenericErrorFunc(said_to, said);
	buf_fini(&build.raw);
	return rc;
}
