/* upstream/lookup.c - getaddrinfo(), and what of its answer is of use */
#include "upstream/lookup.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static bool
is_there(const struct addresses *out, const char *text)
{
	for (unsigned i = 0; i < out->count; i++)
		if (strcmp(out->text[i], text) == 0)
			return true;
	return false;
}

static void
add(struct addresses *out, const struct addrinfo *info)
{
	char text[NI_MAXHOST];

	if (out->count == ADDRESSES_MAX ||
	    getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text),
		NULL, 0, NI_NUMERICHOST) != 0)
		return;
	/* A zone (fe80::1%eth0) would be one of this host's. */
	if (strlen(text) >= ADDRESS_MAX || strchr(text, '%') ||
	    is_there(out, text))
		return;
	strcpy(out->text[out->count++], text);
}

int
lookup_system(const char *host, struct addresses *out)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *all = NULL;

	memset(out, 0, sizeof(*out));
	if (getaddrinfo(host, NULL, &hints, &all) != 0)
		return -1;
	for (const struct addrinfo *info = all; info; info = info->ai_next)
		add(out, info);
	freeaddrinfo(all);
	return out->count > 0 ? 0 : -1;
}
