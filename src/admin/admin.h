/* admin/admin.h - looking inside, on a listener of its own (loopback)
 *
 *   GET  /metrics        Prometheus text 0.0.4
 *   GET  /health         200 while the process lives
 *   GET  /ready          200 when it can serve: listeners open, routes set,
 *                        each theme live or given up; else 503 and why
 *   GET  /status         one page that a person reads
 *   GET  /requests       what is in flight, JSON, oldest first
 *   POST /requests/kill?id=N
 *   POST /purge?url=U | ?tag=T | ?regex=R | ?all=1     JSON {"purged": N}
 *     &soft=1   stale, not gone: {"expired": N}; &dry=1   only counted
 *   POST /refresh?theme=NAME
 *   GET  /servers        each upstream's servers, slots and queue, JSON
 *   POST /servers/order?upstream=NAME&server=S&order=in|drain|out
 *                        S: its address as configured, or its tag
 * A request whose Host is not a loopback name or address, or that carries
 * Origin, is refused (DNS rebinding, CSRF). */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "base/err.h"
#include "base/listen.h"
#include "cache/cache.h"
#include "page/page.h"

struct admin;

struct admin_opts {
	const char *listen; /* "127.0.0.1:8089", "unix:/path" */
	struct pages *pages;
	struct cache *cache;
	struct skins *skins;
	/* NULL: always ready; else the reason why not, or NULL when ready */
	const char *(*not_ready)(void *arg);
	void *arg;
	const char *version;
};

CHECKED int admin_start(
    struct admin **out, const struct admin_opts *opts, struct err *err);
void admin_stop(struct admin **admin);
/* Its listening socket, to be passed on to another process until it is
 * quiesced; whose file it is may be changed by the thread that stops admin. */
struct listen_at *admin_socket(struct admin *admin, int *fd);
/* Whoever comes now is for another process that listens there, too. */
void admin_quiesce(struct admin *admin);
const char *admin_address(const struct admin *admin);

#endif
