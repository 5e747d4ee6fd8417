/* theme/action.c - reading <replace>, <append>, <prepend> and <drop>
 * (contract: theme/ruleset.h) */
#include <string.h>

#include "theme/ruleset.h"

static const struct act_word {
	const char *name;
	enum act act;
} act_words[] = {
    {"replace", ACT_REPLACE},
    {"append", ACT_APPEND},
    {"prepend", ACT_PREPEND},
    {"drop", ACT_DROP},
};

#define ACTION_ATTRIBUTES                                                      \
	"content theme href move if-content nocontent notheme manycontent "    \
	"manytheme collapse-sources"

static int
read_handling(struct reading *reading, const xmlNode *node, const char *name,
    bool many, struct handling *out)
{
	static const struct {
		const char *word;
		struct handling handling;
	} words[] = {
	    {"warn", {HANDLE_WARN, false}},
	    {"ignore", {HANDLE_IGNORE, false}},
	    {"abort", {HANDLE_ABORT, false}},
	    {"first", {HANDLE_IGNORE, false}},
	    {"last", {HANDLE_IGNORE, true}},
	    {"ignore:first", {HANDLE_IGNORE, false}},
	    {"ignore:last", {HANDLE_IGNORE, true}},
	    {"warn:first", {HANDLE_WARN, false}},
	    {"warn:last", {HANDLE_WARN, true}},
	};
	const char *text = selector_plain(reading, node, name);

	for (size_t i = 0; text && i < (many ? COUNT_OF(words) : 3); i++)
		if (strcmp(text, words[i].word) == 0) {
			*out = words[i].handling;
			return 0;
		}
	if (!text)
		return 0;
	return selector_fail(reading, node,
	    "%s=\"%s\": should be warn, ignore or abort%s", name, text,
	    many ? ", or first, last, ignore:first, ignore:last, warn:first, "
		   "warn:last"
		 : "");
}

static bool
is_about_nodes(enum selects selects)
{
	return selects == SELECTS_ELEMENTS || selects == SELECTS_CHILDREN;
}

/* Which selections go together. */
static int
check_action(
    struct reading *reading, const xmlNode *node, const struct action *action)
{
	const char *name = (const char *)node->name;
	enum selects to, from;

	if (action->act == ACT_DROP) {
		if (action->theme || action->content)
			return 0;
		return selector_fail(
		    reading, node, "<drop> needs theme or content");
	}
	if (!action->theme || !action->content)
		return selector_fail(
		    reading, node, "<%s> needs theme and content", name);
	to = action->theme->first->selects;
	from = action->content->first->selects;
	if (is_about_nodes(to) != is_about_nodes(from) ||
	    (!is_about_nodes(to) && to != from))
		return selector_fail(reading, node,
		    "<%s>: elements: and children: go with each other, "
		    "attributes: with attributes:, tag: with tag:",
		    name);
	if (to == SELECTS_TAG && action->act != ACT_REPLACE)
		return selector_fail(
		    reading, node, "only <replace> and <drop> know tag:");
	return 0;
}

static int
read_selections(
    struct reading *reading, const xmlNode *node, struct action *action)
{
	if (selection_read(&action->theme, reading, node, "theme", false) !=
		0 ||
	    selection_read(&action->content, reading, node, "content", false) !=
		0 ||
	    selection_read(
		&action->condition, reading, node, "if-content", true) != 0)
		return -1;
	return check_action(reading, node, action);
}

static int
read_handlings(
    struct reading *reading, const xmlNode *node, struct action *action)
{
	if (read_handling(reading, node, "notheme", false, &action->notheme) !=
		0 ||
	    read_handling(
		reading, node, "nocontent", false, &action->nocontent) != 0 ||
	    read_handling(
		reading, node, "manytheme", true, &action->manytheme) != 0)
		return -1;
	return read_handling(
	    reading, node, "manycontent", true, &action->manycontent);
}

static int
read_href(struct reading *reading, const xmlNode *node, struct action *action)
{
	const char *href = selector_plain(reading, node, "href");
	bool has_names;

	if (!href)
		return 0;
	if (!*href)
		return selector_fail(
		    reading, node, "href is empty; leave it out");
	if (action->act == ACT_DROP) {
		rules_warn(reading->rules, node->_private, xmlGetLineNo(node),
		    "<drop href> is ignored: a document that is fetched for "
		    "this rule alone need lose nothing");
		return 0;
	}
	action->href = template_here(
	    reading->rules->arena, href, reading->rules->folder, &has_names);
	return 0;
}

static int
read_action(struct reading *reading, const xmlNode *node, enum act act,
    struct sequence *sequence)
{
	struct action *action =
	    arena_get(reading->rules->arena, sizeof(*action));

	action->act = act;
	action->source = node->_private;
	action->line = xmlGetLineNo(node);
	action->moves = true;
	if (ruleset_attributes(reading, node, ACTION_ATTRIBUTES) != 0 ||
	    read_selections(reading, node, action) != 0 ||
	    read_handlings(reading, node, action) != 0 ||
	    ruleset_boolean(reading, node, "move", &action->moves) != 0 ||
	    ruleset_boolean(
		reading, node, "collapse-sources", &action->sees_all) != 0 ||
	    read_href(reading, node, action) != 0)
		return -1;
	*sequence->last = action;
	sequence->last = &action->next;
	return 0;
}

bool
action_is(const xmlNode *node)
{
	for (size_t i = 0; i < COUNT_OF(act_words); i++)
		if (strcmp((const char *)node->name, act_words[i].name) == 0)
			return true;
	return false;
}

CHECKED int
action_read(
    struct reading *reading, const xmlNode *node, struct sequence *sequence)
{
	for (size_t i = 0; i < COUNT_OF(act_words); i++)
		if (strcmp((const char *)node->name, act_words[i].name) == 0)
			return read_action(
			    reading, node, act_words[i].act, sequence);
	must(!"action_is() said that it is one");
	return -1;
}
