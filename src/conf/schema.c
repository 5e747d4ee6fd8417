/* conf/schema.c - the table of options
 *
 * The blocks upstream, theme, site and certificate fill a struct of their own
 * each; all others fill struct conf. */
#include "conf/schema.h"

#include <string.h>
#include "conf/check.h"
#include "conf/conf.h"
#include "conf/nearest.h"

const struct block_info schema_blocks[BLOCKS] = {
    [BLOCK_TOP] = {"", 0},
    [BLOCK_CACHE] = {"cache", 0},
    [BLOCK_FETCH] = {"fetch", 0},
    [BLOCK_LIMITS] = {"limits", 0},
    [BLOCK_UPSTREAM] = {"upstream", 1},
    [BLOCK_THEME] = {"theme", 1},
    [BLOCK_SITE] = {"site", 1},
    [BLOCK_CERTIFICATE] = {"certificate", 1},
};

#define FIELD(type, field)                                                     \
	offsetof(struct type, field), sizeof(((struct type *)0)->field)
#define K      INT64_C(1024)
#define M      (K * K)
#define G      (M * K)
#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

/* clang-format off */
#define TEXT(b, n, type, f, check) {b, n, VALUE_TEXT, FIELD(type, f), 0, 0, NULL, check}
#define PATH(b, n, type, f) {b, n, VALUE_PATH, FIELD(type, f), 0, 0, NULL, NULL}
#define PLACE(b, n, type, f) {b, n, VALUE_PLACE, FIELD(type, f), 0, 0, NULL, check_place}
#define PLACES(b, n, type, f, check) {b, n, VALUE_PLACES, FIELD(type, f), 0, 0, NULL, check}
#define LIST(b, n, type, f, check) {b, n, VALUE_LIST, FIELD(type, f), 0, 0, NULL, check}
#define NETS(b, n, type, f) {b, n, VALUE_NETS, FIELD(type, f), 0, 0, NULL, NULL}
#define TIME(b, n, type, f, min, max) {b, n, VALUE_TIME, FIELD(type, f), min, max, NULL, NULL}
#define SIZE(b, n, type, f, min, max) {b, n, VALUE_SIZE, FIELD(type, f), min, max, NULL, NULL}
#define COUNT(b, n, type, f, min, max) {b, n, VALUE_COUNT, FIELD(type, f), min, max, NULL, NULL}
#define MODE(b, n, type, f) {b, n, VALUE_MODE, FIELD(type, f), 0, 0777, NULL, NULL}
#define FLAG(b, n, type, f) {b, n, VALUE_FLAG, FIELD(type, f), 0, 1, NULL, NULL}
#define WORD(b, n, type, f, words) {b, n, VALUE_WORD, FIELD(type, f), 0, 0, words, NULL}

const struct option schema[] = {
	LIST(BLOCK_TOP, "listen", conf, front.listen, check_listener),
	MODE(BLOCK_TOP, "unix_mode", conf, front.unix_mode),
	TEXT(BLOCK_TOP, "admin", conf, admin_listen, check_listen),
	PATH(BLOCK_TOP, "access_log", conf, front.access_log),
	WORD(BLOCK_TOP, "access_log_format", conf, front.format, "combined json"),
	PATH(BLOCK_TOP, "error_log", conf, error_log),
	TEXT(BLOCK_TOP, "log_level", conf, log_level, check_log_level),
	TEXT(BLOCK_TOP, "user", conf, user, check_user),
	TEXT(BLOCK_TOP, "via", conf, front.via, check_token),
	NETS(BLOCK_TOP, "trusted_peers", conf, peers.trusted_peers),
	WORD(BLOCK_TOP, "trusted_fields", conf, peers.trusted_fields, "any x-forwarded forwarded"),
	FLAG(BLOCK_TOP, "trusted_host", conf, peers.trusted_host),
	NETS(BLOCK_TOP, "allowed", conf, peers.allowed),
	WORD(BLOCK_TOP, "purge", conf, pages.purge, "hard soft"),
	TEXT(BLOCK_TOP, "purge_token", conf, pages.purge_token, check_secret),
	FLAG(BLOCK_TOP, "purge_refresh", conf, pages.purge_refresh),
	COUNT(BLOCK_TOP, "purge_refresh_max", conf, pages.purge_refresh_max, 0, 1000000),
	TEXT(BLOCK_TOP, "tls_priorities", conf, front.tls_priorities, check_priorities),
	COUNT(BLOCK_TOP, "threads", conf, front.threads, 0, 256),
	COUNT(BLOCK_TOP, "workers", conf, pages.workers, 0, 256),
	PATH(BLOCK_TOP, "takeover", conf, takeover),
	TIME(BLOCK_TOP, "drain_timeout", conf, drain_ms, 0, HOUR),

	PATH(BLOCK_CACHE, "file", conf, cache.file),
	SIZE(BLOCK_CACHE, "size_max", conf, cache.size_max, M, 1024 * G),
	SIZE(BLOCK_CACHE, "memory_max", conf, cache.memory_max, M, 1024 * G),
	SIZE(BLOCK_CACHE, "wal_max", conf, cache.wal_max, M, 64 * G),
	COUNT(BLOCK_CACHE, "variants_max", conf, cache.variants_max, 1, 10000),

	COUNT(BLOCK_FETCH, "engines", conf, fetch.engines, 1, 64),
	COUNT(BLOCK_FETCH, "misses_max", conf, fetch.misses_max, 1, 1000000),
	SIZE(BLOCK_FETCH, "head_max", conf, fetch.head_max, K, 16 * M),
	COUNT(BLOCK_FETCH, "fields_max", conf, fetch.fields_max, 10, 10000),
	COUNT(BLOCK_FETCH, "decode_ratio", conf, fetch.decode_ratio, 2, 10000),
	SIZE(BLOCK_FETCH, "window", conf, fetch.window, 4 * K, 64 * M),
	COUNT(BLOCK_FETCH, "resolver_threads", conf, resolver.threads, 1, 64),
	TIME(BLOCK_FETCH, "resolve_timeout", conf, resolver.timeout_ms, 1, HOUR),
	TIME(BLOCK_FETCH, "resolve_again", conf, resolver.again_ms, 1, DAY),

	COUNT(BLOCK_LIMITS, "connections_max", conf, front.connections_max, 1, 1000000),
	COUNT(BLOCK_LIMITS, "per_ip_max", conf, front.per_ip_max, 0, 1000000),
	SIZE(BLOCK_LIMITS, "client_memory", conf, front.client_memory, 8 * K, 16 * M),
	SIZE(BLOCK_LIMITS, "request_line_max", conf, front.request_line_max, 256, M),
	COUNT(BLOCK_LIMITS, "fields_max", conf, front.fields_max, 10, 10000),
	SIZE(BLOCK_LIMITS, "head_max", conf, front.head_max, K, 16 * M),
	SIZE(BLOCK_LIMITS, "body_max", conf, front.body_max, 0, 1024 * G),
	TIME(BLOCK_LIMITS, "header_timeout", conf, front.head_ms, 1, HOUR),
	TIME(BLOCK_LIMITS, "body_timeout", conf, front.body_stall_ms, 1, HOUR),
	SIZE(BLOCK_LIMITS, "min_rate", conf, front.body_rate, 0, M),
	TIME(BLOCK_LIMITS, "keepalive_timeout", conf, front.keepalive_ms, 1, HOUR),
	TIME(BLOCK_LIMITS, "send_timeout", conf, front.send_ms, 1, DAY),
	SIZE(BLOCK_LIMITS, "send_rate", conf, front.send_rate, 1, M),
	COUNT(BLOCK_LIMITS, "upgrade_max", conf, front.upgrade_max, 0, 100000),
	TIME(BLOCK_LIMITS, "upgrade_grace", conf, front.upgrade_grace_ms, 0, HOUR),
	COUNT(BLOCK_LIMITS, "suspended_max", conf, front.parked_max, 1, 100000),
	SIZE(BLOCK_LIMITS, "window", conf, front.window, 4 * K, 64 * M),
	SIZE(BLOCK_LIMITS, "client_window", conf, front.client_window, 0, 64 * M),
	COUNT(BLOCK_LIMITS, "pages_max", conf, pages.parked_max, 1, 1000000),

	PLACE(BLOCK_UPSTREAM, "url", upstream_opts, url),
	TEXT(BLOCK_UPSTREAM, "host", upstream_opts, host, check_authority),
	TIME(BLOCK_UPSTREAM, "connect_timeout", upstream_opts, connect_ms, 1, HOUR),
	TIME(BLOCK_UPSTREAM, "first_byte_timeout", upstream_opts, first_byte_ms, 1, HOUR),
	TIME(BLOCK_UPSTREAM, "total_timeout", upstream_opts, total_ms, 1, DAY),
	TIME(BLOCK_UPSTREAM, "upload_stall_timeout", upstream_opts, upload_stall_ms, 1, HOUR),
	TIME(BLOCK_UPSTREAM, "upgrade_idle", upstream_opts, upgrade_idle_ms, 1, 40 * DAY),
	COUNT(BLOCK_UPSTREAM, "misses_max", upstream_opts, misses_max, 1, 1000000),
	TIME(BLOCK_UPSTREAM, "back_off_min", upstream_opts, back_off_min_ms, 1, HOUR),
	TIME(BLOCK_UPSTREAM, "back_off_max", upstream_opts, back_off_max_ms, 1, DAY),
	COUNT(BLOCK_UPSTREAM, "failures_max", upstream_opts, failures_max, 1, 1000),
	LIST(BLOCK_UPSTREAM, "forwarding", upstream_opts, forwarding, check_forwarding),
	TEXT(BLOCK_UPSTREAM, "forwarded_by", upstream_opts, forwarded_by, check_node),
	TEXT(BLOCK_UPSTREAM, "username", upstream_opts, username, check_username),
	TEXT(BLOCK_UPSTREAM, "password", upstream_opts, password, check_line),
	PATH(BLOCK_UPSTREAM, "ca_file", upstream_opts, ca_file),
	FLAG(BLOCK_UPSTREAM, "insecure", upstream_opts, insecure),
	PATH(BLOCK_UPSTREAM, "cert_file", upstream_opts, cert_file),
	PATH(BLOCK_UPSTREAM, "key_file", upstream_opts, key_file),
	TEXT(BLOCK_UPSTREAM, "tls_name", upstream_opts, tls_name, check_tls_name),
	FLAG(BLOCK_UPSTREAM, "http2", upstream_opts, http2),
	SIZE(BLOCK_UPSTREAM, "window", upstream_opts, window, 0, 64 * M),
	FLAG(BLOCK_UPSTREAM, "spread", upstream_opts, spread),
	PLACES(BLOCK_UPSTREAM, "servers", upstream_opts, servers, check_server),
	WORD(BLOCK_UPSTREAM, "balance", upstream_opts, balance, "round-robin least-connections url client"),
	COUNT(BLOCK_UPSTREAM, "max_connections", upstream_opts, max_connections, 0, 1000000),
	COUNT(BLOCK_UPSTREAM, "queue_max", upstream_opts, queue_max, 0, 1000000),
	TIME(BLOCK_UPSTREAM, "queue_timeout", upstream_opts, queue_ms, 1, HOUR),
	COUNT(BLOCK_UPSTREAM, "lane_parts", upstream_opts, lane_parts, 0, 1000000),
	COUNT(BLOCK_UPSTREAM, "lane_long", upstream_opts, lane_long, 0, 1000000),
	LIST(BLOCK_UPSTREAM, "long_paths", upstream_opts, long_paths, check_path_pattern),
	TIME(BLOCK_UPSTREAM, "long_timeout", upstream_opts, long_ms, 1, DAY),
	WORD(BLOCK_UPSTREAM, "slot_until", upstream_opts, slot_until, "body headers"),
	WORD(BLOCK_UPSTREAM, "session", upstream_opts, session, "off insert hash client"),
	TEXT(BLOCK_UPSTREAM, "session_cookie", upstream_opts, session_cookie, check_token),
	TEXT(BLOCK_UPSTREAM, "session_secret", upstream_opts, session_secret, check_secret),
	TEXT(BLOCK_UPSTREAM, "probe", upstream_opts, probe, check_target),
	TIME(BLOCK_UPSTREAM, "probe_interval", upstream_opts, probe_interval_ms, 10, HOUR),
	TIME(BLOCK_UPSTREAM, "probe_timeout", upstream_opts, probe_ms, 1, HOUR),
	COUNT(BLOCK_UPSTREAM, "probe_status", upstream_opts, probe_status, 0, 599),
	COUNT(BLOCK_UPSTREAM, "probe_fall", upstream_opts, probe_fall, 1, 1000),
	COUNT(BLOCK_UPSTREAM, "probe_rise", upstream_opts, probe_rise, 1, 1000),
	TIME(BLOCK_UPSTREAM, "slow_start", upstream_opts, slow_start_ms, 0, HOUR),

	PLACE(BLOCK_THEME, "url", skin_opts, url),
	PATH(BLOCK_THEME, "rules", skin_opts, rules),
	PATH(BLOCK_THEME, "rules_root", skin_opts, rules_root),
	TIME(BLOCK_THEME, "wait", skin_opts, wait_ms, 0, HOUR),
	TIME(BLOCK_THEME, "first_wait", skin_opts, first_wait_ms, 0, HOUR),
	TIME(BLOCK_THEME, "min_refresh", skin_opts, min_refresh_ms, 100, DAY),
	TIME(BLOCK_THEME, "ttl", skin_opts, ttl_ms, 1, DAY),
	TIME(BLOCK_THEME, "stale_warn", skin_opts, stale_warn_ms, 1, 40 * DAY),
	TIME(BLOCK_THEME, "back_off_min", skin_opts, back_off_min_ms, 1, HOUR),
	TIME(BLOCK_THEME, "back_off_max", skin_opts, back_off_max_ms, 1, DAY),
	WORD(BLOCK_THEME, "html_parser", skin_opts, html_parser, "html5 libxml2"),
	WORD(BLOCK_THEME, "theme_assets", skin_opts, assets, "cache absolute"),
	SIZE(BLOCK_THEME, "theme_max", skin_opts, theme_max, K, 64 * M),
	SIZE(BLOCK_THEME, "asset_max", skin_opts, asset_max, K, G),
	COUNT(BLOCK_THEME, "assets_max", skin_opts, assets_max, 0, 100000),
	TIME(BLOCK_THEME, "connect_timeout", skin_opts, upstream.connect_ms, 1, HOUR),
	TIME(BLOCK_THEME, "first_byte_timeout", skin_opts, upstream.first_byte_ms, 1, HOUR),
	TIME(BLOCK_THEME, "total_timeout", skin_opts, upstream.total_ms, 1, DAY),
	COUNT(BLOCK_THEME, "misses_max", skin_opts, upstream.misses_max, 1, 1000000),
	TEXT(BLOCK_THEME, "username", skin_opts, upstream.username, check_username),
	TEXT(BLOCK_THEME, "password", skin_opts, upstream.password, check_line),
	PATH(BLOCK_THEME, "ca_file", skin_opts, upstream.ca_file),
	FLAG(BLOCK_THEME, "insecure", skin_opts, upstream.insecure),
	PATH(BLOCK_THEME, "cert_file", skin_opts, upstream.cert_file),
	PATH(BLOCK_THEME, "key_file", skin_opts, upstream.key_file),
	TEXT(BLOCK_THEME, "tls_name", skin_opts, upstream.tls_name, check_tls_name),
	FLAG(BLOCK_THEME, "http2", skin_opts, upstream.http2),

	LIST(BLOCK_SITE, "hosts", conf_site, site.hosts, check_host),
	TEXT(BLOCK_SITE, "path", conf_site, site.path, check_site_path),
	TEXT(BLOCK_SITE, "upstream", conf_site, upstream, check_name),
	TEXT(BLOCK_SITE, "theme", conf_site, theme, check_name),
	LIST(BLOCK_SITE, "login_cookies", conf_site, site.login_cookies, check_cookie),
	LIST(BLOCK_SITE, "ignore_cookies", conf_site, site.ignore_cookies, check_cookie),
	FLAG(BLOCK_SITE, "stale_override", conf_site, site.policy.stale_override),
	TIME(BLOCK_SITE, "stale_max", conf_site, site.policy.stale_max_ms, 0, 3650 * DAY),
	TIME(BLOCK_SITE, "stale_wait", conf_site, site.stale_wait_ms, 0, HOUR),
	TIME(BLOCK_SITE, "default_ttl", conf_site, site.policy.default_ttl_ms, 0, 3650 * DAY),
	WORD(BLOCK_SITE, "honour_request", conf_site, site.policy.honour_request, "off on allowed"),
	TEXT(BLOCK_SITE, "ttl_header", conf_site, site.policy.ttl_header, check_ttl_header),
	COUNT(BLOCK_SITE, "ttl_jitter", conf_site, site.policy.ttl_jitter, 0, 50),
	COUNT(BLOCK_SITE, "early_refresh", conf_site, site.policy.early_refresh, 0, 1000),
	FLAG(BLOCK_SITE, "sort_query", conf_site, site.query.sort),
	LIST(BLOCK_SITE, "ignore_params", conf_site, site.query.ignore, check_query_param),
	SIZE(BLOCK_SITE, "themed_max", conf_site, site.themed_max, K, G),
	SIZE(BLOCK_SITE, "store_max", conf_site, site.store_max, 0, G),
	WORD(BLOCK_SITE, "html_parser", conf_site, site.html_parser, "html5 libxml2"),
	COUNT(BLOCK_SITE, "html_max_depth", conf_site, site.html_max_depth, 16, 100000),
	COUNT(BLOCK_SITE, "html_max_attributes", conf_site, site.html_max_attributes, 16, 100000),
	COUNT(BLOCK_SITE, "html_max_nodes", conf_site, site.html_max_nodes, 1000, 100000000),
	COUNT(BLOCK_SITE, "xpath_max_ops", conf_site, site.xpath_max_ops, 1000, INT64_C(1000000000)),
	COUNT(BLOCK_SITE, "misses_max", conf_site, site.misses_max, 1, 1000000),
	LIST(BLOCK_SITE, "params", conf_site, site.params, check_param),
	TIME(BLOCK_SITE, "fragment_wait", conf_site, site.fragment_wait_ms, 0, HOUR),
	TIME(BLOCK_SITE, "fragment_timeout", conf_site, site.fragment_timeout_ms, 1, HOUR),
	TIME(BLOCK_SITE, "fragment_min_refresh", conf_site, site.fragment_min_refresh_ms, 100, DAY),
	TIME(BLOCK_SITE, "fragment_ttl", conf_site, site.fragment_ttl_ms, 1, DAY),
	SIZE(BLOCK_SITE, "fragment_max", conf_site, site.fragment_max, K, 64 * M),
	COUNT(BLOCK_SITE, "fragments_max", conf_site, site.fragments_max, 0, 10000),
	WORD(BLOCK_SITE, "fragment_failure", conf_site, site.fragment_failure, "empty undressed error"),
	WORD(BLOCK_SITE, "includes", conf_site, site.includes, "none ssi esi both"),
	FLAG(BLOCK_SITE, "filter_xpath", conf_site, site.filter_xpath),
	LIST(BLOCK_SITE, "fragment_hosts", conf_site, site.fragment_hosts, check_host_port),
	LIST(BLOCK_SITE, "compress", conf_site, site.compress, check_coding),
	SIZE(BLOCK_SITE, "compress_min", conf_site, site.compress_min, 0, G),
	FLAG(BLOCK_SITE, "compress_own", conf_site, site.compress_own),
	FLAG(BLOCK_SITE, "rewrite_links", conf_site, site.rewrite_links),
	WORD(BLOCK_SITE, "upgrade", conf_site, site.upgrade, "off websocket"),
	FLAG(BLOCK_SITE, "map_redirects", conf_site, site.map_redirects),
	TEXT(BLOCK_SITE, "hsts", conf_site, site.hsts, check_hsts),
	PATH(BLOCK_SITE, "error_page", conf_site, site.error_page),
	WORD(BLOCK_SITE, "purge", conf_site, site.purge, "inherit hard soft"),
	TEXT(BLOCK_SITE, "purge_token", conf_site, site.purge_token, check_secret),
	LIST(BLOCK_SITE, "purge_allowed", conf_site, site.purge_allowed, check_net),

	PATH(BLOCK_CERTIFICATE, "file", cert_opts, file),
	PATH(BLOCK_CERTIFICATE, "key", cert_opts, key),
};
/* clang-format on */
const size_t schema_count = COUNT_OF(schema);

const struct option *
schema_find(enum block block, const char *name)
{
	for (size_t i = 0; i < schema_count; i++)
		if (schema[i].block == block &&
		    strcmp(schema[i].name, name) == 0)
			return &schema[i];
	return NULL;
}

/* The i-th name that may stand in a block; blocks stand outside only. */
static const char *
name_in(const void *arg, size_t i)
{
	enum block block = *(const enum block *)arg;

	for (size_t row = 0; row < schema_count; row++)
		if (schema[row].block == block && i-- == 0)
			return schema[row].name;
	if (block == BLOCK_TOP && i + 1 < BLOCKS)
		return schema_blocks[i + 1].name;
	return NULL;
}

const char *
schema_nearest(enum block block, const char *name)
{
	return nearest_find(name, name_in, &block);
}

enum block
schema_find_block(const char *name)
{
	enum block block = BLOCK_TOP + 1;

	while (block < BLOCKS && strcmp(schema_blocks[block].name, name) != 0)
		block++;
	return block;
}
