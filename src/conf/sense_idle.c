/* conf/sense_idle.c - what is written and counts for nothing
 *
 * An option without that which it is about, or one that another bounds lower.
 * The rest holds, so livery serves, and livery check says it. */
#include <string.h>
#include <strings.h>

#include "base/listen.h"
#include "base/net.h"
#include "conf/sense.h"
#include "http/forwarded.h"
#include "upstream/member.h"

/* ---- upstreams ---- */

static bool
has_any(const char *const *list)
{
	return list && *list;
}

static bool
has_probe(const struct upstream_opts *opts)
{
	return opts->probe != NULL;
}

static bool
has_secret(const struct upstream_opts *opts)
{
	return opts->session == SESSION_INSERT;
}

static bool
has_session(const struct upstream_opts *opts)
{
	return opts->session == SESSION_INSERT || opts->session == SESSION_HASH;
}

static bool
has_long_paths(const struct upstream_opts *opts)
{
	return has_any(opts->long_paths);
}

static bool
has_forwarded(const struct upstream_opts *opts)
{
	const char *const *name = opts->forwarding;

	while (name && *name && forwards_bit(*name) != FORWARDS_STANDARD)
		name++;
	return name && *name;
}

static bool
has_slots(const struct upstream_opts *opts)
{
	const char *const *text = opts->servers;
	struct member_words words;
	struct err err;

	for (; text && *text; text++)
		if (member_read(&words, *text, 0, &err) == 0 && words.max)
			return true;
	return opts->max_connections != 0;
}

static bool
is_https(const char *url)
{
	return url && strncasecmp(url, "https:", 6) == 0;
}

static bool
has_tls(const struct upstream_opts *opts)
{
	const char *const *text = opts->servers;

	for (; text && *text; text++)
		if (is_https(*text + strspn(*text, " \t")))
			return true;
	return is_https(opts->url);
}

static bool
has_several(const struct upstream_opts *opts)
{
	return has_any(opts->servers) && opts->servers[1];
}

static const struct idle {
	const char *option;
	bool (*has)(const struct upstream_opts *opts);
	const char *why;
} idle[] = {
    {"probe_interval", has_probe, "there is no probe = /PATH"},
    {"probe_timeout", has_probe, "there is no probe = /PATH"},
    {"probe_status", has_probe, "there is no probe = /PATH"},
    {"probe_fall", has_probe, "there is no probe = /PATH"},
    {"probe_rise", has_probe, "there is no probe = /PATH"},
    {"session_secret", has_secret, "session is not insert"},
    {"session_cookie", has_session, "session is neither insert nor hash"},
    {"long_timeout", has_long_paths, "there are no long_paths"},
    {"forwarded_by", has_forwarded, "forwarding does not name Forwarded"},
    {"queue_max", has_slots, "there are no max_connections to wait for"},
    {"queue_timeout", has_slots, "there are no max_connections to wait for"},
    {"balance", has_several, "there is one server"},
    {"session", has_several, "there is one server"},
    {"ca_file", has_tls, "no address begins with https://"},
    {"insecure", has_tls, "no address begins with https://"},
    {"cert_file", has_tls, "no address begins with https://"},
    {"key_file", has_tls, "no address begins with https://"},
    {"tls_name", has_tls, "no address begins with https://"},
    {"http2", has_tls, "no address begins with https://"},
};

static void
note_upstream(const struct sense *sense, const struct upstream_opts *opts)
{
	int line, other;

	for (const struct idle *one = idle; one < idle + COUNT_OF(idle);
	     one++) {
		line = sense_line(
		    sense, BLOCK_UPSTREAM, opts->name, one->option);
		if (line && !one->has(opts))
			mistake_note(sense->mistakes, line,
			    "upstream %s: %s counts for nothing: %s",
			    opts->name, one->option, one->why);
	}
	line = sense_line(sense, BLOCK_UPSTREAM, opts->name, "connect_timeout");
	other = sense_line(sense, BLOCK_UPSTREAM, opts->name, "total_timeout");
	if (line && other && opts->connect_ms > opts->total_ms)
		mistake_note(sense->mistakes, line,
		    "upstream %s: connect_timeout is longer than "
		    "total_timeout, which ends it",
		    opts->name);
	line = sense_line(sense, BLOCK_UPSTREAM, opts->name, "max_connections");
	if (line && opts->max_connections > opts->misses_max)
		mistake_note(sense->mistakes, line,
		    "upstream %s: max_connections: misses_max lets no more "
		    "than %u requests go there",
		    opts->name, opts->misses_max);
}

/* ---- blocks that nobody names ---- */

static bool
is_used(const struct conf *conf, const char *upstream, const char *theme)
{
	for (unsigned i = 0; i < conf->sites_count; i++) {
		const struct conf_site *site = &conf->sites[i];

		if ((upstream && site->upstream &&
			strcmp(site->upstream, upstream) == 0) ||
		    (theme && site->theme && strcmp(site->theme, theme) == 0))
			return true;
	}
	return false;
}

static void
note_unused(const struct sense *sense, enum block block, const char *name)
{
	mistake_note(sense->mistakes,
	    scan_line(scan_find(sense->blocks, block, name), ""),
	    "%s %s: no site names it", schema_blocks[block].name, name);
}

static void
note_blocks(const struct sense *sense)
{
	const struct conf *conf = sense->conf;

	for (unsigned i = 0; i < conf->upstreams_count; i++) {
		note_upstream(sense, &conf->upstreams[i]);
		if (!is_used(conf, conf->upstreams[i].name, NULL))
			note_unused(
			    sense, BLOCK_UPSTREAM, conf->upstreams[i].name);
	}
	for (unsigned i = 0; i < conf->themes_count; i++)
		if (!is_used(conf, NULL, conf->themes[i].name))
			note_unused(sense, BLOCK_THEME, conf->themes[i].name);
}

/* ---- sites ---- */

static void
note_site(const struct sense *sense, const struct conf_site *site)
{
	static const char *const of_compress[] = {
	    "compress_min", "compress_own"};
	const char *const *list = site->site.compress;
	int line = sense_line(sense, BLOCK_SITE, site->site.name, "params");

	if (line && !site->theme)
		mistake_note(sense->mistakes, line,
		    "site %s: params counts for nothing: there is no theme, "
		    "so no rules",
		    site->site.name);
	for (size_t i = 0; i < COUNT_OF(of_compress); i++) {
		line = sense_line(
		    sense, BLOCK_SITE, site->site.name, of_compress[i]);
		if (line && (!has_any(list) || strcmp(*list, "none") == 0))
			mistake_note(sense->mistakes, line,
			    "site %s: %s counts for nothing: compress is none",
			    site->site.name, of_compress[i]);
	}
}

/* ---- outside of them ---- */

static bool
has_listener(const struct conf *conf, bool (*is_it)(const struct listen_at *at))
{
	const char *const *listen = conf->front.listen;
	struct listen_at at;
	struct err err;

	for (; listen && *listen; listen++)
		if (listen_parse(&at, *listen, &err) == 0 && is_it(&at))
			return true;
	return false;
}

static bool
is_tls(const struct listen_at *at)
{
	return at->tls;
}

static bool
takes_unix_mode(const struct listen_at *at)
{
	return at->is_unix && !listen_is_abstract(at) &&
	       at->mode == LISTEN_MODE_UNSAID;
}

static bool
trusts_any(const struct conf *conf)
{
	struct nets *nobody = nets_new();
	bool trusts = !nets_same(conf->peers.trusted_peers, nobody);

	nets_free(&nobody);
	return trusts;
}

static void
note_if(const struct sense *sense, bool idle_now, const char *option,
    const char *why)
{
	int line = sense_line(sense, BLOCK_TOP, NULL, option);

	if (idle_now && line)
		mistake_note(sense->mistakes, line,
		    "%s counts for nothing: %s", option, why);
}

static void
note_top(const struct sense *sense)
{
	const struct conf *conf = sense->conf;
	bool tls = has_listener(conf, is_tls), trusts = trusts_any(conf);

	note_if(sense, !trusts, "trusted_host", "there are no trusted_peers");
	note_if(sense, !trusts, "trusted_fields", "there are no trusted_peers");
	note_if(sense, !conf->pages.purge_refresh, "purge_refresh_max",
	    "purge_refresh is off");
	note_if(sense, !conf->front.access_log, "access_log_format",
	    "access_log is none");
	note_if(sense, !tls, "tls_priorities", "no listener says tls");
	note_if(sense, !has_listener(conf, takes_unix_mode), "unix_mode",
	    "no unix socket of listen is without a mode");
	for (unsigned i = 0; i < conf->certs_count && !tls; i++)
		mistake_note(sense->mistakes,
		    scan_line(scan_find(sense->blocks, BLOCK_CERTIFICATE,
				  conf->certs[i].name),
			""),
		    "certificate %s: nobody is shown it: no listener says tls",
		    conf->certs[i].name);
}

static void
note_limits(const struct sense *sense)
{
	const struct front_opts *front = &sense->conf->front;
	const struct {
		const char *option;
		uint64_t value, bound;
		const char *by;
	} bounded[] = {
	    {"request_line_max", front->request_line_max, front->client_memory,
		"client_memory"},
	    {"head_max", front->head_max, front->client_memory,
		"client_memory"},
	    {"per_ip_max", front->per_ip_max, front->connections_max,
		"connections_max"},
	};

	for (size_t i = 0; i < COUNT_OF(bounded); i++) {
		int line = sense_line(
		    sense, BLOCK_LIMITS, NULL, bounded[i].option);

		if (line && bounded[i].value > bounded[i].bound)
			mistake_note(sense->mistakes, line,
			    "limits: %s: %s bounds it, which is %llu",
			    bounded[i].option, bounded[i].by,
			    (unsigned long long)bounded[i].bound);
	}
}

void
sense_idle(const struct sense *sense)
{
	const struct conf *conf = sense->conf;

	note_blocks(sense);
	for (unsigned i = 0; i < conf->sites_count; i++)
		note_site(sense, &conf->sites[i]);
	note_top(sense);
	note_limits(sense);
}
