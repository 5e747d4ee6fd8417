/* upstream/upstream.c - an upstream's address, read once
 *
 * How well it does is upstream/health.c's. */
#include "upstream/upstream.h"

#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "http/forwarded.h"
#include "http/url.h"
#include "upstream/health.h"
#include "upstream/pool.h"

struct shared {
	_Atomic unsigned refs;
	struct arena *arena; /* holds itself too */
	struct upstream upstream;
};

void
upstream_opts_default(struct upstream_opts *opts)
{
	memset(opts, 0, sizeof(*opts));
	opts->connect_ms = 3000;
	opts->first_byte_ms = 60000;
	opts->total_ms = 90000;
	opts->upload_stall_ms = 30000;
	opts->upgrade_idle_ms = 60000;
	opts->misses_max = 1000;
	opts->back_off_min_ms = 1000;
	opts->back_off_max_ms = 60000;
	opts->failures_max = 3;
	opts->spread = true;
	opts->queue_max = 1000;
	opts->queue_ms = 30000;
	opts->long_ms = 600000;
	opts->session_cookie = "livery_server";
	opts->probe_interval_ms = 5000;
	opts->probe_ms = 2000;
	opts->probe_fall = 3;
	opts->probe_rise = 2;
}

static const char *
copy(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static const char *const *
copy_list(struct arena *arena, const char *const *list)
{
	const char **copies;
	size_t count = 0;

	if (!list || !list[0])
		return NULL;
	while (list[count])
		count++;
	copies = arena_get(arena, (count + 1) * sizeof(*copies));
	for (size_t i = 0; i < count; i++)
		copies[i] = arena_strdup(arena, list[i]);
	copies[count] = NULL;
	return copies;
}

static void
copy_opts(struct upstream_opts *to, const struct upstream_opts *from,
    struct arena *arena)
{
	*to = *from;
	to->name = copy(arena, from->name ? from->name : from->url);
	to->url = copy(arena, from->url);
	to->host = copy(arena, from->host);
	to->username = copy(arena, from->username);
	to->password = copy(arena, from->password);
	to->ca_file = copy(arena, from->ca_file);
	to->cert_file = copy(arena, from->cert_file);
	to->key_file = copy(arena, from->key_file);
	to->tls_name = copy(arena, from->tls_name);
	to->session_cookie = copy(arena, from->session_cookie);
	to->session_secret = copy(arena, from->session_secret);
	to->probe = copy(arena, from->probe);
	to->forwarding = copy_list(arena, from->forwarding);
	to->forwarded_by = copy(arena, from->forwarded_by);
	to->servers = copy_list(arena, from->servers);
	to->long_paths = copy_list(arena, from->long_paths);
}

static unsigned
read_forwarding(const char *const *names)
{
	unsigned bits = 0;

	if (!names)
		return FORWARDS_FOR | FORWARDS_HOST | FORWARDS_PROTO;
	for (; *names; names++)
		bits |= forwards_bit(*names);
	return bits;
}

/* What names an upstream of several servers is the first of them. */
static int
take_first_server(
    struct upstream_opts *opts, struct arena *arena, struct err *err)
{
	struct member_words words;

	if (!opts->servers)
		return 0;
	if (member_read(&words, opts->servers[0], 0, err) != 0)
		return -1;
	opts->url = arena_strdup(arena, words.url);
	if (!opts->name)
		opts->name = opts->url;
	return 0;
}

static bool
starts(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

/* ---- the four forms ---- */

static int
read_folder(
    struct upstream *up, const char *url, struct arena *arena, struct err *err)
{
	struct buf path;
	size_t len;
	int rc;

	up->form = UPSTREAM_FOLDER;
	up->scheme = "http";
	up->host = "localhost";
	up->authority = "localhost";
	up->prefix = "";
	if (!starts(url, "file:")) {
		up->path = arena_strdup(arena, url);
		return 0;
	}
	url += strlen("file:");
	if (starts(url, "//localhost/"))
		url += strlen("//localhost");
	else if (starts(url, "//"))
		url += 2;
	if (*url != '/')
		return err_set(err,
		    "%s: a file: URL names an absolute path,"
		    " as in file:///srv/www",
		    up->opts.url);
	len = strlen(url);
	buf_init(&path, len + 1);
	rc = url_decode(&path, url, len);
	if (rc == 0)
		up->path = arena_strndup(arena, path.data, path.len);
	else
		err_set(err, "%s: a bad %%-escape", up->opts.url);
	buf_fini(&path);
	return rc;
}

static int
read_unix(
    struct upstream *up, const char *url, struct arena *arena, struct err *err)
{
	const char *path = url + strlen("unix:");

	if (starts(path, "//"))
		path += 2;
	if (*path != '/')
		return err_set(err,
		    "%s: a unix: address names an absolute "
		    "path, as in unix:/run/cms.sock",
		    url);
	up->form = UPSTREAM_UNIX;
	up->scheme = "http";
	up->host = "localhost";
	up->authority = "localhost";
	up->prefix = "";
	up->path = arena_strdup(arena, path);
	return 0;
}

static const char *
lower(struct arena *arena, struct slice slice)
{
	char *text = arena_strndup(arena, slice.from, slice.len);

	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	return text;
}

static bool
has_bad_byte(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

static int
read_authority(struct upstream *up, struct slice text, struct arena *arena,
    struct err *err)
{
	struct url_authority authority;
	uint16_t usual = url_default_port(up->scheme, strlen(up->scheme));
	struct slice host;

	if (!text.from ||
	    url_authority_split(&authority, text.from, text.len) != 0)
		return err_set(err,
		    "%s: no host[:port] in it that can be "
		    "used; user and password have options of their own",
		    up->opts.url);
	host = authority.host;
	up->port = authority.port ? authority.port : usual;
	up->authority = lower(arena, host);
	if (up->port != usual)
		up->authority =
		    arena_printf(arena, "%s:%u", up->authority, up->port);
	if (host.len > 2 && host.from[0] == '[') {
		host.from++;
		host.len -= 2;
	}
	up->host = lower(arena, host);
	return 0;
}

static int
read_http(
    struct upstream *up, const char *url, struct arena *arena, struct err *err)
{
	struct url_parts parts;

	if (has_bad_byte(url))
		return err_set(err, "%s: white space in a URL", url);
	url_split(&parts, url, strlen(url));
	up->form = UPSTREAM_HTTP;
	up->scheme = starts(url, "https:") ? "https" : "http";
	if (parts.query.from || parts.fragment.from)
		return err_set(err,
		    "%s: an upstream has no query and no "
		    "fragment",
		    url);
	if (read_authority(up, parts.authority, arena, err) != 0)
		return -1;
	while (parts.path.len && parts.path.from[parts.path.len - 1] == '/')
		parts.path.len--;
	up->prefix = parts.path.len
			 ? arena_strndup(arena, parts.path.from, parts.path.len)
			 : "";
	return 0;
}

static int
read_url(struct upstream *up, struct arena *arena, struct err *err)
{
	const char *url = up->opts.url;

	if (!url || !*url)
		return err_set(err, "an upstream needs an address: http://"
				    "host:port, unix:/path, or a folder");
	if (starts(url, "http://") || starts(url, "https://"))
		return read_http(up, url, arena, err);
	if (starts(url, "unix:"))
		return read_unix(up, url, arena, err);
	if (!starts(url, "file:") && strstr(url, "://"))
		return err_set(err,
		    "%s: only http://, https://, unix: and "
		    "file: can be fetched",
		    url);
	return read_folder(up, url, arena, err);
}

/* ---- counted ---- */

int
upstream_new(
    struct upstream **out, const struct upstream_opts *opts, struct err *err)
{
	struct arena *arena = arena_new(1024);
	struct shared *shared = arena_get(arena, sizeof(*shared));

	shared->arena = arena;
	atomic_init(&shared->refs, 1);
	copy_opts(&shared->upstream.opts, opts, arena);
	if (take_first_server(&shared->upstream.opts, arena, err) != 0 ||
	    read_url(&shared->upstream, arena, err) != 0 ||
	    pool_new(&shared->upstream.pool, &shared->upstream, err) != 0) {
		arena_free(&arena);
		return -1;
	}
	shared->upstream.forwards =
	    read_forwarding(shared->upstream.opts.forwarding);
	shared->upstream.health = health_new(&shared->upstream.opts);
	*out = &shared->upstream;
	return 0;
}

struct upstream *
upstream_ref(struct upstream *upstream)
{
	atomic_fetch_add(
	    &container_of(upstream, struct shared, upstream)->refs, 1);
	return upstream;
}

void
upstream_unref(struct upstream **upstream)
{
	struct shared *shared;
	struct arena *arena;

	if (!*upstream)
		return;
	shared = container_of(*upstream, struct shared, upstream);
	*upstream = NULL;
	if (atomic_fetch_sub(&shared->refs, 1) != 1)
		return;
	pool_free(&shared->upstream.pool);
	health_free(&shared->upstream.health);
	arena = shared->arena;
	arena_free(&arena);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_list(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return *a == *b;
}

bool
upstream_same(const struct upstream *a, const struct upstream *b)
{
	return upstream_opts_same(&a->opts, &b->opts);
}

bool
upstream_opts_same(const struct upstream_opts *x, const struct upstream_opts *y)
{
	return same_text(x->name, y->name) && same_text(x->url, y->url) &&
	       same_text(x->host, y->host) &&
	       same_text(x->username, y->username) &&
	       same_text(x->password, y->password) &&
	       same_text(x->ca_file, y->ca_file) &&
	       same_text(x->cert_file, y->cert_file) &&
	       same_text(x->key_file, y->key_file) &&
	       same_text(x->tls_name, y->tls_name) && x->http2 == y->http2 &&
	       x->insecure == y->insecure && x->public_only == y->public_only && x->spread == y->spread &&
	       x->follow == y->follow && x->connect_ms == y->connect_ms &&
	       x->first_byte_ms == y->first_byte_ms &&
	       x->total_ms == y->total_ms &&
	       x->upload_stall_ms == y->upload_stall_ms &&
	       x->upgrade_idle_ms == y->upgrade_idle_ms &&
	       x->misses_max == y->misses_max && x->window == y->window &&
	       x->back_off_min_ms == y->back_off_min_ms &&
	       x->back_off_max_ms == y->back_off_max_ms &&
	       x->failures_max == y->failures_max &&
	       same_list(x->servers, y->servers) && x->balance == y->balance &&
	       x->max_connections == y->max_connections &&
	       x->queue_max == y->queue_max && x->queue_ms == y->queue_ms &&
	       x->lane_parts == y->lane_parts && x->lane_long == y->lane_long &&
	       x->slot_until == y->slot_until &&
	       same_list(x->long_paths, y->long_paths) &&
	       same_list(x->forwarding, y->forwarding) &&
	       same_text(x->forwarded_by, y->forwarded_by) &&
	       x->long_ms == y->long_ms &&
	       x->slow_start_ms == y->slow_start_ms &&
	       x->session == y->session &&
	       same_text(x->session_cookie, y->session_cookie) &&
	       same_text(x->session_secret, y->session_secret) &&
	       same_text(x->probe, y->probe) &&
	       x->probe_interval_ms == y->probe_interval_ms &&
	       x->probe_ms == y->probe_ms &&
	       x->probe_status == y->probe_status &&
	       x->probe_fall == y->probe_fall && x->probe_rise == y->probe_rise;
}
