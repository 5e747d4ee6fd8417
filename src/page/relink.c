/* page/relink.c - a whole body with other links */
#include "page/question.h"

#include <stdlib.h>

#include "base/report.h"

/* Bytes of a page with its links rewritten. */
enum { RELINKED_MAX = 64 << 20 };

/* What is gathered is in nobody's hands yet: another body takes its place. */
static void
replace_body(struct answer *answer, const struct buf *body)
{
	static const char *const of_the_bytes[] = {
		"Content-Length", "Content-MD5", "Digest", "Content-Digest",
		"Repr-Digest", "Accept-Ranges",
	};
	struct flow *flow = flow_new(body->len + 1, true, body->len);
	size_t i;

	if (flow_write(flow, body->data, body->len) != FLOW_TOOK) {
		flow_unref(&flow);
		return;
	}
	flow_end(flow, true);
	flow_unref(&answer->flow);
	answer->flow = flow;
	answer->length = (int64_t)body->len;
	for (i = 0; i < COUNT_OF(of_the_bytes); i++)
		head_drop(&answer->head, of_the_bytes[i]);
	head_set(&answer->head, "Content-Type", "text/html; charset=utf-8");
}

/* Links of a page that takes itself for somewhere else. One that cannot be
 * parsed goes as it came. */
void
question_relink(const struct question *question, struct errand *errand,
    struct answer *answer)
{
	char *bytes = answer->flow ? flow_flatten(answer->flow) : NULL;
	struct buf out;
	struct err err;

	/* None: it passed keep_max, and is on its way. */
	if (!bytes || flow_len(answer->flow) == 0) {
		free(bytes);
		return;
	}
	buf_init(&out, RELINKED_MAX);
	if (choice_relink(&question->choice, question->site,
		&question->request, &answer->head, bytes,
		(size_t)flow_len(answer->flow), &out, &err) == 0)
		replace_body(answer, &out);
	else
		report_problem("dress", question_url(question, errand), err.text,
		    "its links as they came");
	buf_fini(&out);
	free(bytes);
}
