/* page/made.c - answers as objects (contract: page/made.h) */
#include "page/made.h"

struct policy_answer
made_facts(const struct answer *answer)
{
	return (struct policy_answer){
	    .status = answer->status,
	    .head = &answer->head,
	    .asked_ms = answer->asked_ms,
	    .answered_ms = answer->answered_ms,
	};
}

struct body *
made_body(const struct answer *answer)
{
	size_t len = (size_t)flow_len(answer->flow);
	char *bytes = flow_flatten(answer->flow);

	return bytes ? body_new(&bytes, len) : NULL;
}

struct object *
made_of(const struct answer *answer, const struct key *key, enum kind kind,
    const char *site, struct body **body)
{
	struct object *object = object_new(key, kind, site);

	object->status = answer->status;
	head_copy(&object->head, &answer->head);
	head_drop(&object->head, "Age");
	head_drop(&object->head, "Content-Length");
	object->body = *body;
	*body = NULL;
	object->asked_ms = answer->asked_ms;
	object->answered_ms = answer->answered_ms;
	object->cost_ms = answer->cost_ms;
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	return object;
}

static void
made_free(void *made)
{
	struct object *object = made;

	object_unref(&object);
}

void
made_set(struct answer *answer, struct object **object)
{
	answer->made = *object;
	answer->made_free = made_free;
	*object = NULL;
}
