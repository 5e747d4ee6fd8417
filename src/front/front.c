/* front/front.c - all of the client side: begun, quiesced, stopped
 *
 * Each listener has a daemon for each thread, all with sockets of their own on
 * one port: the kernel spreads connections, and no two threads meet. */
#include "front/frontlife.h"

#include <microhttpd.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "front/acceptor.h"
#include "front/priorities.h"
#include "front/room.h"
#include "front/tunnel.h"

enum { STOP_LOOK_US = 5000 };

void
front_opts_default(struct front_opts *opts)
{
	memset(opts, 0, sizeof(*opts));
	opts->unix_mode = 0660;
	opts->connections_max = 10000;
	opts->client_memory = 32 << 10;
	opts->request_line_max = 8 << 10;
	opts->fields_max = 100;
	opts->head_max = 64 << 10;
	opts->head_ms = 10000;
	opts->body_stall_ms = 30000;
	opts->body_rate = 128;
	opts->keepalive_ms = 15000;
	opts->send_ms = 60000;
	opts->send_rate = 1024;
	opts->parked_max = 2000;
	opts->upgrade_max = 1000;
	opts->upgrade_grace_ms = 5000;
	opts->window = 256 << 10;
	opts->access_log = "-";
	opts->format = ACCESSLOG_COMBINED;
	opts->via = "livery";
	opts->tls_priorities = priorities_default();
}

/* ---- starting ---- */

static unsigned
count_proxied(const struct front *front)
{
	unsigned i, n = 0;

	for (i = 0; i < front->listeners_count; i++)
		n += front->listeners[i].at.proxied;
	return n;
}

static void
raise_fds(struct front *front)
{
	struct front_opts *opts = &front->core.opts;
	struct rlimit limit;
	uint32_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur == RLIM_INFINITY)
		return;
	most = room_connections(
	    limit.rlim_cur, opts->connections_max, count_proxied(front));
	if (most == opts->connections_max)
		return;
	opts->connections_max = most;
	log_warn("only %llu file descriptors may be open, so at most %u "
		 "connections are taken",
	    (unsigned long long)limit.rlim_cur, opts->connections_max);
}

/* Cores that this process may use: two threads on one only get in each
 * other's way. */
static unsigned
usable_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return CPU_COUNT(&set) > 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static void
copy_opts(struct front *front, const struct front_opts *opts)
{
	struct front_core *core = &front->core;

	core->opts = *opts;
	if (core->opts.threads == 0)
		core->opts.threads = usable_cores();
	if (opts->access_log)
		front->access_log = mem_strdup(opts->access_log);
	front->via = mem_strdup(opts->via ? opts->via : "livery");
	core->opts.via = front->via;
	core->gate.request_line_max = opts->request_line_max;
	core->gate.fields_max = opts->fields_max;
	core->gate.head_max = opts->head_max;
	core->gate.body_max = opts->body_max;
}

static int
start_tls(struct front *front, struct err *err)
{
	const struct front_opts *opts = &front->core.opts;
	unsigned i = 0;

	while (i < front->listeners_count && !front->listeners[i].at.tls)
		i++;
	if (i == front->listeners_count)
		return 0;
	return tls_new(&front->core.tls, opts->certs, opts->certs_count,
	    opts->tls_priorities, err);
}

static int
start_all(struct front *front, struct err *err)
{
	const struct front_opts *opts = &front->core.opts;
	struct watchdog_opts dog = {
	    .head_ms = opts->head_ms,
	    .body_stall_ms = opts->body_stall_ms,
	    .body_rate = opts->body_rate,
	    .keepalive_ms = opts->keepalive_ms,
	};
	unsigned i;

	if (listeners_parse(front, err) != 0 || start_tls(front, err) != 0)
		return -1;
	raise_fds(front);
	front->ports = mem_new_array(front->ports_count, sizeof(*front->ports));
	front->quiesced_fds = mem_new_array(front->ports_count, sizeof(int));
	for (i = 0; i < front->ports_count; i++) {
		front->ports[i].number = i;
		front->quiesced_fds[i] = -1;
	}
	if (watchdog_start(&front->core.dog, &dog, err) != 0 ||
	    tunnels_start(&front->core.tunnels, err) != 0)
		return -1;
	if (front->access_log &&
	    accesslog_start(&front->core.log, front->access_log, opts->format,
		front->ports_count, err) != 0)
		return -1;
	/* All before the first connection is taken: what fails now costs no
	 * client anything. */
	for (i = 0; i < front->listeners_count; i++)
		if (listener_open(front, &front->listeners[i], err) != 0)
			return -1;
	for (i = 0; i < front->listeners_count; i++)
		if (listener_serve(front, &front->listeners[i], err) != 0)
			return -1;
	front->core.opts.listen = NULL;
	return 0;
}

int
front_start(struct front **out, struct pages *pages,
    const struct front_opts *opts, struct err *err)
{
	struct front *front = mem_new(sizeof(*front));

	front->core.pages = pages;
	copy_opts(front, opts);
	if (start_all(front, err) != 0) {
		front_stop(&front);
		return -1;
	}
	*out = front;
	return 0;
}

const char *
front_address(const struct front *front, unsigned i)
{
	return i < front->listeners_count ? front->listeners[i].text : NULL;
}

void
front_each_socket(struct front *front,
    void (*on_socket)(void *arg, int fd, struct listen_at *at), void *arg)
{
	struct listener *listener = front->listeners;
	unsigned i, k;

	for (i = 0; i < front->listeners_count; i++, listener++)
		for (k = 0; k < listener->doors_count; k++)
			on_socket(arg, listener->doors[k], &listener->at);
}

/* ---- ending ---- */

static bool
is_proxied(const struct front *front, unsigned port)
{
	unsigned i = 0;

	while (port >= front->listeners[i].first + front->listeners[i].count)
		i++;
	return front->listeners[i].at.proxied;
}

void
front_quiesce(struct front *front)
{
	unsigned i;

	if (atomic_exchange(&front->core.quiesced, true))
		return;
	tunnels_drain(front->core.tunnels, front->core.opts.upgrade_grace_ms);
	for (i = 0; i < front->listeners_count; i++)
		if (front->listeners[i].acceptor)
			acceptor_quiesce(front->listeners[i].acceptor);
	for (i = 0; i < front->ports_count; i++)
		if (front->ports[i].daemon && !is_proxied(front, i))
			front->quiesced_fds[i] =
			    MHD_quiesce_daemon(front->ports[i].daemon);
}

unsigned
front_in_hand(const struct front *front)
{
	unsigned i, sum = 0;

	for (i = 0; i < front->ports_count; i++)
		sum += atomic_load_explicit(
		    &front->ports[i].in_hand, memory_order_relaxed);
	return sum;
}

/* libmicrohttpd may not be stopped with a connection suspended: all are cut,
 * and the pages come back. */
static void
let_all_go(struct front *front)
{
	atomic_store(&front->core.stopping, true);
	while (
	    front->core.dog && (front_in_hand(front) > 0 ||
				   atomic_load(&front->core.exchanges) > 0)) {
		watchdog_cut_all(front->core.dog);
		usleep(STOP_LOOK_US);
	}
}

static void
stop_daemons(struct front *front)
{
	unsigned i;

	for (i = 0; i < front->ports_count && front->ports; i++) {
		if (front->ports[i].daemon)
			MHD_stop_daemon(front->ports[i].daemon);
		if (front->quiesced_fds[i] >= 0)
			close(front->quiesced_fds[i]);
		mem_free(&front->ports[i].fields);
	}
}

void
front_stop(struct front **front)
{
	struct front *old = *front;
	unsigned i;

	if (!old)
		return;
	if (old->ports) {
		front_quiesce(old);
		for (i = 0; i < old->listeners_count; i++)
			acceptor_stop(&old->listeners[i].acceptor);
		tunnels_cut(old->core.tunnels);
		let_all_go(old);
		stop_daemons(old);
	}
	listeners_close(old);
	accesslog_stop(&old->core.log);
	tunnels_stop(&old->core.tunnels);
	watchdog_stop(&old->core.dog);
	tls_free(&old->core.tls);
	mem_free(&old->ports);
	mem_free(&old->quiesced_fds);
	mem_free(&old->listeners);
	mem_free(&old->access_log);
	mem_free(&old->via);
	mem_free(front);
}

/* ---- certificates ---- */

int
front_set_certs(struct front *front, const struct cert_opts *opts,
    unsigned count, void (*told)(void *arg, const char *line), void *arg,
    struct err *err)
{
	if (!front->core.tls)
		return 0;
	return tls_reload(front->core.tls, opts, count, told, arg, err);
}

struct certs *
front_certs(struct front *front)
{
	return front->core.tls ? tls_certs(front->core.tls) : NULL;
}

void
front_reopen_log(struct front *front)
{
	if (front->core.log)
		accesslog_reopen(front->core.log);
}
