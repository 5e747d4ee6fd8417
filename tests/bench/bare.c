/* bare.c - the yardstick: libmicrohttpd alone, answering N bytes
 *
 * usage: bare PORT BYTES [NAME VALUE]...
 * One thread, one response made once, with the fields that are given, nothing
 * else. What livery's cached answers cost is compared with what this costs.
 * Prints its port, and runs until it is killed. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *data_len,
    void **context)
{
	static int seen;

	(void)url;
	(void)method;
	(void)version;
	(void)data;
	(void)data_len;
	/* an answer to the first call would close the connection */
	if (!*context) {
		*context = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, arg);
}

static struct MHD_Daemon *
start(unsigned port, struct MHD_Response *response)
{
	struct sockaddr_in at;

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
	    on_request, response, MHD_OPTION_SOCK_ADDR, &at,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_END);
}

static struct MHD_Response *
make(size_t len, char **fields)
{
	struct MHD_Response *response;
	char *bytes = malloc(len);

	if (!bytes)
		return NULL;
	memset(bytes, 'x', len);
	response =
	    MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
	for (; response && fields[0] && fields[1]; fields += 2)
		if (MHD_add_response_header(response, fields[0], fields[1]) !=
		    MHD_YES)
			return NULL;
	return response;
}

int
main(int argc, char **argv)
{
	struct MHD_Response *response;
	struct MHD_Daemon *daemon;
	const union MHD_DaemonInfo *info;
	size_t len = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
	sigset_t set;
	int got;

	if (len == 0) {
		fprintf(stderr, "usage: bare PORT BYTES [NAME VALUE]...\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	response = make(len, argv + 3);
	if (!response) {
		fprintf(stderr, "bare: no such answer\n");
		return 1;
	}
	daemon = start((unsigned)strtoul(argv[1], NULL, 10), response);
	if (!daemon) {
		fprintf(stderr, "bare: cannot listen on port %s\n", argv[1]);
		return 1;
	}
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	printf("%u\n", info ? info->port : 0);
	fflush(stdout);
	sigwait(&set, &got);
	MHD_stop_daemon(daemon);
	MHD_destroy_response(response);
	return 0;
}
