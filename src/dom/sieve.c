/* dom/sieve.c - paths from their ends
 *
 * An element is matched with a path from the last step to the first. Between
 * two steps of "descendant" the nearest ancestor that fits is as good as any:
 * it leaves most room above. So only the latest such choice is ever taken
 * back, as with the stars of a file name pattern, and a match costs at most
 * depth times steps. */
#include "dom/sieve.h"

#include <string.h>
#include <libxml/xpathInternals.h>

#include "base/mem.h"
#include "dom/path_inside.h"

enum {
	SIEVE_ARENA = 8192,
	BUCKETS = 128, /* a power of two */
};

/* One alternative of a path. */
struct entry {
	const struct path *path;
	unsigned first, last; /* its steps about elements, text, any node */
	const char *attribute; /* of what last fits, or NULL */
	const struct path_step *children; /* those of it, or NULL */
	uint32_t number;
	const char *key; /* in a bucket: what it waits for */
	struct entry *next;
};

/* Words and who waits for them. Most words are turned away by their first
 * letter. */
struct table {
	uint64_t letters;
	struct entry *buckets[BUCKETS];
};

struct sieve {
	struct arena *arena;
	struct table ids, classes, names;
	uint32_t numbers;     /* more than all that were added */
	bool takes_children;  /* some path does */
	struct entry *any;    /* elements of every name */
	struct entry *others; /* text() and node(): no elements */
};

/* Whose children were taken last for a number, and whether some of those are
 * before others that should be before them. */
struct taken {
	const xmlNode *parent;
	bool unsorted;
};

struct run {
	const struct sieve *sieve;
	xmlNodeSet **sets;
	struct taken *taken; /* by number; NULL: no path takes children */
	unsigned long cost;
};

/* ---- words ---- */

static size_t
hash(const char *word, size_t len)
{
	size_t h = len;

	for (size_t i = 0; i < len; i++)
		h = h * 31 + (unsigned char)word[i];
	return h & (BUCKETS - 1);
}

static uint64_t
letter(const char *word)
{
	return UINT64_C(1) << (*word & 63);
}

static void
wait_for(struct table *table, struct entry *entry, const char *key)
{
	struct entry **bucket = &table->buckets[hash(key, strlen(key))];

	entry->key = key;
	entry->next = *bucket;
	*bucket = entry;
	table->letters |= letter(key);
}

/* Who waits for the word, among others. */
static const struct entry *
waiting(const struct table *table, const char *word, size_t len)
{
	if (!(table->letters & letter(word)))
		return NULL;
	return table->buckets[hash(word, len)];
}

/* ---- paths ---- */

struct sieve *
sieve_new(void)
{
	struct arena *arena = arena_new(SIEVE_ARENA);
	struct sieve *sieve = arena_get(arena, sizeof(*sieve));

	sieve->arena = arena;
	return sieve;
}

void
sieve_free(struct sieve **sieve)
{
	struct arena *arena;

	if (!*sieve)
		return;
	arena = (*sieve)->arena;
	arena_free(&arena);
	*sieve = NULL;
}

static void
free_path(void *path)
{
	struct path *one = path;

	path_free(&one);
}

static const struct path_predicate *
predicate_of(const struct path_step *step, const char *attribute, int how)
{
	const struct path_predicate *p = step->predicates;

	while (p && ((int)p->how != how || strcmp(p->attribute, attribute) ||
			*p->value == '\0'))
		p = p->next;
	return p;
}

static void
put(struct sieve *sieve, struct entry *entry)
{
	const struct path_step *end = &entry->path->steps[entry->last];
	const struct path_predicate *id = NULL, *class = NULL;
	struct entry **list = &sieve->any;

	if (end->test == TEST_TEXT || end->test == TEST_NODE)
		list = &sieve->others;
	id = predicate_of(end, "id", EQUALS);
	class = predicate_of(end, "class", CONTAINS_WORD);
	if (list == &sieve->any && id) {
		wait_for(&sieve->ids, entry, id->value);
	} else if (list == &sieve->any && class) {
		wait_for(&sieve->classes, entry, class->value);
	} else if (list == &sieve->any && end->name) {
		wait_for(&sieve->names, entry, end->name);
	} else {
		entry->next = *list;
		*list = entry;
	}
}

static bool
has(uint64_t bits, unsigned i)
{
	return bits >> i & 1;
}

/* "a/node()", "a/text()": what is found is found at a. */
static bool
takes_children(const struct path *path, unsigned first, unsigned last)
{
	const struct path_step *end = &path->steps[last];

	return last > first && has(path->child, last) && !end->predicates &&
	       (end->test == TEST_NODE || end->test == TEST_TEXT) &&
	       (path->last & (path->last - 1)) == 0;
}

/* The alternative whose steps end with last. */
static struct entry *
entry_new(struct sieve *sieve, const struct path *path, unsigned last)
{
	struct entry *entry = arena_get(sieve->arena, sizeof(*entry));
	unsigned first = last;

	while (!has(path->starts[1], first - 1))
		first--;
	entry->path = path;
	entry->first = first;
	entry->last = last;
	if (path->steps[first].test == TEST_NODE && has(path->or_self, first))
		return NULL; /* the document too */
	if (takes_children(path, first, last)) {
		entry->children = &path->steps[last];
		entry->last--;
		return entry;
	}
	if (path->steps[last].test != TEST_ATTRIBUTE)
		return entry;
	entry->attribute = path->steps[last].name;
	entry->last--;
	/* "//@a", "b//@a" say of more than one element that it may be its */
	return last > first && has(path->child, last) ? entry : NULL;
}

bool
sieve_add(struct sieve *sieve, const char *expression, uint32_t number)
{
	struct path *path = path_new(expression);
	struct entry *entries = NULL, *next;
	unsigned alternatives = 0;
	uint64_t ends;

	if (!path)
		return false;
	ends = path->last | path->attributes;
	for (unsigned i = 0; path->starts[1] && i < path->count; i++) {
		struct entry *entry;

		if (!has(ends, i))
			continue;
		entry = entry_new(sieve, path, i);
		if (!entry || (++alternatives > 1 && path->attributes)) {
			entries = NULL;
			break;
		}
		entry->number = number;
		entry->next = entries;
		entries = entry;
	}
	if (!entries) {
		path_free(&path);
		return false;
	}
	arena_keep(sieve->arena, free_path, path);
	if (number >= sieve->numbers)
		sieve->numbers = number + 1;
	for (; entries; entries = next) {
		next = entries->next;
		sieve->takes_children |= entries->children != NULL;
		put(sieve, entries);
	}
	return true;
}

/* ---- a node and a path ---- */

static bool
at_root(const xmlNode *node)
{
	return !node->parent || node->parent->type != XML_ELEMENT_NODE;
}

static bool
fits(struct run *run, const struct entry *entry, const xmlNode *node)
{
	const struct path *path = entry->path;
	const xmlNode *again = NULL;
	unsigned i = entry->last, again_i = 0;

	for (;;) {
		run->cost++;
		if (path_step_fits(&path->steps[i], node)) {
			bool child = has(path->child, i);

			if (i == entry->first && (!child || at_root(node)))
				return true;
			if (i > entry->first && !at_root(node)) {
				node = node->parent;
				i--;
				if (!child) {
					again = node;
					again_i = i;
				}
				continue;
			}
		}
		/* the next ancestor further up for the latest "descendant" */
		if (!again || at_root(again))
			return false;
		node = again = again->parent;
		i = again_i;
	}
}

static void
add(struct run *run, uint32_t number, xmlNode *node)
{
	xmlNodeSet **set = &run->sets[number];

	if (!*set)
		*set = xmlXPathNodeSetCreate(NULL);
	must(*set);
	if ((*set)->nodeNr > 0 && (*set)->nodeTab[(*set)->nodeNr - 1] == node)
		return;
	must(xmlXPathNodeSetAddUnique(*set, node) == 0);
}

static bool
is_within(const xmlNode *node, const xmlNode *ancestor)
{
	while (node && node != ancestor)
		node = node->parent;
	return node;
}

/* The children of what is within the last one's would have come between. */
static void
take_children(struct run *run, const struct entry *entry, xmlNode *node)
{
	struct taken *taken = &run->taken[entry->number];

	if (!node->children)
		return;
	if (!taken->unsorted && taken->parent)
		taken->unsorted = is_within(node, taken->parent);
	taken->parent = node;
	for (xmlNode *c = node->children; c; c = c->next) {
		run->cost++;
		if (path_step_fits(entry->children, c))
			add(run, entry->number, c);
	}
}

static void
try(struct run *run, const struct entry *entry, xmlNode *node)
{
	if (!fits(run, entry, node))
		return;
	if (entry->children) {
		take_children(run, entry, node);
		return;
	}
	if (!entry->attribute) {
		add(run, entry->number, node);
		return;
	}
	for (xmlAttr *a = node->properties; a; a = a->next)
		if (!a->ns &&
		    strcmp((const char *)a->name, entry->attribute) == 0)
			add(run, entry->number, (xmlNode *)a);
}

static void
try_word(struct run *run, const struct table *table, const char *word,
    size_t len, xmlNode *node)
{
	for (const struct entry *e = waiting(table, word, len); e; e = e->next)
		if (strncmp(e->key, word, len) == 0 && e->key[len] == '\0')
			try(run, e, node);
}

static void
try_classes(struct run *run, const char *text, xmlNode *node)
{
	static const char blanks[] = " \t\r\n";

	for (;;) {
		size_t len;

		text += strspn(text, blanks);
		len = strcspn(text, blanks);
		if (len == 0)
			return;
		try_word(run, &run->sieve->classes, text, len, node);
		text += len;
	}
}

/* An attribute in one piece, as parsers make them; others are asked the long
 * way. NULL: it is not. */
static const char *
value_of(const xmlAttr *a)
{
	if (!a->children)
		return "";
	if (a->children->next || a->children->type != XML_TEXT_NODE)
		return NULL;
	return a->children->content ? (const char *)a->children->content : "";
}

/* What waits for an id or a class, in an attribute of several pieces. */
static void
try_pieces(struct run *run, const xmlAttr *a, bool is_id, xmlNode *node)
{
	xmlChar *text = xmlNodeGetContent((const xmlNode *)a);

	if (text && is_id)
		try_word(run, &run->sieve->ids, (const char *)text,
		    strlen((const char *)text), node);
	else if (text)
		try_classes(run, (const char *)text, node);
	xmlFree(text);
}

static void
try_attributes(struct run *run, xmlNode *node)
{
	const struct sieve *sieve = run->sieve;

	for (const xmlAttr *a = node->properties; a; a = a->next) {
		bool is_id = strcmp((const char *)a->name, "id") == 0;
		const char *value;

		if (a->ns || (is_id && !sieve->ids.letters) ||
		    (!is_id && (!sieve->classes.letters ||
				   strcmp((const char *)a->name, "class"))))
			continue;
		value = value_of(a);
		if (!value)
			try_pieces(run, a, is_id, node);
		else if (is_id)
			try_word(run, &sieve->ids, value, strlen(value), node);
		else
			try_classes(run, value, node);
	}
}

static void
visit(struct run *run, xmlNode *node)
{
	const struct sieve *sieve = run->sieve;
	const char *name = (const char *)node->name;

	run->cost++;
	for (const struct entry *e = sieve->others; e; e = e->next)
		try(run, e, node);
	if (node->type != XML_ELEMENT_NODE)
		return;
	if (node->properties)
		try_attributes(run, node);
	if (sieve->names.letters & letter(name))
		try_word(run, &sieve->names, name, strlen(name), node);
	for (const struct entry *e = sieve->any; e; e = e->next)
		try(run, e, node);
}

/* ---- the walk ---- */

/* The next node in the order of the document, or NULL. */
static xmlNode *
behind(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (!node->next) {
		if (at_root(node))
			return NULL;
		node = node->parent;
	}
	return node->next;
}

unsigned long
sieve_run(const struct sieve *sieve, xmlDoc *doc, unsigned long most,
    xmlNodeSet **sets)
{
	struct run run = {.sieve = sieve, .sets = sets, .cost = 1};
	xmlNode *node = doc->children;

	if (sieve->takes_children)
		run.taken = mem_new_array(sieve->numbers, sizeof(*run.taken));
	while (node && (most == 0 || run.cost <= most)) {
		visit(&run, node);
		node = behind(node);
	}
	for (uint32_t i = 0; run.taken && i < sieve->numbers; i++)
		if (run.taken[i].unsorted)
			xmlXPathNodeSetSort(sets[i]);
	mem_free(&run.taken);
	return most && run.cost > most ? 0 : run.cost;
}
