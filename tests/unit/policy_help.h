/* tests/unit/policy_help.h - what the tests of cache/policy.h share: a moment,
 * and heads written as text */
#ifndef POLICY_HELP_H
#define POLICY_HELP_H

#include <string.h>

#include "cache/policy.h"

#define NOW_MS 1700000000000LL /* Tue, 14 Nov 2023 22:13:20 GMT */
#define DATE   "Date: Tue, 14 Nov 2023 22:13:20 GMT\n"
#define DAY    86400000LL

static const struct policy_opts plain = {.stale_max_ms = 7 * DAY};

/* More "Name: value\n" lines into a head. */
static inline void
read_more_lines(struct head *head, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		const char *colon = memchr(lines, ':', len);

		head_add_n(head, lines, (size_t)(colon - lines), colon + 2,
		    (size_t)(lines + len - colon - 2));
		lines += len + 1;
	}
}

static inline void
read_lines(struct head *head, struct arena *arena, const char *lines)
{
	head_init(head, arena);
	read_more_lines(head, lines);
}

#endif
