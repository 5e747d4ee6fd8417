/* front/accesslog.h - what was answered, a line each
 *
 * Each front thread formats into a ring of its own; one log thread writes
 * the rings out every 40 ms. A front thread never waits: when its ring is full
 * the line is dropped and counted (LOG_DROPPED). Nor is the end held up when
 * nobody reads the pipe that the log is written to: what is not taken within
 * two seconds then is counted and lost. */
#ifndef FRONT_ACCESSLOG_H
#define FRONT_ACCESSLOG_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "front/front.h"

struct accesslog;

/* Texts are borrowed and may be NULL; strangers wrote them. */
struct accesslog_line {
	int64_t now_ms; /* wall clock */
	const char *client;
	const char *method;
	const char *host;
	size_t host_len;
	const char *target;
	size_t target_len;
	const char *version; /* "HTTP/1.1" */
	int status;
	uint64_t bytes; /* of the body, as sent */
	uint64_t duration_us;
	const char *kind, *cache_status, *theme;
	const char *referer, *user_agent;
};

/* rings: one for each thread that writes. path "-": standard output. */
CHECKED int accesslog_start(struct accesslog **out, const char *path,
    enum accesslog_format format, unsigned rings, struct err *err);
/* Write what is there, and stop. No thread may be writing any more. */
void accesslog_stop(struct accesslog **log);
/* The file was moved away: open its name again, soon. Any thread. */
void accesslog_reopen(struct accesslog *log);
/* A line will be written soon: fetch the memory for it meanwhile, which
 * nobody used since the ring came by the last time. */
void accesslog_expect(const struct accesslog *log, unsigned ring);
/* Only the thread that has this ring. */
void accesslog_write(
    struct accesslog *log, unsigned ring, const struct accesslog_line *line);

/* accesslog_line.c: the line itself, with its newline; the length. Pure, but for
 * the local time zone. For accesslog_write() and for tests. */
enum { ACCESSLOG_LINE_MAX = 28 << 10 };
size_t accesslog_format(char out[ACCESSLOG_LINE_MAX],
    enum accesslog_format format, const struct accesslog_line *line);

#endif
