/* theme/diazo.c - Diazo's elements become rules
 *
 * The tree of <rules> is walked without recursion; each group's conditions go
 * into every rule below it, so that nothing later needs to know of groups.
 * Where Diazo's manual and its code differ, the manual is followed, except
 * under `compat`. What the code would pass over in silence (unknown elements,
 * selectors that are no XPath) is an error here, except under `compat`. */
#include "theme/diazo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/html.h"
#include "theme/deliverance.h"
#include "theme/dependency.h"
#include "theme/form.h"
#include "theme/selector.h"
#include "theme/source.h"
#include "theme/spelling.h"
#include "theme/unread.h"
#include "theme/xslread.h"
#include "theme/xslscope.h"

enum { INLINE_THEME_MAX = SOURCE_BYTES_MAX };

/* A <rules> element that is being read. */
struct group {
	const xmlNode *node;
	struct terms terms;
	struct group *outer;
};

/* ---- themes ---- */

static int
inline_theme(
    struct reading *reading, const xmlNode *node, struct choice *choice)
{
	struct buf markup;
	int rc;

	buf_init(&markup, INLINE_THEME_MAX);
	for (const xmlNode *c = node->children; c; c = c->next)
		if (!form_is_blank(c))
			html_write(&markup, c);
	rc = markup.failed
		 ? selector_fail(reading, node,
		       "the inline theme is over %d bytes", INLINE_THEME_MAX)
		 : 0;
	if (rc == 0)
		choice->markup =
		    arena_strdup(reading->rules->arena, markup.data);
	buf_fini(&markup);
	return rc;
}

static void
warn_if_never_chosen(struct rules *rules, const struct choice *choice)
{
	if (rules->compat)
		return;
	for (const struct choice *c = rules->choices; c; c = c->next)
		if (c->terms.count == 0) {
			rules_warn(rules, choice->source, choice->line,
			    "this theme is never chosen, since the one at "
			    "line %ld comes first and has no condition",
			    c->line);
			return;
		}
}

static enum verdict
read_theme(
    struct reading *reading, const xmlNode *node, const struct terms *outer)
{
	struct rules *rules = reading->rules;
	struct choice *choice = arena_get(rules->arena, sizeof(*choice));
	const char *href = selector_plain(reading, node, "href");

	unread_note(reading, node, UNREAD_THEME);
	choice->source = node->_private;
	choice->line = xmlGetLineNo(node);
	choice->prefix = selector_plain(reading, node, "prefix");
	if (selector_terms(reading, node, NULL, outer, &choice->terms) != 0)
		return BAD;
	if (href)
		choice->href =
		    source_resolve(rules->arena, choice->source, href);
	else if (!form_has_body(node))
		return selector_fail(reading, node,
		    "<theme> needs href=\"FILE or URL\" or a page inside");
	else if (inline_theme(reading, node, choice) != 0)
		return BAD;
	warn_if_never_chosen(rules, choice);
	if (choice->href && !words_have(&rules->hrefs, choice->href))
		words_add(rules->arena, &rules->hrefs, choice->href);
	*rules->last_choice = choice;
	rules->last_choice = &choice->next;
	return TAKEN;
}

static enum verdict
read_notheme(
    struct reading *reading, const xmlNode *node, const struct terms *outer)
{
	struct rules *rules = reading->rules;
	struct notheme *notheme = arena_get(rules->arena, sizeof(*notheme));

	unread_note(reading, node, UNREAD_GROUP);
	if (selector_terms(reading, node, NULL, outer, &notheme->terms) != 0)
		return BAD;
	if (notheme->terms.count == 0) {
		rules_warn(rules, node->_private, xmlGetLineNo(node),
		    "<notheme> without a condition is ignored");
		return LEFT;
	}
	*rules->last_notheme = notheme;
	rules->last_notheme = &notheme->next;
	return TAKEN;
}

/* ---- elements ---- */

static const char *
nearest(const char *word)
{
	static const char *const groups[] = {"theme", "notheme", "rules"};
	const char *words[FORMS + COUNT_OF(groups)];

	for (size_t i = 0; i < FORMS; i++)
		words[i] = form_name(i);
	memcpy(words + FORMS, groups, sizeof(groups));
	return spelling_nearest(word, words, COUNT_OF(words));
}

static enum verdict
unknown_element(struct reading *reading, const xmlNode *node)
{
	const char *name = (const char *)node->name;
	const char *meant = nearest(name);

	if (reading->rules->compat)
		return LEFT;
	if (strcmp(name, "include") == 0)
		return selector_fail(
		    reading, node, "<include> belongs inside a rule");
	return selector_fail(reading, node, "<%s> is not a rule%s%s%s", name,
	    meant ? "; did you mean <"
		  : "; there are theme, notheme, "
		    "replace, before, after, drop, strip, merge, copy, rules",
	    meant ? meant : "", meant ? ">?" : "");
}

static enum verdict
read_element(
    struct reading *reading, const xmlNode *node, const struct group *group)
{
	const char *name = (const char *)node->name;
	const struct terms *outer = &group->terms;
	enum dialect dialect = selector_dialect(node);
	const struct form *form;

	if (dialect == DIALECT_XSL)
		return xslread_root(reading, node, group->outer != NULL);
	if (dialect == DIALECT_NONE) {
		rules_warn(reading->rules, node->_private, xmlGetLineNo(node),
		    "<%s> is not in Diazo's namespace, so it is ignored", name);
		return LEFT;
	}
	if (strcmp(name, "theme") == 0)
		return read_theme(reading, node, outer);
	if (strcmp(name, "notheme") == 0)
		return read_notheme(reading, node, outer);
	form = form_find(name);
	if (form)
		return form_read(reading, form, node, outer);
	return unknown_element(reading, node);
}

static bool
is_group(const xmlNode *node)
{
	enum dialect dialect = selector_dialect(node);

	return (dialect == DIALECT_DIAZO || dialect == DIALECT_OLD) &&
	       strcmp((const char *)node->name, "rules") == 0;
}

static int
open_group(struct reading *reading, const xmlNode *node, struct group **group)
{
	static const struct terms none;
	struct group *inner = arena_get(reading->rules->arena, sizeof(*inner));

	unread_note(reading, node, UNREAD_GROUP);
	inner->node = node;
	inner->outer = *group;
	if (selector_terms(reading, node, NULL,
		*group ? &(*group)->terms : &none, &inner->terms) != 0)
		return -1;
	*group = inner;
	return 0;
}

static int
read_group(struct reading *reading, const xmlNode *root)
{
	struct group *group = NULL;
	const xmlNode *node;

	if (open_group(reading, root, &group) != 0)
		return -1;
	node = root->children;
	for (;;) {
		while (!node && group->outer) {
			node = group->node->next;
			group = group->outer;
		}
		if (!node)
			return 0;
		if (is_group(node)) {
			if (open_group(reading, node, &group) != 0)
				return -1;
			node = node->children;
			continue;
		}
		if (node->type == XML_ELEMENT_NODE &&
		    read_element(reading, node, group) == BAD)
			return -1;
		node = node->next;
	}
}

static int
find_root(struct rules *rules, const struct rules_opts *opts, struct err *err)
{
	char *real;

	if (!opts->root)
		return 0;
	real = realpath(opts->root, NULL);
	if (!real)
		return err_set(err, "%s: %s", opts->root, strerror(errno));
	rules->root = arena_strdup(rules->arena, real);
	mem_free(&real);
	return 0;
}

CHECKED int
diazo_read(struct rules *rules, const char *path, const struct rules_opts *opts,
    struct err *err)
{
	struct reading reading = {rules, err};
	struct digest digest;
	xmlDoc *doc = NULL;
	xmlNode *root;

	digest_init(&digest);
	digest_puts(&digest, opts->compat ? "compat" : "");
	if (find_root(rules, opts, err) != 0 ||
	    source_load(&doc, rules, path, &digest, err) != 0)
		return -1;
	dependency_read(rules, doc, opts->before, &digest);
	digest_hex(&digest, rules->version);
	root = xmlDocGetRootElement(doc);
	if (deliverance_is_root(root))
		return deliverance_read(&reading, root);
	if (!is_group(root))
		return selector_fail(&reading, root,
		    "the root is <%s>; it should be <rules "
		    "xmlns=\"http://namespaces.plone.org/diazo\"> or "
		    "Deliverance's <ruleset>",
		    (const char *)root->name);
	if (read_group(&reading, root) != 0)
		return -1;
	return opts->params ? xslscope_check(&reading, opts->params) : 0;
}
