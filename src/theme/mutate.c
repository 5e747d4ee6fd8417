/* theme/mutate.c - what each action does to which kind of selection (contract:
 * theme/mutate.h) */
#include "theme/work.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dom/charset.h"
#include "dom/html.h"
#include "theme/dress.h"
#include "theme/markup.h"
#include "theme/tracing.h"

enum { SCRATCH_ARENA = 4096 };

void
stage_fini(struct stage *stage)
{
	tree_bin_fini(&stage->bin);
	html_free(&stage->theme);
	html_free(&stage->content);
}

CHECKED int
stage_parse(xmlDoc **out, struct stage *stage, const char *bytes, size_t len,
    const char *content_type, struct err *err)
{
	struct html_opts opts = {
	    .content_type = content_type,
	    .compat = stage->compat,
	    .parser = stage->parser,
	    .editable = true,
	    .limits = dress_limits(stage->ask),
	};
	size_t skip;

	if (!charset_sniff(bytes, len, content_type, true, &skip))
		opts.content_type = "text/html; charset=utf-8";
	if (html_parse(out, bytes, len, &opts, err) != 0)
		return -1;
	if (stage->compat)
		markup_unix_lines(*out);
	return 0;
}

void
stage_tell(
    struct stage *stage, const struct action *action, const char *format, ...)
{
	va_list args;
	char *words;

	va_start(args, format);
	words = arena_vprintf(stage->arena, format, args);
	va_end(args);
	tracing_says(stage->ask->trace, action, words);
	words_add(stage->arena, &stage->told,
	    arena_printf(stage->arena, "%s:%ld: %s", action->source->name,
		action->line, words));
}

static enum mutated
failed(struct work *work)
{
	err_prefix(work->stage->err, "%s:%ld", work->action->source->name,
	    work->action->line);
	return MUTATED_FAILED;
}

static void
trace_found(const struct work *work, const struct found *found, bool in_theme)
{
	struct dress_trace *trace = work->stage->ask->trace;

	if (trace && in_theme)
		tracing_in_theme(trace, work->action, found);
	else if (trace)
		tracing_in_content(trace, work->action, found);
}

/* ---- nothing, and too much ---- */

static enum mutated
nothing(struct work *work, const struct handling *handling,
    const struct selection *selection, const char *where)
{
	if (handling->how != HANDLE_IGNORE)
		stage_tell(work->stage, work->action,
		    "%s finds nothing in %s%s", selection->typed, where,
		    handling->how == HANDLE_ABORT ? ", so the page stays as "
						    "it came"
						  : "");
	return handling->how == HANDLE_ABORT ? MUTATED_ABORT : MUTATED;
}

enum mutated
work_pick(struct work *work, const struct found *found,
    const struct handling *handling, const struct selection *selection,
    xmlNode **out)
{
	*out = found->nodes[handling->takes_last ? found->count - 1 : 0];
	if (found->count == 1 || handling->how == HANDLE_IGNORE)
		return MUTATED;
	stage_tell(work->stage, work->action, "%s finds %zu elements%s%s",
	    selection->typed, found->count,
	    handling->how == HANDLE_ABORT ? ", so the page stays as it came"
					  : "; the ",
	    handling->how == HANDLE_ABORT ? ""
	    : handling->takes_last	  ? "last counts"
					  : "first counts");
	return handling->how == HANDLE_ABORT ? MUTATED_ABORT : MUTATED;
}

/* ---- pieces that come in ---- */

struct pieces {
	xmlNode **nodes;
	size_t count;
};

static size_t
count_children(const xmlNode *node)
{
	size_t count = 0;

	for (const xmlNode *c = node->children; c; c = c->next)
		count++;
	return count;
}

/* The nodes that were selected, before any of them moves. */
static void
list_pieces(struct work *work, struct pieces *out)
{
	const struct found *found = &work->found;
	bool inside = found->by->selects == SELECTS_CHILDREN;
	size_t room = 0;

	for (size_t i = 0; i < found->count; i++)
		room += inside ? count_children(found->nodes[i]) : 1;
	out->nodes = arena_get(work->scratch, (room + 1) * sizeof(*out->nodes));
	out->count = 0;
	for (size_t i = 0; i < found->count; i++) {
		if (!inside) {
			out->nodes[out->count++] = found->nodes[i];
			continue;
		}
		for (xmlNode *c = found->nodes[i]->children; c; c = c->next)
			out->nodes[out->count++] = c;
	}
}

/* The text of a node, without scripts and styles: what a title has room for. */
static void
add_words(struct buf *out, xmlNode *node)
{
	const xmlNode *end = markup_past(node);

	if (markup_is_text(node)) {
		buf_puts(out, node->content ? (char *)node->content : "");
		return;
	}
	if (node->type != XML_ELEMENT_NODE)
		return;
	for (xmlNode *n = node; n && n != end; n = markup_following(n))
		if (markup_is_text(n) && n->content &&
		    !markup_is_verbatim(n->parent))
			buf_puts(out, (const char *)n->content);
}

/* The node as a text for an element that holds only text. NULL: too big. */
static xmlNode *
as_text(struct work *work, xmlNode *node, enum room room)
{
	struct tree_budget *budget = &work->stage->budget;
	xmlNode *text = NULL;
	struct buf words;

	buf_init(&words, budget->bytes);
	if (room == ROOM_RAW)
		markup_write_raw(&words, node);
	else
		add_words(&words, node);
	if (!words.failed && budget->nodes > 0) {
		text = tree_new_text(node->doc, words.data ? words.data : "");
		budget->nodes--;
		budget->bytes -= words.len;
	}
	buf_fini(&words);
	return text;
}

/* Where not all browsers read alike, what they would is markup as anywhere. */
static enum room
room_for(const xmlNode *node, enum room room)
{
	switch (room) {
	case ROOM_GUARDED:
		return html_reads_alike(node) ? ROOM_MARKUP : ROOM_WORDS;
	case ROOM_TABLE:
		return html_reads_alike_in_table(node) ? ROOM_MARKUP
						       : ROOM_WORDS;
	default:
		return room;
	}
}

/* The node that stands for one piece, out of any tree; NULL: over budget. */
static xmlNode *
take(struct work *work, xmlNode *node, enum room room)
{
	xmlNode *text;

	/* A CDATA node is a script's text, which is other text elsewhere. */
	if (room == ROOM_MARKUP && node->type == XML_CDATA_SECTION_NODE) {
		text = as_text(work, node, ROOM_WORDS);
	} else if (room != ROOM_MARKUP) {
		text = as_text(work, node, room);
	} else if (work->action->moves) {
		tree_cut(node);
		return node;
	} else {
		return tree_copy(
		    work->stage->theme, node, &work->stage->budget);
	}
	if (text && work->action->moves)
		tree_drop(&work->stage->bin, node);
	return text;
}

/* ---- elements and children ---- */

struct spot {
	xmlNode *parent, *before;
};

/* Directly behind the element; the reference's code: behind the text that
 * follows it, too. */
static xmlNode *
behind(const struct work *work)
{
	xmlNode *next = work->target->next;

	while (work->stage->compat && next && markup_is_text(next))
		next = next->next;
	return next;
}

static struct spot
spot_of(const struct work *work)
{
	xmlNode *target = work->target;
	bool inside = work->theme.by->selects == SELECTS_CHILDREN;

	switch (work->action->act) {
	case ACT_APPEND:
		return inside ? (struct spot){target, NULL}
			      : (struct spot){target->parent, behind(work)};
	case ACT_PREPEND:
		return inside ? (struct spot){target, target->children}
			      : (struct spot){target->parent, target};
	default:
		return inside ? (struct spot){target, NULL}
			      : (struct spot){target->parent, target};
	}
}

/* A document has one element. */
static bool
fits_beside_root(const struct work *work, const struct pieces *pieces)
{
	return work->target->parent->type == XML_ELEMENT_NODE ||
	       work->theme.by->selects == SELECTS_CHILDREN ||
	       (work->action->act == ACT_REPLACE && pieces->count == 1 &&
		   pieces->nodes[0]->type == XML_ELEMENT_NODE);
}

static void
empty(struct stage *stage, xmlNode *element)
{
	while (element->children)
		tree_drop(&stage->bin, element->children);
}

static enum mutated
bring(struct work *work)
{
	struct pieces pieces;
	struct spot spot;
	enum room room;

	list_pieces(work, &pieces);
	if (!fits_beside_root(work, &pieces)) {
		stage_tell(work->stage, work->action,
		    "%s is the whole page: only one element can take its place",
		    work->action->theme->typed);
		return MUTATED;
	}
	if (work->action->act == ACT_REPLACE &&
	    work->theme.by->selects == SELECTS_CHILDREN)
		empty(work->stage, work->target);
	spot = spot_of(work);
	room = markup_room_within(spot.parent, NULL);
	for (size_t i = 0; i < pieces.count; i++) {
		xmlNode *node = take(
		    work, pieces.nodes[i], room_for(pieces.nodes[i], room));

		if (!node) {
			err_set(work->stage->err,
			    "more than %d nodes, or bytes than the page may "
			    "have, are copied",
			    COPIED_NODES_MAX);
			return failed(work);
		}
		tree_put(spot.parent, spot.before, node);
	}
	if (work->action->act == ACT_REPLACE &&
	    work->theme.by->selects == SELECTS_ELEMENTS)
		tree_drop(&work->stage->bin, work->target);
	return MUTATED;
}

/* ---- drop ---- */

/* The tag goes, what is inside stays. */
static void
unwrap(struct stage *stage, xmlNode *element)
{
	xmlNode *child;

	while ((child = element->children) != NULL) {
		xmlNode *node = child;

		if (child->type == XML_CDATA_SECTION_NODE) {
			node = tree_new_text(child->doc,
			    child->content ? (char *)child->content : "");
			node->_private = child->_private;
			tree_drop(&stage->bin, child);
		} else {
			tree_cut(child);
		}
		tree_put(element->parent, element, node);
	}
	tree_drop(&stage->bin, element);
}

static void
drop_one(struct work *work, const struct selection *selection,
    const struct alternative_path *by, xmlNode *node)
{
	struct stage *stage = work->stage;
	bool is_root = !node->parent || node->parent->type != XML_ELEMENT_NODE;

	if (by->selects == SELECTS_CHILDREN) {
		empty(stage, node);
	} else if (by->selects == SELECTS_ATTRIBUTES) {
		work_drop_attributes(node, &by->names);
	} else if (is_root && node->type == XML_ELEMENT_NODE &&
		   (node->doc == stage->theme || by->selects == SELECTS_TAG)) {
		stage_tell(stage, work->action,
		    "%s is the whole page, so it stays", selection->typed);
	} else if (by->selects == SELECTS_TAG) {
		unwrap(stage, node);
	} else {
		tree_drop(&stage->bin, node);
	}
}

static bool
is_own(const xmlNode *node)
{
	return !tree_is_marked(node);
}

static enum mutated
drop_from(struct work *work, const struct selection *selection, xmlDoc *doc,
    const struct handling *handling, const char *where)
{
	struct stage *stage = work->stage;
	bool only_own = doc == stage->theme && !work->action->sees_all;
	struct found found;

	if (!selection)
		return MUTATED;
	if (selection_run(&found, selection, stage->eval, doc,
		only_own ? is_own : NULL, work->scratch, stage->err) != 0)
		return failed(work);
	trace_found(work, &found, doc == stage->theme);
	if (!found.by)
		return nothing(work, handling, selection, where);
	for (size_t i = 0; i < found.count; i++)
		drop_one(work, selection, found.by, found.nodes[i]);
	return MUTATED;
}

/* ---- an action ---- */

static const char *
shown_content(const struct action *action)
{
	return action->href ? action->href : "the content";
}

static enum mutated
drop(struct work *work)
{
	const struct action *action = work->action;
	enum mutated how = drop_from(work, action->theme, work->stage->theme,
	    &action->notheme, "the theme");

	if (how != MUTATED)
		return how;
	return drop_from(work, action->content, work->content,
	    &action->nocontent, shown_content(action));
}

static enum mutated
transform(struct work *work)
{
	const struct action *action = work->action;
	struct stage *stage = work->stage;
	enum mutated how;

	if (selection_run(&work->theme, action->theme, stage->eval,
		stage->theme, action->sees_all ? NULL : is_own, work->scratch,
		stage->err) != 0 ||
	    selection_run(&work->found, action->content, stage->eval,
		work->content, NULL, work->scratch, stage->err) != 0)
		return failed(work);
	trace_found(work, &work->theme, true);
	trace_found(work, &work->found, false);
	if (!work->theme.by)
		return nothing(
		    work, &action->notheme, action->theme, "the theme");
	how = work_pick(work, &work->theme, &action->manytheme, action->theme,
	    &work->target);
	if (how != MUTATED)
		return how;
	if (!work->found.by)
		return nothing(work, &action->nocontent, action->content,
		    shown_content(action));
	switch (work->theme.by->selects) {
	case SELECTS_ATTRIBUTES:
		return work_attributes(work);
	case SELECTS_TAG:
		return work_tag(work);
	default:
		return bring(work);
	}
}

static enum mutated
act(struct work *work)
{
	const struct selection *condition = work->action->condition;
	struct stage *stage = work->stage;
	struct found found;
	bool holds;

	if (condition) {
		if (selection_run(&found, condition, stage->eval, work->content,
			NULL, work->scratch, stage->err) != 0)
			return failed(work);
		holds = selection_holds(condition, &found);
		tracing_condition(stage->ask->trace, work->action, holds);
		if (!holds)
			return MUTATED;
	}
	return work->action->act == ACT_DROP ? drop(work) : transform(work);
}

/* The document of href; it is this action's alone, so what moves out of it is
 * there again for the next. */
static int
open_document(struct work *work)
{
	const struct dress_ask *ask = work->stage->ask;
	const struct dress_document *is = NULL;
	struct err why = {""};

	for (size_t i = 0; i < ask->documents_count && !is; i++)
		if (strcmp(ask->documents[i].href, work->action->href) == 0)
			is = &ask->documents[i];
	must(is);
	if (is->bytes && stage_parse(&work->content, work->stage, is->bytes,
			     is->len, is->content_type, &why) == 0)
		return 0;
	stage_tell(work->stage, work->action, "%s: %s", work->action->href,
	    is->bytes ? why.text
	    : is->why ? is->why
		      : "it could not be had");
	return -1;
}

CHECKED enum mutated
mutate(struct stage *stage, const struct action *action)
{
	struct work work = {
	    .stage = stage,
	    .action = action,
	    .content = stage->content,
	};
	struct dress_trace *trace = stage->ask->trace;
	uint64_t since_us = trace ? clock_mono_us() : 0;
	enum mutated how;

	if (action->href && open_document(&work) != 0)
		return MUTATED;
	work.scratch = arena_new(SCRATCH_ARENA);
	how = act(&work);
	arena_free(&work.scratch);
	tree_bin_fini(&stage->bin);
	if (action->href)
		html_free(&work.content);
	if (trace)
		tracing_done(trace, action, how == MUTATED, since_us);
	return how;
}
