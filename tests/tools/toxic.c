/* tests/tools/toxic.c - a bad network: a TCP relay that does harm when asked
 *
 * Usage: toxic [--with-parent] HOST:PORT
 *        toxic [--with-parent] --packets
 * Prints "port N" and "control N" (both on 127.0.0.1) and relays connections
 * of the first to HOST:PORT until TERM. A line sent to the control port is a
 * list of words, and is answered with "ok"; it replaces what held before. All
 * but refuse holds for what comes back from HOST:PORT:
 *   delay=MS    each piece comes so much later
 *   rate=N      bytes a second          split=N    pieces of N bytes, 1 ms
 *                                                  apart
 *   cut=N       closed after N bytes    reset=N    reset after N bytes
 *   corrupt=N   a bit of byte N is turned over (N counts from 0)
 *   hang=1      accepted, and nothing ever passes
 *   refuse=1    nobody listens on the port
 *   break=1     now: every connection is reset
 * An empty line: a good network. One thread a direction.
 *
 * --packets is a line that TCP itself sees: two TUN devices in this network
 * namespace, which must be one of its own (packets/packets.h has the addresses).
 * There is a control port only; of its words delay= and rate= hold for each
 * packet, both ways, and loss=N loses N of 10,000 packets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "packets/packets.h"

enum { PIECE = 16 << 10, LINKS_MAX = 4096 };

struct harm {
	long delay, rate, split, cut, reset, corrupt, hang, refuse, loss;
};
static const struct harm no_harm = {.cut = -1, .reset = -1, .corrupt = -1};

struct link {
	int client, server;
	int threads; /* under lock */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct harm harm;	      /* under lock */
static struct link *links[LINKS_MAX]; /* under lock */
static int listener = -1;	      /* under lock */
static struct sockaddr_in here, there;
static bool relays = true; /* streams; set before there are threads */

static struct harm
harm_now(void)
{
	struct harm now;

	pthread_mutex_lock(&lock);
	now = harm;
	pthread_mutex_unlock(&lock);
	return now;
}

static void
sleep_us(long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

/* Now, whoever else waits on it or writes to it: that is what this does to a TCP
 * socket. By the system call itself: the kernel puts it in order with the sends
 * of other threads, which ThreadSanitizer's connect() does not know. */
static void
reset(int fd)
{
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

	syscall(SYS_connect, fd, &nowhere, sizeof(nowhere));
}

static bool
send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* ---- a connection ---- */

static void
link_enter(struct link *link)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < LINKS_MAX; i++) {
		if (!links[i]) {
			links[i] = link;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
}

/* One of its two threads is done with it. */
static void
link_leave(struct link *link)
{
	bool last;

	pthread_mutex_lock(&lock);
	shutdown(link->client, SHUT_RDWR);
	shutdown(link->server, SHUT_RDWR);
	last = --link->threads == 0;
	for (int i = 0; last && i < LINKS_MAX; i++)
		if (links[i] == link)
			links[i] = NULL;
	pthread_mutex_unlock(&lock);
	if (!last)
		return;
	close(link->client);
	close(link->server);
	free(link);
}

static void *
carry_up(void *arg)
{
	struct link *link = arg;
	char piece[PIECE];
	ssize_t n;

	while ((n = recv(link->client, piece, sizeof(piece), 0)) > 0) {
		while (harm_now().hang)
			sleep_us(10000);
		if (!send_all(link->server, piece, (size_t)n))
			break;
	}
	link_leave(link);
	return NULL;
}

/* How many of len bytes, after `passed`, may go on; *ends when no more may. */
static size_t
allowed(const struct harm *now, long passed, size_t len, bool *ends)
{
	long most = now->cut >= 0 ? now->cut : now->reset;

	if (most < 0 || passed + (long)len < most)
		return len;
	*ends = true;
	return most > passed ? (size_t)(most - passed) : 0;
}

static bool
carry_piece(struct link *link, const struct harm *now, char *piece, size_t len,
    long passed)
{
	size_t step = now->split > 0 ? (size_t)now->split : len;

	if (now->rate > 0 && step > (size_t)now->rate / 20 + 1)
		step = (size_t)now->rate / 20 + 1;
	if (now->corrupt >= passed && now->corrupt < passed + (long)len)
		piece[now->corrupt - passed] ^= 1;
	if (now->delay > 0)
		sleep_us(now->delay * 1000);
	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;

		if (!send_all(link->client, piece + at, n))
			return false;
		if (now->rate > 0)
			sleep_us((long)(n * 1000000 / (size_t)now->rate));
		else if (now->split > 0)
			sleep_us(1000);
	}
	return true;
}

static void *
carry_down(void *arg)
{
	struct link *link = arg;
	char piece[PIECE];
	long passed = 0;
	bool ends = false;
	ssize_t n;

	while (!ends &&
	    (n = recv(link->server, piece, sizeof(piece), 0)) > 0) {
		struct harm now = harm_now();
		size_t len = allowed(&now, passed, (size_t)n, &ends);

		if (!carry_piece(link, &now, piece, len, passed))
			break;
		passed += (long)len;
		if (ends && now.reset >= 0 && now.cut < 0) {
			sleep_us(20000); /* let what was sent arrive */
			reset(link->client);
		}
	}
	link_leave(link);
	return NULL;
}

static void
start_thread(void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t id;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&id, &attr, run, arg) != 0)
		abort();
	pthread_attr_destroy(&attr);
}

static void
begin(int client)
{
	struct link *link = calloc(1, sizeof(*link));
	int on = 1;

	if (!link)
		abort();
	link->client = client;
	link->threads = 2;
	link->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(link->server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(link->server, (struct sockaddr *)&there, sizeof(there)) !=
	    0) {
		reset(client);
		close(client);
		close(link->server);
		free(link);
		return;
	}
	link_enter(link);
	start_thread(carry_up, link);
	start_thread(carry_down, link);
}

/* ---- listening, and what is asked ---- */

static int
listen_at(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)at, sizeof(*at)) != 0 ||
	    listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)at, &len) != 0) {
		perror("toxic: listen");
		exit(1);
	}
	return fd;
}

static void *
accept_all(void *unused)
{
	(void)unused;
	for (;;) {
		int fd, from;

		pthread_mutex_lock(&lock);
		from = listener;
		pthread_mutex_unlock(&lock);
		fd = from < 0 ? -1 : accept4(from, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			begin(fd);
		else
			sleep_us(2000);
	}
	return NULL;
}

/* Under the lock. */
static void
listen_or_not(void)
{
	if (!relays)
		return;
	if (harm.refuse && listener >= 0) {
		shutdown(listener, SHUT_RDWR); /* wakes accept() */
		close(listener);
		listener = -1;
	} else if (!harm.refuse && listener < 0) {
		listener = listen_at(&here);
	}
}

static void
break_all(void)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		if (links[i]) {
			reset(links[i]->client);
			shutdown(links[i]->server, SHUT_RDWR);
		}
	}
}

static bool
obey(char *words)
{
	struct harm next = no_harm;
	const struct {
		const char *name;
		long *value;
	} names[] = {{"delay", &next.delay}, {"rate", &next.rate},
	    {"split", &next.split}, {"cut", &next.cut},
	    {"reset", &next.reset}, {"corrupt", &next.corrupt},
	    {"hang", &next.hang}, {"refuse", &next.refuse},
	    {"loss", &next.loss}};
	bool breaks = false;
	char *rest;

	for (char *word = strtok_r(words, " \r\n", &rest); word;
	     word = strtok_r(NULL, " \r\n", &rest)) {
		char *value = strchr(word, '=');
		size_t i;

		if (!value)
			return false;
		*value++ = '\0';
		if (strcmp(word, "break") == 0) {
			breaks = true;
			continue;
		}
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcmp(names[i].name, word) == 0) {
				*names[i].value = atol(value);
				break;
			}
		}
		if (i == sizeof(names) / sizeof(names[0]))
			return false;
	}
	pthread_mutex_lock(&lock);
	harm = next;
	listen_or_not();
	if (breaks)
		break_all();
	pthread_mutex_unlock(&lock);
	return true;
}

static void
be_controlled(int from)
{
	char line[512];

	for (;;) {
		int fd = accept4(from, NULL, NULL, SOCK_CLOEXEC);
		FILE *file = fd < 0 ? NULL : fdopen(fd, "r+");

		if (!file)
			continue;
		while (fgets(line, sizeof(line), file)) {
			const char *word = obey(line) ? "ok\n" : "what?\n";

			if (!send_all(fd, word, strlen(word)))
				break;
		}
		fclose(file);
	}
}

static struct packets_manners
packets_manners(void)
{
	struct harm now = harm_now();

	return (struct packets_manners){now.delay, now.rate, now.loss};
}

static bool
read_peer(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return false;
	*colon = '\0';
	there.sin_family = here.sin_family = AF_INET;
	there.sin_port = htons((uint16_t)atoi(colon + 1));
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return inet_pton(AF_INET, text, &there.sin_addr) == 1;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in control = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int at = 1, from;

	if (at < argc && strcmp(argv[at], "--with-parent") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		at++;
	}
	if (at + 1 == argc && strcmp(argv[at], "--packets") == 0)
		relays = false;
	else if (at + 1 != argc || !read_peer(argv[at])) {
		fprintf(stderr, "usage: toxic [--with-parent] ADDRESS:PORT\n"
				"       toxic [--with-parent] --packets\n");
		return 2;
	}
	harm = no_harm;
	if (relays) {
		listener = listen_at(&here);
		printf("port %d\n", ntohs(here.sin_port));
	} else {
		packets_start(packets_manners);
	}
	from = listen_at(&control);
	printf("control %d\n", ntohs(control.sin_port));
	fflush(stdout);
	if (relays)
		start_thread(accept_all, NULL);
	be_controlled(from);
}
