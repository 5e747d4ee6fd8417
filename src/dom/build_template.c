/* dom/build_template.c - templates, and which mode follows from the stack
 * (WHATWG 13.2.4.1, 13.2.6.4.18) */
#include "dom/build_inside.h"

#include "base/mem.h"

/* ---- the stack of template insertion modes ---- */

void
build_push_template_mode(struct build *build, enum mode mode)
{
	if (build->template_count == build->template_room) {
		build->template_room =
		    build->template_room ? build->template_room * 2 : 16;
		build->templates =
		    mem_resize(build->templates, build->template_room);
	}
	build->templates[build->template_count++] = (uint8_t)mode;
}

static void
pop_template_mode(struct build *build)
{
	if (build->template_count > 0)
		build->template_count--;
}

static enum mode
template_mode(const struct build *build)
{
	must(build->template_count > 0);
	return build->templates[build->template_count - 1];
}

/* ---- "reset the insertion mode appropriately" ---- */

/* Elements from which a mode follows, with html the lowest of all. */
static const enum el telling[] = {EL_TD, EL_TH, EL_TR, EL_TBODY, EL_THEAD,
    EL_TFOOT, EL_CAPTION, EL_COLGROUP, EL_TABLE, EL_TEMPLATE, EL_HEAD, EL_BODY,
    EL_FRAMESET, EL_HTML};

static enum mode
mode_of(const struct build *build, enum el el, bool last)
{
	switch (el) {
	case EL_TD:
	case EL_TH:
		return last ? MODE_IN_BODY : MODE_IN_CELL;
	case EL_TR:
		return MODE_IN_ROW;
	case EL_TBODY:
	case EL_THEAD:
	case EL_TFOOT:
		return MODE_IN_TABLE_BODY;
	case EL_CAPTION:
		return MODE_IN_CAPTION;
	case EL_COLGROUP:
		return MODE_IN_COLUMN_GROUP;
	case EL_TABLE:
		return MODE_IN_TABLE;
	case EL_TEMPLATE:
		return template_mode(build);
	case EL_HEAD:
		return last ? MODE_IN_BODY : MODE_IN_HEAD;
	case EL_FRAMESET:
		return MODE_IN_FRAMESET;
	case EL_HTML:
		return build->head ? MODE_AFTER_HEAD : MODE_BEFORE_HEAD;
	default:
		return MODE_IN_BODY;
	}
}

/* The standard walks down the stack; it is the topmost of these. */
void
build_reset_mode(struct build *build)
{
	const struct open *open;
	uint32_t at = 0;
	bool last;

	for (size_t i = 0; i < COUNT_OF(telling); i++)
		at = build_max(at, build->top[telling[i]]);
	must(at);
	last = at == 1;
	open =
	    last && build->is_fragment ? &build->context : &build->open[at - 1];
	build->mode = open->space == SPACE_HTML ? mode_of(build, open->el, last)
						: MODE_IN_BODY;
}

/* ---- tags ---- */

void
build_begin_template(struct build *build, const struct token *token)
{
	build_insert(build, token);
	build_active_marker(build);
	build->frameset_ok = false;
	build->mode = MODE_IN_TEMPLATE;
	build_push_template_mode(build, MODE_IN_TEMPLATE);
}

void
build_end_template(struct build *build, const struct token *token)
{
	if (!build_has_open(build, EL_TEMPLATE))
		return;
	/* what is open in it (a td, an object) has a marker of its own */
	if (build_top(build)->scope > build->top[EL_TEMPLATE])
		build->marked = true;
	build_generate_implied_thoroughly(build);
	build_pop_until(build, EL_TEMPLATE, token);
	build_active_clear(build);
	pop_template_mode(build);
	build_reset_mode(build);
}

/* ---- in template ---- */

static bool
change_mode(struct build *build, enum mode mode)
{
	build->templates[build->template_count - 1] = (uint8_t)mode;
	build->mode = mode;
	return true;
}

static bool
start_in_template(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_BASE:
	case EL_BASEFONT:
	case EL_BGSOUND:
	case EL_LINK:
	case EL_META:
	case EL_NOFRAMES:
	case EL_SCRIPT:
	case EL_STYLE:
	case EL_TEMPLATE:
	case EL_TITLE:
		return build_in_head(build, token);
	case EL_CAPTION:
	case EL_COLGROUP:
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
		return change_mode(build, MODE_IN_TABLE);
	case EL_COL:
		return change_mode(build, MODE_IN_COLUMN_GROUP);
	case EL_TR:
		return change_mode(build, MODE_IN_TABLE_BODY);
	case EL_TD:
	case EL_TH:
		return change_mode(build, MODE_IN_ROW);
	default:
		return change_mode(build, MODE_IN_BODY);
	}
}

/* The page ends within a template. */
static bool
leave_template(struct build *build)
{
	if (!build_has_open(build, EL_TEMPLATE)) {
		build_stop(build);
		return false;
	}
	build_pop_until(build, EL_TEMPLATE, NULL);
	build_active_clear(build);
	pop_template_mode(build);
	build_reset_mode(build);
	return true;
}

bool
build_in_template(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_START:
		return start_in_template(build, token);
	case TOKEN_STOP:
		if (token->el == EL_TEMPLATE)
			build_end_template(build, token);
		return false;
	case TOKEN_END:
		return leave_template(build);
	default:
		return build_in_body(build, token);
	}
}
