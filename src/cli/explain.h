/* cli/explain.h - a trace as JSON, for programs that look after rules */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>
#include "theme/trace.h"

enum explain { EXPLAIN_NOT, EXPLAIN_TEXT, EXPLAIN_JSON };

/* Give a text, or null; what is no UTF-8 is "?". */
json_t *explain_text(const char *words);
/* Print a trace; JSON is an object: "result", "reason", "time_us", "rules".
 * 0 or -1: out has an error. */
CHECKED int explain_print(
    const struct dress_trace *trace, enum explain how, FILE *out);

#endif
