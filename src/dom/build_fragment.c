/* dom/build_fragment.c - a fragment begins in the state that its context
 * element leaves behind (WHATWG 13.4) */
#include "dom/build_inside.h"

#include <string.h>

static const char *
split_context(const char *context, enum space *space)
{
	*space = SPACE_HTML;
	if (strncmp(context, "svg ", 4) == 0) {
		*space = SPACE_SVG;
		return context + 4;
	}
	if (strncmp(context, "math ", 5) == 0) {
		*space = SPACE_MATHML;
		return context + 5;
	}
	return context;
}

static enum token_state
state_of(const struct build *build, enum el el)
{
	switch (el) {
	case EL_TITLE:
	case EL_TEXTAREA:
		return TOKEN_RCDATA;
	case EL_STYLE:
	case EL_XMP:
	case EL_IFRAME:
	case EL_NOEMBED:
	case EL_NOFRAMES:
		return TOKEN_RAWTEXT;
	case EL_SCRIPT:
		return TOKEN_SCRIPT;
	case EL_NOSCRIPT:
		return build->opts.scripting ? TOKEN_RAWTEXT : TOKEN_DATA;
	case EL_PLAINTEXT:
		return TOKEN_PLAINTEXT;
	default:
		return TOKEN_DATA;
	}
}

/* The context as an entry of the stack: pushed and popped again. */
static void
note_context(struct build *build)
{
	enum space space;
	const char *name = split_context(build->opts.context, &space);
	size_t len = strlen(name);
	char *lower = arena_strndup(build->tree->arena, name, len);
	enum el el;

	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	el = el_find(lower, len);
	build_push(build, NULL, el, lower, space);
	build->context = *build_top(build);
	build_unlink_from(build, 0);
	build->count = 0;
	if (space == SPACE_HTML)
		token_state(build->tokenizer, state_of(build, el));
}

void
build_begin_fragment(struct build *build)
{
	const char *html = el_names[EL_HTML].text;
	xmlNode *root = tree_element(build->tree, html);

	build->is_fragment = true;
	note_context(build);
	root->extra = NODE_IMPLIED;
	node_insert((xmlNode *)&build->tree->doc, root, NULL);
	build_push(build, (struct node *)root, EL_HTML, html, SPACE_HTML);
	if (build->context.space == SPACE_HTML) {
		if (build->context.el == EL_TEMPLATE)
			build_push_template_mode(build, MODE_IN_TEMPLATE);
		if (build->context.el == EL_FORM)
			build->form =
			    (struct node *)tree_element(build->tree, "form");
	}
	build_reset_mode(build);
}
