/* cli/diff.c - Myers' greedy comparison of lines (contract: cli/diff.h)
 *
 * What both begin and end with is left out first; of what is between, the
 * shortest way of edits is looked for up to a bound, so that two pages that
 * have nothing in common cost no more than two that have. */
#include "cli/diff.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct line {
	const char *from;
	size_t len;
};

struct lines {
	struct line *list;
	size_t count, room;
};

struct diff {
	struct lines was, is;
	size_t max, seen;
	void (*told)(void *arg, char sign, const char *line);
	void *arg;
};

/* ---- lines ---- */

static void
add_line(struct lines *lines, const char *from, size_t len)
{
	while (len && strchr(" \t\r", from[0])) {
		from++;
		len--;
	}
	while (len && strchr(" \t\r", from[len - 1]))
		len--;
	if (len == 0)
		return;
	if (lines->count == lines->room) {
		lines->room = lines->room ? 2 * lines->room : 256;
		lines->list =
		    mem_resize(lines->list, lines->room * sizeof(*lines->list));
	}
	lines->list[lines->count++] = (struct line){from, len};
}

static void
split(struct lines *lines, const char *text, size_t len)
{
	const char *from = text;

	for (const char *c = text; c < text + len; c++) {
		if (*c != '\n' && (*c != '<' || c == from))
			continue;
		add_line(lines, from, (size_t)(c - from));
		from = c + (*c == '\n');
	}
	add_line(lines, from, (size_t)(text + len - from));
}

static bool
is_same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->from, b->from, a->len) == 0;
}

/* ---- telling ---- */

static void
tell(struct diff *diff, char sign, const struct line *line)
{
	char words[DIFF_LINE_MAX + 4];
	size_t n = line->len < DIFF_LINE_MAX ? line->len : DIFF_LINE_MAX;

	if (diff->seen++ >= diff->max)
		return;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line->from[i];

		words[i] = c < ' ' || c == 0x7f ? '?' : (char)c;
	}
	/* Not in the middle of a character. */
	while (n < line->len && n > 0 && (words[n - 1] & 0xc0) == 0x80)
		n--;
	if (n < line->len && n > 0 && (words[n - 1] & 0x80))
		n--;
	snprintf(
	    words + n, sizeof(words) - n, "%s", n < line->len ? "..." : "");
	diff->told(diff->arg, sign, words);
}

static void
tell_all(struct diff *diff, const struct line *was, size_t was_count,
    const struct line *is, size_t is_count)
{
	for (size_t i = 0; i < was_count; i++)
		tell(diff, '-', &was[i]);
	for (size_t i = 0; i < is_count; i++)
		tell(diff, '+', &is[i]);
}

/* ---- the shortest way ---- */

/* How far each diagonal was come in each round; row d has 2d + 1 of them. */
struct way {
	int *rows[DIFF_EDITS_MAX + 1];
	int edits; /* -1: more than the bound */
};

static int
step_at(const struct way *way, int d, int k)
{
	const int *row = way->rows[d - 1];
	int down =
	    k + 1 <= d - 1 && k + 1 >= -(d - 1) ? row[k + 1 + d - 1] : -1;
	int right =
	    k - 1 >= -(d - 1) && k - 1 <= d - 1 ? row[k - 1 + d - 1] + 1 : -1;

	return right > down ? right : down;
}

static bool
walk_round(struct way *way, int d, const struct line *a, int n,
    const struct line *b, int m)
{
	way->rows[d] = mem_new_array((size_t)(2 * d + 1), sizeof(int));
	for (int k = -d; k <= d; k += 2) {
		int x = d == 0 ? 0 : step_at(way, d, k), y = x - k;

		while (x < n && y < m && y >= 0 && is_same(&a[x], &b[y])) {
			x++;
			y++;
		}
		way->rows[d][k + d] = x;
		if (x >= n && y >= m)
			return true;
	}
	return false;
}

static void
find_way(
    struct way *way, const struct line *a, int n, const struct line *b, int m)
{
	way->edits = -1;
	for (int d = 0; d <= DIFF_EDITS_MAX; d++)
		if (walk_round(way, d, a, n, b, m)) {
			way->edits = d;
			return;
		}
}

/* From the end back: which line went or came in each round. */
static void
follow(struct diff *diff, const struct way *way, const struct line *a, int n,
    const struct line *b, int m)
{
	struct {
		char sign;
		const struct line *line;
	} edits[DIFF_EDITS_MAX];
	int x = n, y = m;

	for (int d = way->edits; d > 0; d--) {
		int k = x - y, from = step_at(way, d, k);
		const int *row = way->rows[d - 1];
		bool down = k + 1 <= d - 1 && row[k + 1 + d - 1] == from;

		edits[d - 1].sign = down ? '+' : '-';
		edits[d - 1].line = down ? &b[from - k - 1] : &a[from - 1];
		x = down ? from : from - 1;
		y = down ? from - k - 1 : from - k;
	}
	for (int d = 0; d < way->edits; d++)
		tell(diff, edits[d].sign, edits[d].line);
}

static void
compare(struct diff *diff, const struct line *a, size_t n, const struct line *b,
    size_t m)
{
	struct way way = {.edits = -1};

	if (n < 1 << 30 && m < 1 << 30)
		find_way(&way, a, (int)n, b, (int)m);
	if (way.edits >= 0)
		follow(diff, &way, a, (int)n, b, (int)m);
	else
		tell_all(diff, a, n, b, m);
	for (int d = 0; d <= DIFF_EDITS_MAX; d++)
		mem_free(&way.rows[d]);
}

size_t
diff_pages(const char *was, size_t was_len, const char *is, size_t is_len,
    size_t max, void (*told)(void *arg, char sign, const char *line), void *arg)
{
	struct diff diff = {.max = max, .told = told, .arg = arg};
	size_t from = 0, n, m;

	split(&diff.was, was, was_len);
	split(&diff.is, is, is_len);
	n = diff.was.count;
	m = diff.is.count;
	while (from < n && from < m &&
	       is_same(&diff.was.list[from], &diff.is.list[from]))
		from++;
	while (n > from && m > from &&
	       is_same(&diff.was.list[n - 1], &diff.is.list[m - 1])) {
		n--;
		m--;
	}
	if (n > from || m > from)
		compare(&diff, diff.was.list + from, n - from,
		    diff.is.list + from, m - from);
	mem_free(&diff.was.list);
	mem_free(&diff.is.list);
	return diff.seen;
}
