/* dom/path.c - the plain paths of XPath in one walk of the tree
 *
 * All steps of all alternatives are bits of one word, each alternative's
 * behind a bit that stands for where it begins. A node has the bits of the
 * steps that it is a match for: one by name and predicates, whose step before
 * is a bit of its parent (child) or of any ancestor (descendant). So a node is
 * visited once however many steps there are, and its children not at all when
 * no bit of it, or of its ancestors, lets them match. */
#include "dom/path_inside.h"

#include <stddef.h>
#include <string.h>
#include <libxml/xpathInternals.h>

#include "base/mem.h"
#include "base/must.h"

enum {
	PATH_ARENA = 1024,
	DEEP_FIRST = 64,
};

/* ---- reading ---- */

struct reader {
	const char *at;
	struct path *path;
};

static void
skip_blanks(struct reader *reader)
{
	reader->at += strspn(reader->at, " \t\r\n");
}

static bool
take(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(reader);
	if (strncmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

/* A name of ASCII that is nothing else: no function, axis or prefix. */
static const char *
take_name(struct reader *reader)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				      "0123456789.-";
	const char *from, *behind;
	size_t len;

	skip_blanks(reader);
	from = reader->at;
	len = strspn(from, letters);
	if (len == 0 || strchr("0123456789.-", *from))
		return NULL;
	behind = from + len + strspn(from + len, " \t\r\n");
	if (*behind == '(' || *behind == ':' || (from[len] & 0x80))
		return NULL;
	reader->at = from + len;
	return arena_strndup(reader->path->arena, from, len);
}

static const char *
take_literal(struct reader *reader)
{
	const char *from, *end;

	skip_blanks(reader);
	if (*reader->at != '\'' && *reader->at != '"')
		return NULL;
	from = reader->at + 1;
	end = strchr(from, *reader->at);
	if (!end)
		return NULL;
	reader->at = end + 1;
	return arena_strndup(reader->path->arena, from, (size_t)(end - from));
}

/* [contains(concat(' ', normalize-space(@a), ' '), ' x ')], behind the first
 * word. */
static bool
take_word(struct reader *reader, struct path_predicate *predicate)
{
	const char *literal;
	size_t len;

	if (!take(reader, "(") || !take(reader, "concat") ||
	    !take(reader, "(") || !take(reader, "' '") || !take(reader, ",") ||
	    !take(reader, "normalize-space") || !take(reader, "(") ||
	    !take(reader, "@") || !(predicate->attribute = take_name(reader)) ||
	    !take(reader, ")") || !take(reader, ",") || !take(reader, "' '") ||
	    !take(reader, ")") || !take(reader, ",") ||
	    !(literal = take_literal(reader)) || !take(reader, ")"))
		return false;
	len = strlen(literal);
	if (len < 3 || literal[0] != ' ' ||
	    strcspn(literal + 1, " \t\r\n") != len - 2 ||
	    literal[len - 1] != ' ')
		return false;
	predicate->how = CONTAINS_WORD;
	predicate->value =
	    arena_strndup(reader->path->arena, literal + 1, len - 2);
	return true;
}

/* Behind the name of a function: (@a, 'x'). Of an empty text it is true even
 * where there is no attribute. */
static bool
take_part(struct reader *reader, struct path_predicate *predicate, int how)
{
	predicate->how = how;
	return take(reader, "(") && take(reader, "@") &&
	       (predicate->attribute = take_name(reader)) &&
	       take(reader, ",") &&
	       (predicate->value = take_literal(reader)) &&
	       *predicate->value != '\0' && take(reader, ")");
}

static bool
take_contains(struct reader *reader, struct path_predicate *predicate)
{
	const char *from = reader->at;

	if (take_word(reader, predicate))
		return true;
	reader->at = from;
	return take_part(reader, predicate, CONTAINS);
}

static bool
take_lacks(struct reader *reader, struct path_predicate *predicate)
{
	predicate->how = LACKS;
	return take(reader, "(") && take(reader, "@") &&
	       (predicate->attribute = take_name(reader)) && take(reader, ")");
}

static bool take_predicates(
    struct reader *reader, struct path_step *step, bool nested);

/* A step whose predicates name no ancestors themselves. */
static bool
take_ancestor(struct reader *reader, struct path_predicate *predicate)
{
	struct path_step *step =
	    arena_get(reader->path->arena, sizeof(*step));

	predicate->how = ANCESTOR;
	predicate->ancestor = step;
	step->test = TEST_ELEMENT;
	if (!take(reader, "*") && !(step->name = take_name(reader)))
		return false;
	return take_predicates(reader, step, true);
}

static bool
take_test(
    struct reader *reader, struct path_predicate *predicate, bool nested)
{
	if (take(reader, "contains"))
		return take_contains(reader, predicate);
	if (take(reader, "starts-with"))
		return take_part(reader, predicate, STARTS_WITH);
	if (take(reader, "not"))
		return take_lacks(reader, predicate);
	if (!nested && take(reader, "ancestor::"))
		return take_ancestor(reader, predicate);
	if (!take(reader, "@") || !(predicate->attribute = take_name(reader)))
		return false;
	predicate->how = HAS;
	if (take(reader, "=")) {
		predicate->how = EQUALS;
		predicate->value = take_literal(reader);
		return predicate->value != NULL;
	}
	return true;
}

static bool
take_predicates(struct reader *reader, struct path_step *step, bool nested)
{
	while (take(reader, "[")) {
		do {
			struct path_predicate *predicate =
			    arena_get(reader->path->arena, sizeof(*predicate));

			if (!take_test(reader, predicate, nested))
				return false;
			predicate->next = step->predicates;
			step->predicates = predicate;
		} while (take(reader, "and "));
		if (!take(reader, "]"))
			return false;
	}
	return true;
}

static bool
take_step(struct reader *reader, struct path_step *step)
{
	if (take(reader, "@")) {
		step->test = TEST_ATTRIBUTE;
		step->name = take_name(reader);
		return step->name != NULL;
	}
	if (take(reader, "node()"))
		step->test = TEST_NODE;
	else if (take(reader, "text()"))
		step->test = TEST_TEXT;
	else if (!take(reader, "*") && !(step->name = take_name(reader)))
		return false;
	return take_predicates(reader, step, false);
}

/* The words before a step: which way it goes. */
static void
take_axis(struct reader *reader, bool first, bool descends, uint64_t bit)
{
	struct path *path = reader->path;

	if (take(reader, "child::")) {
		path->child |= descends ? 0 : bit;
		path->descendant |= descends ? bit : 0;
	} else if (take(reader, "descendant::")) {
		path->descendant |= bit;
	} else if (first && take(reader, "descendant-or-self::")) {
		path->descendant |= bit;
		path->or_self |= bit;
	} else if (descends) {
		path->descendant |= bit;
	} else {
		path->child |= bit;
	}
}

static bool
take_path(struct reader *reader)
{
	struct path *path = reader->path;
	bool descends = take(reader, "//");
	bool root = descends || take(reader, "/");

	if (path->count > PATH_STEPS_MAX - 2)
		return false;
	path->starts[root] |= UINT64_C(1) << path->count++;
	for (bool first = true;; first = false) {
		uint64_t bit;
		struct path_step *step;

		if (path->count == PATH_STEPS_MAX)
			return false;
		bit = UINT64_C(1) << path->count;
		step = &path->steps[path->count++];
		take_axis(reader, first, descends, bit);
		if (!take_step(reader, step))
			return false;
		if (step->test == TEST_ATTRIBUTE) {
			path->attributes |= bit;
			return !(path->or_self & bit);
		}
		descends = take(reader, "//");
		if (!descends && !take(reader, "/")) {
			path->last |= bit;
			return true;
		}
	}
}

struct path *
path_new(const char *expression)
{
	struct arena *arena = arena_new(PATH_ARENA);
	struct path *path = arena_get(arena, sizeof(*path));
	struct reader reader = {expression, path};

	path->arena = arena;
	do
		if (!take_path(&reader)) {
			arena_free(&arena);
			return NULL;
		}
	while (take(&reader, "|"));
	skip_blanks(&reader);
	/* relative and absolute ones begin at different nodes */
	if (*reader.at || (path->starts[0] && path->starts[1]))
		arena_free(&arena);
	return arena ? path : NULL;
}

void
path_free(struct path **path)
{
	struct arena *arena;

	if (!*path)
		return;
	arena = (*path)->arena;
	arena_free(&arena);
	*path = NULL;
}

/* ---- asking a node ---- */

static const xmlAttr *
attribute_of(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a; a = a->next)
		if (!a->ns && strcmp((const char *)a->name, name) == 0)
			return a;
	return NULL;
}

static bool
has_word(const char *text, const char *word)
{
	static const char blanks[] = " \t\r\n";
	size_t len = strlen(word);

	for (;;) {
		size_t n;

		text += strspn(text, blanks);
		n = strcspn(text, blanks);
		if (n == 0)
			return false;
		if (n == len && memcmp(text, word, len) == 0)
			return true;
		text += n;
	}
}

static bool
value_fits(const struct path_predicate *predicate, const char *value)
{
	switch (predicate->how) {
	case EQUALS:
		return strcmp(value, predicate->value) == 0;
	case CONTAINS:
		return strstr(value, predicate->value) != NULL;
	case STARTS_WITH:
		return strncmp(value, predicate->value,
			   strlen(predicate->value)) == 0;
	default:
		return has_word(value, predicate->value);
	}
}

static bool
has_ancestor(const xmlNode *node, const struct path_step *step)
{
	for (node = node->parent; node && node->type == XML_ELEMENT_NODE;
	     node = node->parent)
		if (path_step_fits(step, node))
			return true;
	return false;
}

static bool
predicate_holds(const struct path_predicate *predicate, const xmlNode *node)
{
	const xmlAttr *a;
	xmlChar *text;
	bool fits;

	if (predicate->how == ANCESTOR)
		return has_ancestor(node, predicate->ancestor);
	if (node->type != XML_ELEMENT_NODE)
		return predicate->how == LACKS;
	a = attribute_of(node, predicate->attribute);
	if (predicate->how == LACKS)
		return !a;
	if (!a || predicate->how == HAS)
		return a != NULL;
	if (!a->children)
		return value_fits(predicate, "");
	if (!a->children->next && a->children->type == XML_TEXT_NODE)
		return value_fits(predicate,
		    a->children->content ? (char *)a->children->content : "");
	text = xmlNodeGetContent((const xmlNode *)a);
	fits = value_fits(predicate, text ? (char *)text : "");
	xmlFree(text);
	return fits;
}

static bool
kind_fits(const struct path_step *step, const xmlNode *node)
{
	switch (node->type) {
	case XML_ELEMENT_NODE:
		return step->test == TEST_NODE ||
		       (step->test == TEST_ELEMENT &&
			   (!step->name ||
			       (!node->ns && strcmp((char *)node->name,
						 step->name) == 0)));
	case XML_TEXT_NODE:
	case XML_CDATA_SECTION_NODE:
		return step->test == TEST_NODE || step->test == TEST_TEXT;
	case XML_COMMENT_NODE:
	case XML_PI_NODE:
	case XML_DOCUMENT_NODE:
	case XML_HTML_DOCUMENT_NODE:
		return step->test == TEST_NODE;
	default:
		return false;
	}
}

bool
path_step_fits(const struct path_step *step, const xmlNode *node)
{
	if (!kind_fits(step, node))
		return false;
	for (const struct path_predicate *p = step->predicates; p; p = p->next)
		if (!predicate_holds(p, node))
			return false;
	return true;
}

/* Of these steps, those that the node is a match for. */
static uint64_t
fitting(const struct path *path, uint64_t wanted, const xmlNode *node)
{
	uint64_t fits = 0;

	while (wanted) {
		unsigned i = (unsigned)__builtin_ctzll(wanted);

		wanted &= wanted - 1;
		if (path_step_fits(&path->steps[i], node))
			fits |= UINT64_C(1) << i;
	}
	return fits;
}

/* ---- the walk ---- */

/* Bits of an open element: its own, and those of it and all above it. */
struct level {
	uint64_t own, above;
};

struct walk {
	const struct path *path;
	struct level *levels;
	size_t depth, room;
	xmlNodeSet *found;
};

static void
add_found(struct walk *walk, xmlNode *node)
{
	if (!walk->found)
		walk->found = xmlXPathNodeSetCreate(NULL);
	must(walk->found);
	must(xmlXPathNodeSetAddUnique(walk->found, node) == 0);
}

/* Which steps may be taken from a node with these bits. */
static uint64_t
next_steps(const struct path *path, const struct level *level)
{
	return (level->own << 1 & path->child) |
	       (level->above << 1 & path->descendant);
}

static void
add_attributes(
    struct walk *walk, const xmlNode *node, const struct level *level)
{
	const struct path *path = walk->path;
	uint64_t wanted = next_steps(path, level) & path->attributes;

	if (!wanted || node->type != XML_ELEMENT_NODE)
		return;
	for (xmlAttr *a = node->properties; a; a = a->next)
		for (uint64_t left = wanted; left && !a->ns; left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctzll(left);

			if (strcmp((const char *)a->name,
				path->steps[i].name) == 0) {
				add_found(walk, (xmlNode *)a);
				break;
			}
		}
}

/* Whether anything below a node may be a match, or have an attribute that
 * is. */
static bool
goes_on(const struct path *path, const struct level *level)
{
	uint64_t next = next_steps(path, level);

	return (next & ~path->attributes) ||
	       (next & path->attributes & path->descendant);
}

/* Whether its children are to be looked at: then there is a level for it. */
static bool
enter(struct walk *walk, xmlNode *node, uint64_t own, uint64_t above)
{
	const struct path *path = walk->path;
	struct level level = {own, above | own};

	if (own & path->last)
		add_found(walk, node);
	if (path->attributes)
		add_attributes(walk, node, &level);
	if (!node->children || !goes_on(path, &level))
		return false;
	if (walk->depth == walk->room) {
		walk->room = walk->room ? 2 * walk->room : DEEP_FIRST;
		walk->levels = mem_resize(
		    walk->levels, walk->room * sizeof(*walk->levels));
	}
	walk->levels[walk->depth++] = level;
	return true;
}

static bool
begin(struct walk *walk, xmlNode *node)
{
	const struct path *path = walk->path;
	uint64_t own = path->starts[0] | path->starts[1];

	own |= fitting(path, own << 1 & path->or_self, node);
	return enter(walk, node, own, 0);
}

static bool
visit(struct walk *walk, xmlNode *node)
{
	const struct level *up = &walk->levels[walk->depth - 1];
	uint64_t above = up->above;
	uint64_t own = fitting(walk->path,
	    next_steps(walk->path, up) & ~walk->path->attributes, node);

	if (node->type == XML_ELEMENT_NODE)
		return enter(walk, node, own, above);
	if (own & walk->path->last)
		add_found(walk, node);
	return false;
}

/* The node behind one and all below it, or NULL. */
static xmlNode *
behind(struct walk *walk, const xmlNode *node, const xmlNode *top)
{
	while (node != top && !node->next) {
		node = node->parent;
		walk->depth--;
	}
	return node == top ? NULL : node->next;
}

xmlXPathObject *
path_select(const struct path *path, xmlNode *node, unsigned long most,
    unsigned long *visited)
{
	xmlNode *top = path->starts[1] ? (xmlNode *)node->doc : node;
	struct walk walk = {.path = path};
	unsigned long n = 1;
	xmlNode *at = begin(&walk, top) ? top->children : NULL;

	while (at && (most == 0 || n < most)) {
		n++;
		at = visit(&walk, at) ? at->children : behind(&walk, at, top);
	}
	mem_free(&walk.levels);
	*visited = n;
	if (at) {
		xmlXPathFreeNodeSet(walk.found);
		return NULL;
	}
	return xmlXPathWrapNodeSet(
	    walk.found ? walk.found : xmlXPathNodeSetCreate(NULL));
}
