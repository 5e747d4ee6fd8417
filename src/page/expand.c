/* page/expand.c - a stack of texts and one of tries (contract: page/expand.h)
 *
 * Each text that is being read has a frame: the page, what is put into it, and
 * the inside of <!--esi -->. Its tries were found whole before the first of
 * them is entered, so that a frame ends with as many as it began with. */
#include "page/expand.h"

#include <string.h>

enum {
	/* A text and an inside of it for each level; nothing is inside of an
	 * inside. */
	FRAMES_MAX = 2 * INCLUDE_LEVELS_MAX,
	TRIES_MAX = FRAMES_MAX * INCLUDE_TRIES_MAX,
};

struct frame {
	struct scan scan;
	const char *at; /* what was not put out yet */
	const char *base;
	unsigned level; /* of includes */
	enum { TRIES_UNSEEN, TRIES_WHOLE, TRIES_BROKEN } tries;
};

struct
try {
	size_t began; /* what was out before its attempt */
	bool was_silent, has_failed;
	enum directive_kind in; /* NOTHING: between its parts */
};

struct expansion {
	const struct expand_ask *ask;
	struct expanded *said;
	struct buf *out;
	struct frame frames[FRAMES_MAX];
	struct try tries[TRIES_MAX];
	unsigned depth, open; /* frames, tries */
	bool is_silent;	      /* what is read now is not seen */
	size_t left;	      /* bytes that may be put in, seen or not */
};

static void
put(struct expansion *expansion, const char *from, const char *end)
{
	if (!expansion->is_silent && end > from)
		buf_add(expansion->out, from, (size_t)(end - from));
}

static void
push(struct expansion *expansion, struct slice text, const char *base,
    unsigned level)
{
	struct frame *frame = &expansion->frames[expansion->depth++];

	must(expansion->depth <= FRAMES_MAX);
	memset(frame, 0, sizeof(*frame));
	frame->scan.how = expansion->ask->how;
	frame->scan.at = frame->at = text.from ? text.from : "";
	frame->scan.end = frame->at + text.len;
	frame->base = base;
	frame->level = level;
}

/* ---- tries ---- */

/* Of those that are open, the innermost whose attempt this is in fails. */
static void
fail(struct expansion *expansion)
{
	for (unsigned i = expansion->open; i-- > 0;)
		if (expansion->tries[i].in == DIRECTIVE_ATTEMPT) {
			expansion->tries[i].has_failed = true;
			return;
		}
	expansion->said->lacks = true;
}

static void
begin_try(struct expansion *expansion)
{
	struct try *try = &expansion->tries[expansion->open++];

	must(expansion->open <= TRIES_MAX);
	*try = (struct try){
	    .began = expansion->out->len,
	    .was_silent = expansion->is_silent,
	};
	expansion->is_silent = true;
}

static void
take_back(struct buf *out, size_t len)
{
	if (out->len <= len)
		return;
	out->len = len;
	out->data[len] = '\0';
}

static void
end_part(struct expansion *expansion, struct try *try)
{
	if (try->in == DIRECTIVE_ATTEMPT && try->has_failed)
		take_back(expansion->out, try->began);
	/* The first except that is needed is enough. */
	if (try->in == DIRECTIVE_EXCEPT)
		try->has_failed = false;
	try->in = DIRECTIVE_NOTHING;
	expansion->is_silent = true;
}

static void
on_try(struct expansion *expansion, enum directive_kind kind)
{
	struct try *try =
	    expansion->open ? &expansion->tries[expansion->open - 1] : NULL;

	switch (kind) {
	case DIRECTIVE_TRY:
		begin_try(expansion);
		break;
	case DIRECTIVE_TRY_END:
		expansion->is_silent = try->was_silent;
		expansion->open--;
		if (try->has_failed)
			fail(expansion); /* it has no except */
		break;
	case DIRECTIVE_ATTEMPT:
		try->in = kind;
		expansion->is_silent = try->was_silent;
		break;
	case DIRECTIVE_EXCEPT:
		try->in = kind;
		expansion->is_silent = try->was_silent || !try->has_failed;
		break;
	default:
		end_part(expansion, try);
		break;
	}
}

static bool
are_whole(struct frame *frame, const struct directive *first)
{
	struct scan scan = frame->scan;

	if (frame->tries == TRIES_UNSEEN) {
		scan.at = first->from;
		frame->tries = directive_tries_are_whole(&scan) ? TRIES_WHOLE
								: TRIES_BROKEN;
	}
	return frame->tries == TRIES_WHOLE;
}

/* ---- includes ---- */

static enum had
get(struct expansion *expansion, const char *base, struct slice address,
    struct included *out)
{
	const struct expand_ask *ask = expansion->ask;
	char room[INCLUDE_MAX];

	memset(out, 0, sizeof(*out));
	return ask->get(ask->arg, base, directive_address(room, address), out);
}

static void
put_in(struct expansion *expansion, const struct included *included,
    unsigned level)
{
	struct slice text = included->text;

	if (!text.from)
		return;
	if (text.len > expansion->left) {
		expansion->out->failed = true;
		return;
	}
	expansion->left -= text.len;
	if (included->is_read && level < INCLUDE_LEVELS_MAX) {
		push(expansion, text, included->base, level);
		return;
	}
	if (included->is_read && expand_is_due(expansion->ask->how, text))
		expansion->said->too_deep = true;
	put(expansion, text.from, text.from + text.len);
}

static void
include(struct expansion *expansion, const struct frame *frame,
    const struct directive *directive)
{
	struct included included;
	enum had had;

	if (expansion->is_silent)
		return;
	had = get(expansion, frame->base, directive->address, &included);
	if (had == HAD_NOT && directive->otherwise.len > 0)
		had = get(
		    expansion, frame->base, directive->otherwise, &included);
	if (had == HAD)
		put_in(expansion, &included, frame->level + 1);
	else if (had == HAD_WAITS)
		expansion->said->waits = true;
	else if (!directive->may_fail)
		fail(expansion);
}

/* ---- all of it ---- */

/* The frame's next directive; it is over when there is none. */
static void
step(struct expansion *expansion)
{
	struct frame *frame = &expansion->frames[expansion->depth - 1];
	struct directive directive;

	if (!directive_next(&directive, &frame->scan)) {
		put(expansion, frame->at, frame->scan.end);
		expansion->said->is_broken |=
		    frame->scan.is_broken || frame->tries == TRIES_BROKEN;
		expansion->depth--;
		return;
	}
	expansion->said->any = true;
	if (directive.kind >= DIRECTIVE_TRY && !are_whole(frame, &directive))
		return;
	put(expansion, frame->at, directive.from);
	frame->at = directive.end;
	if (directive.kind == DIRECTIVE_INCLUDE)
		include(expansion, frame, &directive);
	else if (directive.kind == DIRECTIVE_INSIDE && !expansion->is_silent)
		push(expansion, directive.inside, frame->base, frame->level);
	else if (directive.kind >= DIRECTIVE_TRY)
		on_try(expansion, directive.kind);
}

int
expand(const struct expand_ask *ask, struct buf *out, struct expanded *said)
{
	struct expansion expansion;

	expansion.ask = ask;
	expansion.said = said;
	expansion.out = out;
	expansion.depth = expansion.open = 0;
	expansion.is_silent = false;
	expansion.left = out->max;
	memset(said, 0, sizeof(*said));
	push(&expansion, ask->text, ask->base, 0);
	while (expansion.depth > 0 && !out->failed)
		step(&expansion);
	return out->failed ? -1 : 0;
}

bool
expand_is_due(enum includes how, struct slice text)
{
	struct scan scan = {
	    .how = how, .at = text.from, .end = text.from + text.len};
	struct directive directive;

	return text.len > 0 && directive_next(&directive, &scan);
}
