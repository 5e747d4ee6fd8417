/* conf/sense_sockets.c - two sockets at one address, or one that nobody can
 * connect to */
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/arena.h"
#include "base/listen.h"
#include "base/net.h"
#include "conf/sense.h"

struct place {
	const char *option;
	const char *text;
	struct listen_at at;
};

/* ---- the same address ---- */

static uint16_t
port_of(const struct listen_at *at)
{
	const struct sockaddr_in6 *in6 = (const void *)&at->address;
	const struct sockaddr_in *in = (const void *)&at->address;

	return at->address.ss_family == AF_INET6 ? in6->sin6_port
						 : in->sin_port;
}

/* "0.0.0.0", "[::]". */
static bool
is_every(const struct listen_at *at)
{
	const struct sockaddr_in6 *in6 = (const void *)&at->address;
	const struct sockaddr_in *in = (const void *)&at->address;

	return at->address.ss_family == AF_INET6
		   ? IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)
		   : in->sin_addr.s_addr == INADDR_ANY;
}

static bool
clash(const struct listen_at *a, const struct listen_at *b)
{
	struct net_address from_a, from_b;

	if (a->is_unix != b->is_unix)
		return false;
	if (a->is_unix)
		return memcmp(&a->address, &b->address,
			   sizeof(struct sockaddr_un)) == 0;
	if (port_of(a) == 0 || port_of(a) != port_of(b))
		return false;
	if (a->any || b->any)
		return true;
	if (a->address.ss_family != b->address.ss_family)
		return false;
	net_from_sockaddr(&from_a, (const void *)&a->address);
	net_from_sockaddr(&from_b, (const void *)&b->address);
	return is_every(a) || is_every(b) || net_same(&from_a, &from_b);
}

static void
check_clash(const struct sense *sense, const struct place *first,
    const struct place *second)
{
	if (!clash(&first->at, &second->at))
		return;
	mistake_tell(sense->mistakes,
	    sense_line(sense, BLOCK_TOP, NULL, second->option),
	    "%s: '%s' is where '%s' of %s listens already: give it another "
	    "address or port",
	    second->option, second->text, first->text, first->option);
}

/* ---- nobody could connect ---- */

static void
check_mode(const struct sense *sense, const struct place *place)
{
	unsigned mode = place->at.mode != LISTEN_MODE_UNSAID
			    ? place->at.mode
			    : sense->conf->front.unix_mode;

	if (strcmp(place->option, "listen") != 0 || !place->at.is_unix ||
	    listen_is_abstract(&place->at) || (mode & 0222))
		return;
	mistake_tell(sense->mistakes,
	    sense_line(sense, BLOCK_TOP, NULL,
		place->at.mode != LISTEN_MODE_UNSAID ? "listen" : "unix_mode"),
	    "%s: '%s': with mode %04o nobody may connect: that takes writing, "
	    "as 0660",
	    place->option, place->text, mode);
}

static void
check_proxied(const struct sense *sense, const struct place *place)
{
	struct nets *nobody = nets_new();

	if (place->at.proxied &&
	    nets_same(sense->conf->peers.trusted_peers, nobody))
		mistake_tell(sense->mistakes,
		    sense_line(sense, BLOCK_TOP, NULL, "trusted_peers"),
		    "listen: '%s': only trusted_peers may connect there, and "
		    "there are none: say the balancer's address",
		    place->text);
	nets_free(&nobody);
}

/* ---- all of them ---- */

/* Words that cannot be read have been told of. */
static unsigned
add(struct place *places, unsigned count, const char *option, const char *text)
{
	struct place *place = &places[count];
	struct err err;

	if (!text || listen_parse(&place->at, text, &err) != 0)
		return count;
	place->option = option;
	place->text = text;
	return count + 1;
}

void
sense_sockets(const struct sense *sense)
{
	const struct conf *conf = sense->conf;
	const char *const *listen = conf->front.listen;
	unsigned count = 2, known = 0;
	struct place *places;

	for (; listen && *listen; listen++)
		count++;
	places = arena_get(conf->arena, count * sizeof(*places));
	for (listen = conf->front.listen; listen && *listen; listen++)
		known = add(places, known, "listen", *listen);
	known = add(places, known, "admin", conf->admin_listen);
	if (conf->takeover)
		known = add(places, known, "takeover",
		    arena_printf(conf->arena, "unix:%s", conf->takeover));
	for (unsigned i = 0; i < known; i++) {
		check_mode(sense, &places[i]);
		check_proxied(sense, &places[i]);
		for (unsigned k = 0; k < i; k++)
			check_clash(sense, &places[k], &places[i]);
	}
}
