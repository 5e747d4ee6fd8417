/* theme/proxies.c - <proxy> read, matched, and turned into an address
 * (contract: theme/proxies.h) */
#include "theme/proxies.h"

#include <string.h>
#include <strings.h>

#include "http/head.h"
#include "theme/ruleset.h"

enum { TARGET_MAX = 64 * 1024 };

/* ---- reading ---- */

struct proxy_fields {
	struct proxy_field *list;
	size_t count, room;
};

struct proxy_reader {
	struct reading *reading;
	struct proxy *proxy;
	struct proxy_fields request, response;
	bool has_dest;
};

static void
add_field(struct arena *arena, struct proxy_fields *fields, const char *name,
    const char *value)
{
	struct proxy_field *list;

	if (fields->count == fields->room) {
		fields->room = fields->room ? 2 * fields->room : 4;
		list = arena_get(arena, fields->room * sizeof(*list));
		if (fields->count)
			memcpy(
			    list, fields->list, fields->count * sizeof(*list));
		fields->list = list;
	}
	fields->list[fields->count++] = (struct proxy_field){name, value};
}

/* header and content; *has: it had them. */
static int
read_field(struct reading *reading, const xmlNode *node,
    struct proxy_fields *fields, bool *has)
{
	const char *name = selector_plain(reading, node, "header");
	const char *value = selector_plain(reading, node, "content");

	*has = name != NULL;
	if (!name && !value)
		return 0;
	if (!name || !value)
		return selector_fail(reading, node,
		    "<%s>: header and content belong together",
		    (const char *)node->name);
	if (!head_is_field(name, strlen(name), value, strlen(value)))
		return selector_fail(reading, node,
		    "<%s>: \"%s: %s\" is no field", (const char *)node->name,
		    name, value);
	add_field(reading->rules->arena, fields, name, value);
	return 0;
}

static int
read_request(struct proxy_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	bool has;

	if (ruleset_attributes(reading, node, "header content") != 0 ||
	    read_field(reading, node, &reader->request, &has) != 0)
		return -1;
	return has ? 0
		   : selector_fail(reading, node,
			 "<request> needs header=\"NAME\" and "
			 "content=\"VALUE\"");
}

static int
read_response(struct proxy_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	bool has;

	if (ruleset_attributes(reading, node, "header content rewrite-links") !=
		0 ||
	    read_field(reading, node, &reader->response, &has) != 0 ||
	    ruleset_boolean(reading, node, "rewrite-links",
		&reader->proxy->rewrite_links) != 0)
		return -1;
	if (!has && !xmlHasProp((xmlNode *)node, BAD_CAST "rewrite-links"))
		return selector_fail(reading, node,
		    "<response> needs header and content, or rewrite-links");
	return 0;
}

static int
read_transform(struct proxy_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;

	if (ruleset_attributes(reading, node, "strip-script-name keep-host") !=
		0 ||
	    ruleset_boolean(reading, node, "strip-script-name",
		&reader->proxy->strip_script_name) != 0)
		return -1;
	return ruleset_boolean(
	    reading, node, "keep-host", &reader->proxy->keep_host);
}

/* http:, https: and file:, with a host where there must be one. */
static int
check_dest(struct reading *reading, const xmlNode *node, struct proxy *proxy)
{
	struct url_parts parts;
	bool is_http;

	url_split(&parts, proxy->href, strlen(proxy->href));
	is_http = parts.scheme.from && (slice_is(parts.scheme, "http") ||
					   slice_is(parts.scheme, "https"));
	if (is_http && parts.authority.len > 0) {
		proxy->kind = PROXY_HTTP;
		return 0;
	}
	if (parts.scheme.from && slice_is(parts.scheme, "file") &&
	    parts.path.len > 0 && *parts.path.from == '/') {
		proxy->kind = PROXY_FILE;
		return 0;
	}
	return selector_fail(reading, node,
	    "<dest href=\"%s\">: should begin with http://HOST, https://HOST, "
	    "file:///FOLDER or {here}",
	    proxy->href);
}

static int
read_dest(struct proxy_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	struct proxy *proxy = reader->proxy;
	const char *href = selector_plain(reading, node, "href");
	bool next = false;

	if (reader->has_dest)
		return selector_fail(
		    reading, node, "<proxy> has one <dest> only");
	reader->has_dest = true;
	if (ruleset_attributes(reading, node, "href next") != 0 ||
	    ruleset_boolean(reading, node, "next", &next) != 0)
		return -1;
	if (next == (href != NULL))
		return selector_fail(reading, node,
		    "<dest> needs either href=\"ADDRESS\" or next=\"1\"");
	proxy->kind = PROXY_NEXT;
	if (next)
		return 0;
	proxy->href = template_here(reading->rules->arena, href,
	    reading->rules->folder, &proxy->has_names);
	return check_dest(reading, node, proxy);
}

static int
read_inside(struct proxy_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	const char *name = (const char *)node->name;

	if (!node->ns) {
		if (strcmp(name, "dest") == 0)
			return read_dest(reader, node);
		if (strcmp(name, "request") == 0)
			return read_request(reader, node);
		if (strcmp(name, "response") == 0)
			return read_response(reader, node);
		if (strcmp(name, "transform") == 0)
			return read_transform(reader, node);
		if (strcmp(name, "wsgi") == 0)
			return selector_fail(reading, node,
			    "<wsgi> runs a Python program inside of this one, "
			    "which it does not; run it as a server of its own "
			    "and use <dest href=\"http://127.0.0.1:PORT\"/>");
	}
	return selector_fail(reading, node,
	    "<%s> cannot stand in <proxy>; there are dest, request, response, "
	    "transform",
	    name);
}

static void
add_proxy(struct arena *arena, struct ruleset *ruleset, struct proxy *proxy)
{
	struct proxy **list;

	if (ruleset->proxies_count == ruleset->proxies_room) {
		ruleset->proxies_room =
		    ruleset->proxies_room ? 2 * ruleset->proxies_room : 8;
		list = arena_get(arena, ruleset->proxies_room * sizeof(*list));
		if (ruleset->proxies_count)
			memcpy(list, ruleset->proxies,
			    ruleset->proxies_count * sizeof(*list));
		ruleset->proxies = list;
	}
	ruleset->proxies[ruleset->proxies_count++] = proxy;
}

/* On <proxy> the reference never reads them, though its manual says so. */
static void
warn_of_misplaced(struct reading *reading, const xmlNode *node)
{
	static const char *const names[] = {"strip-script-name", "keep-host"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (xmlHasProp((xmlNode *)node, BAD_CAST names[i]))
			rules_warn(reading->rules, node->_private,
			    xmlGetLineNo(node),
			    "<proxy %s> is ignored; write <transform %s> "
			    "inside of it",
			    names[i], names[i]);
}

static int
read_attributes(struct proxy_reader *reader, const xmlNode *node)
{
	struct reading *reading = reader->reading;
	struct proxy *proxy = reader->proxy;

	if (ruleset_attributes(reading, node,
		MATCH_ATTRIBUTES
		" class editable strip-script-name keep-host") != 0 ||
	    match_read(&proxy->match, reading, node, false) != 0 ||
	    ruleset_boolean(reading, node, "editable", &proxy->editable) != 0)
		return -1;
	warn_of_misplaced(reading, node);
	proxy->classes = selector_plain(reading, node, "class");
	return 0;
}

CHECKED int
proxy_read(
    struct reading *reading, struct ruleset *ruleset, const xmlNode *node)
{
	struct arena *arena = reading->rules->arena;
	struct proxy *proxy = arena_get(arena, sizeof(*proxy));
	struct proxy_reader reader = {.reading = reading, .proxy = proxy};

	proxy->source = ((const struct source *)node->_private)->name;
	proxy->line = xmlGetLineNo(node);
	proxy->strip_script_name = true;
	if (read_attributes(&reader, node) != 0)
		return -1;
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && read_inside(&reader, c) != 0)
			return -1;
	if (!reader.has_dest)
		return selector_fail(
		    reading, node, "<proxy> needs a <dest href=\"...\"/>");
	proxy->request = reader.request.list;
	proxy->request_count = reader.request.count;
	proxy->response = reader.response.list;
	proxy->response_count = reader.response.count;
	add_proxy(arena, ruleset, proxy);
	return 0;
}

/* ---- asking ---- */

const struct proxy *
rules_proxy(const struct rules *rules, size_t i)
{
	const struct ruleset *ruleset = rules->ruleset;

	return ruleset && i < ruleset->proxies_count ? ruleset->proxies[i]
						     : NULL;
}

const struct settings *
rules_settings(const struct rules *rules)
{
	return rules->ruleset ? &rules->ruleset->settings : NULL;
}

const char *
rules_looks_at_field(const struct rules *rules, size_t i)
{
	return rules->ruleset ? words_get(&rules->ruleset->fields, i) : NULL;
}

CHECKED bool
proxy_matches(const struct proxy *proxy, const struct dress_exchange *exchange,
    const char *path, size_t *prefix_len)
{
	struct facts facts = {.exchange = exchange, .path = path};

	if (!match_fits(proxy->match, &facts))
		return false;
	if (prefix_len)
		*prefix_len = match_prefix(proxy->match);
	return true;
}

bool
proxy_looks_beyond(const struct proxy *proxy)
{
	enum { ARENA = 1024 };
	struct arena *arena = arena_new(ARENA);
	struct words fields = {0};
	bool beyond = match_looks_at(proxy->match, arena, &fields);

	if (proxy->href)
		beyond |= template_looks_at(proxy->href, arena, &fields);
	for (size_t i = 0; i < fields.count; i++)
		if (strcasecmp(fields.list[i], "Host") != 0)
			beyond = true;
	arena_free(&arena);
	return beyond;
}

bool
proxy_fits_address(const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path)
{
	struct facts facts = {.exchange = exchange, .path = path};

	return match_fits_address(proxy->match, &facts);
}

/* ---- where a request goes ---- */

static int
fail_here(const struct proxy *proxy, struct err *err)
{
	return err_prefix(err, "%s:%ld", proxy->source, proxy->line);
}

/* The href with its names filled in, in two parts: up to the path's end
 * without a slash there, and the query. */
static int
fill_href(struct buf *out, size_t *base_len, struct slice *query,
    const struct proxy *proxy, const struct facts *facts, struct err *err)
{
	struct url_parts parts;

	must(proxy->kind != PROXY_NEXT);
	if (template_fill(out, proxy->href, facts, err) != 0)
		return fail_here(proxy, err);
	url_split(&parts, out->data, out->len);
	*query = parts.query;
	*base_len = (size_t)(parts.path.from - out->data) + parts.path.len;
	return 0;
}

static size_t
without_slash(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == '/')
		len--;
	return len;
}

/* What of the request's path is sent on. */
static const char *
rest_of(const struct proxy *proxy, const char *path, size_t prefix_len)
{
	return proxy->strip_script_name ? path + prefix_len : path;
}

static void
add_queries(struct buf *out, struct slice dest, const char *own)
{
	bool has_own = own && *own;

	if (dest.len > 0 || has_own)
		buf_putc(out, '?');
	buf_add(out, dest.len > 0 ? dest.from : "", dest.len);
	if (dest.len > 0 && has_own)
		buf_putc(out, '&');
	buf_puts(out, has_own ? own : "");
}

CHECKED int
proxy_target(struct buf *out, const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path, size_t prefix_len,
    struct err *err)
{
	struct facts facts = {exchange, path, prefix_len, {0}};
	const char *rest = rest_of(proxy, path, prefix_len);
	size_t base_len;
	struct slice query;
	struct buf href;
	int rc = -1;

	buf_init(&href, TARGET_MAX);
	if (fill_href(&href, &base_len, &query, proxy, &facts, err) != 0)
		goto out;
	if (*rest)
		base_len = without_slash(href.data, base_len);
	buf_add(out, href.data, base_len);
	if (*rest && *rest != '/')
		buf_putc(out, '/');
	buf_puts(out, rest);
	add_queries(out, query, exchange->query);
	rc = out->failed ? err_set(err, "%s:%ld: the address is too long",
			       proxy->source, proxy->line)
			 : 0;
out:
	buf_fini(&href);
	return rc;
}

CHECKED int
proxy_base(struct buf *out, const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path, size_t prefix_len,
    struct err *err)
{
	struct facts facts = {exchange, path, prefix_len, {0}};
	size_t base_len;
	struct slice query;
	struct buf href;
	int rc = -1;

	buf_init(&href, TARGET_MAX);
	if (fill_href(&href, &base_len, &query, proxy, &facts, err) == 0) {
		buf_add(out, href.data, without_slash(href.data, base_len));
		rc = out->failed
			 ? err_set(err, "%s:%ld: the address is too long",
			       proxy->source, proxy->line)
			 : 0;
	}
	buf_fini(&href);
	return rc;
}
