/* conf/sense_upstream.c - what an upstream says against itself
 *
 * Judged by the upstream that its options make, so by the same eyes as serve's.
 * One that cannot be made has been told of. */
#include <string.h>

#include "base/buf.h"
#include "conf/sense.h"
#include "http/forwarded.h"
#include "http/url.h"
#include "upstream/pool.h"

enum { WINDOW_MIN = 4096, STATUS_MIN = 200 };

static int
line_of(const struct sense *sense, const struct upstream_opts *opts,
    const char *option)
{
	return sense_line(sense, BLOCK_UPSTREAM, opts->name, option);
}

/* ---- each by itself ---- */

/* An interim answer (RFC 9110 15.2) is never the last. */
static void
check_status(const struct sense *sense, const struct upstream_opts *opts)
{
	if (opts->probe_status == 0 || opts->probe_status >= STATUS_MIN)
		return;
	mistake_tell(sense->mistakes, line_of(sense, opts, "probe_status"),
	    "upstream %s: probe_status: no answer ends with status %u: %d to "
	    "599, or 0 for any below 400",
	    opts->name, opts->probe_status, STATUS_MIN);
}

static void
check_window(const struct sense *sense, const struct upstream_opts *opts)
{
	if (opts->window == 0 || opts->window >= WINDOW_MIN)
		return;
	mistake_tell(sense->mistakes, line_of(sense, opts, "window"),
	    "upstream %s: window: '%u' is too little: 0 or %dk to 64M",
	    opts->name, opts->window, WINDOW_MIN / 1024);
}

static void
check_forwarding_list(
    const struct sense *sense, const struct upstream_opts *opts)
{
	const char *const *name = opts->forwarding;
	bool none = false, some = false;

	for (; name && *name; name++) {
		none |= forwards_bit(*name) == 0;
		some |= forwards_bit(*name) != 0;
	}
	if (name && !none && !some)
		mistake_tell(sense->mistakes,
		    line_of(sense, opts, "forwarding"),
		    "upstream %s: forwarding: an empty list: say none where "
		    "nothing is to be told",
		    opts->name);
	if (none && some)
		mistake_tell(sense->mistakes,
		    line_of(sense, opts, "forwarding"),
		    "upstream %s: forwarding: none stands beside others: take "
		    "it, or them, away",
		    opts->name);
}

/* ---- its servers ---- */

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool
same_place(const struct upstream *a, const struct upstream *b)
{
	return a->form == b->form && strcmp(a->scheme, b->scheme) == 0 &&
	       same_text(a->host, b->host) && a->port == b->port &&
	       same_text(a->path, b->path);
}

static void
check_twice(const struct sense *sense, const struct upstream *made)
{
	const struct upstream *a, *b;

	for (unsigned i = 0; i < pool_count(made->pool); i++)
		for (unsigned k = 0; k < i; k++) {
			a = pool_member(made->pool, k)->place;
			b = pool_member(made->pool, i)->place;
			if (same_place(a, b))
				mistake_tell(sense->mistakes,
				    line_of(sense, &made->opts, "servers"),
				    "upstream %s: %s and %s are one server: "
				    "take one away",
				    made->opts.name, a->opts.url, b->opts.url);
		}
}

static void
check_backups(const struct sense *sense, const struct upstream *made)
{
	for (unsigned i = 0; i < pool_count(made->pool); i++)
		if (!pool_member(made->pool, i)->backup)
			return;
	mistake_tell(sense->mistakes, line_of(sense, &made->opts, "servers"),
	    "upstream %s: all of its servers are backups: of what? One at "
	    "least is not to be",
	    made->opts.name);
}

/* ---- lanes ---- */

/* Of all servers that are no backups; 0: there is no such number. */
static unsigned
slots_of(const struct upstream *made)
{
	const struct member *server;
	unsigned slots = 0;

	for (unsigned i = 0; i < pool_count(made->pool); i++) {
		server = pool_member(made->pool, i);
		if (server->max == 0)
			return 0;
		if (!server->backup)
			slots += server->max;
	}
	return slots;
}

static void
check_lane(const struct sense *sense, const struct upstream *made,
    const char *option, uint32_t lane)
{
	unsigned slots = slots_of(made);

	if (slots == 0 || lane <= slots)
		return;
	mistake_tell(sense->mistakes, line_of(sense, &made->opts, option),
	    "upstream %s: %s: %u are more than the %u slots that "
	    "max_connections gives all lanes: 1 to %u, or 0 for a share",
	    made->opts.name, option, lane, slots, slots);
}

/* ---- its path ---- */

/* In front of each path that clients ask for, as it stands. */
static void
check_prefix(const struct sense *sense, const struct upstream *made)
{
	static const char *const dots[] = {"/./", "/../"};
	size_t len = strlen(made->prefix);
	struct buf text;
	bool bad;

	buf_init(&text, len + 2);
	bad = len > 0 && url_decode(&text, made->prefix, len) != 0;
	text.len = 0;
	buf_printf(&text, "%s/", made->prefix);
	for (size_t i = 0; i < COUNT_OF(dots); i++)
		bad |= strstr(text.data, dots[i]) != NULL;
	buf_fini(&text);
	if (bad)
		mistake_tell(sense->mistakes, line_of(sense, &made->opts,
			made->opts.servers ? "servers" : "url"),
		    "upstream %s: '%s' is no path to ask below: without . and "
		    ".., and with two hex digits behind each %%",
		    made->opts.name, made->prefix);
}

void
sense_upstream(const struct sense *sense, const struct upstream_opts *opts)
{
	struct upstream *made = NULL;
	struct err err;

	check_status(sense, opts);
	check_window(sense, opts);
	check_forwarding_list(sense, opts);
	if (!opts->url || upstream_new(&made, opts, &err) != 0)
		return;
	check_twice(sense, made);
	check_backups(sense, made);
	check_lane(sense, made, "lane_parts", opts->lane_parts);
	check_lane(sense, made, "lane_long", opts->lane_long);
	check_prefix(sense, made);
	upstream_unref(&made);
}
