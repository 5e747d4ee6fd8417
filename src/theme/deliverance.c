/* theme/deliverance.c - the elements of <ruleset> (contract:
 * theme/deliverance.h)
 *
 * What the reference would only notice when a page is dressed (a selection
 * that an action cannot use, a hook in Python) is an error here. */
#include "theme/deliverance.h"

#include <string.h>
#include <sys/stat.h>

#include "theme/matcher.h"
#include "theme/ruleset.h"
#include "theme/source.h"

#define BLANKS " \t\r\n\f"

struct ruleset_reader {
	struct reading *reading;
	struct ruleset *ruleset;
};

/* ---- what all elements have in common ---- */

CHECKED int
ruleset_boolean(
    struct reading *reading, const xmlNode *node, const char *name, bool *out)
{
	const char *text = selector_plain(reading, node, name);
	int yes;

	if (!text)
		return 0;
	yes = matcher_boolean(text);
	if (yes < 0)
		return selector_fail(reading, node,
		    "%s=\"%s\": should be one of true, yes, on, y, t, 1, "
		    "false, no, off, n, f, 0",
		    name, text);
	*out = yes;
	return 0;
}

static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	while (*(words += strspn(words, " ")) != '\0') {
		size_t len = strcspn(words, " ");

		if (len == n && strncmp(words, word, n) == 0)
			return true;
		words += len;
	}
	return false;
}

static int
refuse_python(struct reading *reading, const xmlNode *node, const char *name)
{
	const char *element = (const char *)node->name;
	const char *instead =
	    strcmp(element, "theme") == 0
		? "<theme href=\"http://...\"/>, which may have {NAME}s of the "
		  "request"
	    : strcmp(element, "dest") == 0 ? "<dest href=\"http://...\"/>"
	    : strcmp(element, "request") == 0 ||
		    strcmp(element, "response") == 0
		? "header=\"NAME\" content=\"VALUE\""
	    : node->parent &&
		    strcmp((const char *)node->parent->name, "rule") == 0
		? "selectors, or let the upstream prepare the page"
		: "path, domain, request-header, response-header, "
		  "response-status, environ, or let the upstream send "
		  "X-Deliverance-Page-Class";

	return selector_fail(reading, node,
	    "%s runs Python, which this program does not; use %s", name,
	    instead);
}

CHECKED int
ruleset_attributes(
    struct reading *reading, const xmlNode *node, const char *known)
{
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;

		if (a->ns) /* xml:base and the like */
			continue;
		if (strcmp(name, "pyref") == 0 ||
		    strncmp(name, "pyarg", 5) == 0)
			return refuse_python(reading, node, name);
		if (!has_word(known, name))
			rules_warn(reading->rules, node->_private,
			    xmlGetLineNo(node), "<%s %s> is ignored",
			    (const char *)node->name, name);
	}
	return 0;
}

static int
no_such_element(struct reading *reading, const xmlNode *node, const char *there)
{
	return selector_fail(reading, node,
	    "<%s> cannot stand in <%s>; there are %s", (const char *)node->name,
	    (const char *)node->parent->name, there);
}

/* Children are elements; what is written between them is for nobody. */
static void
warn_of_text(struct reading *reading, const xmlNode *node)
{
	for (const xmlNode *c = node->children; c; c = c->next) {
		const char *text = (const char *)c->content;

		if (c->type != XML_TEXT_NODE || !text ||
		    !text[strspn(text, BLANKS)])
			continue;
		rules_warn(reading->rules, node->_private, xmlGetLineNo(node),
		    "<%s> holds text, which means nothing there",
		    (const char *)node->name);
		return;
	}
}

/* ---- match ---- */

static int
read_match(struct ruleset_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	struct giver *giver = arena_get(reading->rules->arena, sizeof(*giver));

	if (ruleset_attributes(
		reading, node, MATCH_ATTRIBUTES " class abort last") != 0 ||
	    match_read(&giver->match, reading, node, true) != 0 ||
	    ruleset_boolean(reading, node, "abort", &giver->abort) != 0 ||
	    ruleset_boolean(reading, node, "last", &giver->last) != 0)
		return -1;
	words_split(reading->rules->arena, &giver->classes,
	    selector_plain(reading, node, "class"));
	if (giver->abort && giver->classes.count > 0)
		return selector_fail(reading, node,
		    "abort and class exclude each other: what is not themed "
		    "needs no class");
	if (!giver->abort && giver->classes.count == 0)
		return selector_fail(reading, node,
		    "<match> needs class=\"NAME\" or abort=\"1\"");
	if (!giver->match)
		rules_warn(reading->rules, node->_private, xmlGetLineNo(node),
		    "<match> has no match attribute, so it fits every page");
	(void)match_looks_at(
	    giver->match, reading->rules->arena, &reader->ruleset->fields);
	*reader->ruleset->last_giver = giver;
	reader->ruleset->last_giver = &giver->next;
	return 0;
}

/* ---- theme ---- */

static bool
is_absolute(const char *href)
{
	size_t n = strspn(href, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n > 1 && href[n] == ':';
}

static bool
is_file(const char *path)
{
	struct stat st;

	return *path == '/' && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* An address of its own is fetched once for all; so is a file beside the
 * ruleset. All else is a page of the site. */
static void
place_look(struct reading *reading, struct look *look, const char *href)
{
	struct arena *arena = reading->rules->arena;
	const char *path = NULL;

	look->kind = LOOK_WANTED;
	look->href = href;
	if (look->has_names)
		return;
	if (is_absolute(href) || (*href != '/' && !strchr(href, '?')))
		path = source_resolve(arena, look->source, href);
	if (!path || (!is_absolute(href) && !is_file(path)))
		return;
	look->kind = LOOK_STATIC;
	look->href = path;
	if (!words_have(&reading->rules->hrefs, path))
		words_add(arena, &reading->rules->hrefs, path);
}

static int
read_look(
    struct ruleset_reader *reader, const xmlNode *node, const struct look **out)
{
	struct reading *reading = reader->reading;
	struct arena *arena = reading->rules->arena;
	struct look *look = arena_get(arena, sizeof(*look));
	const char *href = selector_plain(reading, node, "href");

	if (ruleset_attributes(reading, node, "href") != 0)
		return -1;
	if (!href || !*href)
		return selector_fail(
		    reading, node, "<theme> needs href=\"ADDRESS\"");
	look->source = node->_private;
	look->line = xmlGetLineNo(node);
	href = template_here(
	    arena, href, reading->rules->folder, &look->has_names);
	(void)template_looks_at(href, arena, &reader->ruleset->fields);
	place_look(reading, look, href);
	*reader->ruleset->last_look = look;
	reader->ruleset->last_look = &look->next;
	*out = look;
	return 0;
}

/* ---- rule ---- */

static int
read_in_rule(struct ruleset_reader *reader, const xmlNode *node,
    struct sequence *sequence)
{
	const char *name = (const char *)node->name;

	if (node->ns)
		return no_such_element(reader->reading, node,
		    "replace, append, prepend, drop and theme, without a "
		    "namespace");
	if (strcmp(name, "theme") == 0)
		return read_look(reader, node, &sequence->look);
	if (action_is(node))
		return action_read(reader->reading, node, sequence);
	return no_such_element(
	    reader->reading, node, "replace, append, prepend, drop and theme");
}

static struct sequence *
new_sequence(struct arena *arena, const xmlNode *node)
{
	struct sequence *sequence = arena_get(arena, sizeof(*sequence));

	sequence->last = &sequence->first;
	sequence->source = node->_private;
	sequence->line = xmlGetLineNo(node);
	return sequence;
}

static int
read_rule(struct ruleset_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	struct arena *arena = reading->rules->arena;
	struct sequence *sequence = new_sequence(arena, node);

	if (ruleset_attributes(reading, node,
		MATCH_ATTRIBUTES " class suppress-standard") != 0 ||
	    match_read(&sequence->match, reading, node, true) != 0 ||
	    ruleset_boolean(reading, node, "suppress-standard",
		&sequence->suppress_standard) != 0)
		return -1;
	warn_of_text(reading, node);
	words_split(
	    arena, &sequence->classes, selector_plain(reading, node, "class"));
	if (sequence->classes.count == 0)
		words_add(arena, &sequence->classes, "default");
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE &&
		    read_in_rule(reader, c, sequence) != 0)
			return -1;
	(void)match_looks_at(sequence->match, arena, &reader->ruleset->fields);
	*reader->ruleset->last_sequence = sequence;
	reader->ruleset->last_sequence = &sequence->next;
	return 0;
}

/* ---- the standard rule ---- */

/* What every page has in its head; as the reference's code has it, so that
 * what comes in stands before what the theme has: styles, scripts, links. */
static int
make_standard(struct ruleset_reader *reader, const xmlNode *root)
{
	static const struct {
		enum act act;
		const char *theme, *content;
	} actions[] = {
	    {ACT_REPLACE, "children:/html/head/title",
		"children:/html/head/title"},
	    {ACT_PREPEND, "children:/html/head", "elements:/html/head/link"},
	    {ACT_PREPEND, "children:/html/head", "elements:/html/head/script"},
	    {ACT_PREPEND, "children:/html/head", "elements:/html/head/style"},
	};
	struct reading *reading = reader->reading;
	struct arena *arena = reading->rules->arena;
	struct source *source = arena_get(arena, sizeof(*source));
	struct sequence *sequence = new_sequence(arena, root);

	*source = *(const struct source *)root->_private;
	source->name =
	    arena_printf(arena, "%s: the standard rule", source->name);
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		struct action *action = arena_get(arena, sizeof(*action));

		action->act = actions[i].act;
		action->source = source;
		action->line = sequence->line;
		action->moves = true;
		action->nocontent.how = HANDLE_IGNORE;
		if (selection_parse(&action->theme, reading, root, "theme",
			actions[i].theme, false) != 0 ||
		    selection_parse(&action->content, reading, root, "content",
			actions[i].content, false) != 0)
			return -1;
		*sequence->last = action;
		sequence->last = &action->next;
	}
	reader->ruleset->standard = sequence;
	return 0;
}

/* ---- ruleset ---- */

static int
read_clientside(struct reading *reading, const xmlNode *node)
{
	rules_warn(reading->rules, node->_private, xmlGetLineNo(node),
	    "<clientside> is ignored: pages are themed before they are sent");
	return 0;
}

static int
read_element(struct ruleset_reader *reader, const xmlNode *node)
{
	static const char there[] = "server-settings, proxy, match, theme, "
				    "rule, clientside";
	struct reading *reading = reader->reading;
	const char *name = (const char *)node->name;

	if (node->ns)
		return no_such_element(reading, node, there);
	if (strcmp(name, "match") == 0)
		return read_match(reader, node);
	if (strcmp(name, "theme") == 0)
		return read_look(reader, node, &reader->ruleset->look);
	if (strcmp(name, "rule") == 0)
		return read_rule(reader, node);
	if (strcmp(name, "proxy") == 0)
		return proxy_read(reading, reader->ruleset, node);
	if (strcmp(name, "server-settings") == 0)
		return settings_read(reading, reader->ruleset, node);
	if (strcmp(name, "clientside") == 0)
		return read_clientside(reading, node);
	return no_such_element(reading, node, there);
}

bool
deliverance_is_root(const xmlNode *root)
{
	return !root->ns && strcmp((const char *)root->name, "ruleset") == 0;
}

/* What is in files is shown to anybody. */
static int
check_files(struct reading *reading, const struct ruleset *ruleset)
{
	if (ruleset->settings.display_local_files)
		return 0;
	for (const struct look *l = ruleset->looks; l; l = l->next)
		if (l->kind == LOOK_STATIC && *l->href == '/')
			return rules_fail(reading->err, l->source, l->line,
			    "the theme is a file, which display-local-files "
			    "does not allow");
	for (size_t i = 0; i < ruleset->proxies_count; i++)
		if (ruleset->proxies[i]->kind == PROXY_FILE)
			return err_set(reading->err,
			    "%s:%ld: the dest is a folder, which "
			    "display-local-files does not allow",
			    ruleset->proxies[i]->source,
			    ruleset->proxies[i]->line);
	return 0;
}

CHECKED int
deliverance_read(struct reading *reading, const xmlNode *root)
{
	struct arena *arena = reading->rules->arena;
	struct ruleset *ruleset = arena_get(arena, sizeof(*ruleset));
	struct ruleset_reader reader = {reading, ruleset};

	ruleset->last_giver = &ruleset->givers;
	ruleset->last_sequence = &ruleset->sequences;
	ruleset->last_look = &ruleset->looks;
	settings_default(&ruleset->settings);
	ruleset->settings.source = ((struct source *)root->_private)->name;
	ruleset->settings.line = xmlGetLineNo(root);
	if (ruleset_attributes(reading, root, "") != 0 ||
	    make_standard(&reader, root) != 0)
		return -1;
	warn_of_text(reading, root);
	for (const xmlNode *c = root->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE &&
		    read_element(&reader, c) != 0)
			return -1;
	if (check_files(reading, ruleset) != 0)
		return -1;
	reading->rules->ruleset = ruleset;
	return 0;
}
