/* dom/scan_open.c - the elements that are open, as far as the scan must know
 * them, and the frame: html, head, body
 *
 * The depth counted here follows HTML's optional end tags; libxml2's own idea
 * of them differs in places, so html_libxml2.c counts again while the tree
 * grows. */
#include "dom/scan_inside.h"

#include <string.h>
#include <libxml/HTMLparser.h>

#include "dom/tags.h"

enum {
	LOOK_DOWN = 16,	  /* open inline elements that a block ends */
	TABLE_RANK = 160, /* tag_rank() of cells, rows and tables */
	MANY_LEAVES = 64, /* texts and comments in a row */
};

/* ---- limits and the open elements ---- */

int
scan_count(struct scan *scan, size_t n)
{
	scan->nodes += n;
	if (scan->nodes <= scan->opts->nodes)
		return 0;
	return err_set(scan->err,
	    "the page has more than %zu tags and texts "
	    "(html_max_nodes)",
	    scan->opts->nodes);
}

int
scan_count_leaf(struct scan *scan)
{
	return scan_count(scan, 1 + scan->leaves++ / MANY_LEAVES);
}

const struct open *
scan_top(const struct scan *scan)
{
	return scan->depth ? &scan->stack[scan->depth - 1] : NULL;
}

bool
scan_open_is(const struct open *open, const char *name)
{
	return open && strcmp(open->name, name) == 0;
}

static bool
holds_text(const char *name, size_t len)
{
	enum tag_kind kind = tag_kind(name, len);

	return kind != TAG_ORDINARY && kind != TAG_VOID;
}

bool
scan_is_foreign_now(const struct scan *scan, const char *name)
{
	const struct open *open = scan_top(scan);

	if (!open || !open->foreign)
		return false;
	if (!open->html)
		return !open->math || !scan_open_is(open, "annotation-xml") ||
		       strcmp(name, "svg") != 0;
	return open->math && !scan_open_is(open, "annotation-xml") &&
	       (strcmp(name, "mglyph") == 0 || strcmp(name, "malignmark") == 0);
}

bool
scan_is_root(const char *name)
{
	return strcmp(name, "svg") == 0 || strcmp(name, "math") == 0;
}

int
scan_push(struct scan *scan, const struct tag *tag)
{
	const char *name = tag->name;
	bool within = scan_is_foreign_now(scan, name);
	bool inherits_math = within && scan_top(scan)->math;
	struct open *open;

	if (scan->depth == scan->opts->depth)
		return err_set(scan->err,
		    "the page has elements nested more "
		    "than %zu deep (html_max_depth)",
		    scan->opts->depth);
	open = &scan->stack[scan->depth++];
	open->len =
	    (unsigned char)(tag->len < NAME_KEPT ? tag->len : NAME_KEPT - 1);
	memcpy(open->name, name, open->len);
	open->name[open->len] = '\0';
	open->foreign = within || scan_is_root(name);
	open->math = within ? inherits_math : strcmp(name, "math") == 0;
	open->html =
	    open->foreign && (tag_is_integration(name, tag->len, open->math) ||
				 (open->math && tag->says_html &&
				     strcmp(name, "annotation-xml") == 0));
	open->wall = open->foreign || tag_is_wall(name, tag->len);
	scan->foreign = scan->foreign || scan_is_root(name);
	if (within && !scan->text_only && holds_text(name, tag->len))
		scan->text_only = scan->depth;
	return 0;
}

void
scan_close_down_to(struct scan *scan, size_t depth)
{
	scan->depth = depth;
	if (scan->text_only > depth)
		scan->text_only = 0;
}

/* An end tag of a table reaches out of SVG, all others do not. */
static bool
is_of_table(const char *name, size_t len)
{
	return tag_rank(name, len) >= TABLE_RANK ||
	       strcmp(name, "caption") == 0 || strcmp(name, "template") == 0;
}

bool
scan_pop(struct scan *scan, const char *name, size_t len)
{
	unsigned rank = tag_rank(name, len);
	bool foreign = scan->depth && scan_top(scan)->foreign;
	bool walled = false;

	if (len >= NAME_KEPT)
		len = NAME_KEPT - 1;
	for (size_t i = scan->depth; i-- > 0;) {
		const struct open *open = &scan->stack[i];

		foreign = foreign && open->foreign;
		walled = walled || (open->foreign && open->html);
		if (!foreign && walled && !is_of_table(name, len))
			return false;
		if (open->len == len && memcmp(open->name, name, len) == 0 &&
		    open->foreign == foreign) {
			scan->leaves = 0;
			scan_close_down_to(scan, i);
			return true;
		}
		if (!open->foreign && tag_rank(open->name, open->len) > rank)
			return true;
	}
	return true;
}

bool
scan_closes_foreign(const struct scan *scan, const char *name, size_t len)
{
	if (len >= NAME_KEPT)
		len = NAME_KEPT - 1;
	for (size_t i = scan->depth; i-- > 0 && scan->stack[i].foreign;)
		if (scan->stack[i].len == len &&
		    memcmp(scan->stack[i].name, name, len) == 0)
			return true;
	return false;
}

void
scan_close_optional(struct scan *scan, const char *name, size_t len)
{
	bool known = htmlTagLookup((const xmlChar *)name) != NULL;
	size_t looked = 0;

	for (size_t i = scan->depth; i-- > 0 && looked++ < LOOK_DOWN;) {
		const struct open *open = &scan->stack[i];

		if (tag_closes(name, len, open->name, open->len)) {
			if (!known && scan_open_is(open, "p"))
				scan_put(scan, "</p>");
			scan_close_down_to(scan, i);
		} else if (open->wall) {
			return;
		}
	}
}

/* ---- the frame: html, head, body ---- */

bool
scan_belongs_in_head(const char *name)
{
	static const char *const names[] = {"base", "basefont", "bgsound",
	    "link", "meta", "noframes", "noscript", "script", "style",
	    "template", "title"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool
scan_is_frame(const char *name)
{
	return strcmp(name, "html") == 0 || strcmp(name, "head") == 0 ||
	       strcmp(name, "body") == 0;
}

bool
scan_is_second_frame(struct scan *scan, const char *name)
{
	bool *seen;
	bool second;

	if (*name != 'h' && *name != 'b')
		return false;
	if (strcmp(name, "html") == 0)
		seen = &scan->html;
	else if (strcmp(name, "head") == 0)
		seen = &scan->head;
	else if (strcmp(name, "body") == 0)
		seen = &scan->body;
	else
		return false;
	second = *seen || (seen != &scan->body && scan->any);
	if (seen != &scan->html)
		scan->html = true;
	if (seen == &scan->body)
		scan->head = true;
	*seen = true;
	return second;
}

void
scan_leave_head(struct scan *scan)
{
	if (!scan_open_is(scan_top(scan), "head"))
		return;
	scan_put(scan, "</head>");
	scan->depth--;
}

void
scan_imply_head(struct scan *scan)
{
	if (scan->head ||
	    (scan->depth && !scan_open_is(scan_top(scan), "html")))
		return;
	scan->head = true;
	scan_put(scan, "<head></head>");
}

int
scan_enter_body(struct scan *scan)
{
	static const struct tag body = {.name = "body", .len = 4};

	scan_leave_head(scan);
	if (scan->body ||
	    (scan->depth && !scan_open_is(scan_top(scan), "html")))
		return 0;
	scan_imply_head(scan);
	scan->html = scan->body = true;
	scan_put(scan, "<body>");
	return scan_push(scan, &body);
}
