/* dom/build_body.c - start tags and text of the mode in body (WHATWG
 * 13.2.6.4.7), and the mode for raw text
 *
 * One function for each paragraph of the standard, found by the element. */
#include "dom/build_inside.h"

#include <string.h>
#include <strings.h>

static void
close_p(struct build *build)
{
	if (!build_in_button_scope(build, EL_P))
		return;
	build_generate_implied(build, EL_P);
	build_pop_until(build, EL_P, NULL);
}

static bool
is_alone(const struct build *build)
{
	return build->count == 1 || build->open[1].el != EL_BODY ||
	       build->open[1].space != SPACE_HTML;
}

/* ---- html, head, body, frameset ---- */

static bool
start_html(struct build *build, struct token *token)
{
	if (!build_has_open(build, EL_TEMPLATE))
		build_add_attributes(build, build->open[0].node, token);
	return false;
}

static bool
start_body(struct build *build, struct token *token)
{
	if (is_alone(build) || build_has_open(build, EL_TEMPLATE))
		return false;
	build->frameset_ok = false;
	build_add_attributes(build, build->open[1].node, token);
	return false;
}

static bool
start_frameset(struct build *build, struct token *token)
{
	if (is_alone(build) || !build->frameset_ok)
		return false;
	return build_begin_frameset(build, token);
}

static bool
start_nothing(struct build *build, struct token *token)
{
	(void)build;
	(void)token;
	return false;
}

/* ---- blocks ---- */

static bool
start_block(struct build *build, struct token *token)
{
	close_p(build);
	build_insert(build, token);
	return false;
}

static bool
start_heading(struct build *build, struct token *token)
{
	close_p(build);
	if (build_top(build)->flags & EL_HEADING)
		build_pop(build, false);
	build_insert(build, token);
	return false;
}

static bool
start_pre(struct build *build, struct token *token)
{
	start_block(build, token);
	build->skip_newline = true;
	build->frameset_ok = false;
	return false;
}

/* Where one form was astray, each that follows may stand in its element, or
 * before the place where the writer ends it: its start tag alone would not begin
 * it again, so the writer is to meet it. */
static void
meet_astray(struct build *build)
{
	if (!build->astray && !build->apart)
		return;
	build_top(build)->bits &= (uint8_t)~OPEN_PLAIN;
	build->tree->nested = true;
}

static bool
start_form(struct build *build, struct token *token)
{
	bool in_template = build_has_open(build, EL_TEMPLATE);

	if (build->form && !in_template)
		return false;
	close_p(build);
	build_insert(build, token);
	if (!in_template) {
		build->form = build_top(build)->node;
		meet_astray(build);
	}
	return false;
}

/* Close the one that is open, unless something special is between. */
static void
close_item(struct build *build, enum el el)
{
	if (!build->top[el] || build->top[el] < build_top(build)->wall)
		return;
	build_generate_implied(build, el);
	build_pop_until(build, el, NULL);
}

static bool
start_li(struct build *build, struct token *token)
{
	build->frameset_ok = false;
	close_item(build, EL_LI);
	return start_block(build, token);
}

static bool
start_dd_dt(struct build *build, struct token *token)
{
	build->frameset_ok = false;
	close_item(
	    build, build->top[EL_DD] > build->top[EL_DT] ? EL_DD : EL_DT);
	return start_block(build, token);
}

static bool
start_plaintext(struct build *build, struct token *token)
{
	start_block(build, token);
	token_state(build->tokenizer, TOKEN_PLAINTEXT);
	return false;
}

static bool
start_button(struct build *build, struct token *token)
{
	if (build_in_scope(build, EL_BUTTON)) {
		build_generate_implied(build, EL_NONE);
		build_pop_until(build, EL_BUTTON, NULL);
	}
	build_reconstruct(build);
	build_insert(build, token);
	build->frameset_ok = false;
	return false;
}

static bool
start_table(struct build *build, struct token *token)
{
	if (!build->tree->quirks)
		close_p(build);
	build_insert(build, token);
	build->frameset_ok = false;
	build->mode = MODE_IN_TABLE;
	return false;
}

static bool
start_hr(struct build *build, struct token *token)
{
	close_p(build);
	if (build_in_scope(build, EL_SELECT))
		build_generate_implied(build, EL_NONE);
	build_insert_void(build, token);
	build->frameset_ok = false;
	return false;
}

/* ---- formatting ---- */

static bool
start_formatting(struct build *build, struct token *token)
{
	build_reconstruct(build);
	build_active_push(build, build_insert(build, token), token->el);
	return false;
}

static bool
start_a(struct build *build, struct token *token)
{
	struct node *old = build_active_find(build, EL_A);
	size_t at;

	if (old) {
		build_adopt(build, token);
		build_active_remove(build, old);
		if (old->x.extra & NODE_OPEN) {
			at = build_find_node(build, old);
			must(at);
			build_top(build)->bits &= (uint8_t)~OPEN_PLAIN;
			build_remove_open(build, at - 1);
		}
	}
	return start_formatting(build, token);
}

static bool
start_nobr(struct build *build, struct token *token)
{
	build_reconstruct(build);
	if (build_in_scope(build, EL_NOBR)) {
		if (!build_adopt(build, token))
			build_end_other(build, token);
		build_reconstruct(build);
	}
	build_active_push(build, build_insert(build, token), token->el);
	return false;
}

static bool
start_object(struct build *build, struct token *token)
{
	build_reconstruct(build);
	build_insert(build, token);
	build_active_marker(build);
	build->frameset_ok = false;
	return false;
}

/* ---- without content, or with text alone ---- */

static bool
start_void(struct build *build, struct token *token)
{
	build_reconstruct(build);
	build_insert_void(build, token);
	build->frameset_ok = false;
	return false;
}

static bool
start_param(struct build *build, struct token *token)
{
	build_insert_void(build, token);
	return false;
}

static bool
is_hidden(const struct token *token)
{
	for (uint32_t i = 0; i < token->attrs_count; i++)
		if (strcmp(token->attrs[i].name, "type") == 0)
			return strcasecmp(token->attrs[i].value, "hidden") == 0;
	return false;
}

static bool
start_input(struct build *build, struct token *token)
{
	if (build->is_fragment && build->context.el == EL_SELECT &&
	    build->context.space == SPACE_HTML)
		return false;
	if (build_in_scope(build, EL_SELECT))
		build_pop_until(build, EL_SELECT, NULL);
	build_reconstruct(build);
	build_insert_void(build, token);
	if (!is_hidden(token))
		build->frameset_ok = false;
	return false;
}

/* What everybody writes and no one may: an img. */
static bool
start_image(struct build *build, struct token *token)
{
	(void)build;
	token->el = EL_IMG;
	token->name = el_names[EL_IMG].text;
	token->name_len = el_names[EL_IMG].len;
	token->plain = false;
	return true;
}

static bool
start_textarea(struct build *build, struct token *token)
{
	build_insert_raw(build, token, TOKEN_RCDATA);
	build->skip_newline = true;
	build->frameset_ok = false;
	return false;
}

static bool
start_xmp(struct build *build, struct token *token)
{
	close_p(build);
	build_reconstruct(build);
	build->frameset_ok = false;
	build_insert_raw(build, token, TOKEN_RAWTEXT);
	return false;
}

static bool
start_iframe(struct build *build, struct token *token)
{
	build->frameset_ok = false;
	build_insert_raw(build, token, TOKEN_RAWTEXT);
	return false;
}

static bool
start_noembed(struct build *build, struct token *token)
{
	build_insert_raw(build, token, TOKEN_RAWTEXT);
	return false;
}

/* ---- ruby, SVG, MathML, and the rest ---- */

static bool
start_rb(struct build *build, struct token *token)
{
	if (build_in_scope(build, EL_RUBY))
		build_generate_implied(build, EL_NONE);
	build_insert(build, token);
	return false;
}

static bool
start_rp(struct build *build, struct token *token)
{
	if (build_in_scope(build, EL_RUBY))
		build_generate_implied(build, EL_RTC);
	build_insert(build, token);
	return false;
}

static bool
start_foreign(struct build *build, struct token *token)
{
	build_reconstruct(build);
	build_insert_foreign(
	    build, token, token->el == EL_SVG ? SPACE_SVG : SPACE_MATHML);
	return false;
}

static bool
start_other(struct build *build, struct token *token)
{
	build_reconstruct(build);
	build_insert(build, token);
	if (token->el == EL_SELECTEDCONTENT)
		build->has_selectedcontent = build->opts.implied;
	return false;
}

static bool
start_noscript(struct build *build, struct token *token)
{
	if (build->opts.scripting)
		return start_noembed(build, token);
	if (build->opts.implied)
		return start_other(build, token);
	if (!(token->self_closing && build->opts.xhtml) &&
	    !build_may_begin_noscript(build, token, true))
		return false;
	build->noscript_frameset_ok = build->frameset_ok;
	start_other(build, token);
	build->noscript = build_top(build)->node;
	return false;
}

/* ---- all of them ---- */

static bool (*const starts[EL_COUNT])(struct build *, struct token *) = {
    [EL_A] = start_a,
    [EL_ADDRESS] = start_block,
    [EL_APPLET] = start_object,
    [EL_AREA] = start_void,
    [EL_ARTICLE] = start_block,
    [EL_ASIDE] = start_block,
    [EL_B] = start_formatting,
    [EL_BASE] = build_in_head,
    [EL_BASEFONT] = build_in_head,
    [EL_BGSOUND] = build_in_head,
    [EL_BIG] = start_formatting,
    [EL_BLOCKQUOTE] = start_block,
    [EL_BODY] = start_body,
    [EL_BR] = start_void,
    [EL_BUTTON] = start_button,
    [EL_CAPTION] = start_nothing,
    [EL_CENTER] = start_block,
    [EL_CODE] = start_formatting,
    [EL_COL] = start_nothing,
    [EL_COLGROUP] = start_nothing,
    [EL_DD] = start_dd_dt,
    [EL_DETAILS] = start_block,
    [EL_DIALOG] = start_block,
    [EL_DIR] = start_block,
    [EL_DIV] = start_block,
    [EL_DL] = start_block,
    [EL_DT] = start_dd_dt,
    [EL_EM] = start_formatting,
    [EL_EMBED] = start_void,
    [EL_FIELDSET] = start_block,
    [EL_FIGCAPTION] = start_block,
    [EL_FIGURE] = start_block,
    [EL_FONT] = start_formatting,
    [EL_FOOTER] = start_block,
    [EL_FORM] = start_form,
    [EL_FRAME] = start_nothing,
    [EL_FRAMESET] = start_frameset,
    [EL_H1] = start_heading,
    [EL_H2] = start_heading,
    [EL_H3] = start_heading,
    [EL_H4] = start_heading,
    [EL_H5] = start_heading,
    [EL_H6] = start_heading,
    [EL_HEAD] = start_nothing,
    [EL_HEADER] = start_block,
    [EL_HGROUP] = start_block,
    [EL_HR] = start_hr,
    [EL_HTML] = start_html,
    [EL_I] = start_formatting,
    [EL_IFRAME] = start_iframe,
    [EL_IMAGE] = start_image,
    [EL_IMG] = start_void,
    [EL_INPUT] = start_input,
    [EL_KEYGEN] = start_void,
    [EL_LI] = start_li,
    [EL_LINK] = build_in_head,
    [EL_LISTING] = start_pre,
    [EL_MAIN] = start_block,
    [EL_MARQUEE] = start_object,
    [EL_MATH] = start_foreign,
    [EL_MENU] = start_block,
    [EL_META] = build_in_head,
    [EL_NAV] = start_block,
    [EL_NOBR] = start_nobr,
    [EL_NOEMBED] = start_noembed,
    [EL_NOFRAMES] = build_in_head,
    [EL_NOSCRIPT] = start_noscript,
    [EL_OBJECT] = start_object,
    [EL_OL] = start_block,
    [EL_OPTGROUP] = build_start_option,
    [EL_OPTION] = build_start_option,
    [EL_P] = start_block,
    [EL_PARAM] = start_param,
    [EL_PLAINTEXT] = start_plaintext,
    [EL_PRE] = start_pre,
    [EL_RB] = start_rb,
    [EL_RP] = start_rp,
    [EL_RT] = start_rp,
    [EL_RTC] = start_rb,
    [EL_S] = start_formatting,
    [EL_SCRIPT] = build_in_head,
    [EL_SEARCH] = start_block,
    [EL_SECTION] = start_block,
    [EL_SELECT] = build_start_select,
    [EL_SMALL] = start_formatting,
    [EL_SOURCE] = start_param,
    [EL_STRIKE] = start_formatting,
    [EL_STRONG] = start_formatting,
    [EL_STYLE] = build_in_head,
    [EL_SUMMARY] = start_block,
    [EL_SVG] = start_foreign,
    [EL_TABLE] = start_table,
    [EL_TBODY] = start_nothing,
    [EL_TD] = start_nothing,
    [EL_TEMPLATE] = build_in_head,
    [EL_TEXTAREA] = start_textarea,
    [EL_TFOOT] = start_nothing,
    [EL_TH] = start_nothing,
    [EL_THEAD] = start_nothing,
    [EL_TITLE] = build_in_head,
    [EL_TR] = start_nothing,
    [EL_TRACK] = start_param,
    [EL_TT] = start_formatting,
    [EL_U] = start_formatting,
    [EL_UL] = start_block,
    [EL_WBR] = start_void,
    [EL_XMP] = start_xmp,
};

static void
text_in_body(struct build *build, struct token *token)
{
	if (!build_drop_nul(build, token))
		return;
	build_reconstruct(build);
	build_insert_text(build, token);
	if (!token->is_space)
		build->frameset_ok = false;
}

bool
build_in_body(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		text_in_body(build, token);
		return false;
	case TOKEN_START:
		if (starts[token->el])
			return starts[token->el](build, token);
		return start_other(build, token);
	case TOKEN_STOP:
		return build_stop_in_body(build, token);
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_END:
		if (build->template_count > 0)
			return build_in_template(build, token);
		build_stop(build);
		return false;
	default:
		return false;
	}
}

/* ---- raw text ---- */

bool
build_text(struct build *build, struct token *token)
{
	if (token->kind == TOKEN_TEXT) {
		build_insert_text(build, token);
		return false;
	}
	if (token->kind == TOKEN_STOP)
		build_top(build)->node->x.extra &=
		    (unsigned short)~NODE_UNENDED;
	build_pop(build, token->kind == TOKEN_STOP && token->plain);
	build->mode = build->original;
	return token->kind == TOKEN_END;
}
