/* theme/xslcontent.c - the rules about content, as templates of the stylesheet
 */
#include "base/mem.h"
#include "theme/xsl.h"
#include "theme/xslwrite.h"

static void
body_of(struct sheet_writer *w, uint32_t number)
{
	const struct rule *rule = w->compiler->rule[number];

	w->drops_space = w->compiler->program->compat;
	if (rule->body)
		sheet_children(w, rule->body);
	w->drops_space = false;
}

static void
strip(struct sheet_writer *w)
{
	buf_puts(&w->out, "<" SHEET_PREFIX ":apply select=\"node()\"/>");
	if (!w->compiler->program->compat)
		buf_puts(&w->out,
		    "<xsl:copy-of select=\"self::text()|self::comment()|"
		    "self::processing-instruction()\"/>");
}

static void
replace_children(struct sheet_writer *w, const struct template *template)
{
	buf_puts(&w->out, "<xsl:choose><xsl:when test=\"self::*\"><xsl:copy>"
			  "<xsl:apply-templates select=\"@*\"/>");
	body_of(w, template->rule);
	buf_puts(&w->out, "</xsl:copy></xsl:when><xsl:otherwise>"
			  "<xsl:copy-of select=\".\"/></xsl:otherwise>"
			  "</xsl:choose>");
}

static const char *const phase_names[PHASES] = {
    [PHASE_BEFORE] = "before",
    [PHASE_REPLACE] = "replace",
    [PHASE_PREPEND] = "prepend",
    [PHASE_APPEND] = "append",
    [PHASE_AFTER] = "after",
};

static void
phase_bodies(struct sheet_writer *w, const struct phase_body *bodies)
{
	for (const struct phase_body *b = bodies; b; b = b->next) {
		bool test = b->condition != NO_CONDITION;

		if (test)
			buf_printf(&w->out,
			    "<xsl:if test=\"" SHEET_PREFIX ":holds(%u)\">",
			    b->condition);
		body_of(w, b->rule);
		if (test)
			buf_puts(&w->out, "</xsl:if>");
	}
}

/* The first replace that holds; else all that always do; else a copy. */
static void
phase_replace(struct sheet_writer *w, const struct phase_body *bodies)
{
	bool always = false, tests = false;

	for (const struct phase_body *b = bodies; b; b = b->next) {
		always |= b->condition == NO_CONDITION;
		if (b->condition == NO_CONDITION)
			continue;
		if (!tests)
			buf_puts(&w->out, "<xsl:choose>");
		tests = true;
		buf_printf(&w->out,
		    "<xsl:when test=\"" SHEET_PREFIX ":holds(%u)\">",
		    b->condition);
		body_of(w, b->rule);
		buf_puts(&w->out, "</xsl:when>");
	}
	if (tests)
		buf_puts(&w->out, "<xsl:otherwise>");
	for (const struct phase_body *b = bodies; b; b = b->next)
		if (b->condition == NO_CONDITION)
			body_of(w, b->rule);
	if (!always)
		buf_puts(&w->out,
		    "<xsl:call-template name=\"" SHEET_PREFIX ":copy\"/>");
	if (tests)
		buf_puts(&w->out, "</xsl:otherwise></xsl:choose>");
}

/* One phase: the bodies of the rule that has it for this node. */
static void
phase_template(struct sheet_writer *w, enum phase phase)
{
	const struct program *program = w->compiler->program;

	buf_printf(&w->out,
	    "<xsl:template name=\"" SHEET_PREFIX ":%s\">"
	    "<xsl:variable name=\"" SHEET_PREFIX ":t\" select=\"" SHEET_PREFIX
	    ":phase(%d)\"/><xsl:choose><xsl:when test=\"false()\"/>",
	    phase_names[phase], (int)phase);
	for (size_t i = 0; i < program->templates_count; i++) {
		const struct phase_body *bodies =
		    program->templates[i].phases[phase];

		if (!bodies)
			continue;
		buf_printf(&w->out,
		    "<xsl:when test=\"$" SHEET_PREFIX ":t = %zu\">", i);
		if (phase == PHASE_REPLACE)
			phase_replace(w, bodies);
		else
			phase_bodies(w, bodies);
		buf_puts(&w->out, "</xsl:when>");
	}
	buf_puts(&w->out,
	    phase == PHASE_REPLACE
		? "<xsl:otherwise><xsl:call-template name=\"" SHEET_PREFIX
		  ":copy\"/></xsl:otherwise>"
		: "<xsl:otherwise/>");
	buf_puts(&w->out, "</xsl:choose></xsl:template>");
}

static void
content_rule(struct sheet_writer *w, const struct template *template)
{
	switch (template->kind) {
	case TEMPLATE_STRIP:
		strip(w);
		break;
	case TEMPLATE_PHASES:
		buf_puts(&w->out,
		    "<xsl:call-template name=\"" SHEET_PREFIX ":phases\"/>");
		break;
	case TEMPLATE_REPLACE_CHILDREN:
		replace_children(w, template);
		break;
	case TEMPLATE_DROP:
	case TEMPLATE_XSL:
		break;
	}
}

/* All rules about content in one template: the program knows which of them
 * has a node. (As patterns of their own, libxslt would count siblings for each
 * predicate at each node, which takes the square of their number.) */
void
sheet_content_rules(struct sheet_writer *w)
{
	const struct program *program = w->compiler->program;

	buf_puts(&w->out,
	    "<xsl:template priority=\"1000000000\" match=\""
	    "node()[" SHEET_PREFIX ":rule() &gt;= 0]|@*[" SHEET_PREFIX
	    ":rule() &gt;= 0]\"><xsl:variable name=\"" SHEET_PREFIX
	    ":t\" select=\"" SHEET_PREFIX ":rule()\"/><xsl:choose>");
	for (size_t i = 0; i < program->templates_count; i++) {
		if (program->templates[i].kind == TEMPLATE_XSL)
			continue;
		buf_printf(&w->out,
		    "<xsl:when test=\"$" SHEET_PREFIX ":t = %zu\">"
		    "<xsl:call-template name=\"" SHEET_PREFIX
		    ":c%zu\"/></xsl:when>",
		    i, i);
	}
	buf_puts(&w->out, "<xsl:otherwise/></xsl:choose></xsl:template>");
	for (size_t i = 0; i < program->templates_count; i++) {
		if (program->templates[i].kind == TEMPLATE_XSL)
			continue;
		buf_printf(&w->out,
		    "<xsl:template name=\"" SHEET_PREFIX ":c%zu\" " SHEET_PREFIX
		    ":rule=\"%zu\">",
		    i, i);
		content_rule(w, &program->templates[i]);
		buf_puts(&w->out, "</xsl:template>");
	}
	for (int phase = 0; phase < PHASES; phase++)
		phase_template(w, (enum phase)phase);
}
