/* dom/build_foreign.c - in SVG and MathML (WHATWG 13.2.6.5) */
#include "dom/build_inside.h"

#include <string.h>

/* A font is one of HTML if it has one of these. */
static bool
is_font_of_html(const struct token *token)
{
	for (uint32_t i = 0; i < token->attrs_count; i++) {
		const char *name = token->attrs[i].name;

		if (strcmp(name, "color") == 0 || strcmp(name, "face") == 0 ||
		    strcmp(name, "size") == 0)
			return true;
	}
	return false;
}

/* Back to where HTML may stand. */
static bool
break_out(struct build *build, struct token *token)
{
	for (;;) {
		const struct open *open = build_top(build);

		if (open->space == SPACE_HTML ||
		    (open->bits & (OPEN_HOLDS_HTML | OPEN_HOLDS_TEXT)))
			break;
		build_pop(build, false);
	}
	return build_by_mode(build, token);
}

static bool
start_in_foreign(struct build *build, struct token *token)
{
	if ((el_names[token->el].flags & EL_BREAKOUT) ||
	    (token->el == EL_FONT && is_font_of_html(token)))
		return break_out(build, token);
	build_insert_foreign(build, token, build_current(build)->space);
	return false;
}

static bool
stop_in_foreign(struct build *build, struct token *token)
{
	size_t at;

	if (token->el == EL_BR || token->el == EL_P)
		return break_out(build, token);
	if (build->count == 1)
		return false;
	at = build_find_name(build, token, true, build_top(build)->html + 1);
	if (!at)
		return build_by_mode(build, token);
	if (token->el == EL_SCRIPT)
		build->open[at - 1].node->x.extra &=
		    (unsigned short)~NODE_UNENDED;
	build_pop_to(build, at - 1, token->plain);
	return false;
}

bool
build_in_foreign(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		build_replace_nul(build, token);
		build_insert_text(build, token);
		if (!token->is_space)
			build->frameset_ok = false;
		return false;
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_START:
		return start_in_foreign(build, token);
	case TOKEN_STOP:
		return stop_in_foreign(build, token);
	default:
		return false;
	}
}
