/* tests/tools/origin.c - the origin of all tests: it does what the path says
 *
 * Usage: origin [--port N] [--unix PATH] [--log FILE] [--with-parent]
 *               [--for SECONDS]
 * Listens on 127.0.0.1 (port 0, any, by default) or on a unix socket, prints
 * "port N" (or "unix PATH") when it is ready, and ends after 600 seconds
 * (--for), on TERM, when asked at /_quit, or with its parent (--with-parent).
 * One thread a connection; connections are kept alive. --log records every
 * request, head and body as they came, each behind a line "=== N bytes".
 *
 * A path starting with /bad/ is one anomaly (the table `bad` below, or
 * /_help). /echo answers the request's body, /echo-head its raw head. /theme
 * is a page fit for a theme, with files below /theme/. Everything else is a
 * page with a <main>, or, by its ending, CSS, script, image, text or JSON. Its
 * query, or after /_set that, says how it is answered:
 *   size=N        bytes of body (padded or cut)   status=N     instead of 200
 *   delay=MS      before the head                 body-delay=MS  after it
 *   drip=MS       16 pieces, so long between      hold=1       wait for /_go
 *   max-age=N swr=N sie=N s-maxage=N cc=TEXT      Cache-Control
 *   cookie=1      Set-Cookie                      cookie=TEXT  that one
 *   vary=TEXT etag=TEXT lm=1 type=TEXT location=TEXT header=Name:Value
 *   chunked=1 close=1 (no length, closes) gzip=1 body=TEXT text=TEXT (in main)
 *   drop=1        closes after the answer         silent=1     closes, unsaid
 *   early=1       answers before the body is read
 *   mode=hang | fail (503) | reset | ok
 * If-None-Match and If-Modified-Since are honoured where etag or lm are set.
 *
 * Control, never counted nor recorded:
 *   /_count[?path=/p]   times that path was asked; without, all paths
 *   /_last[?path=/p]    raw head of the last request (to that path)
 *   /_set?path=/p&k=v.. overrides the query of /p from now on (p may be *);
 *                       /_set?path=/p alone takes that back
 *   /_go                lets go what hold=1 holds      /_zero   counts to 0
 *   /_connections       accepted so far, control ones not counted
 *   /_busy              requests being answered now    /_most   at most so far
 *   /_quit              end                            /_help   this text */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
	HEAD_MAX = 1 << 20,
	BODY_MAX = 256 << 20,
	PATH_ROOM = 2048,
	PATHS_MAX = 20000
};

static const char help[] =
    "origin [--port N] [--unix PATH] [--log FILE] [--with-parent] "
    "[--for SECONDS]\n"
    "any path: ?size= status= delay= body-delay= drip= hold= max-age= swr= "
    "sie=\n  s-maxage= cc= cookie= vary= etag= lm= type= location= "
    "header=Name:Value\n  chunked= close= gzip= body= text= drop= silent= "
    "early= "
    "mode=hang|fail|reset|ok\n"
    "/echo /echo-head /theme /theme/*\n"
    "control: /_count /_last /_set /_go /_zero /_connections /_busy /_most "
    "/_quit /_help\n"
    "anomalies:\n";

struct text {
	char *data;
	size_t len, cap;
};

struct request {
	char method[32], target[PATH_ROOM], path[PATH_ROOM];
	char *query; /* in force: what /_set says, else the target's */
	struct text head, body;
	bool http10, wants_close;
	unsigned since; /* how often /_go was asked when this came */
};

struct seen {
	char *path;
	long count;
	char *last;
	char *query; /* by /_set, or NULL */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;
static struct seen *seen; /* under lock */
static size_t seen_count; /* under lock */
static char *last_head;	  /* under lock */
static unsigned gone;	  /* how often /_go was asked; under lock */
static FILE *log_file;	  /* under lock */
static atomic_long connections, busy, most, serial;

/* ---- text ---- */

static void
add(struct text *text, const void *bytes, size_t len)
{
	if (text->len + len + 1 > text->cap) {
		text->cap = (text->len + len + 1) * 2;
		text->data = realloc(text->data, text->cap);
		if (!text->data)
			abort();
	}
	if (len)
		memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

static void
puts_to(struct text *text, const char *words)
{
	add(text, words, strlen(words));
}

static void __attribute__((format(printf, 2, 3)))
addf(struct text *text, const char *format, ...)
{
	char room[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room, sizeof(room), format, args);
	va_end(args);
	if (n > (int)sizeof(room) - 1)
		n = sizeof(room) - 1;
	add(text, room, (size_t)n);
}

static void
sleep_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode(char *out, size_t room, const char *from, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < room; i++) {
		if (from[i] == '%' && i + 2 < len && hex(from[i + 1]) >= 0 &&
		    hex(from[i + 2]) >= 0) {
			out[n++] =
			    (char)(hex(from[i + 1]) * 16 + hex(from[i + 2]));
			i += 2;
		} else {
			out[n++] = from[i] == '+' ? ' ' : from[i];
		}
	}
	out[n] = '\0';
}

/* Parameter number nth called name, decoded; false when there is none. */
static bool
param_nth(const char *query, const char *name, int nth, char *out, size_t room)
{
	size_t name_len = strlen(name);

	for (const char *at = query; at && *at;) {
		size_t len = strcspn(at, "&");

		if (strncmp(at, name, name_len) == 0 && at[name_len] == '=' &&
		    nth-- == 0) {
			decode(
			    out, room, at + name_len + 1, len - name_len - 1);
			return true;
		}
		at += len;
		at += *at == '&';
	}
	return false;
}

static bool
param(const char *query, const char *name, char *out, size_t room)
{
	return param_nth(query, name, 0, out, room);
}

static long
number(const char *query, const char *name, long otherwise)
{
	char room[64];

	return param(query, name, room, sizeof(room)) ? atol(room) : otherwise;
}

/* ---- the wire ---- */

static bool
send_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
say(int fd, const char *words)
{
	return send_all(fd, words, strlen(words));
}

static void
reset(int fd)
{
	struct linger now = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* Hold the connection until the peer leaves it. */
static void
hang(int fd)
{
	char room[4096];

	while (recv(fd, room, sizeof(room), 0) > 0)
		;
}

/* ---- what is asked ---- */

static struct seen *
seen_find(const char *path, bool make)
{
	for (size_t i = 0; i < seen_count; i++)
		if (strcmp(seen[i].path, path) == 0)
			return &seen[i];
	if (!make || seen_count == PATHS_MAX)
		return NULL;
	seen[seen_count].path = strdup(path);
	return &seen[seen_count++];
}

static void
replace(char **old, const char *with)
{
	free(*old);
	*old = with ? strdup(with) : NULL;
}

static void
record(struct request *req)
{
	struct seen *all, *one;
	const char *query = strchr(req->target, '?');

	pthread_mutex_lock(&lock);
	req->since = gone;
	one = seen_find(req->path, true);
	all = seen_find("*", false);
	if (one) {
		one->count++;
		replace(&one->last, req->head.data);
	}
	replace(&last_head, req->head.data);
	if (one && one->query)
		query = one->query;
	else if (all && all->query)
		query = all->query;
	else
		query = query ? query + 1 : "";
	req->query = strdup(query);
	if (log_file) {
		fprintf(
		    log_file, "=== %zu bytes\n", req->head.len + req->body.len);
		fwrite(req->head.data, 1, req->head.len, log_file);
		if (req->body.len)
			fwrite(req->body.data, 1, req->body.len,
			    log_file);
		fputc('\n', log_file);
		fflush(log_file);
	}
	pthread_mutex_unlock(&lock);
}

static bool
field(const struct request *req, const char *name, char *out, size_t room)
{
	size_t name_len = strlen(name);

	for (const char *at = req->head.data; (at = strstr(at, "\r\n"));) {
		at += 2;
		if (strncasecmp(at, name, name_len) != 0 || at[name_len] != ':')
			continue;
		at += name_len + 1;
		at += strspn(at, " \t");
		snprintf(out, room, "%.*s", (int)strcspn(at, "\r"), at);
		return true;
	}
	return false;
}

struct peer {
	int fd;
	char room[16384];
	size_t at, len;
};

static int
next_byte(struct peer *peer)
{
	if (peer->at == peer->len) {
		ssize_t n = recv(peer->fd, peer->room, sizeof(peer->room), 0);

		if (n <= 0)
			return -1;
		peer->at = 0;
		peer->len = (size_t)n;
	}
	return (unsigned char)peer->room[peer->at++];
}

static bool
take(struct peer *peer, struct text *out, size_t len)
{
	while (len) {
		size_t n;
		int c = next_byte(peer);

		if (c < 0 || out->len > BODY_MAX)
			return false;
		peer->at--;
		n = peer->len - peer->at;
		n = n < len ? n : len;
		add(out, peer->room + peer->at, n);
		peer->at += n;
		len -= n;
	}
	return true;
}

static bool
line(struct peer *peer, char *out, size_t room)
{
	size_t n = 0;
	int c;

	while ((c = next_byte(peer)) != '\n') {
		if (c < 0 || n + 1 >= room)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

static bool
read_body(struct peer *peer, struct request *req)
{
	char text[256];
	size_t size;

	if (field(req, "Transfer-Encoding", text, sizeof(text))) {
		for (;;) {
			if (!line(peer, text, sizeof(text)))
				return false;
			size = strtoul(text, NULL, 16);
			if (!take(peer, &req->body, size) ||
			    !line(peer, text, sizeof(text)))
				return false;
			if (size == 0)
				return true;
		}
	}
	if (field(req, "Content-Length", text, sizeof(text)))
		return take(peer, &req->body, strtoul(text, NULL, 10));
	return true;
}

static bool
read_head(struct peer *peer, struct request *req)
{
	char byte;
	int c;

	while ((c = next_byte(peer)) >= 0) {
		byte = (char)c;
		add(&req->head, &byte, 1);
		if (req->head.len >= 4 &&
		    memcmp(req->head.data + req->head.len - 4, "\r\n\r\n", 4) ==
			0)
			break;
		if (req->head.len > HEAD_MAX)
			return false;
	}
	return c >= 0;
}

static bool
parse_head(struct request *req)
{
	char version[16], text[64];

	if (sscanf(req->head.data, "%31s %2047s %15s", req->method, req->target,
		version) != 3)
		return false;
	snprintf(req->path, sizeof(req->path), "%.*s",
	    (int)strcspn(req->target, "?"), req->target);
	req->http10 = strcmp(version, "HTTP/1.0") == 0;
	req->wants_close = req->http10;
	if (field(req, "Connection", text, sizeof(text)) &&
	    strcasestr(text, "close"))
		req->wants_close = true;
	return true;
}

static void
request_fini(struct request *req)
{
	free(req->head.data);
	free(req->body.data);
	free(req->query);
}

/* ---- bodies ---- */

static void
gzip(struct text *out, const void *bytes, size_t len)
{
	z_stream z = {0};
	size_t room = len + len / 8 + 128;
	char *to = malloc(room);

	if (!to ||
	    deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	z.next_in = (unsigned char *)(uintptr_t)bytes;
	z.avail_in = (unsigned)len;
	z.next_out = (unsigned char *)to;
	z.avail_out = (unsigned)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	add(out, to, z.total_out);
	deflateEnd(&z);
	free(to);
}

static void
pad(struct text *body, size_t size, const char *tail)
{
	/* Numbered, so that it does not compress like a bomb. */
	static const char words[] =
	    "<p>%08x: the quick brown fox jumps over the lazy dog</p>\n";
	size_t tail_len = strlen(tail);

	for (unsigned i = 1; body->len + tail_len + sizeof(words) + 8 <= size;
	     i++)
		addf(body, words, i * 2654435761u);
	while (body->len + tail_len < size)
		puts_to(body, " ");
	puts_to(body, tail);
	if (size && body->len > size)
		body->len = size;
}

static void
html(struct text *body, const struct request *req, size_t size)
{
	char text[1024] = "";

	param(req->query, "text", text, sizeof(text));
	addf(body,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
	    "charset=\"utf-8\"><title>Page %.200s</title>\n"
	    "<link rel=\"stylesheet\" href=\"/page.css\"></head>\n"
	    "<body class=\"origin\"><nav><a href=\"/\">Home</a></nav>\n"
	    "<main id=\"main\"><h1>Page %.200s</h1>\n<p>Answer number "
	    "%ld</p>\n<p>%s</p>\n",
	    req->path, req->path, atomic_load(&serial), text);
	pad(body, size, "</main>\n</body></html>\n");
}

static void
theme_page(struct text *body, size_t size)
{
	puts_to(body,
	    "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
	    "<title>The theme</title>\n<link rel=\"stylesheet\" "
	    "href=\"/theme/style.css\"><script src=\"/theme/menu.js\">"
	    "</script></head>\n<body class=\"themed\"><header><img "
	    "src=\"/theme/logo.png\" srcset=\"/theme/logo.png 1x, "
	    "/theme/logo2.png 2x\" alt=\"Logo\"> The theme's "
	    "header</header>\n<main id=\"content\">Nothing "
	    "here</main>\n<footer>The theme's footer</footer>\n");
	pad(body, size, "</body></html>\n");
}

static const char *
page_body(struct text *body, const struct request *req)
{
	const char *dot = strrchr(req->path, '.');
	size_t size = (size_t)number(req->query, "size", 0);
	char text[4096];

	if (param(req->query, "body", text, sizeof(text))) {
		puts_to(body, text);
		return "text/html; charset=utf-8";
	}
	if (strcmp(req->path, "/theme") == 0) {
		theme_page(body, size);
		return "text/html; charset=utf-8";
	}
	if (dot && strcmp(dot, ".css") == 0) {
		puts_to(body,
		    "@import \"/theme/more.css\";\nbody { background: "
		    "url(/theme/back.png) }\n");
		pad(body, size, "");
		return "text/css";
	}
	if (dot && strcmp(dot, ".js") == 0) {
		puts_to(body, "var origin = 1;\n");
		pad(body, size, "");
		return "text/javascript";
	}
	if (dot && strcmp(dot, ".json") == 0) {
		puts_to(body, "{\"origin\": 1}\n");
		pad(body, size, "");
		return "application/json";
	}
	if (dot && (strcmp(dot, ".png") == 0 || strcmp(dot, ".bin") == 0)) {
		puts_to(body, "\211PNG\r\n\032\n not really");
		pad(body, size, "");
		return strcmp(dot, ".png") == 0 ? "image/png"
						: "application/octet-stream";
	}
	if (dot && strcmp(dot, ".txt") == 0) {
		puts_to(body, "Plain words.\n");
		pad(body, size, "");
		return "text/plain; charset=utf-8";
	}
	html(body, req, size);
	return "text/html; charset=utf-8";
}

/* ---- answers ---- */

static void
cache_control(struct text *head, const char *query)
{
	static const char *const names[][2] = {{"max-age", "max-age"},
	    {"s-maxage", "s-maxage"}, {"swr", "stale-while-revalidate"},
	    {"sie", "stale-if-error"}};
	char value[512], all[1024] = "";

	if (param(query, "cc", all, sizeof(all))) {
		addf(head, "Cache-Control: %s\r\n", all);
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		size_t len = strlen(all);

		if (param(query, names[i][0], value, sizeof(value)))
			snprintf(all + len, sizeof(all) - len, "%s%s=%s",
			    len ? ", " : "", names[i][1], value);
	}
	if (*all)
		addf(head, "Cache-Control: %s\r\n", all);
}

static void
fields(struct text *head, const struct request *req, const char *type)
{
	static const char *const plain[][2] = {
	    {"vary", "Vary"}, {"location", "Location"}};
	char value[2048], date[64];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	addf(head, "Date: %s\r\nServer: origin\r\n", date);
	if (param(req->query, "type", value, sizeof(value)))
		type = value;
	if (*type)
		addf(head, "Content-Type: %s\r\n", type);
	cache_control(head, req->query);
	if (param(req->query, "cookie", value, sizeof(value)))
		addf(head, "Set-Cookie: %s\r\n",
		    strcmp(value, "1") == 0 ? "sid=1; Path=/" : value);
	for (size_t i = 0; i < 2; i++)
		if (param(req->query, plain[i][0], value, sizeof(value)))
			addf(head, "%s: %s\r\n", plain[i][1], value);
	if (param(req->query, "etag", value, sizeof(value)))
		addf(head, "ETag: \"%s\"\r\n", value);
	if (number(req->query, "lm", 0))
		puts_to(
		    head, "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n");
	for (int i = 0;
	     param_nth(req->query, "header", i, value, sizeof(value)); i++)
		addf(head, "%s\r\n", value);
}

static bool
not_modified(const struct request *req)
{
	char etag[512], asked[1024];

	if (param(req->query, "etag", etag, sizeof(etag)) &&
	    field(req, "If-None-Match", asked, sizeof(asked))) {
		char quoted[520];

		snprintf(quoted, sizeof(quoted), "\"%s\"", etag);
		return strstr(asked, quoted) != NULL;
	}
	return number(req->query, "lm", 0) &&
	       field(req, "If-Modified-Since", asked, sizeof(asked));
}

/* The body in one or 16 pieces, chunked or not. */
static bool
send_body(int fd, const struct text *body, bool chunked, long drip_ms)
{
	size_t pieces = drip_ms ? 16 : chunked ? 3 : 1;
	size_t piece = body->len / pieces + 1;
	char size[32];

	for (size_t at = 0; at < body->len; at += piece) {
		size_t n = body->len - at < piece ? body->len - at : piece;

		snprintf(size, sizeof(size), "%zx\r\n", n);
		if (drip_ms)
			sleep_ms(drip_ms);
		if ((chunked && !say(fd, size)) ||
		    !send_all(fd, body->data + at, n) ||
		    (chunked && !say(fd, "\r\n")))
			return false;
	}
	return !chunked || say(fd, "0\r\n\r\n");
}

static void
hold(const struct request *req)
{
	pthread_mutex_lock(&lock);
	while (gone == req->since)
		pthread_cond_wait(&go, &lock);
	pthread_mutex_unlock(&lock);
}

static void
frame(struct text *head, const struct request *req, size_t len)
{
	if (number(req->query, "chunked", 0))
		puts_to(head, "Transfer-Encoding: chunked\r\n");
	else if (!number(req->query, "close", 0))
		addf(head, "Content-Length: %zu\r\n", len);
	if (number(req->query, "close", 0) || number(req->query, "drop", 0))
		puts_to(head, "Connection: close\r\n");
	puts_to(head, "\r\n");
}

/* True when the connection may be kept. */
static bool
send_answer(int fd, const struct request *req, struct text *body,
    const char *type, int status)
{
	struct text head = {0}, packed = {0};
	bool bodyless = status == 304 || status == 204, kept = false;

	addf(&head, "HTTP/1.1 %d %s\r\n", status,
	    status == 200 ? "OK" : "Because");
	fields(&head, req, bodyless ? "" : type);
	if (number(req->query, "gzip", 0) && !bodyless) {
		gzip(&packed, body->data, body->len);
		body->len = 0;
		add(body, packed.data, packed.len);
		puts_to(&head, "Content-Encoding: gzip\r\n");
	}
	if (bodyless)
		puts_to(&head, "\r\n");
	else
		frame(&head, req, body->len);
	if (!send_all(fd, head.data, head.len))
		goto out;
	sleep_ms(number(req->query, "body-delay", 0));
	if (!bodyless && strcmp(req->method, "HEAD") != 0 &&
	    !send_body(fd, body, number(req->query, "chunked", 0) != 0,
		number(req->query, "drip", 0)))
		goto out;
	kept = !number(req->query, "close", 0) &&
	       !number(req->query, "drop", 0) &&
	       !number(req->query, "silent", 0);
out:
	free(head.data);
	free(packed.data);
	return kept;
}

static bool
answer_page(int fd, const struct request *req)
{
	struct text body = {0};
	char mode[32] = "ok";
	const char *type;
	int status = (int)number(req->query, "status", 200);
	bool kept;

	param(req->query, "mode", mode, sizeof(mode));
	if (strcmp(mode, "hang") == 0) {
		hang(fd);
		return false;
	}
	if (strcmp(mode, "reset") == 0) {
		reset(fd);
		return false;
	}
	sleep_ms(number(req->query, "delay", 0));
	if (number(req->query, "hold", 0))
		hold(req);
	if (strcmp(mode, "fail") == 0)
		status = 503;
	if (not_modified(req))
		status = 304;
	type = page_body(&body, req);
	if (strcmp(req->path, "/echo") == 0) {
		body.len = 0;
		add(&body, req->body.data, req->body.len);
		type = "application/octet-stream";
	} else if (strcmp(req->path, "/echo-head") == 0) {
		body.len = 0;
		add(&body, req->head.data, req->head.len);
		type = "text/plain";
	}
	kept = send_answer(fd, req, &body, type, status);
	free(body.data);
	return kept;
}

/* ---- what no server should do: each ends the connection ---- */

#define OK   "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
#define FIVE "<p>hi"

struct bad {
	const char *name;
	const char *bytes;   /* sent as they stand, or NULL ... */
	void (*act)(int fd); /* ... and then this is done */
};

static void
hang_after(int fd)
{
	hang(fd);
}

static void
reset_after(int fd)
{
	sleep_ms(20);
	reset(fd);
}

static void
long_header(int fd)
{
	struct text t = {0};

	puts_to(&t, OK "X-Long: ");
	while (t.len < 150 << 10)
		puts_to(&t, "0123456789abcdef");
	puts_to(&t, "\r\nContent-Length: 5\r\n\r\n" FIVE);
	send_all(fd, t.data, t.len);
	free(t.data);
}

static void
many_headers(int fd)
{
	struct text t = {0};

	puts_to(&t, OK);
	for (int i = 0; i < 20000; i++)
		addf(&t, "X-%d: y\r\n", i);
	puts_to(&t, "Content-Length: 5\r\n\r\n" FIVE);
	send_all(fd, t.data, t.len);
	free(t.data);
}

static void
endless_headers(int fd)
{
	say(fd, OK);
	while (say(fd, "X-More: and more and more and more and more\r\n"))
		;
}

static void
many_100(int fd)
{
	for (int i = 0; i < 2000; i++)
		if (!say(fd, "HTTP/1.1 100 Continue\r\n\r\n"))
			return;
	say(fd, OK "Content-Length: 5\r\n\r\n" FIVE);
}

static void
nul_header(int fd)
{
	static const char bytes[] = OK "X-A: b\0c\r\nContent-Length: "
				       "5\r\n\r\n" FIVE;

	send_all(fd, bytes, sizeof(bytes) - 1);
}

static void
send_packed(int fd, const char *codings, const struct text *packed)
{
	struct text head = {0};

	addf(&head, OK "Content-Encoding: %s\r\nContent-Length: %zu\r\n\r\n",
	    codings, packed->len);
	if (send_all(fd, head.data, head.len))
		send_all(fd, packed->data, packed->len);
	free(head.data);
}

/* A gzip, then its framing, cut or with something behind. */
static void
send_gzip(int fd, const char *codings, long more, const char *behind)
{
	struct text plain = {0}, packed = {0};

	pad(&plain, 20000, "end");
	gzip(&packed, plain.data, plain.len);
	packed.len = (size_t)((long)packed.len + (more < 0 ? more : 0));
	puts_to(&packed, behind);
	send_packed(fd, codings, &packed);
	free(plain.data);
	free(packed.data);
}

static void
gzip_cut(int fd)
{
	send_gzip(fd, "gzip", -20, "");
}

static void
gzip_junk(int fd)
{
	send_gzip(fd, "gzip", 0, "and some junk behind");
}

static void
codings_6(int fd)
{
	send_gzip(fd, "gzip, gzip, gzip, gzip, gzip, gzip", 0, "");
}

/* Made once: it takes longer than who asks may want to wait. */
static struct text bomb;

static void
make_bomb(void)
{
	struct text plain = {0};

	while (plain.len < 16 << 20)
		add(&plain, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	gzip(&bomb, plain.data, plain.len);
	free(plain.data);
}

static void
bomb_gzip(int fd)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_bomb);
	send_packed(fd, "gzip", &bomb);
}

static void
slow_body(int fd)
{
	say(fd, OK "Content-Length: 1000\r\n\r\n");
	for (int i = 0; i < 1000 && say(fd, "x"); i++)
		sleep_ms(1000);
}

static void
slow_head(int fd)
{
	static const char head[] = OK "Content-Length: 5\r\n\r\n" FIVE;

	for (size_t i = 0; i < sizeof(head) - 1; i++) {
		if (!send_all(fd, head + i, 1))
			return;
		sleep_ms(1000);
	}
}

static const struct bad bad[] = {
    {"cl-short", OK "Content-Length: 100\r\n\r\n" FIVE, NULL},
    {"chunk-cut", OK "Transfer-Encoding: chunked\r\n\r\n5\r\n<p>", NULL},
    {"chunk-cut-last",
	OK "Transfer-Encoding: chunked\r\n\r\n5\r\n" FIVE "\r\n0\r\n", NULL},
    {"chunk-garbage", OK "Transfer-Encoding: chunked\r\n\r\nzz\r\n" FIVE, NULL},
    {"head-cut", OK "Content-Le", NULL},
    {"head-cut-line", OK "Content-Length: 5\r\n", NULL},
    {"no-length", OK "\r\n" FIVE, NULL},
    {"empty-reply", "", NULL},
    {"http09", FIVE "\n", NULL},
    {"cl-te",
	OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
	   "5\r\n" FIVE "\r\n0\r\n\r\n",
	NULL},
    {"cl-cl", OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" FIVE "!",
	NULL},
    {"cl-list", OK "Content-Length: 5, 5\r\n\r\n" FIVE, NULL},
    {"cl-plus", OK "Content-Length: +5\r\n\r\n" FIVE, NULL},
    {"cl-negative", OK "Content-Length: -5\r\n\r\n" FIVE, NULL},
    {"cl-words", OK "Content-Length: five\r\n\r\n" FIVE, NULL},
    {"cl-huge", OK "Content-Length: 99999999999999999999\r\n\r\n" FIVE, NULL},
    {"nul-header", NULL, nul_header},
    {"no-colon", OK "Nonsense\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"te-unknown", OK "Transfer-Encoding: xyz\r\n\r\n" FIVE, NULL},
    {"te-gzip", OK "Transfer-Encoding: gzip, chunked\r\n\r\n" FIVE, NULL},
    {"te-twice",
	OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
	   "chunked\r\n\r\n5\r\n" FIVE "\r\n0\r\n\r\n",
	NULL},
    {"te-http10",
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	"5\r\n" FIVE "\r\n0\r\n\r\n",
	NULL},
    {"long-header", NULL, long_header},
    {"many-headers", NULL, many_headers},
    {"endless-headers", NULL, endless_headers},
    {"obs-fold", OK "X-A: one\r\n two\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"space-colon", OK "X-A : one\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"bare-cr", OK "X-A: one\rX-B: two\r\nContent-Length: 5\r\n\r\n" FIVE,
	NULL},
    {"control", OK "X-A: one\001two\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"status-junk", "HTTP/1.1 2x0 OK\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"status-999", "HTTP/1.1 999 No\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"trailers",
	OK "Transfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n"
	   "\r\n5\r\n" FIVE "\r\n0\r\nSet-Cookie: a=b\r\n\r\n",
	NULL},
    {"204-body", "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"304-body", "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n" FIVE, NULL},
    {"more-body", OK "Content-Length: 5\r\n\r\n" FIVE "HTTP/1.1 200 OK\r\n",
	NULL},
    {"100x2000", NULL, many_100},
    {"103",
	"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: e=1\r\n"
	"\r\n" OK "Content-Length: 5\r\n\r\n" FIVE,
	NULL},
    {"101",
	"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: "
	"upgrade\r\n\r\nxxxx",
	NULL},
    {"gzip-cut", NULL, gzip_cut},
    {"gzip-junk", NULL, gzip_junk},
    {"gzip-garbage",
	OK "Content-Encoding: gzip\r\nContent-Length: 5\r\n"
	   "\r\n" FIVE,
	NULL},
    {"gzip-empty", OK "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
	NULL},
    {"coding-unknown",
	OK "Content-Encoding: x-rot\r\nContent-Length: 5\r\n"
	   "\r\n" FIVE,
	NULL},
    {"codings-6", NULL, codings_6},
    {"bomb-gzip", NULL, bomb_gzip},
    {"hang", "", hang_after},
    {"hang-head", OK, hang_after},
    {"hang-body", OK "Content-Length: 10\r\n\r\n" FIVE, hang_after},
    {"reset", "", reset_after},
    {"reset-head", OK, reset_after},
    {"reset-body", OK "Content-Length: 100\r\n\r\n" FIVE, reset_after},
    {"reset-no-length", OK "\r\n" FIVE, reset_after},
    {"slow-body", NULL, slow_body},
    {"slow-head", NULL, slow_head},
};
enum { BADS = sizeof(bad) / sizeof(bad[0]) };

static void
answer_bad(int fd, const char *name)
{
	for (size_t i = 0; i < BADS; i++) {
		if (strcmp(bad[i].name, name) != 0)
			continue;
		if (bad[i].bytes)
			say(fd, bad[i].bytes);
		if (bad[i].act)
			bad[i].act(fd);
		return;
	}
	say(fd, "HTTP/1.1 404 No such anomaly\r\nContent-Length: 0\r\n\r\n");
}

/* ---- control ---- */

static void
say_counts(struct text *body, const char *query)
{
	char path[PATH_ROOM];
	struct seen *one;

	if (param(query, "path", path, sizeof(path))) {
		one = seen_find(path, false);
		addf(body, "%ld\n", one ? one->count : 0);
		return;
	}
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i].count)
			addf(body, "%ld %s\n", seen[i].count, seen[i].path);
}

static void
say_last(struct text *body, const char *query)
{
	char path[PATH_ROOM];
	const char *last = last_head;
	struct seen *one;

	if (param(query, "path", path, sizeof(path))) {
		one = seen_find(path, false);
		last = one ? one->last : NULL;
	}
	puts_to(body, last ? last : "");
}

static void
set(const char *query)
{
	char path[PATH_ROOM], rest[PATH_ROOM] = "";
	struct seen *one;

	if (!param(query, "path", path, sizeof(path)))
		return;
	for (const char *at = query; *at;) {
		size_t len = strcspn(at, "&"), used = strlen(rest);

		if (strncmp(at, "path=", 5) != 0)
			snprintf(rest + used, sizeof(rest) - used, "%s%.*s",
			    used ? "&" : "", (int)len, at);
		at += len;
		at += *at == '&';
	}
	one = seen_find(path, true);
	if (one)
		replace(&one->query, *rest ? rest : NULL);
}

static void
zero(void)
{
	for (size_t i = 0; i < seen_count; i++)
		seen[i].count = 0;
	atomic_store(&most, 0);
}

static void
say_help(struct text *body)
{
	puts_to(body, help);
	for (size_t i = 0; i < BADS; i++)
		addf(body, "  /bad/%s\n", bad[i].name);
}

static void
control(int fd, const struct request *req)
{
	const char *query = strchr(req->target, '?');
	struct text body = {0};
	char head[200];

	query = query ? query + 1 : "";
	pthread_mutex_lock(&lock);
	if (strcmp(req->path, "/_count") == 0)
		say_counts(&body, query);
	else if (strcmp(req->path, "/_last") == 0)
		say_last(&body, query);
	else if (strcmp(req->path, "/_set") == 0)
		set(query);
	else if (strcmp(req->path, "/_zero") == 0)
		zero();
	else if (strcmp(req->path, "/_connections") == 0)
		addf(&body, "%ld\n", atomic_load(&connections));
	else if (strcmp(req->path, "/_busy") == 0)
		addf(&body, "%ld\n", atomic_load(&busy));
	else if (strcmp(req->path, "/_most") == 0)
		addf(&body, "%ld\n", atomic_load(&most));
	else if (strcmp(req->path, "/_help") == 0)
		say_help(&body);
	if (strcmp(req->path, "/_go") == 0) {
		gone++;
		pthread_cond_broadcast(&go);
	}
	pthread_mutex_unlock(&lock);
	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: "
	    "no-store\r\nContent-Length: %zu\r\n\r\n",
	    body.len);
	if (say(fd, head))
		send_all(fd, body.data, body.len);
	free(body.data);
	if (strcmp(req->path, "/_quit") == 0) {
		if (log_file)
			fclose(log_file);
		_exit(0);
	}
}

/* ---- connections ---- */

static void
count_busy(void)
{
	long now = atomic_fetch_add(&busy, 1) + 1;
	long before = atomic_load(&most);

	while (
	    now > before && !atomic_compare_exchange_weak(&most, &before, now))
		;
}

static bool
answer(struct peer *peer, struct request *req)
{
	const char *query = strchr(req->target, '?');
	bool early = query && number(query + 1, "early", 0), kept;

	if (!early && !read_body(peer, req))
		return false;
	record(req);
	atomic_fetch_add(&serial, 1);
	count_busy();
	if (strncmp(req->path, "/bad/", 5) == 0) {
		answer_bad(peer->fd, req->path + 5);
		kept = false;
	} else {
		kept = answer_page(peer->fd, req);
	}
	atomic_fetch_sub(&busy, 1);
	if (early) /* a close with bytes unread would reset the answer away */
		sleep_ms(300);
	return kept && !early && !req->wants_close;
}

static void
converse(int fd)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	bool kept = peer != NULL, counted = false;

	if (peer)
		peer->fd = fd;
	while (kept) {
		struct request *req = calloc(1, sizeof(*req));

		kept = req && read_head(peer, req) && parse_head(req);
		if (kept && req->path[0] == '/' && req->path[1] == '_') {
			control(fd, req);
		} else if (kept) {
			if (!counted)
				atomic_fetch_add(&connections, 1);
			counted = true;
			kept = answer(peer, req);
		}
		if (req)
			request_fini(req);
		free(req);
	}
	free(peer);
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;

	converse(fd);
	close(fd);
	return NULL;
}

static int
listen_tcp(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
		perror("origin: listen");
		exit(1);
	}
	printf("port %d\n", ntohs(at.sin_port));
	return fd;
}

static int
listen_unix(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 4096) != 0) {
		perror("origin: listen");
		exit(1);
	}
	printf("unix %s\n", path);
	return fd;
}

static void
accept_all(int listener)
{
	pthread_attr_t attr;
	pthread_t id;
	int fd, on = 1;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			sleep_ms(10);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (pthread_create(&id, &attr, serve, (void *)(intptr_t)fd) !=
		    0)
			close(fd);
	}
}

/* A thousand connections and who looks at them. */
static void
allow_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void
show_help(void)
{
	struct text text = {0};

	say_help(&text);
	fputs(text.data, stdout);
	free(text.data);
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	int port = 0, seconds = 600, listener;

	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--help") == 0) {
			show_help();
			return 0;
		} else if (strcmp(argv[i], "--with-parent") == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
		} else if (strcmp(argv[i], "--port") == 0) {
			port = atoi(next), i++;
		} else if (strcmp(argv[i], "--unix") == 0) {
			path = next, i++;
		} else if (strcmp(argv[i], "--for") == 0) {
			seconds = atoi(next), i++;
		} else if (strcmp(argv[i], "--log") == 0) {
			log_file = fopen(next, "ae"), i++;
		} else {
			fprintf(stderr, "origin: what is %s? see --help\n",
			    argv[i]);
			return 2;
		}
	}
	allow_many_files();
	seen = calloc(PATHS_MAX, sizeof(*seen));
	if (!seen)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	alarm((unsigned)seconds);
	listener = path ? listen_unix(path) : listen_tcp(port);
	fflush(stdout);
	accept_all(listener);
}
