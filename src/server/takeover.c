/* server/takeover.c - the side of the one that comes */
#include "server/takeover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/passfd.h"
#include "server/handover.h"

struct takeover {
	int fd;
	pid_t from;
};

static int
check_giver(struct takeover *takeover, const char *path, struct err *err)
{
	uid_t uid;

	if (passfd_peer(takeover->fd, &uid, &takeover->from) != 0)
		return err_set(
		    err, "%s: the system does not say whose it is", path);
	if (uid != 0 && uid != geteuid())
		return err_set(err,
		    "%s: user %u listens there, and this is user %u", path,
		    (unsigned)uid, (unsigned)geteuid());
	return 0;
}

static int
say(const struct takeover *takeover, const char *word, struct err *err)
{
	return passfd_send(takeover->fd, word, -1, HANDOVER_WORD_MS, err);
}

/* Takes fd. False: it does not listen, or there are too many. */
static bool
keep(int fd, const char *text)
{
	unsigned place;

	if (sscanf(text, HANDOVER_AT, &place) == 1)
		return inherit_add_at(fd, place);
	return inherit_add(fd, strcmp(text, HANDOVER_OWNED) == 0);
}

static bool
is_socket(const char *text)
{
	char again[PASSFD_TEXT];
	unsigned place;

	if (sscanf(text, HANDOVER_AT, &place) == 1) {
		snprintf(again, sizeof(again), HANDOVER_AT, place);
		return strcmp(text, again) == 0;
	}
	return strcmp(text, HANDOVER_OWNED) == 0 ||
	       strcmp(text, HANDOVER_KEPT) == 0;
}

/* One message: 1 a socket, 0 all have come. Before the first, it may have to
 * let others go. */
static int
take_one(const struct takeover *takeover, unsigned count, struct err *err)
{
	char text[PASSFD_TEXT], all[PASSFD_TEXT];
	int fd;

	if (passfd_receive(takeover->fd, text, &fd,
		count ? HANDOVER_WORD_MS : HANDOVER_TURN_MS) != PASSFD_GOT)
		return err_set(err, "it went away before all sockets came");
	snprintf(all, sizeof(all), HANDOVER_ALL, count);
	if (fd < 0 && strcmp(text, all) == 0)
		return 0;
	if (fd >= 0 && is_socket(text)) {
		if (keep(fd, text))
			return 1;
		return err_set(err, "it gives what does not listen");
	}
	if (fd >= 0)
		close(fd);
	return err_set(err, "it says '%s'", text);
}

static int
take_all(const struct takeover *takeover, struct err *err)
{
	unsigned count = 0;
	int rc = say(takeover, HANDOVER_HELLO, err);

	while (rc == 0 && (rc = take_one(takeover, count, err)) == 1) {
		count++;
		rc = 0;
	}
	return rc;
}

int
takeover_begin(struct takeover **out, const char *path, struct err *err)
{
	struct takeover *takeover;
	int fd;

	*out = NULL;
	if (passfd_connect(&fd, path) != 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return 0;
		return err_set(err, "takeover: %s: %s", path, strerror(errno));
	}
	takeover = mem_new(sizeof(*takeover));
	takeover->fd = fd;
	if (check_giver(takeover, path, err) != 0 ||
	    take_all(takeover, err) != 0) {
		takeover_end(&takeover);
		return err_prefix(err, "takeover");
	}
	*out = takeover;
	return 0;
}

pid_t
takeover_from(const struct takeover *takeover)
{
	return takeover->from;
}

int
takeover_commit(struct takeover *takeover, struct err *err)
{
	char text[PASSFD_TEXT];
	enum passfd got;
	struct err why;
	int fd;

	if (say(takeover, HANDOVER_ACCEPTING, &why) != 0)
		log_debug("takeover: %s", why.text);
	got = passfd_receive(takeover->fd, text, &fd, HANDOVER_WORD_MS);
	/* Behind the reset of who closed without reading, what it said before
	 * is still there. */
	if (got == PASSFD_GONE)
		got = passfd_receive(takeover->fd, text, &fd, HANDOVER_WORD_MS);
	switch (got) {
	case PASSFD_GOT:
		if (fd >= 0)
			close(fd);
		if (strcmp(text, HANDOVER_YOURS) == 0)
			return 0;
		return err_set(err, "takeover: it says '%s'", text);
	case PASSFD_GONE:
		log_warn("takeover: process %ld has ended before it said that "
			 "the sockets are ours",
		    (long)takeover->from);
		return 0;
	default:
		return err_set(err,
		    "takeover: process %ld does not say that "
		    "the sockets are ours",
		    (long)takeover->from);
	}
}

void
takeover_end(struct takeover **takeover)
{
	if (!*takeover)
		return;
	close((*takeover)->fd);
	mem_free(takeover);
}
