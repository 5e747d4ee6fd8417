/* theme/print.c - a finished tree as bytes: today's HTML, or what Deliverance
 * sent through libxml2's own writers */
#include <string.h>
#include <libxml/HTMLtree.h>
#include <libxml/encoding.h>
#include <libxml/xmlIO.h>

#include "dom/html.h"
#include "theme/wardrobe.h"

static int
on_write(void *context, const char *bytes, int len)
{
	struct buf *out = context;

	return buf_add(out, bytes, (size_t)len) == 0 ? len : -1;
}

static void
write_doctype(struct buf *out, const xmlDtd *dtd)
{
	if (dtd)
		html_write(out, (const xmlNode *)dtd);
	else
		buf_puts(out,
		    "<!DOCTYPE html PUBLIC "
		    "\"-//W3C//DTD HTML 4.0 Transitional//EN\" "
		    "\"http://www.w3.org/TR/REC-html40/loose.dtd\">\n");
}

static bool
is_xhtml(const xmlDtd *dtd)
{
	return dtd && ((dtd->ExternalID &&
			   strstr((const char *)dtd->ExternalID, "XHTML")) ||
			  (dtd->SystemID &&
			      strstr((const char *)dtd->SystemID, "xhtml")));
}

/* Characters outside of ASCII are written as decimal references. */
static void
print_compat(struct buf *out, xmlDoc *page, const xmlDtd *dtd)
{
	xmlOutputBuffer *to = xmlOutputBufferCreateIO(
	    on_write, NULL, out, xmlFindCharEncodingHandler("ascii"));
	bool xhtml = is_xhtml(dtd);

	must(to);
	write_doctype(out, dtd);
	for (xmlNode *n = page->children; n; n = n->next) {
		if (n->type == XML_DTD_NODE)
			continue;
		if (xhtml)
			xmlNodeDumpOutput(to, page, n, 0, 0, NULL);
		else
			htmlNodeDumpFormatOutput(to, page, n, NULL, 0);
	}
	xmlOutputBufferWriteString(to, "\n");
	if (xmlOutputBufferClose(to) < 0)
		out->failed = true;
}

void
print_page(
    struct buf *out, const xmlDoc *page, const xmlDtd *content, bool compat)
{
	const xmlDtd *dtd = page->intSubset ? page->intSubset : content;

	if (compat) {
		print_compat(out, (xmlDoc *)page, dtd);
		return;
	}
	if (dtd)
		html_write(out, (const xmlNode *)dtd);
	for (const xmlNode *n = page->children; n; n = n->next)
		if (n->type != XML_DTD_NODE)
			html_write(out, n);
}
