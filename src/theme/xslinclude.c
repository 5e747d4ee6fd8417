/* theme/xslinclude.c - <include> in a body that is XSLT */
#include "theme/body.h"
#include "theme/selector.h"
#include "theme/xslwrite.h"

static void
include_tests(struct sheet_writer *w, const struct terms *terms)
{
	buf_puts(&w->out, "<xsl:if test=\"");
	for (size_t i = 0; i < terms->count; i++) {
		const struct term *term = terms->list[i];

		buf_puts(&w->out, i ? " and " : "");
		buf_puts(&w->out, term->negate ? "not(" : "boolean(");
		if (term->kind == TERM_PATH)
			buf_printf(&w->out, SHEET_PREFIX ":path(%u)",
			    program_expr(
				w->compiler->program, term->text, true));
		else
			sheet_escaped(w, term->text);
		buf_puts(&w->out, ")");
	}
	buf_puts(&w->out, "\">");
}

static void
include_selection(
    struct sheet_writer *w, const xmlNode *node, const struct pull *pull)
{
	struct program *program = w->compiler->program;

	bool copies = pull->raw && !program->has_raw_templates;
	bool plain = !copies && !pull->mode && !pull->raw;

	if (copies)
		buf_puts(&w->out, "<" SHEET_PREFIX ":copy><xsl:copy-of");
	else
		buf_puts(&w->out,
		    plain ? "<" SHEET_PREFIX ":apply" : "<xsl:apply-templates");
	if (pull->mode || (pull->raw && !copies))
		sheet_attribute(w, "mode", pull->mode ? pull->mode : "raw");
	if (pull->href)
		buf_printf(&w->out, " select=\"" SHEET_PREFIX ":select(%u)\"",
		    program_expr_of(program, pull->content, pull->href));
	else
		sheet_attribute(w, "select", pull->content);
	sheet_end_line(w, node);
	buf_puts(&w->out, copies ? "/></" SHEET_PREFIX ":copy>" : "/>");
}

static void
include_address(struct sheet_writer *w, const struct pull *pull)
{
	struct buf address;

	buf_init(&address, SHEET_MAX);
	body_address(&address, pull);
	if (pull->method == METHOD_ESI) {
		buf_puts(&w->out, "<esi:include");
		sheet_attribute(w, "src", address.data);
		buf_puts(&w->out, "/>");
	} else {
		buf_printf(&w->out, "<xsl:comment>#include %svirtual=\"",
		    w->compiler->program->compat ? " " : "");
		sheet_escaped(w, address.data);
		buf_printf(&w->out, "\"%s</xsl:comment>",
		    pull->method == METHOD_SSIWAIT ? " wait=\"yes\"" : "");
	}
	buf_fini(&address);
}

void
sheet_include(struct sheet_writer *w, const xmlNode *node)
{
	const struct inclusion *inclusion = node->_private;

	if (inclusion->terms.count)
		include_tests(w, &inclusion->terms);
	if (inclusion->pull.method > METHOD_DOCUMENT)
		include_address(w, &inclusion->pull);
	else
		include_selection(w, node, &inclusion->pull);
	if (inclusion->terms.count)
		buf_puts(&w->out, "</xsl:if>");
}
