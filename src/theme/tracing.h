/* theme/tracing.h - filling a trace in: what those who dress call, when there
 * is one */
#ifndef THEME_TRACING_H
#define THEME_TRACING_H

#include <libxml/xpath.h>
#include "theme/dress.h"
#include "theme/ruleset.h"
#include "theme/trace.h"

/* Forget what was there, and make a record for each rule of the theme. */
void tracing_begin(struct dress_trace *trace, const struct theme *theme);
void tracing_end(struct dress_trace *trace, enum dressed how,
    const struct err *err, uint64_t since_us);

/* Keep the path of one more node. */
void tracing_node(
    struct arena *arena, struct traced_nodes *nodes, const xmlNode *node);

/* ---- Diazo's: only where page->trace is ---- */

/* The time since the last switch was the rule's that was at work; from now on
 * it is this one's, or nobody's (NO_RULE). */
void tracing_switch(struct page *page, uint32_t rule);
/* An operation is about to be done. */
void tracing_step(struct page *page, const struct op *op);
/* A rule took what its selector found. */
void tracing_copied(struct page *page, uint32_t rule, const xmlNodeSet *nodes);
/* What XSLT runs for the rule that is at work selects these. */
void tracing_selected(struct page *page, const xmlNodeSet *nodes);
/* A rule about content alone did its work at a node. */
void tracing_took(struct page *page, uint32_t rule, const xmlNode *node);
/* Before the page goes: what the conditions are. */
void tracing_conditions(struct page *page);

/* ---- Deliverance's: trace may be NULL ---- */

void tracing_classes(struct dress_trace *trace, const struct words *classes);
/* All actions of a rule are left out. */
void tracing_skipped(struct dress_trace *trace, const struct sequence *sequence,
    const char *why);
void tracing_condition(
    struct dress_trace *trace, const struct action *action, bool holds);
void tracing_in_theme(struct dress_trace *trace, const struct action *action,
    const struct found *found);
void tracing_in_content(struct dress_trace *trace, const struct action *action,
    const struct found *found);
/* It was done, or not; it took so long. */
void tracing_done(struct dress_trace *trace, const struct action *action,
    bool done, uint64_t since_us);
/* What the action has to say. */
void tracing_says(
    struct dress_trace *trace, const struct action *action, const char *words);

#endif
