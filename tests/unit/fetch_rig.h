/* tests/unit/fetch_rig.h - an origin, a fetch module and pages that ask, for
 * the tests of fetch/
 *
 * The origin is tests/tools/origin (env ORIGIN, else below top_builddir, else
 * where the build puts it relative to here); everything else is the real
 * thing on real sockets. */
#ifndef TESTS_FETCH_RIG_H
#define TESTS_FETCH_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "fetch/fetch.h"

#define MAYBE __attribute__((unused))

/* With a sanitizer the origin takes seconds to make a thousand threads, or
 * 50 MB of gzip, and is not late for that. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ORIGIN_SLOWER 4
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ORIGIN_SLOWER 4
#endif
#endif
#ifndef ORIGIN_SLOWER
#define ORIGIN_SLOWER 1
#endif

struct rig {
	pid_t origin;
	int port;
	struct resolver *resolver;
	struct fetch *fetch;
	struct upstream *up;
	struct upstream_opts up_opts;
	struct fetch_opts opts;
};

/* What one errand is to do, and what became of it. Outlives the errand. */
struct ask {
	const char *method, *target, *key;
	enum plan plan;
	bool outlives, raw; /* raw: not decoded */
	bool raw_at_head;   /* ... as on_head finds out */
	uint64_t keep_max;
	struct flow *body;
	int64_t body_len;
	const char *field, *value;
	struct upstream *up; /* NULL: the rig's */
	_Atomic int heads, ends, frees;
	_Atomic int outcome;
};

struct page {
	struct waiter waiter;
	struct ask *ask;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int told;
	enum event event;
	struct answer *answer;
	struct flow_reader reader;
	bool reads, may_read, slow;
	_Atomic bool gone;
	uint64_t told_ms;
};

MAYBE static uint64_t
now_ms(void)
{
	return clock_mono_us() / 1000;
}

/* ---- the origin ---- */

static void
run_origin(const char *unix_path, int out)
{
	const char *from[4] = {
	    getenv("ORIGIN"), NULL, "tests/tools/origin", "../tools/origin"};
	const char *top = getenv("top_builddir");
	char room[4096], self[4096] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (top) {
		snprintf(room, sizeof(room), "%s/tests/tools/origin", top);
		from[1] = room;
	}
	dup2(out, 1);
	for (int i = 0; i < 4; i++)
		if (from[i])
			execl(from[i], "origin", "--with-parent", "--for",
			    "120", unix_path ? "--unix" : NULL, unix_path,
			    (char *)NULL);
	if (n > 0 && strrchr(self, '/')) {
		strcpy(strrchr(self, '/'), "/../tools/origin");
		execl(self, "origin", "--with-parent", "--for", "120",
		    unix_path ? "--unix" : NULL, unix_path, (char *)NULL);
	}
	fprintf(stderr, "no tests/tools/origin: set ORIGIN\n");
	_exit(127);
}

MAYBE static pid_t
origin_start(const char *unix_path, int *port)
{
	char line[256] = "";
	int fds[2];
	pid_t pid;
	size_t n = 0;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_origin(unix_path, fds[1]);
	close(fds[1]);
	while (n + 1 < sizeof(line) && read(fds[0], line + n, 1) == 1 &&
	       line[n] != '\n')
		n++;
	close(fds[0]);
	assert_true(n > 0);
	*port = atoi(line + 5);
	return pid;
}

MAYBE static void
origin_stop(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGTERM);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

/* Ask the origin itself something; its body, to be freed. */
MAYBE static char *
origin_says(int port, const char *target)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char request[2048], *room = calloc(1, 1 << 16), *body;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t n;

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
	    target);
	assert_true(write(fd, request, strlen(request)) > 0);
	shutdown(fd, SHUT_WR);
	while ((n = read(fd, room + len, (1 << 16) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	body = strstr(room, "\r\n\r\n");
	assert_non_null(body);
	body = strdup(body + 4);
	free(room);
	return body;
}

MAYBE static long
origin_count(int port, const char *target)
{
	char *text = origin_says(port, target);
	long count = atol(text);

	free(text);
	return count;
}

/* ---- the rig ---- */

MAYBE static struct upstream *
up_at(const struct rig *rig, const char *host, int port)
{
	struct upstream_opts opts = rig->up_opts;
	struct upstream *up = NULL;
	struct err err;
	char url[300];

	snprintf(url, sizeof(url), "http://%s:%d", host, port);
	opts.url = opts.name = url;
	assert_int_equal(upstream_new(&up, &opts, &err), 0);
	return up;
}

MAYBE static void
rig_defaults(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	upstream_opts_default(&rig->up_opts);
	rig->up_opts.misses_max = 2000;
	rig->up_opts.connect_ms = 1000;
	rig->up_opts.first_byte_ms = 5000 * ORIGIN_SLOWER;
	rig->up_opts.total_ms = 20000;
	rig->up_opts.upload_stall_ms = 5000;
	rig->opts = (struct fetch_opts){.engines = 2,
	    .misses_max = 4000,
	    .head_max = 256 << 10,
	    .fields_max = 200,
	    .decode_ratio = 200,
	    .window = 256 << 10};
}

MAYBE static void
rig_start_with(struct rig *rig, const struct resolver_opts *resolver)
{
	struct err err;

	rig->origin = origin_start(NULL, &rig->port);
	assert_int_equal(resolver_new(&rig->resolver, resolver, &err), 0);
	rig->opts.resolver = rig->resolver;
	assert_int_equal(fetch_start(&rig->fetch, &rig->opts, &err), 0);
	rig->up = up_at(rig, "127.0.0.1", rig->port);
}

MAYBE static void
rig_start(struct rig *rig)
{
	struct resolver_opts resolver;

	resolver_opts_default(&resolver);
	rig_start_with(rig, &resolver);
}

MAYBE static void
rig_stop(struct rig *rig)
{
	fetch_stop(&rig->fetch);
	resolver_free(&rig->resolver);
	upstream_unref(&rig->up);
	origin_stop(&rig->origin);
}

/* ---- errands ---- */

static enum plan
ask_on_head(struct errand *errand, struct answer *answer)
{
	struct ask *ask = errand->arg;

	(void)answer;
	atomic_fetch_add(&ask->heads, 1);
	if (ask->raw_at_head)
		errand->decode = false;
	return ask->plan;
}

static void
ask_on_end(struct errand *errand, struct answer *answer)
{
	struct ask *ask = errand->arg;

	atomic_store(&ask->outcome, (int)answer->outcome);
	atomic_fetch_add(&ask->ends, 1);
}

static void
ask_on_free(struct errand *errand)
{
	struct ask *ask = errand->arg;

	atomic_fetch_add(&ask->frees, 1);
}

MAYBE static struct errand *
errand_for(struct rig *rig, struct ask *ask)
{
	struct errand *errand = errand_new();

	if (ask->method)
		errand->method = ask->method;
	errand->target = arena_strdup(errand->arena, ask->target);
	errand->upstream = upstream_ref(ask->up ? ask->up : rig->up);
	errand->decode = !ask->raw;
	errand->keep_max = ask->keep_max ? ask->keep_max : 64 << 20;
	errand->outlives = ask->outlives;
	if (ask->key) {
		errand->key.text = arena_strdup(errand->arena, ask->key);
		errand->key.len = strlen(ask->key);
		key_hash(&errand->key);
	}
	if (ask->body) {
		errand->body = flow_ref(ask->body);
		errand->body_len = ask->body_len;
	}
	if (ask->field)
		head_add(&errand->fields, ask->field, ask->value);
	errand->on_head = ask_on_head;
	errand->on_end = ask_on_end;
	errand->on_free = ask_on_free;
	errand->arg = ask;
	return errand;
}

/* ---- pages ---- */

static void
page_pause(void *arg)
{
	struct page *page = arg;

	pthread_mutex_lock(&page->mutex);
	page->may_read = false;
	pthread_mutex_unlock(&page->mutex);
}

static void
page_resume(void *arg)
{
	struct page *page = arg;

	pthread_mutex_lock(&page->mutex);
	page->may_read = true;
	pthread_cond_broadcast(&page->cond);
	pthread_mutex_unlock(&page->mutex);
}

static void
page_on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct page *page = container_of(waiter, struct page, waiter);

	if (event == EVENT_HEAD)
		page->reads = flow_join(answer->flow, &page->reader);
	pthread_mutex_lock(&page->mutex);
	page->told++;
	page->event = event;
	page->told_ms = now_ms();
	page->answer = answer ? answer_ref(answer) : NULL;
	pthread_cond_broadcast(&page->cond);
	pthread_mutex_unlock(&page->mutex);
}

MAYBE static void
page_init(struct page *page, struct ask *ask)
{
	memset(page, 0, sizeof(*page));
	page->ask = ask;
	pthread_mutex_init(&page->mutex, NULL);
	pthread_cond_init(&page->cond, NULL);
	page->waiter.on_event = page_on_event;
	page->waiter.gone = &page->gone;
	page->reader.on_pause = page_pause;
	page->reader.on_resume = page_resume;
	page->reader.arg = page;
}

MAYBE static void
page_ask(struct rig *rig, struct page *page)
{
	struct errand *errand = errand_for(rig, page->ask);

	fetch_ask(rig->fetch, &errand, &page->waiter);
	assert_null(errand);
}

static struct timespec
in_seconds(int seconds)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += seconds;
	return at;
}

MAYBE static enum event
page_wait(struct page *page)
{
	struct timespec at = in_seconds(20);
	int told;

	pthread_mutex_lock(&page->mutex);
	while (!page->told)
		if (pthread_cond_timedwait(&page->cond, &page->mutex, &at) ==
		    ETIMEDOUT)
			break;
	told = page->told;
	pthread_mutex_unlock(&page->mutex);
	assert_int_equal(told, 1);
	return page->event;
}

/* Read the next bytes of the stream, waiting for them: as flow_read(). */
MAYBE static ssize_t
page_read(struct page *page, void *room, size_t max)
{
	struct timespec at = in_seconds(20);
	ssize_t got;
	bool late = false;

	while ((got = flow_read(&page->reader, room, max)) == 0) {
		pthread_mutex_lock(&page->mutex);
		while (!page->may_read && !late)
			late = pthread_cond_timedwait(
				   &page->cond, &page->mutex, &at) == ETIMEDOUT;
		pthread_mutex_unlock(&page->mutex);
		assert_false(late);
	}
	return got;
}

/* The whole body, streamed or not; *whole: it ended properly. */
MAYBE static char *
page_body(struct page *page, size_t *len, bool *whole)
{
	char *bytes = NULL;
	size_t room = 0;
	ssize_t got = FLOW_END;

	*len = 0;
	if (page->event == EVENT_DONE) {
		*whole = true;
		*len = (size_t)flow_len(page->answer->flow);
		return flow_flatten(page->answer->flow);
	}
	while (page->reads) {
		if (room < *len + 65536 + 1)
			bytes = realloc(bytes, room = *len * 2 + 131072);
		got = page_read(page, bytes + *len, 65536);
		if (got < 0)
			break;
		*len += (size_t)got;
	}
	*whole = page->reads && got == FLOW_END;
	if (bytes)
		bytes[*len] = '\0';
	return bytes;
}

MAYBE static void
page_fini(struct page *page)
{
	flow_leave(&page->reader);
	answer_unref(&page->answer);
	pthread_mutex_destroy(&page->mutex);
	pthread_cond_destroy(&page->cond);
}

/* An errand's end comes after the stream's. */
MAYBE static void
wait_for_end(struct ask *ask)
{
	for (int i = 0; i < 2000 && !atomic_load(&ask->frees); i++)
		usleep(1000);
	assert_int_equal(atomic_load(&ask->ends), 1);
	assert_int_equal(atomic_load(&ask->frees), 1);
}

#endif
