/* http/accept.c - codings and their weights */
#include "http/accept.h"

#include <string.h>

#include "http/head.h"

enum { WEIGHT_MOST = 1000, WEIGHT_LAST = 1 };

static struct slice
trim(struct slice text)
{
	while (text.len > 0 && (*text.from == ' ' || *text.from == '\t')) {
		text.from++;
		text.len--;
	}
	while (text.len > 0 && (text.from[text.len - 1] == ' ' ||
				   text.from[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* 0, 1, 0.123, 1.000 (RFC 9110 12.4.2) in thousandths; 0 when it is none. */
static unsigned
read_weight(struct slice q)
{
	unsigned weight, unit = WEIGHT_MOST / 10;
	size_t i;

	if (q.len == 0 || q.len > 5 || (q.from[0] != '0' && q.from[0] != '1') ||
	    (q.len > 1 && q.from[1] != '.'))
		return 0;
	weight = q.from[0] == '1' ? WEIGHT_MOST : 0;
	for (i = 2; i < q.len; i++, unit /= 10) {
		if (q.from[i] < '0' || q.from[i] > '9')
			return 0;
		weight += unit * (unsigned)(q.from[i] - '0');
	}
	return weight > WEIGHT_MOST ? 0 : weight;
}

/* Read "coding;q=0.5"; without q it is 1. */
static unsigned
read_item(struct slice item, struct slice *name)
{
	const char *semicolon = memchr(item.from, ';', item.len);
	struct slice rest;

	*name = item;
	if (!semicolon)
		return WEIGHT_MOST;
	name->len = (size_t)(semicolon - item.from);
	*name = trim(*name);
	rest.from = semicolon + 1;
	rest.len = (size_t)(item.from + item.len - rest.from);
	rest = trim(rest);
	if (rest.len < 2 || (rest.from[0] != 'q' && rest.from[0] != 'Q') ||
	    rest.from[1] != '=')
		return 0;
	return read_weight((struct slice){rest.from + 2, rest.len - 2});
}

void
accept_read(struct accept *out, const char *value)
{
	bool named[PACKINGS] = {false}, has_others = false;
	unsigned others = 0, weight, i;
	enum packing packing;
	struct slice item, name;

	memset(out, 0, sizeof(*out));
	while (value && list_next(&value, &item)) {
		weight = read_item(item, &name);
		if (slice_is(name, "*") && !has_others) {
			has_others = true;
			others = weight;
		}
		packing = packing_find(name);
		if (packing == PACKINGS || named[packing])
			continue;
		named[packing] = true;
		out->weight[packing] = (uint16_t)weight;
	}
	for (i = 0; i < PACKINGS; i++)
		if (!named[i])
			out->weight[i] = (uint16_t)others;
	if (!named[PACKING_NONE] && !has_others)
		out->weight[PACKING_NONE] = WEIGHT_LAST;
}

enum packing
accept_best(const struct accept *accept, const uint8_t *order, unsigned count,
    unsigned among)
{
	enum packing best = PACKING_NONE;
	unsigned most = 0, i;

	for (i = 0; i < count; i++) {
		unsigned weight = accept->weight[order[i]];

		if (!(among & 1u << order[i]) || weight <= most ||
		    weight < accept->weight[PACKING_NONE])
			continue;
		best = order[i];
		most = weight;
	}
	return best;
}
