/* http/proxyproto.c - the two forms of its header */
#include "http/proxyproto.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

static const unsigned char v2_mark[] = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

enum {
	V2_HEAD = 16,
	V2_IPV4 = 12, /* two addresses, two ports */
	V2_IPV6 = 36,
	V2_UNIX = 216,
};

static void
set_ipv4(struct proxyproto *out, const void *address, uint16_t port)
{
	struct sockaddr_in *in = (void *)&out->client;

	in->sin_family = AF_INET;
	memcpy(&in->sin_addr, address, sizeof(in->sin_addr));
	in->sin_port = htons(port);
	out->client_len = sizeof(*in);
}

static void
set_ipv6(struct proxyproto *out, const void *address, uint16_t port)
{
	struct sockaddr_in6 *in6 = (void *)&out->client;

	in6->sin6_family = AF_INET6;
	memcpy(&in6->sin6_addr, address, sizeof(in6->sin6_addr));
	in6->sin6_port = htons(port);
	out->client_len = sizeof(*in6);
}

/* ---- version 2: binary ---- */

static uint16_t
number_at(const unsigned char *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* The family is the upper half of a byte; the transport below it says nothing
 * that is needed here. */
static enum proxyproto_said
take_v2_address(struct proxyproto *out, unsigned family,
    const unsigned char *at, size_t len)
{
	switch (family) {
	case 1:
		if (len < V2_IPV4)
			return PROXYPROTO_BAD;
		set_ipv4(out, at, number_at(at + 8));
		return PROXYPROTO_GOOD;
	case 2:
		if (len < V2_IPV6)
			return PROXYPROTO_BAD;
		set_ipv6(out, at, number_at(at + 32));
		return PROXYPROTO_GOOD;
	case 3: /* a path of another machine names nobody */
		if (len < V2_UNIX)
			return PROXYPROTO_BAD;
		out->is_local = true;
		return PROXYPROTO_GOOD;
	case 0:
		out->is_local = true;
		return PROXYPROTO_GOOD;
	default:
		return PROXYPROTO_BAD;
	}
}

static enum proxyproto_said
read_v2(struct proxyproto *out, const unsigned char *bytes, size_t len)
{
	struct proxyproto read = {0};
	enum proxyproto_said said;
	unsigned command;
	size_t rest;

	if (len < V2_HEAD)
		return PROXYPROTO_MORE;
	command = bytes[12] & 0x0f;
	rest = number_at(bytes + 14);
	if (bytes[12] >> 4 != 2 || command > 1 || (bytes[13] & 0x0f) > 2 ||
	    V2_HEAD + rest > PROXYPROTO_MAX)
		return PROXYPROTO_BAD;
	if (len < V2_HEAD + rest)
		return PROXYPROTO_MORE;
	read.len = V2_HEAD + rest;
	read.is_local = command == 0;
	said = command == 0 ? PROXYPROTO_GOOD
			    : take_v2_address(
				  &read, bytes[13] >> 4, bytes + V2_HEAD, rest);
	if (said == PROXYPROTO_GOOD)
		*out = read;
	return said;
}

/* ---- version 1: a line ---- */

/* The next word, ended by one space or the line's end. False: there is none,
 * or it is too long. */
static bool
next_word(char *out, size_t size, const char **at, const char *end)
{
	const char *stop = memchr(*at, ' ', (size_t)(end - *at));
	size_t len;

	if (!stop)
		stop = end;
	len = (size_t)(stop - *at);
	if (len == 0 || len >= size)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at = stop < end ? stop + 1 : end;
	return true;
}

/* 0 to 65535, without a leading zero. */
static bool
read_port(uint16_t *out, const char *text)
{
	unsigned long port = 0;

	if (*text == '0' && text[1] != '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		port = port * 10 + (unsigned)(*text - '0');
		if (port > UINT16_MAX)
			return false;
	}
	*out = (uint16_t)port;
	return true;
}

static bool
take_v1_addresses(
    struct proxyproto *out, int family, const char *at, const char *end)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN], ports[2][6];
	unsigned char client[16], server[16];
	uint16_t client_port, server_port;

	if (!next_word(from, sizeof(from), &at, end) ||
	    !next_word(to, sizeof(to), &at, end) ||
	    !next_word(ports[0], sizeof(ports[0]), &at, end) ||
	    !next_word(ports[1], sizeof(ports[1]), &at, end) || at != end ||
	    end[-1] == ' ')
		return false;
	if (inet_pton(family, from, client) != 1 ||
	    inet_pton(family, to, server) != 1 ||
	    !read_port(&client_port, ports[0]) ||
	    !read_port(&server_port, ports[1]))
		return false;
	if (family == AF_INET)
		set_ipv4(out, client, client_port);
	else
		set_ipv6(out, client, client_port);
	return true;
}

static enum proxyproto_said
read_v1(struct proxyproto *out, const char *text, size_t len)
{
	size_t most = len < PROXYPROTO_V1_MAX ? len : PROXYPROTO_V1_MAX;
	const char *end = memchr(text, '\n', most);
	struct proxyproto read = {0};
	const char *at;
	char kind[8];

	if (!end)
		return len < PROXYPROTO_V1_MAX ? PROXYPROTO_MORE
					       : PROXYPROTO_BAD;
	read.len = (size_t)(end + 1 - text);
	if (end == text || *--end != '\r')
		return PROXYPROTO_BAD;
	at = text + strlen("PROXY ");
	if (at > end || !next_word(kind, sizeof(kind), &at, end))
		return PROXYPROTO_BAD;
	if (strcmp(kind, "UNKNOWN") == 0)
		read.is_local = true; /* what follows is not to be read */
	else if (!(strcmp(kind, "TCP4") == 0 &&
		     take_v1_addresses(&read, AF_INET, at, end)) &&
		 !(strcmp(kind, "TCP6") == 0 &&
		     take_v1_addresses(&read, AF_INET6, at, end)))
		return PROXYPROTO_BAD;
	*out = read;
	return PROXYPROTO_GOOD;
}

/* ---- which ---- */

static bool
begins(const void *bytes, size_t len, const void *mark, size_t mark_len)
{
	return memcmp(bytes, mark, len < mark_len ? len : mark_len) == 0;
}

enum proxyproto_said
proxyproto_read(struct proxyproto *out, const void *bytes, size_t len)
{
	if (len == 0)
		return PROXYPROTO_MORE;
	if (begins(bytes, len, v2_mark, sizeof(v2_mark)))
		return read_v2(out, bytes, len);
	if (!begins(bytes, len, "PROXY ", 6))
		return PROXYPROTO_BAD;
	return len < 6 ? PROXYPROTO_MORE : read_v1(out, bytes, len);
}
