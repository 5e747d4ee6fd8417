/* theme/ruleset.h - what a Deliverance ruleset says, once it is read
 *
 * The other of the two rule trees: Diazo's rules are looked up while the theme
 * is walked, Deliverance's actions are done one after another. All memory
 * belongs to the arena of struct rules; nothing is written to after
 * rules_load(). */
#ifndef THEME_RULESET_H
#define THEME_RULESET_H

#include <stdbool.h>
#include "theme/classes.h"
#include "theme/proxies.h"
#include "theme/selection.h"

/* What is done when there is nothing, or too much. */
struct handling {
	enum { HANDLE_WARN, HANDLE_IGNORE, HANDLE_ABORT } how;
	bool takes_last; /* of many: the last instead of the first */
};

enum act { ACT_REPLACE, ACT_APPEND, ACT_PREPEND, ACT_DROP };

struct action {
	enum act act;
	const struct source *source;
	long line;
	const struct selection *theme, *content, *condition;
	const char *href; /* where content is instead, or NULL */
	bool moves;	  /* content leaves its page; else it is copied */
	bool sees_all;	  /* collapse-sources: of the theme, what came in too */
	struct handling notheme, nocontent, manytheme, manycontent;
	struct action *next;
};

enum look_kind {
	LOOK_STATIC, /* rules_theme_href() has its href */
	LOOK_WANTED, /* a document: on the site itself, or by a {NAME} */
};

/* One <theme>. */
struct look {
	const struct source *source;
	long line;
	enum look_kind kind;
	const char *href; /* resolved if static */
	bool has_names;
	struct look *next; /* of all that the file names */
};

/* One <rule>: actions in their order. */
struct sequence {
	const struct source *source;
	long line;
	struct words classes;
	const struct match *match;
	const struct look *look; /* or NULL */
	bool suppress_standard;
	struct action *first, **last;
	struct sequence *next;
};

struct ruleset {
	struct giver *givers, **last_giver;
	struct sequence *sequences, **last_sequence;
	struct look *looks, **last_look;
	const struct look *look;	 /* of the ruleset, or NULL */
	const struct sequence *standard; /* the standard rule */
	struct proxy **proxies;
	size_t proxies_count, proxies_room;
	struct settings settings;
	struct words fields; /* of requests that are looked at */
};

/* theme/uritemplate.c: addresses with {NAME}s in them. Add one to out with
 * its names filled in: the environ's first, then fields of the request. See
 * proxy_target() for what a value may be. */
CHECKED int template_fill(struct buf *out, const char *text,
    const struct facts *facts, struct err *err);
/* Put here in the place of {here}; *has_names: there are others. */
const char *template_here(
    struct arena *arena, const char *text, const char *folder, bool *has_names);
/* What of the request its names look at: as match_looks_at(). */
bool template_looks_at(
    const char *text, struct arena *arena, struct words *fields);

/* theme/action.c, proxies.c, settings.c: one element of the file each. */
bool action_is(const xmlNode *node);
CHECKED int action_read(
    struct reading *reading, const xmlNode *node, struct sequence *sequence);
CHECKED int proxy_read(
    struct reading *reading, struct ruleset *ruleset, const xmlNode *node);
CHECKED int settings_read(
    struct reading *reading, struct ruleset *ruleset, const xmlNode *node);
void settings_default(struct settings *settings);

/* theme/deliverance.c: what all elements have in common. */
/* -1: the attribute is no boolean. Not there: *out stays. */
CHECKED int ruleset_boolean(
    struct reading *reading, const xmlNode *node, const char *name, bool *out);
/* Refuse pyref and pyarg-NAME, warn of attributes beyond those in known
 * ("a b c"). */
CHECKED int ruleset_attributes(
    struct reading *reading, const xmlNode *node, const char *known);
#define MATCH_ATTRIBUTES                                                       \
	"path domain request-header response-header response-status environ"

#endif
