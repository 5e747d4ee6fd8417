/* dom/build_body_end.c - end tags of the mode in body (WHATWG 13.2.6.4.7) */
#include "dom/build_inside.h"

void
build_end_other(struct build *build, const struct token *token)
{
	size_t at =
	    build_find_name(build, token, false, build_top(build)->special);

	if (!at)
		return;
	/* implied end tags are among those above it */
	build_pop_to(build, at - 1, token->kind == TOKEN_STOP && token->plain);
}

static bool
end_other(struct build *build, struct token *token)
{
	build_end_other(build, token);
	return false;
}

/* A browser with scripts found one text in it, which keeps no frameset out. */
static bool
end_noscript(struct build *build, struct token *token)
{
	if (build->noscript && build_top(build)->node == build->noscript)
		build->frameset_ok = build->noscript_frameset_ok;
	return end_other(build, token);
}

/* html too: then it is looked at again. */
static bool
end_body(struct build *build, struct token *token)
{
	struct node *body;

	if (!build_in_scope(build, EL_BODY))
		return false;
	body = build->open[build->top[EL_BODY] - 1].node;
	if (body->inner && token->el == EL_BODY)
		body->inner_end = token->from;
	build->mode = MODE_AFTER_BODY;
	return token->el == EL_HTML;
}

static bool
end_block(struct build *build, struct token *token)
{
	if (!build_in_scope(build, token->el))
		return false;
	build_generate_implied(build, EL_NONE);
	build_pop_until(build, token->el, token);
	return false;
}

/* Out of the stack, and what is in it stays. */
static void
end_form_alone(struct build *build, struct node *form, bool plain)
{
	size_t at = build_find_node(build, form);

	if (!at)
		return;
	if (at < build_top(build)->scope) {
		build->astray = true;
		return;
	}
	build_generate_implied(build, EL_NONE);
	if (at == build->count) {
		build_pop(build, plain);
		return;
	}
	build->astray = true;
	for (size_t i = at - 1; i < build->count; i++)
		build->open[i].bits &= (uint8_t)~OPEN_PLAIN;
	build->open[at - 2].bits &= (uint8_t)~OPEN_PLAIN;
	build_remove_open(build, at - 1);
}

static bool
end_form(struct build *build, struct token *token)
{
	struct node *form = build->form;

	if (build_has_open(build, EL_TEMPLATE))
		return end_block(build, token);
	build->form = NULL;
	if (form) {
		if (!form->inner_end || form->inner_end < form->inner)
			form->inner_end = token->from;
		end_form_alone(build, form, token->plain);
	}
	return false;
}

static bool
end_p(struct build *build, struct token *token)
{
	if (!build_in_button_scope(build, EL_P))
		build_insert_implied(build, EL_P);
	build_generate_implied(build, EL_P);
	build_pop_until(build, EL_P, token);
	return false;
}

static bool
end_li(struct build *build, struct token *token)
{
	if (!build_in_list_scope(build, EL_LI))
		return false;
	build_generate_implied(build, EL_LI);
	build_pop_until(build, EL_LI, token);
	return false;
}

static bool
end_dd_dt(struct build *build, struct token *token)
{
	if (!build_in_scope(build, token->el))
		return false;
	build_generate_implied(build, token->el);
	build_pop_until(build, token->el, token);
	return false;
}

static bool
end_heading(struct build *build, struct token *token)
{
	static const enum el headings[] = {
	    EL_H1, EL_H2, EL_H3, EL_H4, EL_H5, EL_H6};
	uint32_t at = 0;

	for (size_t i = 0; i < COUNT_OF(headings); i++)
		at = build_max(at, build->top[headings[i]]);
	if (!at || at < build_top(build)->scope)
		return false;
	build_generate_implied(build, EL_NONE);
	build_pop_to(
	    build, at - 1, token->plain && build->open[at - 1].el == token->el);
	return false;
}

static bool
end_formatting(struct build *build, struct token *token)
{
	if (!build_adopt(build, token))
		build_end_other(build, token);
	return false;
}

static bool
end_object(struct build *build, struct token *token)
{
	if (!build_in_scope(build, token->el))
		return false;
	build_generate_implied(build, EL_NONE);
	build_pop_until(build, token->el, token);
	build_active_clear(build);
	return false;
}

/* It is a start tag, without its attributes. */
static bool
end_br(struct build *build, struct token *token)
{
	token->kind = TOKEN_START;
	token->attrs_count = 0;
	token->plain = token->self_closing = false;
	return build_in_body(build, token);
}

static bool (*const ends[EL_COUNT])(struct build *, struct token *) = {
    [EL_A] = end_formatting,
    [EL_ADDRESS] = end_block,
    [EL_APPLET] = end_object,
    [EL_ARTICLE] = end_block,
    [EL_ASIDE] = end_block,
    [EL_B] = end_formatting,
    [EL_BIG] = end_formatting,
    [EL_BLOCKQUOTE] = end_block,
    [EL_BODY] = end_body,
    [EL_BR] = end_br,
    [EL_BUTTON] = end_block,
    [EL_CENTER] = end_block,
    [EL_CODE] = end_formatting,
    [EL_DD] = end_dd_dt,
    [EL_DETAILS] = end_block,
    [EL_DIALOG] = end_block,
    [EL_DIR] = end_block,
    [EL_DIV] = end_block,
    [EL_DL] = end_block,
    [EL_DT] = end_dd_dt,
    [EL_EM] = end_formatting,
    [EL_FIELDSET] = end_block,
    [EL_FIGCAPTION] = end_block,
    [EL_FIGURE] = end_block,
    [EL_FONT] = end_formatting,
    [EL_FOOTER] = end_block,
    [EL_FORM] = end_form,
    [EL_H1] = end_heading,
    [EL_H2] = end_heading,
    [EL_H3] = end_heading,
    [EL_H4] = end_heading,
    [EL_H5] = end_heading,
    [EL_H6] = end_heading,
    [EL_HEADER] = end_block,
    [EL_HGROUP] = end_block,
    [EL_HTML] = end_body,
    [EL_I] = end_formatting,
    [EL_LI] = end_li,
    [EL_LISTING] = end_block,
    [EL_MAIN] = end_block,
    [EL_MARQUEE] = end_object,
    [EL_MENU] = end_block,
    [EL_NAV] = end_block,
    [EL_NOBR] = end_formatting,
    [EL_NOSCRIPT] = end_noscript,
    [EL_OBJECT] = end_object,
    [EL_OL] = end_block,
    [EL_P] = end_p,
    [EL_PRE] = end_block,
    [EL_S] = end_formatting,
    [EL_SEARCH] = end_block,
    [EL_SECTION] = end_block,
    [EL_SELECT] = end_block,
    [EL_SMALL] = end_formatting,
    [EL_STRIKE] = end_formatting,
    [EL_STRONG] = end_formatting,
    [EL_SUMMARY] = end_block,
    [EL_TEMPLATE] = build_in_head,
    [EL_TT] = end_formatting,
    [EL_U] = end_formatting,
    [EL_UL] = end_block,
};

bool
build_stop_in_body(struct build *build, struct token *token)
{
	if (ends[token->el])
		return ends[token->el](build, token);
	return end_other(build, token);
}
