/* page/chosen.c - what a <proxy> changes about a request and its answer
 * (contract: page/choose.h) */
#include <string.h>
#include <strings.h>

#include "page/choose.h"
#include "page/due.h"
#include "page/life.h"
#include "theme/proxies.h"
#include "theme/relink.h"

/* ---- fields of the request ---- */

bool
choose_keeps_field(const char *name)
{
	static const char *const kept[] = {
	    "Accept-Encoding",
	    "Connection",
	    "Content-Encoding",
	    "Content-Length",
	    "Expect",
	    "HTTP2-Settings",
	    "Keep-Alive",
	    "Proxy-Connection",
	    "TE",
	    "Trailer",
	    "Transfer-Encoding",
	    "Upgrade",
	};

	for (size_t i = 0; i < COUNT_OF(kept); i++)
		if (strcasecmp(kept[i], name) == 0)
			return true;
	return false;
}

/* As its <request>s have it; the last one counts. */
static const char *
said_value(const struct choice *choice, const char *name)
{
	const char *value = NULL;

	if (choose_keeps_field(name))
		return NULL;
	for (size_t i = 0; i < choice->adds_count; i++) {
		const struct proxy *proxy = choice->adds[i];

		for (size_t k = 0; k < proxy->request_count; k++)
			if (strcasecmp(proxy->request[k].name, name) == 0)
				value = proxy->request[k].value;
	}
	return value;
}

static struct slice
whole(const char *text)
{
	return (struct slice){*text ? text : NULL, strlen(text)};
}

bool
choice_field(const struct choice *choice, const struct request *request,
    const char *name, struct slice *value)
{
	const char *said;

	if (!choice->proxy)
		return false;
	said = said_value(choice, name);
	if (said)
		*value = whole(said);
	else if (strcasecmp(name, "X-Forwarded-Path") == 0)
		*value = whole(choice->prefix);
	else if (strcasecmp(name, "X-Forwarded-Scheme") == 0)
		*value = whole(request->scheme);
	else if (strcasecmp(name, "X-Forwarded-Server") == 0)
		*value = (struct slice){request->host, request->host_len};
	else
		return false;
	return true;
}

static void
set_field(const struct choice *choice, const struct request *request,
    struct head *fields, const char *name)
{
	struct slice value;

	if (!choice_field(choice, request, name, &value))
		return;
	head_drop(fields, name);
	if (value.from)
		head_add_n(fields, name, strlen(name), value.from, value.len);
}

void
choice_add_fields(const struct choice *choice, const struct request *request,
    struct head *fields, const char **host)
{
	const char *said;

	if (!choice->proxy)
		return;
	set_field(choice, request, fields, "X-Forwarded-Path");
	set_field(choice, request, fields, "X-Forwarded-Scheme");
	set_field(choice, request, fields, "X-Forwarded-Server");
	for (size_t i = 0; i < choice->adds_count; i++) {
		const struct proxy *proxy = choice->adds[i];

		for (size_t k = 0; k < proxy->request_count; k++)
			if (strcasecmp(proxy->request[k].name, "Host") != 0)
				set_field(choice, request, fields,
				    proxy->request[k].name);
	}
	said = said_value(choice, "Host");
	if (said && *said)
		*host = arena_strdup(fields->arena, said);
}

/* ---- addresses ---- */

/* A path as the upstream itself calls it: "http://backend:8080/app". */
static const char *
upstreams_own(
    const struct choice *choice, const char *path, struct arena *arena)
{
	const struct upstream *upstream = choice->upstream;
	/* A folder has no address that anybody could have written down. */
	bool is_http = upstream->form == UPSTREAM_HTTP;

	return arena_printf(arena, "%s://%s%s",
	    is_http ? upstream->scheme : "http",
	    is_http ? upstream->authority : "folder.invalid", path);
}

/* Where clients find it: "https://www.example.org/blog". */
static const char *
clients_own(const struct choice *choice, const struct request *request,
    struct arena *arena)
{
	return arena_printf(arena, "%s://%.*s%s", request->scheme,
	    (int)request->host_len, request->host, choice->prefix);
}

const char *
choice_own_path(
    const struct choice *choice, const char *path, struct arena *arena)
{
	size_t len = strlen(choice->path);

	if (strncmp(path, choice->path, len) != 0 || !strchr("/?#", path[len]))
		return path;
	path += len;
	return arena_printf(arena, "%s%s%s", choice->prefix,
	    *choice->prefix || *path == '/' ? "" : "/", path);
}

/* ---- the head of the answer ---- */

/* The value of "Domain=" in a Set-Cookie field; from NULL: none. */
static struct slice
domain_of(const char *cookie)
{
	static const char name[] = "domain=";
	const char *at = cookie;

	while ((at = strchr(at, ';')) != NULL) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, name, strlen(name)) == 0) {
			at += strlen(name);
			return (struct slice){at, strcspn(at, "; \t")};
		}
	}
	return (struct slice){NULL, 0};
}

/* A cookie for the upstream's own host is for the client's. */
static const char *
own_cookie(const struct choice *choice, const struct request *request,
    const char *cookie, struct arena *arena)
{
	struct slice domain = domain_of(cookie), bare = domain;

	if (bare.len > 0 && *bare.from == '.') {
		bare.from++;
		bare.len--;
	}
	if (!domain.from || !slice_is(bare, choice->upstream->host))
		return cookie;
	return arena_printf(arena, "%.*s%.*s%s", (int)(domain.from - cookie),
	    cookie, (int)routes_host_len(request->host, request->host_len),
	    request->host, domain.from + domain.len);
}

static void
adapt_cookies(const struct choice *choice, const struct request *request,
    struct head *head)
{
	for (unsigned i = 0; i < head->count; i++) {
		struct field *field = &head->fields[i];

		if (strcasecmp(field->name, "Set-Cookie") != 0)
			continue;
		field->value =
		    own_cookie(choice, request, field->value, head->arena);
		field->value_len = (uint32_t)strlen(field->value);
	}
}

void
choice_adapt_head(const struct choice *choice, const struct request *request,
    int status, struct head *head)
{
	const struct proxy *proxy = choice->proxy;

	if (!proxy)
		return;
	if (proxy->rewrite_links)
		adapt_cookies(choice, request, head);
	if (proxy->rewrite_links && status == 304)
		head_drop(head, "Content-Type");
	for (size_t i = 0; i < proxy->response_count; i++) {
		const struct proxy_field *field = &proxy->response[i];

		if (choose_keeps_field(field->name))
			continue;
		head_drop(head, field->name);
		if (*field->value)
			head_add(head, field->name, field->value);
	}
}

/* ---- the body of the answer ---- */

bool
choice_relinks(const struct choice *choice, const struct head *head)
{
	bool wanted = choice->proxy ? choice->proxy->rewrite_links
				    : choice->rewrites;

	return wanted && due_may_change(head);
}

int
choice_relink(const struct choice *choice, const struct site *site,
    const struct request *request, const struct head *head, const char *bytes,
    size_t len, struct buf *out, struct err *err)
{
	enum { ARENA = 1024 };
	struct arena *arena = arena_new(ARENA);
	struct location_mapping mapping = {choice, request, arena};
	struct relink_ask ask = {
	    .map = choice->proxy ? NULL : location_map,
	    .arg = &mapping,
	    .bytes = bytes,
	    .len = len,
	    .content_type = head_find(head, "Content-Type"),
	    .libxml2 = site->opts.html_parser == PARSER_LIBXML2,
	    .base = upstreams_own(choice, choice->target, arena),
	    .from = upstreams_own(choice, choice->path, arena),
	    .to = clients_own(choice, request, arena),
	    .html_max_bytes = (size_t)site->opts.themed_max,
	    .html_max_depth = site->opts.html_max_depth,
	    .html_max_attributes = site->opts.html_max_attributes,
	    .html_max_nodes = site->opts.html_max_nodes,
	};
	int rc = theme_relink(&ask, out, err);

	arena_free(&arena);
	return rc;
}
