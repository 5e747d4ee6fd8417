/* dom/sitemap.c - libxml2's reader pulls the nodes, one after another */
#include "dom/sitemap.h"

#include <libxml/xmlreader.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"

struct reading {
	xmlTextReader *reader;
	sitemap_f told;
	void *arg;
	bool is_index; /* by its root */
	bool is_entry; /* within <url> or <sitemap> */
	bool is_loc;   /* within its <loc> */
	struct buf loc;
};

/* libxml2 would write to standard error. */
static void
on_error(void *arg, const char *message, xmlParserSeverities severity,
    xmlTextReaderLocatorPtr locator)
{
	struct err *err = arg;
	int line = xmlTextReaderLocatorLineNumber(locator);

	if (severity == XML_PARSER_SEVERITY_ERROR)
		err_set(err, "line %d: %.*s", line, (int)strcspn(message, "\n"),
		    message);
}

static bool
is_named(const struct reading *reading, const char *name)
{
	const xmlChar *here = xmlTextReaderConstLocalName(reading->reader);

	return here && strcmp((const char *)here, name) == 0;
}

static int
read_root(struct reading *reading, struct err *err)
{
	reading->is_index = is_named(reading, "sitemapindex");
	if (reading->is_index || is_named(reading, "urlset"))
		return 0;
	return err_set(err,
	    "its root is <%s>, and not <urlset> or "
	    "<sitemapindex>",
	    (const char *)xmlTextReaderConstLocalName(reading->reader));
}

/* Images and videos have a <loc> of their own, deeper or with a prefix. */
static int
on_start(struct reading *reading, struct err *err)
{
	int depth = xmlTextReaderDepth(reading->reader);
	const xmlChar *prefix = xmlTextReaderConstPrefix(reading->reader);

	if (depth >= SITEMAP_DEPTH_MAX)
		return err_set(
		    err, "elements nest deeper than %d", SITEMAP_DEPTH_MAX);
	if (depth == 0)
		return read_root(reading, err);
	if (depth == 1)
		reading->is_entry =
		    is_named(reading, reading->is_index ? "sitemap" : "url");
	if (depth != 2 || !reading->is_entry)
		return 0;
	reading->is_loc = !prefix && is_named(reading, "loc") &&
			  !xmlTextReaderIsEmptyElement(reading->reader);
	buf_clear(&reading->loc);
	return 0;
}

static int
on_text(struct reading *reading, struct err *err)
{
	const xmlChar *text = xmlTextReaderConstValue(reading->reader);

	if (!reading->is_loc || !text)
		return 0;
	if (buf_puts(&reading->loc, (const char *)text) != 0)
		return err_set(
		    err, "an address is longer than %d bytes", SITEMAP_LOC_MAX);
	return 0;
}

static int
on_end(struct reading *reading)
{
	static const char space[] = " \t\r\n";
	char *from = reading->loc.data;
	size_t len;

	if (!reading->is_loc || xmlTextReaderDepth(reading->reader) != 2)
		return 0;
	reading->is_loc = false;
	if (reading->loc.len == 0)
		return 0;
	from += strspn(from, space);
	for (len = strlen(from); len && strchr(space, from[len - 1]); len--)
		from[len - 1] = '\0';
	return len ? reading->told(reading->arg, from, reading->is_index) : 0;
}

static int
on_node(struct reading *reading, struct err *err)
{
	switch (xmlTextReaderNodeType(reading->reader)) {
	case XML_READER_TYPE_DOCUMENT_TYPE:
	case XML_READER_TYPE_ENTITY_REFERENCE:
		return err_set(err, "it has a document type: a sitemap has "
				    "none");
	case XML_READER_TYPE_ELEMENT:
		return on_start(reading, err);
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
		return on_text(reading, err);
	case XML_READER_TYPE_END_ELEMENT:
		return on_end(reading);
	default:
		return 0;
	}
}

int
sitemap_read(
    const char *bytes, size_t len, sitemap_f told, void *arg, struct err *err)
{
	struct reading reading = {.told = told, .arg = arg};
	struct err own = {{0}};
	int rc = -1, step;

	if (len > INT_MAX)
		return err_set(err, "it is too big");
	reading.reader = xmlReaderForMemory(
	    bytes, (int)len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT);
	if (!reading.reader)
		return err_set(err, "it cannot be read as XML");
	buf_init(&reading.loc, SITEMAP_LOC_MAX);
	xmlTextReaderSetErrorHandler(reading.reader, on_error, &own);
	while ((step = xmlTextReaderRead(reading.reader)) == 1)
		if (on_node(&reading, err) != 0)
			goto out;
	rc = step == 0
		 ? 0
		 : err_set(err, "%s", own.text[0] ? own.text : "it is no XML");
out:
	buf_fini(&reading.loc);
	xmlFreeTextReader(reading.reader);
	return rc;
}
