/* theme/classes.c - match attributes against a request and its answer
 * (contract: theme/classes.h) */
#include "theme/classes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/head.h"
#include "theme/markup.h"
#include "theme/matcher.h"
#include "theme/proxies.h"

#define BLANKS	   " \t\r\n\f"
#define PAGE_CLASS "X-Deliverance-Page-Class"

enum { FACT_MAX = 64 * 1024 }; /* bytes of one text that is looked at */

enum subject {
	ABOUT_PATH,
	ABOUT_DOMAIN,
	ABOUT_REQUEST_FIELD,
	ABOUT_RESPONSE_FIELD,
	ABOUT_STATUS,
	ABOUT_ENVIRON,
};

static const struct attribute {
	const char *name;
	enum subject subject;
	enum matcher_kind kind;
	bool ignore_case;
	bool has_key;
} attributes[] = {
    {"path", ABOUT_PATH, MATCHER_PATH, false, false},
    {"domain", ABOUT_DOMAIN, MATCHER_WILDCARD, true, false},
    {"request-header", ABOUT_REQUEST_FIELD, MATCHER_EXACT, false, true},
    {"response-header", ABOUT_RESPONSE_FIELD, MATCHER_EXACT, false, true},
    {"response-status", ABOUT_STATUS, MATCHER_EXACT, false, false},
    {"environ", ABOUT_ENVIRON, MATCHER_EXACT, false, true},
};

struct match {
	struct test {
		enum subject subject;
		const char *key; /* of a field, of the environ */
		const struct matcher *matcher;
	} tests[COUNT_OF(attributes)];
	size_t count;
};

void
words_split(struct arena *arena, struct words *words, const char *text)
{
	while (text && *(text += strspn(text, BLANKS)) != '\0') {
		size_t len = strcspn(text, BLANKS);
		const char *word = arena_strndup(arena, text, len);

		if (!words_have(words, word))
			words_add(arena, words, word);
		text += len;
	}
}

/* ---- reading ---- */

/* A condition that looks as if it kept somebody out. */
static void
warn_of_user(struct reading *reading, const xmlNode *node, const char *key)
{
	if (strcmp(key, "REMOTE_USER") == 0)
		rules_warn(reading->rules, node->_private, xmlGetLineNo(node),
		    "environ=\"REMOTE_USER: ...\": nobody logs in here, so it "
		    "is always empty; give classes by a field that the "
		    "upstream sends, with response-header");
}

/* "Name: pattern" */
static int
read_key(struct reading *reading, const xmlNode *node,
    const struct attribute *attribute, const char **value, struct test *test)
{
	const char *colon = strchr(*value, ':'), *key = *value;
	size_t len;

	key += strspn(key, BLANKS);
	if (!colon || colon <= key)
		return selector_fail(reading, node,
		    "%s=\"%s\": should be \"NAME: pattern\"", attribute->name,
		    *value);
	len = (size_t)(colon - key);
	while (len > 0 && strchr(BLANKS, key[len - 1]))
		len--;
	test->key = arena_strndup(reading->rules->arena, key, len);
	if (attribute->subject == ABOUT_ENVIRON)
		warn_of_user(reading, node, test->key);
	*value = colon + 1;
	return 0;
}

static int
read_test(struct reading *reading, const xmlNode *node,
    const struct attribute *attribute, const char *value, struct test *test)
{
	struct err why;

	test->subject = attribute->subject;
	if (attribute->has_key &&
	    read_key(reading, node, attribute, &value, test) != 0)
		return -1;
	if (matcher_read(&test->matcher, reading->rules->arena, value,
		attribute->kind, attribute->ignore_case, &why) != 0)
		return selector_fail(
		    reading, node, "%s: %s", attribute->name, why.text);
	return 0;
}

static bool
is_about_response(const struct attribute *attribute)
{
	return attribute->subject == ABOUT_RESPONSE_FIELD ||
	       attribute->subject == ABOUT_STATUS;
}

CHECKED int
match_read(const struct match **out, struct reading *reading,
    const xmlNode *node, bool with_response)
{
	struct match *match = arena_get(reading->rules->arena, sizeof(*match));

	for (size_t i = 0; i < COUNT_OF(attributes); i++) {
		const char *value =
		    selector_plain(reading, node, attributes[i].name);

		if (!value)
			continue;
		if (!with_response && is_about_response(&attributes[i]))
			return selector_fail(reading, node,
			    "%s cannot be known before the request is sent; "
			    "give the class with <match>",
			    attributes[i].name);
		if (read_test(reading, node, &attributes[i], value,
			&match->tests[match->count]) != 0)
			return -1;
		match->count++;
	}
	*out = match->count > 0 ? match : NULL;
	return 0;
}

size_t
match_prefix(const struct match *match)
{
	for (size_t i = 0; match && i < match->count; i++)
		if (match->tests[i].subject == ABOUT_PATH)
			return matcher_prefix(match->tests[i].matcher);
	return 0;
}

/* ---- what it depends on ---- */

static void
add_once(struct arena *arena, struct words *words, const char *word)
{
	if (!words_have(words, word))
		words_add(arena, words, arena_strdup(arena, word));
}

/* HTTP_USER_AGENT: User-Agent; NULL: no field. */
static char *
field_of_environ(const char *name, char *room, size_t size)
{
	if (strcmp(name, "CONTENT_TYPE") != 0 &&
	    strcmp(name, "CONTENT_LENGTH") != 0) {
		if (strncmp(name, "HTTP_", 5) != 0)
			return NULL;
		name += 5;
	}
	if (!*name || strlen(name) >= size)
		return NULL;
	strcpy(room, name);
	for (char *at = room; *at; at++)
		*at = *at == '_' ? '-' : *at;
	return room;
}

bool
facts_looks_at(const char *name, struct arena *arena, struct words *fields)
{
	char room[256];
	const char *field = field_of_environ(name, room, sizeof(room));

	if (field)
		add_once(arena, fields, field);
	if (strcmp(name, "REMOTE_ADDR") == 0)
		add_once(arena, fields, "*");
	return strcmp(name, "REQUEST_METHOD") == 0;
}

bool
facts_always_have(const char *name)
{
	static const char *const names[] = {"PATH_INFO", "QUERY_STRING",
	    "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT",
	    "SERVER_PROTOCOL", "wsgi.url_scheme"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool
match_looks_at(
    const struct match *match, struct arena *arena, struct words *fields)
{
	bool method = false;

	for (size_t i = 0; match && i < match->count; i++) {
		const struct test *test = &match->tests[i];

		if (test->subject == ABOUT_ENVIRON)
			method |= facts_looks_at(test->key, arena, fields);
		else if (test->subject == ABOUT_REQUEST_FIELD)
			add_once(arena, fields,
			    strchr(test->key, '*') ? "*" : test->key);
	}
	return method;
}

/* ---- the environ ---- */

static bool
add_or_nothing(struct buf *out, const char *text)
{
	if (text)
		buf_puts(out, text);
	return text != NULL;
}

/* As it is where it cannot be decoded. */
static void
add_decoded(struct buf *out, const char *text)
{
	size_t len = out->len;

	if (url_decode(out, text, strlen(text)) == 0)
		return;
	out->len = len;
	buf_puts(out, text);
}

static bool
add_port(struct buf *out, const struct facts *facts)
{
	const struct dress_exchange *exchange = facts->exchange;
	const char *host =
	    exchange->request ? head_find(exchange->request, "Host") : NULL;
	const char *colon = host ? strrchr(host, ':') : NULL;
	bool secure =
	    exchange->scheme && strcmp(exchange->scheme, "https") == 0;

	if (colon && colon[strspn(colon + 1, "0123456789") + 1] == '\0')
		buf_puts(out, colon + 1);
	else
		buf_puts(out, secure ? "443" : "80");
	return true;
}

static bool
add_field(struct buf *out, const struct head *head, const char *name)
{
	const char *value;
	unsigned i = 0;
	bool is_first = true;

	while (head && (value = head_next(head, name, &i)) != NULL) {
		buf_puts(out, is_first ? "" : ", ");
		buf_puts(out, value);
		is_first = false;
	}
	return !is_first;
}

CHECKED bool
facts_environ(const struct facts *facts, const char *name, struct buf *out)
{
	const struct dress_exchange *exchange = facts->exchange;
	char room[256];
	const char *field = field_of_environ(name, room, sizeof(room));

	buf_reserve(out, 0);
	if (field)
		return add_field(out, exchange->request, field);
	if (strcmp(name, "REQUEST_METHOD") == 0)
		return add_or_nothing(out, exchange->method);
	if (strcmp(name, "QUERY_STRING") == 0)
		return add_or_nothing(
		    out, exchange->query ? exchange->query : "");
	if (strcmp(name, "wsgi.url_scheme") == 0)
		return add_or_nothing(out, exchange->scheme);
	if (strcmp(name, "SERVER_NAME") == 0)
		return add_or_nothing(out, exchange->host);
	if (strcmp(name, "REMOTE_ADDR") == 0)
		return add_or_nothing(out, exchange->client);
	if (strcmp(name, "SERVER_PORT") == 0)
		return add_port(out, facts);
	if (strcmp(name, "SERVER_PROTOCOL") == 0)
		return add_or_nothing(out, "HTTP/1.1");
	if (strcmp(name, "SCRIPT_NAME") == 0)
		return buf_add(out, facts->path, facts->prefix_len) == 0;
	if (strcmp(name, "PATH_INFO") != 0)
		return false;
	add_decoded(out, facts->path + facts->prefix_len);
	return true;
}

/* ---- metas ---- */

static const char *
attribute_of(const xmlNode *node, const char *name, struct arena *arena)
{
	xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
	const char *copy = value ? arena_strdup(arena, (char *)value) : NULL;

	xmlFree(value);
	return copy;
}

void
facts_read_page(struct facts *facts, const xmlDoc *doc, struct arena *arena)
{
	for (xmlNode *n = doc->children; n; n = markup_following(n)) {
		const char *name, *content;

		if (n->type != XML_ELEMENT_NODE ||
		    strcmp((const char *)n->name, "meta") != 0)
			continue;
		name = attribute_of(n, "http-equiv", arena);
		content = attribute_of(n, "content", arena);
		if (!name)
			continue;
		words_add(arena, &facts->metas, name);
		words_add(arena, &facts->metas, content ? content : "");
	}
}

/* ---- testing ---- */

/* A field by its name, or, with a "*" in the key, any of those that it fits:
 * then one that is not there fits nothing, not even not:. */
struct seeker {
	const struct test *test;
	bool any; /* the key is a pattern */
	bool has; /* there is such a field */
	bool fits;
};

static void
seek(struct seeker *seeker, const char *name, const char *value)
{
	const struct test *test = seeker->test;

	if (seeker->any ? !matcher_glob(test->key, name, true)
			: strcasecmp(test->key, name) != 0)
		return;
	seeker->has = true;
	seeker->fits |= matcher_fits(test->matcher, value);
}

static void
seek_in_head(struct seeker *seeker, const struct head *head)
{
	struct buf value;

	buf_init(&value, FACT_MAX);
	for (unsigned i = 0; head && i < head->count; i++) {
		const char *name = head->fields[i].name;

		/* Fields of one name count as one, joined. */
		if (head_find(head, name) != head->fields[i].value)
			continue;
		buf_clear(&value);
		add_field(&value, head, name);
		seek(seeker, name, value.data ? value.data : "");
	}
	buf_fini(&value);
}

static bool
field_fits(
    const struct test *test, const struct head *head, const struct words *metas)
{
	struct seeker seeker = {
	    .test = test,
	    .any = strchr(test->key, '*') != NULL,
	};

	seek_in_head(&seeker, head);
	for (size_t i = 0; metas && i + 1 < metas->count; i += 2)
		seek(&seeker, metas->list[i], metas->list[i + 1]);
	if (!seeker.has && !seeker.any)
		return matcher_fits(test->matcher, "");
	return seeker.fits;
}

static bool
environ_fits(const struct test *test, const struct facts *facts)
{
	struct buf value;
	bool fits;

	buf_init(&value, FACT_MAX);
	if (!facts_environ(facts, test->key, &value))
		buf_clear(&value);
	fits = matcher_fits(test->matcher, value.data ? value.data : "");
	buf_fini(&value);
	return fits;
}

static bool
status_fits(const struct test *test, int status)
{
	char text[16] = "";

	if (status > 0)
		snprintf(text, sizeof(text), "%d", status);
	return matcher_fits(test->matcher, text);
}

static bool
test_fits(const struct test *test, const struct facts *facts)
{
	const struct dress_exchange *exchange = facts->exchange;

	switch (test->subject) {
	case ABOUT_PATH:
		return matcher_fits(test->matcher, facts->path);
	case ABOUT_DOMAIN:
		return matcher_fits(
		    test->matcher, exchange->host ? exchange->host : "");
	case ABOUT_REQUEST_FIELD:
		return field_fits(test, exchange->request, NULL);
	case ABOUT_RESPONSE_FIELD:
		return field_fits(test, exchange->response, &facts->metas);
	case ABOUT_STATUS:
		return status_fits(test, exchange->status);
	case ABOUT_ENVIRON:
		return environ_fits(test, facts);
	}
	must(!"a test of no kind");
	return false;
}

bool
match_fits(const struct match *match, const struct facts *facts)
{
	for (size_t i = 0; match && i < match->count; i++)
		if (!test_fits(&match->tests[i], facts))
			return false;
	return true;
}

bool
match_fits_address(const struct match *match, const struct facts *facts)
{
	for (size_t i = 0; match && i < match->count; i++) {
		const struct test *test = &match->tests[i];

		if ((test->subject == ABOUT_PATH ||
			test->subject == ABOUT_DOMAIN) &&
		    !test_fits(test, facts))
			return false;
	}
	return true;
}

/* ---- classes ---- */

static void
add_said(const struct facts *facts, struct arena *arena, struct words *out)
{
	const struct head *response = facts->exchange->response;
	const char *value;
	unsigned i = 0;

	while (response && (value = head_next(response, PAGE_CLASS, &i)))
		words_split(arena, out, value);
	for (size_t m = 0; m + 1 < facts->metas.count; m += 2)
		if (strcasecmp(facts->metas.list[m], PAGE_CLASS) == 0)
			words_split(arena, out, facts->metas.list[m + 1]);
}

CHECKED bool
classes_of_page(const struct giver *givers, const struct facts *facts,
    struct arena *arena, struct words *out)
{
	for (const struct giver *g = givers; g; g = g->next) {
		if (!match_fits(g->match, facts))
			continue;
		if (g->abort)
			return false;
		for (size_t i = 0; i < g->classes.count; i++)
			add_once(arena, out, g->classes.list[i]);
		if (g->last)
			break;
	}
	add_said(facts, arena, out);
	words_split(arena, out, facts->exchange->classes);
	if (out->count == 0)
		words_add(arena, out, "default");
	return true;
}
