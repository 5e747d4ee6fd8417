/* theme/settings.c - <server-settings>: how a Deliverance deployment is set up
 * (contract: theme/proxies.h)
 *
 * Values may name environment variables, which are read here, once. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "theme/matcher.h"
#include "theme/ruleset.h"
#include "theme/source.h"

#define BLANKS " \t\r\n\f"

struct settings_reader {
	struct reading *reading;
	struct settings *settings;
	struct words allow, deny;
	struct settings_user *users;
	size_t users_count, users_room;
};

void
settings_default(struct settings *settings)
{
	*settings = (struct settings){
	    .server = "localhost:8080",
	    .display_local_files = true,
	    .edit_local_files = true,
	};
}

/* ---- values ---- */

static size_t
name_length(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

/* $NAME and ${NAME}; what is not set is a mistake, "$$" a dollar. */
static int
expand(struct reading *reading, const xmlNode *node, const char *text,
    struct buf *out)
{
	while (*text) {
		bool braces = text[0] == '$' && text[1] == '{';
		size_t len = name_length(text + 1 + braces);
		const char *name, *value;

		if (*text != '$') {
			buf_putc(out, *text++);
			continue;
		}
		if (text[1] == '$' || len == 0 ||
		    (braces && text[2 + len] != '}')) {
			buf_putc(out, '$');
			text += text[1] == '$' ? 2 : 1;
			continue;
		}
		name = arena_strndup(
		    reading->rules->arena, text + 1 + braces, len);
		value = getenv(name);
		if (!value)
			return selector_fail(reading, node,
			    "<%s>: $%s is not in the environment",
			    (const char *)node->name, name);
		buf_puts(out, value);
		text += 1 + len + 2 * (size_t)braces;
	}
	return 0;
}

/* The text of an element, trimmed and expanded. */
static int
text_of(struct reading *reading, const xmlNode *node, const char **out)
{
	enum { TEXT_MAX = 64 * 1024 };
	xmlChar *content = xmlNodeGetContent(node);
	const char *from = content ? (const char *)content : "";
	struct buf text;
	size_t len;
	int rc;

	buf_init(&text, TEXT_MAX);
	from += strspn(from, BLANKS);
	rc = expand(reading, node, from, &text);
	len = text.len;
	while (len > 0 && strchr(BLANKS, text.data[len - 1]))
		len--;
	if (rc == 0 && (len == 0 || text.failed))
		rc = selector_fail(reading, node, "<%s> %s",
		    (const char *)node->name,
		    len == 0 ? "is empty" : "is too long");
	if (rc == 0)
		*out = arena_strndup(reading->rules->arena, text.data, len);
	buf_fini(&text);
	xmlFree(content);
	return rc;
}

/* ---- elements ---- */

static int
read_server(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	const char *bracket = strrchr(text, ']');
	const char *colon = strrchr(bracket ? bracket : text, ':');

	(void)node;
	reader->settings->server = text;
	if (!colon)
		reader->settings->server =
		    arena_printf(reader->reading->rules->arena, "%s:80", text);
	return 0;
}

static int
read_boolean(struct settings_reader *reader, const xmlNode *node,
    const char *text, bool *out)
{
	int yes = matcher_boolean(text);

	if (yes < 0)
		return selector_fail(reader->reading, node,
		    "<%s>%s: should be true or false", (const char *)node->name,
		    text);
	*out = yes;
	return 0;
}

static int
read_display(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	return read_boolean(
	    reader, node, text, &reader->settings->display_local_files);
}

static int
read_edit(struct settings_reader *reader, const xmlNode *node, const char *text)
{
	return read_boolean(
	    reader, node, text, &reader->settings->edit_local_files);
}

/* True by default there, so a file may well say it; nothing runs here. */
static int
read_pyref(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	bool unused;

	return read_boolean(reader, node, text, &unused);
}

static int
read_middleware(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	return selector_fail(reader->reading, node,
	    "<middleware-factory>%s runs Python, which this program does not; "
	    "run it as a server of its own behind a <proxy>",
	    text);
}

static int
read_allow(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	(void)node;
	words_split(reader->reading->rules->arena, &reader->allow, text);
	return 0;
}

static int
read_deny(struct settings_reader *reader, const xmlNode *node, const char *text)
{
	(void)node;
	words_split(reader->reading->rules->arena, &reader->deny, text);
	return 0;
}

static int
read_htpasswd(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	reader->settings->dev_htpasswd =
	    source_resolve(reader->reading->rules->arena, node->_private, text);
	return 0;
}

static int
read_secret(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	reader->settings->dev_secret_file =
	    source_resolve(reader->reading->rules->arena, node->_private, text);
	return 0;
}

static int
read_expiration(
    struct settings_reader *reader, const xmlNode *node, const char *text)
{
	enum { DIGITS_MAX = 9 };
	size_t len = strspn(text, "0123456789");

	if (text[len] || len > DIGITS_MAX)
		return selector_fail(reader->reading, node,
		    "<dev-expiration>%s: should be minutes", text);
	reader->settings->dev_expiration_minutes = strtoul(text, NULL, 10);
	return 0;
}

/* <dev-user username="" password=""/> */
static int
read_user(struct settings_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	struct arena *arena = reading->rules->arena;
	struct settings_user user = {
	    selector_plain(reading, node, "username"),
	    selector_plain(reading, node, "password"),
	};

	if (ruleset_attributes(reading, node, "username password") != 0)
		return -1;
	if (!user.name || !*user.name || !user.password)
		return selector_fail(
		    reading, node, "<dev-user> needs username and password");
	if (reader->users_count == reader->users_room) {
		struct settings_user *users;

		reader->users_room = 2 * reader->users_room + 4;
		users = arena_get(arena, reader->users_room * sizeof(*users));
		if (reader->users_count)
			memcpy(users, reader->users,
			    reader->users_count * sizeof(*users));
		reader->users = users;
	}
	reader->users[reader->users_count++] = user;
	return 0;
}

static const struct setting {
	const char *name;
	int (*read)(struct settings_reader *reader, const xmlNode *node,
	    const char *text);
} known[] = {
    {"server", read_server},
    {"execute-pyref", read_pyref},
    {"display-local-files", read_display},
    {"edit-local-files", read_edit},
    {"dev-allow", read_allow},
    {"dev-deny", read_deny},
    {"dev-htpasswd", read_htpasswd},
    {"dev-expiration", read_expiration},
    {"dev-secret-file", read_secret},
    {"middleware-factory", read_middleware},
};

static int
read_setting(struct settings_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	const char *name = (const char *)node->name, *text = NULL;

	if (!node->ns && strcmp(name, "dev-user") == 0)
		return read_user(reader, node);
	for (size_t i = 0; !node->ns && i < COUNT_OF(known); i++) {
		if (strcmp(name, known[i].name) != 0)
			continue;
		if (ruleset_attributes(reading, node, "") != 0 ||
		    text_of(reading, node, &text) != 0)
			return -1;
		return known[i].read(reader, node, text);
	}
	return selector_fail(reading, node,
	    "<%s> cannot stand in <server-settings>; there are server, "
	    "display-local-files, edit-local-files, dev-allow, dev-deny, "
	    "dev-htpasswd, dev-user, dev-expiration, dev-secret-file",
	    name);
}

static const char *const *
list_of(struct arena *arena, const struct words *words)
{
	const char **list =
	    arena_get(arena, (words->count + 1) * sizeof(*list));

	if (words->count == 0)
		return NULL;
	memcpy(list, words->list, words->count * sizeof(*list));
	return list;
}

CHECKED int
settings_read(
    struct reading *reading, struct ruleset *ruleset, const xmlNode *node)
{
	struct settings *settings = &ruleset->settings;
	struct settings_reader reader = {
	    .reading = reading, .settings = settings};

	settings->source = ((const struct source *)node->_private)->name;
	settings->line = xmlGetLineNo(node);
	if (ruleset_attributes(reading, node, "") != 0)
		return -1;
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE &&
		    read_setting(&reader, c) != 0)
			return -1;
	if (settings->dev_htpasswd && reader.users_count > 0)
		return selector_fail(reading, node,
		    "dev-htpasswd and dev-user exclude each other");
	settings->dev_allow = list_of(reading->rules->arena, &reader.allow);
	settings->dev_deny = list_of(reading->rules->arena, &reader.deny);
	settings->dev_users = reader.users;
	settings->dev_users_count = reader.users_count;
	return 0;
}
