/* base/counter.h - what happened how often, counted without contention
 *
 * Each thread counts in a block of its own; a reader adds the blocks up. The
 * table is the documentation: name as /metrics shows it (livery_NAME), what
 * it counts. Gauges may go down. A name with a label has it in braces. */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdint.h>

/* C(symbol, "name", "help") counts up; G(...) is a gauge. */
#define COUNTER_TABLE(C, G)                                                   \
	C(REQUESTS, "requests_total", "requests whose head was read")         \
	C(REFUSED, "requests_refused_total",                                  \
	    "requests that the gate refused (4xx, 5xx and close)")            \
	C(UNNAMED, "connections_unnamed_total",                               \
	    "connections without the PROXY header that was to come first")    \
	C(HANDSHAKES, "tls_handshakes_failed_total",                          \
	    "connections that ended before TLS was agreed on")                \
	C(FORWARDED_DOUBTED, "forwarding_doubted_total",                      \
	    "requests whose Forwarded is malformed, or contradicts X-Forwarded-*")\
	C(MHD_ERRORS, "requests_unparsed_total",                              \
	    "requests that libmicrohttpd itself answered with an error")      \
	C(HIT_DRESSED, "hits_total{kind=\"dressed\"}",                        \
	    "answers from memory, dressed before")                            \
	C(HIT_PLAIN, "hits_total{kind=\"plain\"}",                            \
	    "answers from memory that need no dressing, or just had it")      \
	C(HIT_STORE, "hits_total{kind=\"store\"}",                            \
	    "answers from the cache file")                                    \
	C(HIT_ASSET, "hits_total{kind=\"asset\"}",                            \
	    "theme files from the cache")                                     \
	C(HIT_STALE, "hits_total{kind=\"stale\"}",                            \
	    "answers from a stale copy")                                      \
	C(MISS, "misses_total", "requests that needed a fetch")               \
	C(BYPASS, "bypass_total",                                             \
	    "requests that may not use the cache (cookies, methods)")         \
	C(COALESCED, "coalesced_total",                                       \
	    "requests that waited on the fetch of another")                   \
	C(RELEASED, "released_total",                                         \
	    "waiters released since an answer could not be shared")           \
	C(NOT_MODIFIED, "not_modified_total", "304 answers to clients")       \
	C(SENT_GZIP, "answers_compressed_total{coding=\"gzip\"}",              \
	    "answers sent in a coding made here")                             \
	C(SENT_BR, "answers_compressed_total{coding=\"br\"}",                  \
	    "answers sent in a coding made here")                             \
	C(SENT_ZSTD, "answers_compressed_total{coding=\"zstd\"}",              \
	    "answers sent in a coding made here")                             \
	C(PACKED, "compressed_total", "bodies compressed")                    \
	C(PACKED_FROM, "compressed_from_bytes_total",                         \
	    "bytes of bodies that were compressed, or tried in vain")         \
	C(PACKED_TO, "compressed_to_bytes_total",                             \
	    "bytes that they became")                                         \
	C(DRESSED_PAGES, "dressed_total", "pages dressed")                    \
	C(WOVEN, "woven_total",                                               \
	    "undressed pages whose includes were put in")                     \
	C(FRAGMENTS, "fragments_asked_total",                                 \
	    "documents and includes that were asked for")                     \
	C(FRAGMENT_FAILED, "fragment_failed_total",                           \
	    "documents and includes that were asked for and not had")         \
	C(READ_AHEAD, "read_ahead_total",                                     \
	    "pages dressed of which a part was read before the rest came")    \
	C(DRESS_FAILED, "dress_failed_total",                                 \
	    "pages served undressed since dressing failed")                   \
	C(FETCHES, "fetches_total{for=\"page\"}", "requests to upstreams")    \
	C(FETCHES_THEME, "fetches_total{for=\"theme\"}",                      \
	    "requests for themes and their files")                            \
	C(RETRIES, "fetch_retries_total",                                     \
	    "requests sent to another server since one could not take them") \
	C(UPGRADES, "upgrades_total",                                         \
	    "connections that became WebSocket")                              \
	C(TUNNEL_IDLE, "upgrades_idle_total",                                 \
	    "of them, those that upgrade_idle ended")                         \
	C(TUNNEL_DOWN, "upgrade_bytes_total{to=\"client\"}",                  \
	    "bytes passed after an upgrade")                                  \
	C(TUNNEL_UP, "upgrade_bytes_total{to=\"upstream\"}",                  \
	    "bytes passed after an upgrade")                                  \
	C(FETCH_FAILED, "fetch_failed_total",                                 \
	    "fetches that ended without a whole answer")                      \
	C(REVALIDATED, "revalidated_total", "304 answers from upstreams")     \
	C(REFRESHES, "refreshes_total", "background refreshes of pages")      \
	C(DNS_LOOKUPS, "dns_lookups_total", "names asked of the system")      \
	C(DNS_FAILED, "dns_failed_total", "names not resolved in time")       \
	C(DNS_KEPT, "dns_kept_total", "last good addresses used instead")     \
	C(THEME_CHANGES, "theme_changes_total", "theme versions gone live")   \
	C(THEME_FAILED, "theme_failed_total",                                 \
	    "theme refreshes that left the old version live")                 \
	C(STORES, "stores_total", "answers given to the writer")              \
	C(STORE_FAILED, "store_failed_total",                                 \
	    "answers that could not be written to the cache file")            \
	C(EVICTED, "evicted_total", "rows removed for space")                 \
	C(DAMAGED, "damaged_total",                                           \
	    "rows of the cache file whose hash was wrong")                    \
	C(PURGES, "purges_total", "purges from clients and operators")        \
	C(PURGED, "purged_total", "entries purged")                           \
	C(REVIVED, "revived_total",                                           \
	    "pages asked for anew since a soft purge made them stale")        \
	C(EXPIRED, "expired_total", "entries made stale by soft purges")      \
	C(PROBLEMS, "problems_total", "problems reported")                    \
	C(TIMEOUTS, "client_timeouts_total",                                  \
	    "connections ended by a deadline of ours")                        \
	C(IDLE_ENDED, "connections_idle_total",                               \
	    "kept connections ended by keepalive_timeout")                    \
	C(GONE, "clients_gone_total", "clients that left before the answer")  \
	C(OVERLOAD, "overload_total",                                         \
	    "requests past a limit of what is in flight (503, or stale)")     \
	C(LOG_DROPPED, "access_log_dropped_total",                            \
	    "access log lines dropped since the log thread lagged")           \
	C(LOG_MISSING, "error_log_dropped_total",                             \
	    "error log lines dropped since nobody took them")                 \
	C(CREW_WAIT_US, "crew_wait_microseconds_total",                       \
	    "time that pages waited for a worker")                            \
	C(DRESS_US, "dress_microseconds_total", "time spent dressing")        \
	C(BYTES_OUT, "client_bytes_total", "body bytes sent to clients")      \
	C(BYTES_IN, "fetched_bytes_total", "body bytes fetched")              \
	G(CONNECTIONS, "connections", "client connections open")              \
	G(WAITING, "connections_waiting",                                     \
	    "connections whose PROXY header has not come yet")                \
	G(IN_FRONT, "in_flight{stage=\"front\"}", "requests being answered")  \
	G(IN_CREW, "in_flight{stage=\"crew\"}", "pages at or before a worker")\
	G(IN_FETCH, "in_flight{stage=\"fetch\"}", "pages waiting on a fetch") \
	G(TRANSFERS, "transfers", "upstream requests in the air")             \
	G(TUNNELS, "upgraded", "WebSocket connections open")                  \
	G(MEMORY_BYTES, "memory_cache_bytes", "bytes in the memory tier")     \
	G(MEMORY_ENTRIES, "memory_cache_entries", "objects in the memory tier")\
	G(WRITER_QUEUE, "writer_queue_bytes", "bytes waiting to be written")

enum counter {
#define COUNTER_SYMBOL(symbol, name, help) COUNT_##symbol,
	COUNTER_TABLE(COUNTER_SYMBOL, COUNTER_SYMBOL)
#undef COUNTER_SYMBOL
	    COUNTERS
};

struct counter_info {
	const char *name;
	const char *help;
	int is_gauge;
};
extern const struct counter_info counter_table[COUNTERS];

void counter_add(enum counter counter, int64_t n);
static inline void
counter_up(enum counter counter)
{
	counter_add(counter, 1);
}
/* The sum over all threads, those that ended too. */
int64_t counter_read(enum counter counter);

#endif
