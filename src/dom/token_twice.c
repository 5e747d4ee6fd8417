/* dom/token_twice.c - of attributes with the same name the first counts
 *
 * Few are compared each with each, and most of these comparisons are saved by a
 * bit for what a name begins with and its length. Many are sorted, so that no
 * choice of names makes it slow. */
#include "dom/token_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FEW = 24 };

static bool
is_same(const struct token_attr *a, const struct token_attr *b)
{
	return a->name_len == b->name_len &&
	       memcmp(a->name, b->name, a->name_len) == 0;
}

/* Mark by name NULL. */
static void
mark_few(struct token_attr *attrs, size_t count)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		const unsigned char *name =
		    (const unsigned char *)attrs[i].name;
		uint64_t bit = UINT64_C(1)
			       << ((name[0] * 7U + attrs[i].name_len) & 63);

		for (size_t j = 0; (seen & bit) && j < i; j++) {
			if (!attrs[j].name || !is_same(&attrs[j], &attrs[i]))
				continue;
			attrs[i].name = NULL;
			break;
		}
		seen |= bit;
	}
}

/* By name, then by place. */
static int
compare(const void *left, const void *right)
{
	const struct token_attr *a = *(struct token_attr *const *)left;
	const struct token_attr *b = *(struct token_attr *const *)right;
	int order;

	if (a->name_len != b->name_len)
		return a->name_len < b->name_len ? -1 : 1;
	order = memcmp(a->name, b->name, a->name_len);
	return order ? order : a < b ? -1 : 1;
}

static void
mark_many(struct token_attr *attrs, size_t count)
{
	struct token_attr **sorted = mem_new_array(count, sizeof(*sorted));
	struct token_attr *first;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &attrs[i];
	qsort(sorted, count, sizeof(*sorted), compare);
	first = sorted[0];
	for (size_t i = 1; i < count; i++) {
		if (is_same(first, sorted[i]))
			sorted[i]->name = NULL;
		else
			first = sorted[i];
	}
	mem_free(&sorted);
}

void
token_attrs_once(struct tokenizer *tokenizer, struct token *token)
{
	struct token_attr *attrs = tokenizer->attrs;
	uint32_t count = 0;

	if (token->attrs_count <= FEW)
		mark_few(attrs, token->attrs_count);
	else
		mark_many(attrs, token->attrs_count);
	for (uint32_t i = 0; i < token->attrs_count; i++)
		if (attrs[i].name)
			attrs[count++] = attrs[i];
	token->plain &= count == token->attrs_count;
	token->attrs_count = count;
}
