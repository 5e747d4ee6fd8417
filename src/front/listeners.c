/* front/listeners.c - what is listened on: its words, its sockets, and the
 * daemons that serve them */
#include "front/frontlife.h"

#include <microhttpd.h>
#include <signal.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/inherit.h"
#include "base/mem.h"
#include "base/window.h"
#include "front/acceptor.h"
#include "front/room.h"

enum { LISTENERS_MAX = 32 };

/* ---- its words ---- */

/* Each socket that we were given has connections of its own waiting, so each
 * is served, also if there are more of them than threads are wanted. */
static unsigned
threads_for(const struct front *front, const struct listener *listener)
{
	unsigned wanted = listener->at.is_unix ? 1 : front->core.opts.threads;
	unsigned given = inherit_count(&listener->at);

	return given > wanted && !listener->at.proxied ? given : wanted;
}

int
listeners_parse(struct front *front, struct err *err)
{
	const char *const *listen = front->core.opts.listen;
	unsigned i, n = 0;

	while (listen && listen[n])
		n++;
	if (n == 0 || n > LISTENERS_MAX)
		return err_set(err,
		    "1 to %d addresses to listen on are "
		    "wanted, not %u",
		    LISTENERS_MAX, n);
	front->listeners = mem_new_array(n, sizeof(*front->listeners));
	front->listeners_count = n;
	for (i = 0; i < n; i++) {
		struct listener *listener = &front->listeners[i];

		if (listen_parse(&listener->at, listen[i], err) != 0)
			return -1;
		listener->at.place = i + 1;
		listener->front = front;
		listener->first = front->ports_count;
		listener->count = threads_for(front, listener);
		front->ports_count += listener->count;
	}
	return 0;
}

/* ---- its sockets ---- */

static unsigned
doors_for(const struct listener *listener)
{
	unsigned given = inherit_count(&listener->at);

	if (!listener->at.proxied)
		return listener->count;
	return given > 1 ? given : 1;
}

int
listener_open(struct front *front, struct listener *listener, struct err *err)
{
	const struct front_opts *opts = &front->core.opts;
	unsigned i, n = doors_for(listener);

	listener->doors = mem_new_array(n, sizeof(int));
	for (i = 0; i < n; i++, listener->doors_count++) {
		if (listen_open(&listener->doors[i], &listener->at,
			opts->unix_mode, err) != 0)
			return -1;
		window_set(listener->doors[i], opts->client_window);
	}
	listen_write(listener->text, &listener->at);
	return 0;
}

/* ---- its daemons ---- */

/* libmicrohttpd closes what it does not take. */
static void
on_named(void *arg, int fd, const struct sockaddr *client, socklen_t len)
{
	struct listener *listener = arg;
	struct port *port = &listener->front->ports[listener->first +
						   listener->turn++ %
						       listener->count];

	if (MHD_add_connection(port->daemon, fd, client, len) != MHD_YES)
		counter_up(COUNT_OVERLOAD);
}

static int
start_acceptor(struct front *front, struct listener *listener, struct err *err)
{
	struct acceptor_opts opts = {
	    .fds = listener->doors,
	    .fds_count = listener->doors_count,
	    .waiting_max = room_waiting(front->core.opts.connections_max),
	    .name = listener->text,
	    .head_ms = front->core.opts.head_ms,
	    .trusted = front->core.opts.peers.trusted_peers,
	    .on_connection = on_named,
	    .arg = listener,
	};

	if (acceptor_start(&listener->acceptor, &opts, err) != 0)
		return -1;
	listener->doors_taken = listener->doors_count;
	return 0;
}

static int
start_port(struct front *front, struct port *port, struct listener *listener,
    struct err *err)
{
	sigset_t all, before;
	int fd = listener->at.proxied ?
	    -1 : listener->doors[listener->doors_taken];

	port->front = front;
	port->tls = listener->at.tls ? front->core.tls : NULL;
	port->redirect_port = listener->at.redirect_port;
	port->fields =
	    mem_new_array(front->core.opts.fields_max, sizeof(*port->fields));
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	port->daemon = daemon_start(front, port, fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (port->daemon) {
		listener->doors_taken += fd >= 0;
		return 0;
	}
	return err_set(
	    err, "libmicrohttpd does not start on %s", listener->text);
}

int
listener_serve(struct front *front, struct listener *listener, struct err *err)
{
	struct port *port = &front->ports[listener->first];
	unsigned i;

	for (i = 0; i < listener->count; i++)
		if (start_port(front, &port[i], listener, err) != 0)
			return -1;
	return listener->at.proxied ? start_acceptor(front, listener, err) : 0;
}

/* ---- the end ---- */

void
listeners_close(struct front *front)
{
	struct listener *listener = front->listeners;
	unsigned i, k;

	for (i = 0; i < front->listeners_count; i++, listener++) {
		for (k = listener->doors_taken; k < listener->doors_count; k++)
			close(listener->doors[k]);
		listen_remove(&listener->at);
		mem_free(&listener->doors);
	}
}
