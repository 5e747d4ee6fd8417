/* cli/explain.c - what the rules did, as text or JSON (contract:
 * cli/explain.h) */
#include "cli/explain.h"

#include <stdlib.h>
#include <string.h>

enum { EXPLAIN_MAX = 64 * 1024 * 1024 };

/* What is no UTF-8 is none in JSON either. */
json_t *
explain_text(const char *words)
{
	json_t *value;

	if (!words)
		return json_null();
	value = json_string(words);
	return value ? value : json_string("?");
}

static json_t *
nodes_json(const struct traced_nodes *nodes)
{
	json_t *paths = json_array();

	for (size_t i = 0; i < nodes->shown; i++)
		json_array_append_new(paths, explain_text(nodes->paths[i]));
	return json_pack(
	    "{sIso}", "count", (json_int_t)nodes->count, "paths", paths);
}

/* true, false, or null: unknown, or not the same at all nodes. */
static json_t *
truth(const struct traced_term *term)
{
	if (term->asked == 0 || (term->held && term->held != term->asked))
		return json_null();
	return json_boolean(term->held > 0);
}

static json_t *
terms_json(const struct traced_rule *rule)
{
	json_t *terms = json_array();

	for (size_t i = 0; i < rule->terms_count; i++)
		json_array_append_new(
		    terms, json_pack("{sosososo}", "condition",
			       explain_text(rule->terms[i].text), "value",
			       truth(&rule->terms[i]), "asked",
			       json_integer(rule->terms[i].asked), "held",
			       json_integer(rule->terms[i].held)));
	return terms;
}

static json_t *
rule_json(const struct traced_rule *rule)
{
	json_t *object = json_object();

	json_object_set_new(object, "file", explain_text(rule->source));
	json_object_set_new(object, "line", json_integer(rule->line));
	json_object_set_new(object, "does", explain_text(rule->does));
	json_object_set_new(object, "theme", explain_text(rule->theme));
	json_object_set_new(object, "content", explain_text(rule->content));
	json_object_set_new(object, "href", explain_text(rule->href));
	json_object_set_new(object, "ran", json_boolean(rule->runs > 0));
	json_object_set_new(
	    object, "runs", json_integer((json_int_t)rule->runs));
	json_object_set_new(object, "why", explain_text(rule->why));
	json_object_set_new(object, "conditions", terms_json(rule));
	json_object_set_new(object, "theme_nodes",
	    rule->asked_theme ? nodes_json(&rule->in_theme) : json_null());
	json_object_set_new(object, "content_nodes",
	    rule->asked_content ? nodes_json(&rule->in_content) : json_null());
	json_object_set_new(
	    object, "time_us", json_integer((json_int_t)rule->time_us));
	return object;
}

static json_t *
explain_json(const struct dress_trace *trace)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < trace->rules_count; i++)
		json_array_append_new(rules, rule_json(&trace->rules[i]));
	return json_pack("{sosososIsIso}", "result",
	    explain_text(dress_trace_how(trace)), "reason",
	    explain_text(trace->reason), "classes",
	    explain_text(trace->classes), "time_us",
	    (json_int_t)trace->total_us, "left_out",
	    (json_int_t)trace->left_out, "rules", rules);
}

static int
print_json(const struct dress_trace *trace, FILE *out)
{
	json_t *object = explain_json(trace);
	int rc = json_dumpf(object, out, JSON_INDENT(2));

	json_decref(object);
	fputc('\n', out);
	return rc;
}

CHECKED int
explain_print(const struct dress_trace *trace, enum explain how, FILE *out)
{
	struct buf words;
	int rc;

	if (how == EXPLAIN_JSON)
		return print_json(trace, out);
	buf_init(&words, EXPLAIN_MAX);
	rc = dress_trace_text(trace, &words);
	if (words.len && fwrite(words.data, 1, words.len, out) != words.len)
		rc = -1;
	buf_fini(&words);
	return rc;
}
