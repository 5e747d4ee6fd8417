/* tests/tools/crowd.c - many clients at once, and how long each one waited
 *
 * Usage: crowd [options] HOST:PORT | unix:PATH  TARGET
 *   -n N          so many requests (1)
 *   -c N          at most so many at a time (all at once)
 *   -r N -t S     instead: N requests each second, for S seconds, whether
 *                 or not earlier ones were answered
 *   -k            connections are kept and used again
 *   --once        a kept connection that is closed under a request loses it:
 *                 it is not sent again
 *   -m METHOD     (GET)        -b BYTES   a body of so many bytes
 *   -H 'N: V'     one more field, up to 32   -w SECONDS  give up after (60)
 *   -f NAME       count the answers that have this field
 *   --json        figures as one JSON object
 * "%d" in the target and in fields is the number of the request, from 0. Host
 * is HOST:PORT unless -H names one.
 *
 * Times count from the moment a request was due, so that a server that makes
 * clients queue is not flattered. An answer that is cut short, malformed or
 * late counts as failed. Exit status 0 when every request had an answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	HEAD_MAX = 64 << 10,
	FIELDS_MAX = 32,
	REQUEST_MAX = 16 << 10,
	EVENTS = 256,
	STATUS_MAX = 1000
};

enum stage { CONNECTING, SENDING, HEAD, BODY, IDLE };
enum framing { NONE, LENGTH, CHUNKED, TO_THE_END };
/* Where in a chunked body: its size line, data, the end of it, trailers. */
enum chunk { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

struct client {
	struct client *next_idle;
	int fd;
	enum stage stage;
	bool used_before, busy;
	uint64_t due_us, first_us;
	long number;
	char *request;
	size_t request_len, sent, request_room;
	char *head;
	size_t head_len;
	int status;
	bool closes;
	enum framing framing;
	enum chunk chunk;
	uint64_t left; /* of the body, or of a chunk */
	size_t line_len;
};

static struct {
	const char *server, *target, *method, *count_field;
	const char *fields[FIELDS_MAX];
	int fields_count;
	long requests, at_a_time, rate, body;
	double seconds, give_up;
	bool keeps, once, json, has_host;
} want = {.method = "GET", .requests = 1, .give_up = 60};

static struct {
	struct sockaddr_storage to;
	socklen_t to_len;
	int family, epoll;
	struct client *clients; /* of all, one a connection */
	long clients_max, clients_count;
	struct client *idle;
	long started, ended, in_air;
	uint64_t start_us, end_us, bytes;
	long by_status[STATUS_MAX], failed, with_field;
	char why[256]; /* of the first failure */
	uint32_t *total_us, *first_us; /* of those that were answered */
	long answered;
} crowd;

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void __attribute__((noreturn))
die(const char *what)
{
	fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *
get(size_t size)
{
	void *room = calloc(1, size);

	if (!room)
		die("memory");
	return room;
}

/* ---- the request ---- */

/* Add text with "%d" replaced. */
static size_t
add(struct client *client, size_t at, const char *text)
{
	char *out = client->request;

	while (*text && at + 24 < client->request_room) {
		if (text[0] == '%' && text[1] == 'd') {
			at += (size_t)sprintf(out + at, "%ld", client->number);
			text += 2;
		} else {
			out[at++] = *text++;
		}
	}
	return at;
}

static void
write_request(struct client *client)
{
	size_t at;

	at = add(client, 0, want.method);
	at = add(client, at, " ");
	at = add(client, at, want.target);
	at = add(client, at, " HTTP/1.1\r\n");
	if (!want.has_host) {
		at = add(client, at, "Host: ");
		at = add(client, at,
		    crowd.family == AF_UNIX ? "localhost" : want.server);
		at = add(client, at, "\r\n");
	}
	for (int i = 0; i < want.fields_count; i++) {
		at = add(client, at, want.fields[i]);
		at = add(client, at, "\r\n");
	}
	if (!want.keeps)
		at = add(client, at, "Connection: close\r\n");
	if (want.body)
		at += (size_t)sprintf(client->request + at,
		    "Content-Length: %ld\r\n", want.body);
	at = add(client, at, "\r\n");
	memset(client->request + at, 'b', (size_t)want.body);
	client->request_len = at + (size_t)want.body;
	client->sent = 0;
}

/* ---- connections ---- */

static void
watch(struct client *client, uint32_t events, int how)
{
	struct epoll_event event = {.events = events, .data.ptr = client};

	if (epoll_ctl(crowd.epoll, how, client->fd, &event) != 0)
		die("epoll_ctl");
}

static bool
connect_to(struct client *client)
{
	int on = 1;

	client->fd = socket(crowd.family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		die("socket");
	if (crowd.family == AF_INET)
		setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on,
		    sizeof(on));
	while (connect(client->fd, (struct sockaddr *)&crowd.to,
	           crowd.to_len) != 0) {
		if (errno == EINPROGRESS)
			break;
		if (errno != EAGAIN && errno != EINTR)
			return false;
		/* A unix socket whose queue is full. */
		usleep(200);
	}
	client->stage = CONNECTING;
	client->used_before = false;
	watch(client, EPOLLOUT, EPOLL_CTL_ADD);
	return true;
}

static void
hang_up(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

static void
rest(struct client *client)
{
	client->busy = false;
	client->stage = IDLE;
	client->next_idle = crowd.idle;
	crowd.idle = client;
}

static void
fail(struct client *client, const char *why, int error)
{
	static const char *const stages[] = {
	    "connecting", "sending", "the head", "the body", "idle"};

	if (crowd.failed == 0)
		snprintf(crowd.why, sizeof(crowd.why),
		    "request %ld, %s, after %lu ms: %s%s%s", client->number,
		    stages[client->stage],
		    (unsigned long)(now_us() - client->due_us) / 1000, why,
		    error ? ": " : "", error ? strerror(error) : "");
	hang_up(client);
	crowd.failed++;
	crowd.ended++;
	crowd.in_air--;
	rest(client);
}

static void
begin(struct client *client, uint64_t due_us)
{
	client->due_us = due_us;
	client->first_us = 0;
	client->number = crowd.started++;
	client->head_len = 0;
	client->busy = true;
	crowd.in_air++;
	write_request(client);
	if (client->fd < 0) {
		if (!connect_to(client))
			fail(client, "connect", errno);
		return;
	}
	client->stage = SENDING;
	client->used_before = true;
	watch(client, EPOLLOUT, EPOLL_CTL_MOD);
}

static struct client *
client_get(void)
{
	struct client *client = crowd.idle;

	if (client) {
		crowd.idle = client->next_idle;
		return client;
	}
	if (crowd.clients_count == crowd.clients_max)
		return NULL;
	client = &crowd.clients[crowd.clients_count++];
	client->fd = -1;
	client->request_room = REQUEST_MAX;
	client->request = get(REQUEST_MAX + (size_t)want.body);
	client->head = get(HEAD_MAX);
	return client;
}

/* ---- the answer ---- */

static bool
field(const struct client *client, const char *name, char *out, size_t room)
{
	size_t len = strlen(name);

	for (const char *at = client->head; (at = strstr(at, "\r\n"));) {
		at += 2;
		if (strncasecmp(at, name, len) != 0 || at[len] != ':')
			continue;
		at += len + 1;
		at += strspn(at, " \t");
		snprintf(out, room, "%.*s", (int)strcspn(at, "\r"), at);
		return true;
	}
	return false;
}

static bool
read_head(struct client *client)
{
	char text[512];

	if (sscanf(client->head, "HTTP/1.%*c %d", &client->status) != 1 ||
	    client->status < 100 || client->status >= STATUS_MAX)
		return false;
	client->closes = !want.keeps ||
	    (field(client, "Connection", text, sizeof(text)) &&
	        strcasecmp(text, "close") == 0);
	client->left = 0;
	client->chunk = CHUNK_SIZE;
	client->line_len = 0;
	if (strcmp(want.method, "HEAD") == 0 || client->status == 204 ||
	    client->status == 304) {
		client->framing = NONE;
	} else if (field(client, "Transfer-Encoding", text, sizeof(text))) {
		client->framing = CHUNKED;
	} else if (field(client, "Content-Length", text, sizeof(text))) {
		client->framing = LENGTH;
		client->left = strtoull(text, NULL, 10);
	} else {
		client->framing = TO_THE_END;
		client->closes = true;
	}
	if (want.count_field &&
	    field(client, want.count_field, text, sizeof(text)))
		crowd.with_field++;
	return true;
}

static void
finish(struct client *client)
{
	uint64_t now = now_us();

	crowd.by_status[client->status]++;
	crowd.total_us[crowd.answered] = (uint32_t)(now - client->due_us);
	crowd.first_us[crowd.answered++] =
	    (uint32_t)(client->first_us - client->due_us);
	crowd.ended++;
	crowd.in_air--;
	if (client->closes)
		hang_up(client);
	else
		watch(client, EPOLLIN, EPOLL_CTL_MOD);
	rest(client);
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a chunked body outside of its data: 1 the body is over, -1 it
 * is malformed. */
static int
chunk_byte(struct client *client, char c)
{
	if (client->chunk == CHUNK_SIZE && c != '\n') {
		if (hex(c) >= 0)
			client->left = client->left * 16 + (uint64_t)hex(c);
		else if (c != '\r')
			return -1;
		client->line_len++;
	} else if (client->chunk == CHUNK_SIZE) {
		if (client->line_len < 2)
			return -1;
		client->chunk = client->left ? CHUNK_DATA : CHUNK_TRAILER;
		client->line_len = 0;
	} else if (client->chunk == CHUNK_END) {
		if (c != '\r' && c != '\n')
			return -1;
		if (c == '\n')
			client->chunk = CHUNK_SIZE;
		client->line_len = 0;
	} else if (c == '\n') {
		if (client->line_len == 0)
			return 1;
		client->line_len = 0;
	} else if (c != '\r') {
		client->line_len++;
	}
	return 0;
}

static int
read_chunked(struct client *client, const char *bytes, size_t len)
{
	size_t i = 0;
	int rc;

	while (i < len) {
		if (client->chunk == CHUNK_DATA) {
			size_t n = len - i;

			n = n < client->left ? n : (size_t)client->left;
			i += n;
			client->left -= n;
			if (client->left == 0)
				client->chunk = CHUNK_END;
			continue;
		}
		rc = chunk_byte(client, bytes[i++]);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* 1: the answer is whole; -1: it is broken. */
static int
read_body(struct client *client, const char *bytes, size_t len)
{
	crowd.bytes += len;
	switch (client->framing) {
	case NONE:
		return 1;
	case CHUNKED:
		return read_chunked(client, bytes, len);
	case TO_THE_END:
		return 0;
	case LENGTH:
		break;
	}
	if (len > client->left)
		return -1;
	client->left -= len;
	return client->left == 0;
}

static int
take(struct client *client, const char *bytes, size_t len)
{
	char *end;
	size_t before = client->head_len, used;

	if (client->stage == BODY)
		return read_body(client, bytes, len);
	if (client->first_us == 0)
		client->first_us = now_us();
	used = len < HEAD_MAX - 1 - before ? len : HEAD_MAX - 1 - before;
	memcpy(client->head + before, bytes, used);
	client->head_len += used;
	client->head[client->head_len] = '\0';
	end = strstr(client->head, "\r\n\r\n");
	if (!end)
		return client->head_len == HEAD_MAX - 1 ? -1 : 0;
	used = (size_t)(end + 4 - client->head) - before;
	end[2] = '\0';
	if (!read_head(client))
		return -1;
	if (client->status < 200) { /* an interim one: the next head follows */
		client->head_len = 0;
		return len > used ? take(client, bytes + used, len - used) : 0;
	}
	client->stage = BODY;
	return read_body(client, bytes + used, len - used);
}

static void
on_end_of_stream(struct client *client, int error)
{
	uint64_t due_us = client->due_us;
	long number = client->number;

	if (client->stage == BODY && client->framing == TO_THE_END) {
		finish(client);
	} else if (client->used_before && client->head_len == 0 &&
	    !want.once) {
		/* A kept connection closed under us: once more on a new one. */
		hang_up(client);
		crowd.in_air--;
		crowd.started--;
		begin(client, due_us);
		client->number = number;
		write_request(client);
	} else {
		fail(client, "it ended", error);
	}
}

static void
receive(struct client *client)
{
	static char room[256 << 10];
	ssize_t n;
	int rc;

	for (;;) {
		n = recv(client->fd, room, sizeof(room), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			on_end_of_stream(client, n < 0 ? errno : 0);
			return;
		}
		rc = take(client, room, (size_t)n);
		if (rc > 0)
			finish(client);
		else if (rc < 0)
			fail(client, "malformed", 0);
		if (rc != 0)
			return;
	}
}

static void
transmit(struct client *client)
{
	ssize_t n;

	client->stage = SENDING;
	while (client->sent < client->request_len) {
		n = send(client->fd, client->request + client->sent,
		    client->request_len - client->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			break; /* it may have answered before it closed */
		if (n < 0) {
			fail(client, "send", errno);
			return;
		}
		client->sent += (size_t)n;
	}
	client->stage = HEAD;
	watch(client, EPOLLIN, EPOLL_CTL_MOD);
}

static void
on_event(struct client *client, uint32_t events)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (client->stage == IDLE) { /* closed while it rested */
		hang_up(client);
		return;
	}
	if (client->stage == CONNECTING) {
		getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error) {
			fail(client, "connect", error);
			return;
		}
	}
	if (client->stage == SENDING && (events & EPOLLIN))
		receive(client);
	else if (client->stage == CONNECTING || client->stage == SENDING)
		transmit(client);
	else
		receive(client);
}

/* ---- the run ---- */

static long
wanted(void)
{
	return want.rate ? (long)((double)want.rate * want.seconds) :
	                   want.requests;
}

/* Begin what is due. Microseconds until the next, or -1. */
static int64_t
begin_due(void)
{
	uint64_t now = now_us(), due;
	struct client *client;

	while (crowd.started < wanted()) {
		due = now;
		if (want.rate) {
			due = crowd.start_us + (uint64_t)crowd.started *
			    1000000 / (uint64_t)want.rate;
			if (due > now)
				return (int64_t)(due - now);
		} else if (crowd.in_air >= want.at_a_time) {
			return -1;
		}
		client = client_get();
		if (!client)
			return -1;
		begin(client, due);
	}
	return -1;
}

static void
give_up_late(void)
{
	uint64_t now = now_us();
	uint64_t most = (uint64_t)(want.give_up * 1e6);

	for (long i = 0; i < crowd.clients_count; i++) {
		struct client *client = &crowd.clients[i];

		if (client->busy && now > client->due_us + most)
			fail(client, "late", 0);
	}
}

static void
run(void)
{
	struct epoll_event events[EVENTS];
	uint64_t looked = now_us();
	int n;

	crowd.start_us = looked;
	while (crowd.ended < wanted()) {
		int64_t wait_us = begin_due();

		struct timespec wait = {0, 100 * 1000 * 1000};

		if (wait_us >= 0 && wait_us < 100000)
			wait.tv_nsec = wait_us * 1000;
		n = epoll_pwait2(crowd.epoll, events, EVENTS, &wait, NULL);
		for (int i = 0; i < n; i++)
			on_event(events[i].data.ptr, events[i].events);
		if (now_us() > looked + 100000) {
			give_up_late();
			looked = now_us();
		}
	}
	crowd.end_us = now_us();
}

/* ---- the figures ---- */

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
percentile(const uint32_t *sorted, double p)
{
	long at = (long)(p * (double)crowd.answered);

	if (crowd.answered == 0)
		return 0;
	at = at < crowd.answered ? at : crowd.answered - 1;
	return sorted[at] / 1000.0;
}

static void
say_json(void)
{
	const char *comma = "";

	printf("{\"requests\": %ld, \"failed\": %ld, \"why\": \"%s\", "
	       "\"status\": {",
	    crowd.ended, crowd.failed, crowd.why);
	for (int i = 0; i < STATUS_MAX; i++) {
		if (!crowd.by_status[i])
			continue;
		printf("%s\"%d\": %ld", comma, i, crowd.by_status[i]);
		comma = ", ";
	}
	printf("}, \"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, "
	       "\"max_ms\": %.3f, \"first_p50_ms\": %.3f, "
	       "\"first_p99_ms\": %.3f, \"first_min_ms\": %.3f, "
	       "\"with_field\": %ld, \"bytes\": %llu, \"seconds\": %.3f}\n",
	    percentile(crowd.total_us, 0.5), percentile(crowd.total_us, 0.9),
	    percentile(crowd.total_us, 0.99), percentile(crowd.total_us, 1),
	    percentile(crowd.first_us, 0.5), percentile(crowd.first_us, 0.99),
	    percentile(crowd.first_us, 0), crowd.with_field,
	    (unsigned long long)crowd.bytes,
	    (double)(crowd.end_us - crowd.start_us) / 1e6);
}

static void
say_words(void)
{
	printf("%ld requests in %.3f s, %ld failed, %llu bytes\n", crowd.ended,
	    (double)(crowd.end_us - crowd.start_us) / 1e6, crowd.failed,
	    (unsigned long long)crowd.bytes);
	if (crowd.failed)
		printf("  first failure: %s\n", crowd.why);
	for (int i = 0; i < STATUS_MAX; i++)
		if (crowd.by_status[i])
			printf("  %d: %ld\n", i, crowd.by_status[i]);
	if (want.count_field)
		printf("  with %s: %ld\n", want.count_field,
		    crowd.with_field);
	printf("answer, ms      p50 %.3f p90 %.3f p99 %.3f max %.3f\n"
	       "first byte, ms  min %.3f p50 %.3f p99 %.3f\n",
	    percentile(crowd.total_us, 0.5), percentile(crowd.total_us, 0.9),
	    percentile(crowd.total_us, 0.99), percentile(crowd.total_us, 1),
	    percentile(crowd.first_us, 0), percentile(crowd.first_us, 0.5),
	    percentile(crowd.first_us, 0.99));
}

/* ---- the beginning ---- */

static void
read_server(const char *text)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&crowd.to;
	struct sockaddr_un *un = (struct sockaddr_un *)&crowd.to;
	const char *colon = strrchr(text, ':');
	char host[64];

	if (strncmp(text, "unix:", 5) == 0) {
		crowd.family = un->sun_family = AF_UNIX;
		snprintf(un->sun_path, sizeof(un->sun_path), "%s", text + 5);
		crowd.to_len = sizeof(*un);
		return;
	}
	crowd.family = in->sin_family = AF_INET;
	crowd.to_len = sizeof(*in);
	if (colon && (size_t)(colon - text) < sizeof(host)) {
		snprintf(host, sizeof(host), "%.*s", (int)(colon - text),
		    text);
		in->sin_port = htons((uint16_t)atoi(colon + 1));
		if (inet_pton(AF_INET, host, &in->sin_addr) == 1)
			return;
	}
	fprintf(stderr, "crowd: '%s' is neither ADDRESS:PORT nor unix:PATH\n",
	    text);
	exit(2);
}

static void
read_field(const char *text)
{
	if (want.fields_count == FIELDS_MAX) {
		fprintf(stderr, "crowd: more than %d fields\n", FIELDS_MAX);
		exit(2);
	}
	want.fields[want.fields_count++] = text;
	if (strncasecmp(text, "host:", 5) == 0)
		want.has_host = true;
}

static void
read_option(int option)
{
	switch (option) {
	case 'n':
		want.requests = atol(optarg);
		break;
	case 'c':
		want.at_a_time = atol(optarg);
		break;
	case 'r':
		want.rate = atol(optarg);
		break;
	case 't':
		want.seconds = atof(optarg);
		break;
	case 'k':
		want.keeps = true;
		break;
	case 'm':
		want.method = optarg;
		break;
	case 'b':
		want.body = atol(optarg);
		break;
	case 'H':
		read_field(optarg);
		break;
	case 'w':
		want.give_up = atof(optarg);
		break;
	case 'f':
		want.count_field = optarg;
		break;
	case 'j':
		want.json = true;
		break;
	case 'o':
		want.once = true;
		break;
	default:
		exit(2);
	}
}

static void
read_options(int argc, char **argv)
{
	static const struct option long_options[] = {
	    {"json", no_argument, NULL, 'j'},
	    {"once", no_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "n:c:r:t:km:b:H:w:f:",
	            long_options, NULL)) != -1)
		read_option(option);
	if (optind + 2 != argc || (want.rate && want.seconds <= 0)) {
		fprintf(stderr,
		    "usage: crowd [options] HOST:PORT|unix:PATH TARGET\n");
		exit(2);
	}
	want.server = argv[optind];
	want.target = argv[optind + 1];
	if (!want.at_a_time)
		want.at_a_time = want.requests;
}

int
main(int argc, char **argv)
{
	struct rlimit files;

	read_options(argc, argv);
	read_server(want.server);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	crowd.clients_max = wanted();
	if (crowd.clients_max > (long)files.rlim_cur - 50)
		crowd.clients_max = (long)files.rlim_cur - 50;
	crowd.clients = get((size_t)crowd.clients_max * sizeof(struct client));
	crowd.total_us = get((size_t)wanted() * sizeof(uint32_t) + 1);
	crowd.first_us = get((size_t)wanted() * sizeof(uint32_t) + 1);
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	run();
	qsort(crowd.total_us, (size_t)crowd.answered, sizeof(uint32_t),
	    compare);
	qsort(crowd.first_us, (size_t)crowd.answered, sizeof(uint32_t),
	    compare);
	(want.json ? say_json : say_words)();
	return crowd.failed != 0;
}
