/* page/fragment_whom.c - whom to ask for a document
 *
 * One below the site's own address is asked of the site's upstream, as a page
 * would be; a file of the rules is read; any other host must be public, or one
 * of fragment_hosts. */
#include "page/fragment_ask.h"

#include <string.h>
#include <strings.h>

#include "page/origins.h"
#include "page/whom.h"

enum { CONNECT_MS = 3000 };

bool
fragment_is_forbidden(const struct upstream *upstream, const char *address)
{
	struct net_address at;

	return upstream->opts.public_only &&
	       (net_parse(&at, address, strlen(address)) != 0 ||
		   net_is_private(&at));
}

static struct upstream *
elsewhere(const struct fragment_asker *asker, const char *url,
    bool public_only, struct err *err)
{
	const struct site_opts *site = &asker->site->opts;
	struct upstream_opts opts;

	upstream_opts_default(&opts);
	opts.name = "fragments";
	opts.url = url;
	opts.host = "upstream";
	opts.connect_ms = CONNECT_MS;
	opts.first_byte_ms = site->fragment_timeout_ms;
	opts.total_ms = site->fragment_timeout_ms;
	opts.public_only = public_only;
	return origins_get(
	    fragments_origins(asker->pages->fragments), &opts, err);
}

static bool
same(struct slice slice, const char *text, size_t len)
{
	return slice.len == len && strncasecmp(slice.from, text, len) == 0;
}

static const char *
target_of(struct arena *arena, const struct url_parts *parts)
{
	bool query = parts->query.from != NULL;

	return arena_printf(arena, "%s%.*s%s%.*s",
	    parts->path.len ? "" : "/", (int)parts->path.len,
	    parts->path.from, query ? "?" : "", (int)parts->query.len,
	    query ? parts->query.from : "");
}

/* A file's folder is the upstream, and the file the target. */
static int
ask_file(struct errand *errand, const struct fragment_asker *asker,
    const struct url_parts *parts, struct err *err)
{
	struct upstream_opts opts;
	const char *path = arena_strndup(errand->arena, parts->path.from,
	    parts->path.len);
	const char *last = strrchr(path, '/');

	if (!last || !asker->may_read || !asker->may_read(asker->arg, path))
		return err_set(err, "no file that the rules may read");
	upstream_opts_default(&opts);
	opts.name = "fragments";
	opts.url = last == path ? "/" : arena_strndup(errand->arena, path,
	    (size_t)(last - path));
	if (upstream_new(&errand->upstream, &opts, err) != 0)
		return -1;
	errand->target = last;
	errand->is_theme = true;
	return 0;
}

/* A page of the site itself. NULL: of another origin, or of no site. */
static const struct site *
own_site(const struct fragment_asker *asker, const struct url_parts *parts,
    const char *target)
{
	if (!same(parts->scheme, asker->scheme, strlen(asker->scheme)) ||
	    !same(parts->authority, asker->host, asker->host_len))
		return NULL;
	return routes_find(asker->routes, asker->host, asker->host_len,
	    target);
}

/* A request that has a Host and nothing else. */
static void
read_own(struct errand *errand, const struct fragment_asker *asker,
    const char *target)
{
	struct fragment_question *question = errand->arg;
	struct request *request = &question->request;

	request->method = "GET";
	request->is_get = true;
	request->scheme =
	    strcmp(asker->scheme, "https") == 0 ? "https" : "http";
	request->host =
	    arena_strndup(errand->arena, asker->host, asker->host_len);
	request->host_len = asker->host_len;
	request->target = target;
	request->target_len = strlen(target);
	head_init(&question->fields, errand->arena);
	head_add(&question->fields, "Host", request->host);
	request->fields = &question->fields;
}

/* As a page of the site would be asked for by somebody who says nothing of
 * himself. */
static int
ask_own(struct errand *errand, const struct fragment_asker *asker,
    const struct site *site, const char *target, struct err *err)
{
	struct fragment_question *question = errand->arg;
	struct request *request = &question->request;
	struct choice *choice = &question->choice;
	int status;

	question->routes = routes_ref(asker->routes);
	question->own = site;
	read_own(errand, asker, target);
	err_set(err, "no proxy of the rules is for it");
	status = choose(choice, site, request, errand->arena, err);
	if (status != 0)
		return status == 301 ? err_set(err, "it is a folder") : -1;
	errand->upstream = upstream_ref(choice->upstream);
	errand->target = choice->target;
	errand->host = question_host(choice->upstream, request->host,
	    errand->arena);
	if (*request->host)
		head_add(&errand->fields, "X-Forwarded-Host", request->host);
	head_add(&errand->fields, "X-Forwarded-Proto", asker->scheme);
	question_add_credentials(&errand->fields, &choice->upstream->opts);
	whom_part(errand, asker->hops);
	choice_add_fields(choice, request, &errand->fields, &errand->host);
	return 0;
}

static int
ask_elsewhere(struct errand *errand, const struct fragment_asker *asker,
    const char *url, const struct url_parts *parts, struct err *err)
{
	bool named = origins_are_named(asker->site->opts.fragment_hosts,
	    parts->authority.from, parts->authority.len);
	struct buf origin;

	if (asker->named_only && !named)
		return err_set(err, "%.*s is not one of fragment_hosts",
		    (int)parts->authority.len, parts->authority.from);
	buf_init(&origin, KEY_MAX);
	if (url_origin(&origin, url) == 0)
		errand->upstream = elsewhere(asker, origin.data, !named, err);
	else
		err_set(err, "no address of a web server");
	buf_fini(&origin);
	errand->is_theme = true;
	return errand->upstream ? 0 : -1;
}

int
fragment_choose(struct errand *errand, const struct fragment_asker *asker,
    const char *url, struct err *err)
{
	struct url_parts parts;
	const struct site *site;

	url_split(&parts, url, strlen(url));
	if (same(parts.scheme, "file", 4) && !asker->named_only)
		return ask_file(errand, asker, &parts, err);
	if (!same(parts.scheme, "http", 4) && !same(parts.scheme, "https", 5))
		return err_set(err, "only http:, https: and file: are fetched");
	errand->target = target_of(errand->arena, &parts);
	site = own_site(asker, &parts, errand->target);
	if (site)
		return ask_own(errand, asker, site, errand->target, err);
	return ask_elsewhere(errand, asker, url, &parts, err);
}
