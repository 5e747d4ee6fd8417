/* admin/statuspage.c - one page that a person reads
 *
 * No scripts, nothing loaded. Whatever came from outside (addresses, reasons,
 * names) is escaped by text(). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/inside.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"

enum { SHOWN_REQUESTS = 20, SHOWN_PROBLEMS = 20, SPAN = 32 };

static const char BEGIN[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>livery</title>\n<style>\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;"
    "max-width:70em;padding:0 1em;color:#222}\n"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin:1.8em 0 .4em}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;padding:.25em .8em .25em 0;vertical-align:top;"
    "border-bottom:1px solid #ddd}\n"
    "td.n,th.n{text-align:right}td.u{word-break:break-all}\n"
    ".bad{color:#a00;font-weight:bold}.none{color:#777}\n"
    "dl{display:grid;grid-template-columns:max-content auto;gap:.2em 1.5em}"
    "\ndt{color:#555}dd{margin:0}\n</style></head><body>\n";

/* ---- writing ---- */

static void
text(struct buf *out, const char *words)
{
	for (; *words; words++) {
		unsigned char c = (unsigned char)*words;

		if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
			buf_printf(out, "&#%d;", c);
		else if (c < 0x20 || c == 0x7f)
			buf_puts(out, "&#xfffd;");
		else
			buf_putc(out, (char)c);
	}
}

static void
cell(struct buf *out, const char *class, const char *words)
{
	buf_printf(out, "<td class=\"%s\">", class);
	text(out, words);
	buf_puts(out, "</td>");
}

static void row(struct buf *out, const char *name, const char *format, ...)
    PRINTF(3, 4);

static void
row(struct buf *out, const char *name, const char *format, ...)
{
	char words[300];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	buf_printf(out, "<dt>%s</dt><dd>", name);
	text(out, words);
	buf_puts(out, "</dd>\n");
}

static const char *
span(char out[SPAN], int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 10000)
		snprintf(out, SPAN, "%" PRId64 " ms", ms);
	else if (s < 120)
		snprintf(out, SPAN, "%" PRId64 " s", s);
	else if (s < 7200)
		snprintf(out, SPAN, "%" PRId64 " min", s / 60);
	else if (s < 172800)
		snprintf(out, SPAN, "%" PRId64 " h", s / 3600);
	else
		snprintf(out, SPAN, "%" PRId64 " days", s / 86400);
	return out;
}

static const char *
size(char out[SPAN], uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	unsigned i = 0;

	while (value >= 1024 && i + 1 < COUNT_OF(units)) {
		value /= 1024;
		i++;
	}
	snprintf(out, SPAN, i ? "%.1f %s" : "%.0f %s", value, units[i]);
	return out;
}

/* ---- the parts ---- */

static int64_t
all_hits(void)
{
	return counter_read(COUNT_HIT_DRESSED) + counter_read(COUNT_HIT_PLAIN) +
	       counter_read(COUNT_HIT_STORE) + counter_read(COUNT_HIT_ASSET) +
	       counter_read(COUNT_HIT_STALE);
}

static void
add_requests_part(struct buf *out)
{
	int64_t hits = all_hits(), misses = counter_read(COUNT_MISS);
	int64_t bypass = counter_read(COUNT_BYPASS);
	int64_t lookups = hits + misses;

	buf_puts(out, "<h2>Requests</h2>\n<dl>\n");
	row(out, "hit rate",
	    lookups ? "%.1f %% of %" PRId64 " that may use "
		      "the cache"
		    : "no requests yet",
	    lookups ? 100.0 * (double)hits / (double)lookups : 0.0, lookups);
	row(out, "requests", "%" PRId64, counter_read(COUNT_REQUESTS));
	row(out, "hits", "%" PRId64 " (%" PRId64 " stale)", hits,
	    counter_read(COUNT_HIT_STALE));
	row(out, "misses", "%" PRId64 " (%" PRId64 " waited on another's)",
	    misses, counter_read(COUNT_COALESCED));
	row(out, "bypassing the cache", "%" PRId64, bypass);
	row(out, "refused", "%" PRId64 " malformed, %" PRId64 " over a limit",
	    counter_read(COUNT_REFUSED) + counter_read(COUNT_MHD_ERRORS),
	    counter_read(COUNT_OVERLOAD));
	row(out, "connections", "%" PRId64 " (%" PRId64 " WebSockets)",
	    counter_read(COUNT_CONNECTIONS), counter_read(COUNT_TUNNELS));
	buf_puts(out, "</dl>\n");
}

static void
add_cache_part(struct admin *admin, struct buf *out)
{
	struct cache_figures figures;
	const char *file;
	char a[SPAN], b[SPAN];

	if (!admin->opts.cache)
		return;
	cache_read_figures(admin->opts.cache, &figures);
	file = cache_file(admin->opts.cache);
	buf_puts(out, "<h2>Cache</h2>\n<dl>\n");
	row(out, "file", "%s", file ? file : "none, in memory only");
	if (figures.trouble)
		row(out, "trouble", "%s", figures.trouble);
	row(out, "entries", "%" PRIu64 " (%s), %" PRIu64 " stale",
	    figures.entries, size(a, figures.entry_bytes), figures.stale);
	row(out, "dressed pages", "%" PRIu64, figures.dressed);
	row(out, "on disk", "%s, and %s not yet moved into it",
	    size(a, figures.file_bytes), size(b, figures.wal_bytes));
	row(out, "in memory", "%" PRId64 " (%s)",
	    counter_read(COUNT_MEMORY_ENTRIES),
	    size(a, (uint64_t)counter_read(COUNT_MEMORY_BYTES)));
	buf_puts(out, "</dl>\n");
}

static void
add_theme(struct buf *out, const struct skin_figures *figures)
{
	char age[SPAN];

	buf_puts(out, "<tr>");
	cell(out, "", figures->name);
	cell(out, figures->state == SKIN_NONE || figures->failures ? "bad" : "",
	    admin_skin_state(figures->state));
	cell(out, "n",
	    figures->fetched_at_ms ? span(age, figures->age_ms) : "never");
	cell(out, "", figures->version);
	cell(out, "u", figures->url ? figures->url : "");
	cell(out, "u", figures->last_error);
	buf_puts(out, "</tr>\n");
}

static void
add_themes_part(struct admin *admin, struct buf *out)
{
	struct skin_figures figures;
	struct skin *skin;
	unsigned i;

	buf_puts(out, "<h2>Themes</h2>\n");
	for (i = 0; admin->opts.skins &&
		    (skin = skins_get(admin->opts.skins, i)) != NULL;
	     i++) {
		if (i == 0)
			buf_puts(out,
			    "<table><tr><th>name</th><th>state</th>"
			    "<th class=\"n\">current</th><th>version</th>"
			    "<th>from</th><th>last trouble</th></tr>\n");
		skin_read_figures(skin, &figures);
		if (!figures.retired)
			add_theme(out, &figures);
		skin_unref(&skin);
	}
	buf_puts(out, i ? "</table>\n" : "<p class=\"none\">none</p>\n");
}

struct servers {
	struct buf *out;
	unsigned count;
};

static void
add_server(void *arg, struct upstream *upstream, struct member *server)
{
	struct servers *servers = arg;
	struct buf *out = servers->out;
	const char *state = admin_server_state(server);

	if (servers->count++ == 0)
		buf_puts(out,
		    "<table><tr><th>upstream</th><th>server</th>"
		    "<th>state</th><th class=\"n\">in use</th>"
		    "<th class=\"n\">requests</th>"
		    "<th class=\"n\">failures</th></tr>\n");
	buf_puts(out, "<tr>");
	cell(out, "", upstream->opts.name);
	cell(out, "u", server->place->opts.url);
	cell(out, strcmp(state, "well") == 0 ? "" : "bad", state);
	buf_printf(out, "<td class=\"n\">%u", pool_in_use(upstream->pool, server));
	if (server->max)
		buf_printf(out, " of %u", server->max);
	buf_printf(out,
	    "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
	    "</td></tr>\n",
	    atomic_load(&server->requests), atomic_load(&server->failures));
}

static void
add_servers_part(struct admin *admin, struct buf *out)
{
	struct servers servers = {out, 0};

	buf_puts(out, "<h2>Servers</h2>\n");
	admin_each_server(admin, add_server, &servers);
	buf_puts(out,
	    servers.count ? "</table>\n" : "<p class=\"none\">none</p>\n");
}

static void
add_flight(struct buf *out, const struct page_figures *page)
{
	char age[SPAN];

	buf_printf(out, "<tr><td class=\"n\">%" PRIu64 "</td>", page->id);
	cell(out, "n", span(age, (int64_t)page->age_ms));
	cell(out, "", page->stage);
	cell(out, "", page->method);
	cell(out, "u", page->url);
	cell(out, "", page->upstream);
	buf_puts(out, "</tr>\n");
}

static void
add_flights_part(struct admin *admin, struct buf *out)
{
	struct page_figures *list =
	    mem_new_array(SHOWN_REQUESTS, sizeof(*list));
	unsigned count = pages_list(admin->opts.pages, list, SHOWN_REQUESTS);
	unsigned i;

	buf_printf(out, "<h2>In flight: %u</h2>\n", count);
	if (count)
		buf_puts(out,
		    "<table><tr><th class=\"n\">id</th>"
		    "<th class=\"n\">for</th><th>stage</th><th>method</th>"
		    "<th>address</th><th>upstream</th></tr>\n");
	for (i = 0; i < count && i < SHOWN_REQUESTS; i++)
		add_flight(out, &list[i]);
	buf_puts(out, count ? "</table>\n" : "<p class=\"none\">none</p>\n");
	mem_free(&list);
}

struct problems {
	struct buf *out;
	unsigned count;
};

static void
add_problem(void *arg, const struct cache_problem_seen *problem)
{
	struct problems *problems = arg;
	struct buf *out = problems->out;

	if (problems->count++ == 0)
		buf_puts(out,
		    "<table><tr><th>last at</th>"
		    "<th class=\"n\">times</th><th>what</th><th>address</th>"
		    "<th>why</th><th>instead</th></tr>\n");
	buf_puts(out, "<tr>");
	cell(out, "", problem->last_at);
	buf_printf(out, "<td class=\"n\">%" PRId64 "</td>", problem->times);
	cell(out, "", problem->what);
	cell(out, "u", problem->url);
	cell(out, "u", problem->reason);
	cell(out, "u", problem->instead);
	buf_puts(out, "</tr>\n");
}

static void
add_problems_part(struct admin *admin, struct buf *out)
{
	struct problems problems = {out, 0};

	buf_puts(out, "<h2>Latest problems</h2>\n");
	if (admin->opts.cache)
		cache_problems(
		    admin->opts.cache, SHOWN_PROBLEMS, add_problem, &problems);
	buf_puts(out,
	    problems.count ? "</table>\n" : "<p class=\"none\">none</p>\n");
}

static void
add_top(struct admin *admin, struct buf *out)
{
	const char *why = NULL;
	char up[SPAN];

	if (admin->opts.not_ready)
		why = admin->opts.not_ready(admin->opts.arg);
	buf_puts(out, BEGIN);
	buf_puts(out, "<h1>livery ");
	text(out, admin->opts.version);
	buf_printf(out, "</h1>\n<p>up for %s; ",
	    span(up, clock_wall_ms() - admin->started_ms));
	if (why) {
		buf_puts(out, "<span class=\"bad\">not ready: ");
		text(out, why);
		buf_puts(out, "</span></p>\n");
	} else {
		buf_puts(out, "ready</p>\n");
	}
}

int
admin_status(struct admin *admin, struct buf *out)
{
	add_top(admin, out);
	add_requests_part(out);
	add_servers_part(admin, out);
	add_themes_part(admin, out);
	add_flights_part(admin, out);
	add_problems_part(admin, out);
	add_cache_part(admin, out);
	buf_puts(out, "</body></html>\n");
	return 200;
}
