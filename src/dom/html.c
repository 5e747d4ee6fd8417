/* dom/html.c - a page from bytes to a tree
 *
 * Bytes -> UTF-8 (charset.c) -> what a tree can hold (utf8.c) -> tokens that
 * cannot be misread (scan.c) -> libxml2's HTML parser, which builds the tree
 * through the callbacks here. In compat mode libxml2 reads the page itself and
 * the scan only counts.
 *
 * The callbacks: libxml2 stops at depth 256 and loses the rest without a word
 * unless told that huge is fine, so the depth is counted here once more; and
 * text of scripts comes in pieces of 1000 bytes, each of which libxml2 would
 * append with a strlen() of all before it. */
#include "dom/html.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

#include "base/mem.h"
#include "dom/charset.h"
#include "dom/scan.h"
#include "dom/tags.h"
#include "dom/utf8.h"

enum {
	BYTES_DEFAULT = 16 * 1024 * 1024,
	DEPTH_DEFAULT = 512,
	ATTRIBUTES_DEFAULT = 1000,
	NODES_DEFAULT = 500000,
	PAGE_SIGNS_WITHIN = 65536,
	TEXT_SIGNS_WITHIN = 1024,
	STRANGE_FEW = 8
};

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
		parser->node->psvi = parser->node;
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

/* Bytes that are somebody's, or our own when they had to be changed. */
struct text {
	const char *p;
	size_t len;
	struct buf own;
};

static void
text_replace(struct text *text, struct buf *with)
{
	buf_fini(&text->own);
	text->own = *with;
	text->p = with->data ? with->data : "";
	text->len = with->len;
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

/* ---- from bytes to characters ---- */

/* Control characters show that it is an image or the like. */
static bool
is_text(const char *bytes, size_t len)
{
	size_t strange = 0;

	if (len > TEXT_SIGNS_WITHIN)
		len = TEXT_SIGNS_WITHIN;
	for (size_t i = 0; i < len; i++)
		strange += (unsigned char)bytes[i] < 0x20 &&
			   !memchr("\t\n\r\f\x1b", bytes[i], 5);
	return strange <= STRANGE_FEW + len / 8;
}

static int
convert(struct text *text, const char *charset, size_t max, struct err *err)
{
	struct buf utf8;

	buf_init(&utf8, max);
	if (charset_to_utf8(&utf8, charset, text->p, text->len, err) != 0) {
		buf_fini(&utf8);
		return -1;
	}
	text_replace(text, &utf8);
	return 0;
}

static int
clean(struct text *text, size_t max, struct err *err)
{
	struct buf cleaned;

	if (utf8_clean_len(text->p, text->len) == text->len)
		return 0;
	buf_init(&cleaned, max);
	if (utf8_add_clean(&cleaned, text->p, text->len) != 0) {
		buf_fini(&cleaned);
		return err_set(err, "the page grows past %zu bytes", max);
	}
	text_replace(text, &cleaned);
	return 0;
}

/* libxml2 ends at a NUL. */
static int
without_nul(struct text *text, struct err *err)
{
	const char *from = text->p, *end = text->p + text->len;
	struct buf kept;

	if (!memchr(from, '\0', text->len))
		return 0;
	buf_init(&kept, text->len);
	while (from < end) {
		const char *to = memchr(from, '\0', (size_t)(end - from));

		if (!to)
			to = end;
		buf_add(&kept, from, (size_t)(to - from));
		from = to + 1;
	}
	if (kept.failed) {
		buf_fini(&kept);
		return err_set(err, "no memory for the page");
	}
	text_replace(text, &kept);
	return 0;
}

/* Make UTF-8 of the text. *charset stays NULL in compat mode where nobody but
 * the page says what it is: libxml2 finds out. */
static int
decode(struct text *text, const struct html_opts *opts, const char **charset,
    size_t max, struct err *err)
{
	size_t skip;
	const char *name = charset_sniff(
	    text->p, text->len, opts->content_type, !opts->compat, &skip);

	*charset = NULL;
	text->p += skip;
	text->len -= skip;
	if (!name && opts->compat)
		return without_nul(text, err);
	*charset = "UTF-8";
	if (name && strcmp(name, "UTF-8") != 0) {
		if (convert(text, name, max, err) != 0)
			return -1;
	} else if (!is_text(text->p, text->len)) {
		return err_set(err, "the page is not text");
	}
	return clean(text, max, err);
}

/* ---- the whole ---- */

static bool
is_xhtml(const char *content_type)
{
	static const char xhtml[] = "application/xhtml+xml";

	return content_type &&
	       strncasecmp(content_type, xhtml, sizeof(xhtml) - 1) == 0;
}

static struct html_limits
limits_of(const struct html_opts *opts)
{
	struct html_limits limits = opts->limits;

	if (!limits.bytes)
		limits.bytes = BYTES_DEFAULT;
	if (!limits.depth)
		limits.depth = DEPTH_DEFAULT;
	if (!limits.attributes)
		limits.attributes = ATTRIBUTES_DEFAULT;
	if (!limits.nodes)
		limits.nodes = NODES_DEFAULT;
	return limits;
}

/* Tokens of the text in its place; only counted in compat mode. */
static int
scan(struct text *text, const struct html_opts *opts,
    const struct html_limits *limits, size_t max, struct err *err)
{
	struct scan_opts scan_opts = {
	    .depth = limits->depth,
	    .attributes = limits->attributes,
	    .nodes = limits->nodes,
	    .xhtml = is_xhtml(opts->content_type),
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
html_parse(xmlDoc **out, const char *bytes, size_t len,
    const struct html_opts *opts, struct err *err)
{
	static const struct html_opts plain;
	const struct html_opts *o = opts ? opts : &plain;
	struct html_limits limits = limits_of(o);
	/* UTF-8 of Latin-1, or quotes and angles said as references */
	size_t max = limits.bytes * 3;
	struct build build = {.opts = o, .depth = limits.depth, .err = err};
	struct text text = {.p = bytes, .len = len};
	xmlGenericErrorFunc said = xmlGenericError;
	void *said_to = xmlGenericErrorContext;
	const char *charset;
	int rc = -1;

	if (len > limits.bytes)
		return err_set(err,
		    "the page has more than %zu bytes "
		    "(html_max_bytes)",
		    limits.bytes);
	xmlInitParser();
	if (max > INT32_MAX)
		max = INT32_MAX;
	buf_init(&build.raw, max);
	xmlSetGenericErrorFunc(NULL, say_nothing);
	if (decode(&text, o, &charset, max, err) == 0 &&
	    scan(&text, o, &limits, max, err) == 0)
		rc = build_tree(out, &build, &text, charset);
	xmlSetGenericErrorFunc(said_to, said);
	buf_fini(&build.raw);
	buf_fini(&text.own);
	return rc;
}

void
html_free(xmlDoc **doc)
{
	xmlFreeDoc(*doc);
	*doc = NULL;
}

/* ---- questions ---- */

static bool
is_page_tag(const char *p, const char *end)
{
	static const char *const tags[] = {"html", "head", "body", "!doctype"};

	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		size_t len = strlen(tags[i]);

		if ((size_t)(end - p) > len + 1 &&
		    strncasecmp(p + 1, tags[i], len) == 0 &&
		    strchr(" \t\n\f\r/>", p[len + 1]) && p[len + 1])
			return true;
	}
	return false;
}

bool
html_is_page(const char *bytes, size_t len)
{
	const char *end =
	    bytes + (len < PAGE_SIGNS_WITHIN ? len : PAGE_SIGNS_WITHIN);
	const char *p = bytes;

	/* a script's answer is never in UTF-16 */
	if (len >= 2 &&
	    (memcmp(p, "\xFE\xFF", 2) == 0 || memcmp(p, "\xFF\xFE", 2) == 0))
		return true;
	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		if (is_page_tag(p, end))
			return true;
		if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
			p = memmem(p + 2, (size_t)(end - p) - 2, "-->", 3);
			if (!p)
				return false;
		}
		p++;
	}
	return false;
}

bool
html_is_void(const char *name)
{
	return tag_kind(name, strlen(name)) == TAG_VOID;
}

bool
html_is_raw_text(const char *name)
{
	enum tag_kind kind = tag_kind(name, strlen(name));

	return kind == TAG_RAW || kind == TAG_SCRIPT || kind == TAG_PLAIN;
}
