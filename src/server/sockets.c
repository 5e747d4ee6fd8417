/* server/sockets.c - front's and admin's, one behind the other */
#include "server/sockets.h"

#include "base/inherit.h"
#include "base/mem.h"

static void
add(void *arg, int fd, struct listen_at *at)
{
	struct sockets *sockets = arg;

	sockets->list = mem_resize(
	    sockets->list, (sockets->count + 1) * sizeof(*sockets->list));
	sockets->list[sockets->count].fd = fd;
	sockets->list[sockets->count++].at = at;
}

void
sockets_init(struct sockets *sockets, struct front *front, struct admin *admin)
{
	struct listen_at *at;
	int fd;

	sockets->list = NULL;
	sockets->count = 0;
	front_each_socket(front, add, sockets);
	if (!admin)
		return;
	at = admin_socket(admin, &fd);
	add(sockets, fd, at);
}

void
sockets_fini(struct sockets *sockets)
{
	mem_free(&sockets->list);
	sockets->count = 0;
}

void
sockets_give(struct sockets *sockets, bool given)
{
	unsigned i;

	for (i = 0; i < sockets->count; i++)
		sockets->list[i].at->given = given;
}

void
sockets_remove(struct sockets *sockets)
{
	unsigned i;

	for (i = 0; i < sockets->count; i++) {
		listen_remove(sockets->list[i].at);
		listen_own(sockets->list[i].at, false);
	}
}

int
sockets_take(struct sockets *sockets, struct err *err)
{
	char text[LISTEN_TEXT];
	struct listen_at *at;
	unsigned i;

	for (i = 0; i < sockets->count; i++) {
		at = sockets->list[i].at;
		if (!inherit_is_owned(at))
			continue;
		listen_own(at, true);
		if (at->ino)
			continue;
		listen_write(text, at);
		return err_set(err, "%s was removed meanwhile", text);
	}
	return 0;
}
