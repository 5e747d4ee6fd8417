/* theme/trace.c - a trace as words and as a piece of a page (contract:
 * theme/trace.h) */
#include "theme/trace.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "dom/utf8.h"

struct dress_trace *
dress_trace_new(void)
{
	return mem_new(sizeof(struct dress_trace));
}

void
dress_trace_free(struct dress_trace **trace)
{
	if (!*trace)
		return;
	arena_free(&(*trace)->arena);
	mem_free(trace);
}

const char *
dress_trace_how(const struct dress_trace *trace)
{
	switch (trace->how) {
	case DRESSED:
		return "dressed";
	case DRESSED_NOT:
		return "not dressed";
	case DRESSED_FAILED:
		return "failed";
	case DRESSED_WANTS:
		return "waits for documents";
	}
	must(!"dressed in no way");
	return NULL;
}

static const char *
term_says(const struct traced_term *term)
{
	if (term->asked == 0)
		return "unknown";
	if (term->held == 0)
		return "no";
	return term->held == term->asked ? "yes" : "at some nodes";
}

/* ---- words ---- */

static void
text_nodes(struct buf *out, const char *what, const struct traced_nodes *nodes)
{
	buf_printf(out, "    %s: %zu\n", what, nodes->count);
	for (size_t i = 0; i < nodes->shown; i++)
		buf_printf(out, "      %s\n", nodes->paths[i]);
	if (nodes->count > nodes->shown)
		buf_printf(
		    out, "      and %zu more\n", nodes->count - nodes->shown);
}

static void
text_rule(struct buf *out, const struct traced_rule *rule)
{
	buf_printf(out, "%s:%ld: %s%s%s%s%s%s%s\n", rule->source, rule->line,
	    rule->does, rule->theme ? " " : "", rule->theme ? rule->theme : "",
	    rule->content ? " " : "", rule->content ? rule->content : "",
	    rule->href ? " of " : "", rule->href ? rule->href : "");
	if (rule->runs)
		buf_printf(out, "    ran %zu time%s, %llu us\n", rule->runs,
		    rule->runs == 1 ? "" : "s",
		    (unsigned long long)rule->time_us);
	else
		buf_puts(out, "    did not run\n");
	if (rule->why)
		buf_printf(out, "    %s\n", rule->why);
	for (size_t i = 0; i < rule->terms_count; i++)
		buf_printf(out, "    %s: %s\n", rule->terms[i].text,
		    term_says(&rule->terms[i]));
	if (rule->asked_theme)
		text_nodes(out, "theme nodes", &rule->in_theme);
	if (rule->asked_content)
		text_nodes(out, "content nodes", &rule->in_content);
}

static size_t
count_ran(const struct dress_trace *trace)
{
	size_t count = 0;

	for (size_t i = 0; i < trace->rules_count; i++)
		count += trace->rules[i].runs > 0;
	return count;
}

CHECKED int
dress_trace_text(const struct dress_trace *trace, struct buf *out)
{
	for (size_t i = 0; i < trace->rules_count; i++)
		text_rule(out, &trace->rules[i]);
	if (trace->left_out)
		buf_printf(out, "and %zu more rules\n", trace->left_out);
	if (trace->classes)
		buf_printf(out, "page classes: %s\n", trace->classes);
	buf_printf(out, "%s in %llu us: %zu of %zu rules ran%s%s\n",
	    dress_trace_how(trace), (unsigned long long)trace->total_us,
	    count_ran(trace), trace->rules_count, trace->reason ? ": " : "",
	    trace->reason ? trace->reason : "");
	return out->failed ? -1 : 0;
}

/* ---- a piece of a page ---- */

/* In ASCII, whatever the charset of the page. */
static void
put_escaped(struct buf *out, const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		uint32_t code;
		unsigned len = utf8_decode(text, end, &code);

		if (len == 0 || code < ' ')
			code = '?';
		if (code > '~' || strchr("<>&\"'?", (int)code))
			buf_printf(out, "&#%u;", code);
		else
			buf_putc(out, (char)code);
		text += len ? len : 1;
	}
}

static void
html_nodes(struct buf *out, const struct traced_nodes *nodes)
{
	buf_printf(out, "%zu", nodes->count);
	for (size_t i = 0; i < nodes->shown; i++) {
		buf_puts(out, "<br><code>");
		put_escaped(out, nodes->paths[i]);
		buf_puts(out, "</code>");
	}
	if (nodes->count > nodes->shown)
		buf_puts(out, "<br>...");
}

static void
html_selector(struct buf *out, const char *typed)
{
	if (!typed)
		return;
	buf_puts(out, "<br><code>");
	put_escaped(out, typed);
	buf_puts(out, "</code>");
}

static void
html_terms(struct buf *out, const struct traced_rule *rule)
{
	for (size_t i = 0; i < rule->terms_count; i++) {
		buf_puts(out, "<code>");
		put_escaped(out, rule->terms[i].text);
		buf_printf(out, "</code>: %s<br>", term_says(&rule->terms[i]));
	}
}

static void
html_rule(struct buf *out, const struct traced_rule *rule)
{
	buf_puts(out, "<tr><td>");
	put_escaped(out, rule->source);
	buf_printf(out, ":%ld<td>%s", rule->line, rule->does);
	html_selector(out, rule->theme);
	html_selector(out, rule->content);
	html_selector(out, rule->href);
	buf_printf(out, "<td>%zu", rule->runs);
	if (rule->why) {
		buf_puts(out, "<br>");
		put_escaped(out, rule->why);
	}
	buf_puts(out, "<td>");
	html_terms(out, rule);
	buf_puts(out, "<td>");
	if (rule->asked_theme)
		html_nodes(out, &rule->in_theme);
	buf_puts(out, "<td>");
	if (rule->asked_content)
		html_nodes(out, &rule->in_content);
	buf_printf(out, "<td>%llu</tr>\n", (unsigned long long)rule->time_us);
}

CHECKED int
dress_trace_html(const struct dress_trace *trace, struct buf *out)
{
	buf_puts(out,
	    "<details id=\"livery-debug\" open style=\"all:revert;"
	    "position:relative;z-index:2147483647;clear:both;background:#fff;"
	    "color:#000;font:12px sans-serif;overflow:auto;padding:1em\">\n"
	    "<summary>livery: ");
	buf_printf(out, "%s in %llu us, %zu of %zu rules ran",
	    dress_trace_how(trace), (unsigned long long)trace->total_us,
	    count_ran(trace), trace->rules_count);
	if (trace->reason) {
		buf_puts(out, ": ");
		put_escaped(out, trace->reason);
	}
	buf_puts(out, "</summary>\n");
	if (trace->classes) {
		buf_puts(out, "<p>page classes: ");
		put_escaped(out, trace->classes);
		buf_puts(out, "</p>\n");
	}
	buf_puts(out,
	    "<table border=\"1\" style=\"all:revert;color:#000;font:12px "
	    "sans-serif\">\n<tr><th>rule<th>does<th>ran<th>conditions"
	    "<th>theme nodes<th>content nodes<th>us</tr>\n");
	for (size_t i = 0; i < trace->rules_count; i++)
		html_rule(out, &trace->rules[i]);
	buf_puts(out, "</table>\n");
	if (trace->left_out)
		buf_printf(out, "<p>and %zu more rules</p>\n", trace->left_out);
	buf_puts(out, "</details>\n");
	return out->failed ? -1 : 0;
}
