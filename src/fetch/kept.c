/* fetch/kept.c - a short list, the warmest first */
#include "fetch/kept.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "base/mem.h"
#include "upstream/resolver.h"

struct kept_line {
	struct kept_line *prev, *next;
	struct upstream
	    *place; /* counted: no other has its address in memory */
	char address[ADDRESS_MAX];
	int fd;
	uint64_t since_ms;
};

/* Without its socket. */
static void
drop(struct kept *kept, struct kept_line *line)
{
	DL_DELETE(kept->lines, line);
	kept->count--;
	upstream_unref(&line->place);
	mem_free(&line);
}

static void
end(struct kept *kept, struct kept_line *line)
{
	close(line->fd);
	drop(kept, line);
}

/* The list is round backward: the first knows the last. */
static struct kept_line *
oldest(struct kept *kept)
{
	return kept->lines ? kept->lines->prev : NULL;
}

void
kept_fini(struct kept *kept)
{
	while (kept->lines)
		end(kept, kept->lines);
}

void
kept_put(struct kept *kept, struct upstream *place, const char *address, int fd,
    uint64_t now_ms)
{
	struct kept_line *line = mem_new(sizeof(*line));

	line->place = upstream_ref(place);
	snprintf(
	    line->address, sizeof(line->address), "%s", address ? address : "");
	line->fd = fd;
	line->since_ms = now_ms;
	DL_PREPEND(kept->lines, line);
	if (++kept->count > KEPT_MAX)
		end(kept, oldest(kept));
}

/* Open, and nothing has come. */
static bool
is_silent(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	       (errno == EAGAIN || errno == EWOULDBLOCK);
}

static struct kept_line *
find(struct kept *kept, const struct upstream *place, const char *address)
{
	struct kept_line *line;

	DL_FOREACH(kept->lines, line)
	if (line->place == place &&
	    strcmp(line->address, address ? address : "") == 0)
		return line;
	return NULL;
}

int
kept_take(struct kept *kept, const struct upstream *place, const char *address,
    uint64_t now_ms)
{
	struct kept_line *line;
	int fd;

	while ((line = find(kept, place, address))) {
		if (now_ms >= line->since_ms + KEPT_MAX_MS ||
		    !is_silent(line->fd)) {
			end(kept, line);
			continue;
		}
		fd = line->fd;
		drop(kept, line);
		return fd;
	}
	return -1;
}

void
kept_event(struct kept *kept, int fd)
{
	struct kept_line *line;

	DL_FOREACH(kept->lines, line)
	if (line->fd == fd) {
		end(kept, line);
		return;
	}
}

uint64_t
kept_look(struct kept *kept, uint64_t now_ms)
{
	struct kept_line *line;

	while ((line = oldest(kept)) && now_ms >= line->since_ms + KEPT_MAX_MS)
		end(kept, line);
	return line ? line->since_ms + KEPT_MAX_MS : UINT64_MAX;
}
