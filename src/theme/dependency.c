/* theme/dependency.c - names of files, found and noted (contract:
 * theme/dependency.h) */
#include "theme/dependency.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/mem.h"
#include "theme/markup.h"
#include "theme/source.h"

#define BLANKS " \t\r\n"

struct dependencies {
	struct lock lock;
	/* shared: under lock */
	char *paths[DEPENDENCIES_MAX];
	size_t count;
	/* set while the rules are read */
	bool some_are_made; /* some names are worked out */
};

struct dependencies *
dependencies_new(void)
{
	struct dependencies *dependencies = mem_new(sizeof(*dependencies));

	lock_init(&dependencies->lock);
	return dependencies;
}

void
dependencies_free(struct dependencies **dependencies)
{
	if (!*dependencies)
		return;
	for (size_t i = 0; i < (*dependencies)->count; i++)
		mem_free(&(*dependencies)->paths[i]);
	lock_fini(&(*dependencies)->lock);
	mem_free(dependencies);
}

void
dependency_note(const struct rules *rules, const char *path)
{
	struct dependencies *all = rules->dependencies;
	bool known = false;

	lock_take(&all->lock);
	for (size_t i = 0; i < all->count && !known; i++)
		known = strcmp(all->paths[i], path) == 0;
	if (!known && all->count < DEPENDENCIES_MAX)
		all->paths[all->count++] = mem_strdup(path);
	lock_drop(&all->lock);
}

/* ---- what the rules say ---- */

/* Behind "document(": the name that is said, or NULL: it is worked out. */
static const char *
name_said(const char *at, struct arena *arena)
{
	const char *end;

	at += strspn(at, BLANKS);
	if (*at != '\'' && *at != '"')
		return NULL;
	end = strchr(at + 1, *at);
	if (!end || !strchr(",)", end[1 + strspn(end + 1, BLANKS)]))
		return NULL;
	return arena_strndup(arena, at + 1, (size_t)(end - at - 1));
}

static void
find_in(struct rules *rules, const char *text)
{
	static const char word[] = "document";

	while ((text = strstr(text, word)) != NULL) {
		const char *name;

		text += strlen(word);
		text += strspn(text, BLANKS);
		if (*text != '(')
			continue;
		name = name_said(++text, rules->arena);
		if (!name)
			rules->dependencies->some_are_made = true;
		else if (*name)
			dependency_note(rules,
			    *name == '/' ? name
					 : arena_printf(rules->arena, "%s/%s",
					       rules->folder, name));
	}
}

static void
find_all(struct rules *rules, const xmlDoc *doc)
{
	for (xmlNode *n = doc->children; n; n = markup_following(n)) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		for (const xmlAttr *a = n->properties; a; a = a->next)
			for (xmlNode *t = a->children; t; t = t->next)
				if (t->content)
					find_in(
					    rules, (const char *)t->content);
	}
}

/* ---- what they are now ---- */

static uint64_t of_this_process;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
mark_process(void)
{
	of_this_process =
	    ((uint64_t)clock_wall_ms() << 20) ^ (uint64_t)getpid();
}

static void
carry_over(const struct rules *rules, const struct rules *before)
{
	struct dependencies *old = before->dependencies;
	char *paths[DEPENDENCIES_MAX];
	size_t count;

	lock_take(&old->lock);
	count = old->count;
	for (size_t i = 0; i < count; i++)
		paths[i] = mem_strdup(old->paths[i]);
	lock_drop(&old->lock);
	for (size_t i = 0; i < count; i++) {
		dependency_note(rules, paths[i]);
		mem_free(&paths[i]);
	}
}

void
dependency_read(struct rules *rules, const xmlDoc *doc,
    const struct rules *before, struct digest *digest)
{
	struct dependencies *all = rules->dependencies;

	find_all(rules, doc);
	if (all->some_are_made) {
		pthread_once(&once, mark_process);
		digest_add(digest, &of_this_process, sizeof(of_this_process));
		if (before)
			carry_over(rules, before);
	}
	/* Nobody else has these rules yet. */
	for (size_t i = 0; i < all->count; i++)
		if (rules_may_read(rules, all->paths[i]))
			source_digest(all->paths[i], digest);
}
