/* fetch/folder.c - files as answers
 *
 * A piece is read at a time and the flight's own wake brings the next, so
 * that a large file takes turns with everything else on this thread. */
#include "fetch/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/mem.h"
#include "http/date.h"
#include "http/media.h"
#include "http/url.h"

enum {
	PIECE = 64 << 10,
	PIECES_A_TURN = 4,
	PATH_LEN_MAX = 4096,
	TRIES = 4, /* openat2 asks for it while others rename */
};

struct folder {
	struct mover mover;
	struct flight *flight;
	int fd;
	uint64_t at, size;
	size_t held; /* bytes in piece that the flow had no room for */
	char piece[PIECE];
};

/* ---- heads ---- */

static struct answer *
answer_of(struct folder *f)
{
	return f->flight->answer;
}

static bool
is_head_request(struct folder *f)
{
	return strcmp(f->flight->errand->method, "HEAD") == 0;
}

/* To HEAD, too: it is what GET would have. */
static void
add_length(struct folder *f, uint64_t len)
{
	struct answer *answer = answer_of(f);

	head_add(&answer->head, "Content-Length",
	    arena_printf(answer->arena, "%llu", (unsigned long long)len));
	answer->length = (int64_t)len;
}

static void
add_date(struct folder *f, const char *name, int64_t seconds)
{
	char text[HTTP_DATE_LEN + 1];

	date_write(text, seconds);
	head_add(&answer_of(f)->head, name, text);
}

static void
begin_head(struct folder *f, int status, const char *cache_control)
{
	struct answer *answer = answer_of(f);

	answer->status = status;
	add_date(f, "Date", answer->asked_ms / 1000);
	head_add(&answer->head, "Cache-Control", cache_control);
}

static void
end(struct folder *f, enum outcome outcome, const char *reason)
{
	flight_end(f->flight, outcome, reason, true);
}

/* ---- small answers of our own ---- */

static void
say(struct folder *f, int status, const char *title, const char *words)
{
	char body[512];
	size_t len;

	snprintf(body, sizeof(body),
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta "
	    "charset=\"utf-8\"><title>%s</title></head>\n<body><main "
	    "id=\"main\">\n<h1>%s</h1>\n<p>%s</p>\n</main></body>\n</html>\n",
	    title, title, words);
	len = strlen(body);
	if (answer_of(f)->status == 0)
		begin_head(f, status, "max-age=5");
	head_add(
	    &answer_of(f)->head, "Content-Type", "text/html; charset=utf-8");
	add_length(f, len);
	if (!flight_head(f->flight)) {
		end(f, FETCH_LEFT, "nobody waits for it");
		return;
	}
	if (!is_head_request(f))
		flight_write(f->flight, body, len);
	end(f, FETCH_OK, "");
}

static void
say_not_found(struct folder *f)
{
	say(f, 404, "Not found", "There is no such page.");
}

/* To the same place with a slash: one leading slash only, since "//x/" would
 * be another host. */
static void
say_moved(struct folder *f, const char *target)
{
	struct answer *answer = answer_of(f);
	size_t len;
	const char *query;

	while (target[0] == '/' && target[1] == '/')
		target++;
	len = strcspn(target, "?");
	query = target + len;
	begin_head(f, 301, "max-age=5");
	head_add(&answer->head, "Location",
	    arena_printf(answer->arena, "%.*s/%s", (int)len, target, query));
	say(f, 301, "Moved", "It is at the same address with a slash.");
}

/* ---- files ---- */

/* Relative to the folder, decoded. False: not for files. Names that begin
 * with a dot are somebody's housekeeping, but for .well-known. */
static bool
path_of(struct buf *path, const char *target)
{
	size_t len = strcspn(target, "?");
	const char *dot;

	while (len > 0 && *target == '/') {
		target++;
		len--;
	}
	if (url_path_is_unsafe(target, len) ||
	    url_decode(path, target, len) != 0 || buf_puts(path, "") != 0 ||
	    strlen(path->data) != path->len)
		return false;
	for (dot = path->data; (dot = strchr(dot, '.')); dot++)
		if ((dot == path->data || dot[-1] == '/') &&
		    strncmp(dot, ".well-known", 11) != 0)
			return false;
	return true;
}

static int
open_below(int folder_fd, const char *path)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	long fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, folder_fd, *path ? path : ".", &how,
		    sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static bool
is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A directory's index: open that instead. */
static void
open_index(struct folder *f, int folder_fd, struct buf *path)
{
	close(f->fd);
	f->fd = -1;
	errno = ENAMETOOLONG;
	if (buf_puts(path, "index.html") == 0)
		f->fd = open_below(folder_fd, path->data);
}

static void
say_errno(struct folder *f)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case EXDEV: /* it would leave the folder */
	case ELOOP:
	case ENAMETOOLONG:
	case ENXIO: /* a socket, or a pipe */
		say_not_found(f);
		break;
	case EACCES:
	case EPERM:
		say(f, 403, "Forbidden", "This may not be read.");
		break;
	default:
		end(f, FETCH_BROKEN, strerror(errno));
		break;
	}
}

static bool
etag_is_listed(const struct head *fields, const char *etag)
{
	struct slice item;
	const char *rest;
	unsigned i = 0;

	while ((rest = head_next(fields, "If-None-Match", &i)))
		while (list_next(&rest, &item)) {
			if (item.len > 2 && strncmp(item.from, "W/", 2) == 0) {
				item.from += 2;
				item.len -= 2;
			}
			if (slice_is(item, etag) || slice_is(item, "*"))
				return true;
		}
	return false;
}

static bool
is_unchanged(struct folder *f, const struct stat *st, const char *etag)
{
	const struct head *fields = &f->flight->errand->fields;
	const char *since = head_find(fields, "If-Modified-Since");
	int64_t then;

	if (head_find(fields, "If-None-Match"))
		return etag_is_listed(fields, etag);
	return since &&
	       date_parse(&then, since, strlen(since),
		   answer_of(f)->asked_ms / 1000) == 0 &&
	       st->st_mtim.tv_sec <= then;
}

static void
add_type(struct folder *f, const char *path)
{
	struct answer *answer = answer_of(f);
	const char *type = media_of_file(path);

	if (strncmp(type, "text/", 5) == 0)
		type = arena_printf(answer->arena, "%s; charset=utf-8", type);
	head_add(&answer->head, "Content-Type", type);
}

static void
file_head(struct folder *f, const struct stat *st, const char *path)
{
	struct answer *answer = answer_of(f);
	const char *etag = arena_printf(answer->arena, "\"%llx-%llx-%llx.%lx\"",
	    (unsigned long long)st->st_ino, (unsigned long long)st->st_size,
	    (unsigned long long)st->st_mtim.tv_sec,
	    (unsigned long)st->st_mtim.tv_nsec);
	bool unchanged = is_unchanged(f, st, etag);

	begin_head(
	    f, unchanged ? 304 : 200, "max-age=5, stale-while-revalidate=60");
	head_add(&answer->head, "ETag", etag);
	add_date(f, "Last-Modified", st->st_mtim.tv_sec);
	f->size = 0;
	answer->length = 0;
	if (unchanged)
		return;
	add_type(f, path);
	add_length(f, (uint64_t)st->st_size);
	if (!is_head_request(f))
		f->size = (uint64_t)st->st_size;
}

static void
serve_file(struct folder *f, const char *path)
{
	struct stat st;

	if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		say_not_found(f);
		return;
	}
	file_head(f, &st, path);
	if (flight_head(f->flight))
		flight_wake(f->flight, WAKE_ROOM);
	else
		end(f, FETCH_LEFT, "nobody waits for it");
}

static void
serve(struct folder *f, int folder_fd, struct buf *path)
{
	const char *target = f->flight->errand->target;

	f->fd = open_below(folder_fd, path->data);
	if (f->fd >= 0 && is_directory(f->fd)) {
		if (path->len && path->data[path->len - 1] != '/') {
			say_moved(f, target);
			return;
		}
		open_index(f, folder_fd, path);
	}
	if (f->fd < 0)
		say_errno(f);
	else
		serve_file(f, path->data);
}

static void
open_folder(struct folder *f)
{
	const char *root = f->flight->server->place->path;
	int folder_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct buf path;
	char words[300];

	if (folder_fd < 0) {
		snprintf(
		    words, sizeof(words), "%.200s: %s", root, strerror(errno));
		end(f, FETCH_REFUSED, words);
		return;
	}
	buf_init(&path, PATH_LEN_MAX);
	if (path_of(&path, f->flight->errand->target))
		serve(f, folder_fd, &path);
	else
		say_not_found(f);
	buf_fini(&path);
	close(folder_fd);
}

static void
folder_start(struct mover *mover)
{
	struct folder *f = container_of(mover, struct folder, mover);

	if (is_head_request(f) ||
	    strcmp(f->flight->errand->method, "GET") == 0) {
		open_folder(f);
		return;
	}
	begin_head(f, 405, "no-store");
	head_add(&answer_of(f)->head, "Allow", "GET, HEAD");
	say(f, 405, "Not allowed", "This is only for reading.");
}

/* ---- moving ---- */

static ssize_t
fill(struct folder *f)
{
	uint64_t left = f->size - f->at;
	ssize_t got;

	do
		got = read(f->fd, f->piece, left < PIECE ? left : PIECE);
	while (got < 0 && errno == EINTR);
	return got;
}

static enum flow_took
move_piece(struct folder *f)
{
	enum flow_took took;
	ssize_t got;

	if (f->held == 0) {
		got = fill(f);
		if (got <= 0) { /* it was cut while we read */
			end(f, FETCH_BROKEN, "the file changed meanwhile");
			return FLOW_OVER;
		}
		f->held = (size_t)got;
		counter_add(COUNT_BYTES_IN, got);
	}
	took = flight_write(f->flight, f->piece, f->held);
	if (took == FLOW_TOOK) {
		f->at += f->held;
		f->held = 0;
	}
	return took;
}

static void
folder_wake(struct mover *mover, unsigned why)
{
	struct folder *f = container_of(mover, struct folder, mover);

	(void)why;
	for (int i = 0; i < PIECES_A_TURN && f->at < f->size; i++) {
		switch (move_piece(f)) {
		case FLOW_TOOK:
			break;
		case FLOW_GONE:
			end(f, FETCH_LEFT, "nobody reads it");
			return;
		default:
			return;
		}
	}
	if (f->at == f->size)
		end(f, FETCH_OK, "");
	else
		flight_wake(f->flight, WAKE_ROOM);
}

static uint64_t
folder_look(struct mover *mover, uint64_t now_ms)
{
	(void)mover;
	(void)now_ms;
	return UINT64_MAX; /* a disk has no deadline */
}

static void
folder_free(struct mover **mover)
{
	struct folder *f = container_of(*mover, struct folder, mover);

	*mover = NULL;
	if (f->fd >= 0)
		close(f->fd);
	mem_free(&f);
}

static const struct mover_ops ops = {
    .start = folder_start,
    .wake = folder_wake,
    .look = folder_look,
    .free = folder_free,
};

struct mover *
folder_new(struct flight *flight)
{
	struct folder *f = mem_new(sizeof(*f));

	f->mover.ops = &ops;
	f->flight = flight;
	f->fd = -1;
	return &f->mover;
}
