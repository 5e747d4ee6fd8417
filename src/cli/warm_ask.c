/* cli/warm_ask.c - HTTP/1.0 to the connection's end, as cli/ask.c does it */
#include "cli/warm_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/ask.h"
#include "http/head.h"
#include "http/url.h"

enum {
	WAIT_S = 120,
	HEAD_MAX = 256 << 10,
	PIECE = 16 << 10,
	MOMENTS = 4,
	MOMENT_NS = 50000000,
};

/* What came of one question. */
struct reading {
	struct arena *arena;
	struct buf text; /* the head, and what came of the body with it */
	struct head head;
	int status;
	uint64_t body;	  /* bytes of it */
	struct buf *into; /* where it goes, or NULL */
};

static int
write_request(struct buf *out, const char *url, const char *more)
{
	struct url_parts parts;

	url_split(&parts, url, strlen(url));
	buf_printf(out,
	    "GET %s%.*s%s%.*s HTTP/1.0\r\nHost: %.*s\r\n"
	    "X-Forwarded-Proto: %.*s\r\nUser-Agent: livery-warm\r\n"
	    "Accept: text/html,*/*;q=0.8\r\n%s\r\n",
	    parts.path.len ? "" : "/", (int)parts.path.len, parts.path.from,
	    parts.query.from ? "?" : "", (int)parts.query.len,
	    parts.query.from ? parts.query.from : "", (int)parts.authority.len,
	    parts.authority.from, (int)parts.scheme.len, parts.scheme.from,
	    more);
	return out->failed ? -1 : 0;
}

static int
send_all(int fd, const struct buf *text)
{
	size_t sent = 0;
	ssize_t n;

	while (sent < text->len) {
		n = send(fd, text->data + sent, text->len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		sent += (size_t)n;
	}
	return 0;
}

/* A piece of the body. */
static int
take_body(struct reading *reading, const char *bytes, size_t len)
{
	reading->body += len;
	return reading->into ? buf_add(reading->into, bytes, len) : 0;
}

/* The head is whole when an empty line is there; 0: not yet. */
static int
take_head(struct reading *reading, struct err *err)
{
	struct buf *text = &reading->text;
	char *fields = strstr(text->data, "\r\n");
	char *end = strstr(text->data, "\r\n\r\n");

	if (!end)
		return 0;
	if (strncmp(text->data, "HTTP/1.", 7) != 0 || text->data[7] == '\0')
		return err_set(err, "no HTTP answer");
	reading->status = atoi(text->data + 8);
	head_init(&reading->head, reading->arena);
	if (head_read(
		&reading->head, fields + 2, (size_t)(end - fields), err) != 0)
		return -1;
	end += 4;
	return take_body(
		   reading, end, text->len - (size_t)(end - text->data)) == 0
		   ? 1
		   : err_set(err, "it is too big");
}

static int
receive(struct reading *reading, int fd, struct err *err)
{
	char piece[PIECE];
	int has_head = 0;
	ssize_t n;

	while ((n = recv(fd, piece, sizeof(piece), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, "%s",
			    errno == EAGAIN ? "no answer in time"
					    : strerror(errno));
		if (has_head) {
			if (take_body(reading, piece, (size_t)n) != 0)
				return err_set(err, "it is too big");
			continue;
		}
		if (buf_add(&reading->text, piece, (size_t)n) != 0)
			return err_set(err, "its head is too big");
		has_head = take_head(reading, err);
		if (has_head < 0)
			return -1;
	}
	return has_head ? 0 : err_set(err, "the connection was closed");
}

/* -1 when it ended early. */
static int
check_length(const struct reading *reading, struct err *err)
{
	const char *length = head_find(&reading->head, "Content-Length");

	if (length && strtoull(length, NULL, 10) != reading->body)
		return err_set(err, "it broke off");
	return 0;
}

static int
exchange(struct reading *reading, const char *address, const char *url,
    const char *more, struct err *err)
{
	struct buf request;
	int fd, rc = -1;

	fd = ask_connect(address, WAIT_S);
	if (fd < 0)
		return err_set(
		    err, "nobody answers on %s (%s)", address, strerror(errno));
	buf_init(&request, HEAD_MAX);
	if (write_request(&request, url, more) != 0)
		err_set(err, "the address is too long");
	else if (send_all(fd, &request) != 0)
		err_set(err, "%s", strerror(errno));
	else if (receive(reading, fd, err) == 0)
		rc = check_length(reading, err);
	buf_fini(&request);
	close(fd);
	return rc;
}

static void
reading_init(struct reading *reading, struct buf *into)
{
	*reading = (struct reading){.arena = arena_new(4096), .into = into};
	buf_init(&reading->text, HEAD_MAX);
}

static void
reading_fini(struct reading *reading)
{
	buf_fini(&reading->text);
	arena_free(&reading->arena);
}

/* ---- what it says of itself ---- */

/* Our own member, which is the last one. NULL: livery is not who answers. */
static const char *
own_status(const struct head *head)
{
	const char *value, *found = NULL;
	unsigned i = 0;

	while ((value = head_next(head, "Cache-Status", &i)) != NULL)
		if (strncmp(value, "livery", 6) == 0)
			found = value;
	return found;
}

/* The parameter's text, without quotes; "" when it is not there. */
static void
read_detail(char *out, size_t size, const char *status)
{
	const char *from = strstr(status, "; detail=");
	size_t len;

	*out = '\0';
	if (!from)
		return;
	from += strlen("; detail=");
	from += *from == '"';
	len = strcspn(from, "\";");
	if (len < size) {
		memcpy(out, from, len);
		out[len] = '\0';
	}
}

static void
fail(struct warm_answer *out, const char *reason)
{
	out->warmth = WARM_FAILED;
	snprintf(out->reason, sizeof(out->reason), "%.95s", reason);
}

static bool
is_there_now(const char *address, const char *url)
{
	struct reading reading;
	struct err err;
	bool is;

	reading_init(&reading, NULL);
	is = exchange(&reading, address, url,
		 "Cache-Control: only-if-cached\r\n", &err) == 0 &&
	     reading.status != 504;
	reading_fini(&reading);
	return is;
}

/* Does the cache have it? What streams through is stored a moment after its
 * last byte was sent. */
static bool
is_there(const char *address, const char *url)
{
	static const struct timespec moment = {0, MOMENT_NS};

	for (unsigned i = 0; i < MOMENTS; i++) {
		if (is_there_now(address, url))
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

static void
judge(struct warm_answer *out, const struct reading *reading,
    const char *address, const char *url)
{
	const char *status = own_status(&reading->head);

	if (reading->status >= 500) {
		out->warmth = WARM_FAILED;
		snprintf(out->reason, sizeof(out->reason), "status %d",
		    reading->status);
		return;
	}
	if (!status) {
		fail(out, "who answers is not livery: it says no "
			  "Cache-Status");
		return;
	}
	read_detail(out->reason, sizeof(out->reason), status);
	if (strstr(status, "; hit"))
		out->warmth = WARM_FRESH;
	else if (strstr(status, "; stored"))
		out->warmth = WARM_STORED;
	else if (!out->reason[0] && is_there(address, url))
		out->warmth = WARM_STORED;
	else
		out->warmth = WARM_UNSTORED;
	if (out->warmth == WARM_UNSTORED && !out->reason[0])
		snprintf(out->reason, sizeof(out->reason), "status %d",
		    reading->status);
}

void
warm_ask(struct warm_answer *out, const char *address, const char *url)
{
	struct reading reading;
	struct err err;

	memset(out, 0, sizeof(*out));
	reading_init(&reading, NULL);
	if (exchange(&reading, address, url, "", &err) != 0)
		fail(out, err.text);
	else
		judge(out, &reading, address, url);
	out->status = reading.status;
	reading_fini(&reading);
}

int
warm_fetch(
    struct buf *out, const char *address, const char *url, struct err *err)
{
	struct reading reading;
	int rc;

	reading_init(&reading, out);
	rc = exchange(&reading, address, url, "", err);
	if (rc == 0 && reading.status != 200)
		rc = err_set(err, "status %d", reading.status);
	reading_fini(&reading);
	return rc;
}
