/* http/url.c - cutting addresses into slices and putting them together
 *
 * Everything works on the bytes as they came and on slices of them; nothing
 * is copied before url_join() and url_origin() write their result. */
#include "http/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* The longest text of an IPv6 address, NUL included. */
enum { IPV6_TEXT_MAX = 46 };

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Leave no half-written result; answers -1. */
static int
take_back(struct buf *out, size_t start)
{
	out->len = start;
	if (out->data)
		out->data[start] = '\0';
	return -1;
}

/* ---- splitting ---- */

/* Appendix B takes anything before the first ":" for a scheme. The grammar
 * (3.1) is stricter, and so are browsers: "2024:news" is a relative path. */
static size_t
scheme_len(const char *url, size_t len)
{
	size_t i;

	if (len == 0 || !is_alpha(url[0]))
		return 0;
	for (i = 1; i < len; i++) {
		if (url[i] == ':')
			return i;
		if (!is_alpha(url[i]) && !is_digit(url[i]) && url[i] != '+' &&
		    url[i] != '-' && url[i] != '.')
			return 0;
	}
	return 0;
}

/* Cut off and give what stands before the first of the stop bytes. */
static struct slice
cut_until(const char **at, const char *end, const char *stops)
{
	struct slice piece = {*at, 0};

	while (*at < end && (**at == '\0' || !strchr(stops, **at)))
		++*at;
	piece.len = (size_t)(*at - piece.from);
	return piece;
}

void
url_split(struct url_parts *out, const char *url, size_t len)
{
	const char *at = url, *end = url ? url + len : NULL;
	size_t scheme = scheme_len(url, len);

	memset(out, 0, sizeof(*out));
	if (scheme) {
		out->scheme = (struct slice){url, scheme};
		at += scheme + 1;
	}
	if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
		at += 2;
		out->authority = cut_until(&at, end, "/?#");
	}
	out->path = cut_until(&at, end, "?#");
	if (at < end && *at == '?') {
		at++;
		out->query = cut_until(&at, end, "#");
	}
	if (at < end) {
		at++;
		out->fragment = (struct slice){at, (size_t)(end - at)};
	}
}

static int
read_port(uint16_t *out, const char *digits, size_t len)
{
	unsigned port = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!is_digit(digits[i]))
			return -1;
		port = port * 10 + (unsigned)(digits[i] - '0');
		if (port > UINT16_MAX)
			return -1;
	}
	if (len > 0 && port == 0)
		return -1;
	*out = (uint16_t)port;
	return 0;
}

/* Text up to and with "]"; 0 when it is no IPv6 address. Zones and IPvFuture
 * mean nothing to a stranger, so they are refused. */
static size_t
ipv6_len(const char *text, size_t len)
{
	const char *end = memchr(text, ']', len);
	char address[IPV6_TEXT_MAX];
	struct in6_addr ignored;
	size_t n;

	if (!end)
		return 0;
	n = (size_t)(end - text) - 1;
	if (n >= sizeof(address) || memchr(text, '\0', n + 1))
		return 0;
	memcpy(address, text + 1, n);
	address[n] = '\0';
	return inet_pton(AF_INET6, address, &ignored) == 1 ? n + 2 : 0;
}

/* Of what RFC 3986 calls reg-name those that a name server knows, and "_".
 * What one reader decodes, the next does not, and they would ask different
 * hosts; "," is a list to some; and a name with quotes or brackets in it is
 * written into pages as an address. No empty label, but a last one. */
static size_t
name_len(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && text[i] != ':'; i++) {
		if (text[i] == '.' && (i == 0 || text[i - 1] == '.'))
			return 0;
		if (!is_alpha(text[i]) && !is_digit(text[i]) &&
		    (text[i] == '\0' || !strchr("-._", text[i])))
			return 0;
	}
	return i;
}

int
url_authority_split(struct url_authority *out, const char *text, size_t len)
{
	struct url_authority split = {{text, 0}, 0};
	size_t host;

	if (len == 0)
		return -1;
	host = text[0] == '[' ? ipv6_len(text, len) : name_len(text, len);
	if (host == 0)
		return -1;
	split.host.len = host;
	if (host < len &&
	    (text[host] != ':' ||
		read_port(&split.port, text + host + 1, len - host - 1) != 0))
		return -1;
	*out = split;
	return 0;
}

/* ---- joining (RFC 3986 5.2) ---- */

/* The length of a segment that is dots only and so moves: 1 for ".", 2 for
 * "..", 0 for any other. */
static size_t
dots(const char *segment, size_t len)
{
	if (len == 1 && segment[0] == '.')
		return 1;
	return len == 2 && segment[0] == '.' && segment[1] == '.' ? 2 : 0;
}

/* Remove dot segments in place (5.2.4); answers the new length. A path is
 * read as pieces "/segment"; the first may lack its slash. */
static size_t
remove_dots(char *path, size_t len)
{
	size_t in = 0, out = 0, from, end, moves;

	while (in < len) {
		from = path[in] == '/' ? in + 1 : in;
		for (end = from; end < len && path[end] != '/'; end++)
			;
		moves = dots(path + from, end - from);
		if (moves == 0) {
			memmove(path + out, path + in, end - in);
			out += end - in;
			in = end;
			continue;
		}
		/* Leading dots without a slash go, with the slash behind. */
		if (from == in) {
			in = end < len ? end + 1 : end;
			continue;
		}
		/* "/.." takes away the last "/segment" written. */
		while (moves == 2 && out > 0 && path[--out] != '/')
			;
		in = end;
		if (in == len)
			path[out++] = '/';
	}
	return out;
}

static void
add_slice(struct buf *out, const char *before, struct slice slice)
{
	if (!slice.from)
		return;
	buf_puts(out, before);
	buf_add(out, slice.from, slice.len);
}

/* Add the reference's path merged with the base's (5.2.3), dots removed. */
static void
add_path(struct buf *out, const struct url_parts *base,
    const struct url_parts *ref, bool has_authority)
{
	size_t start = out->len, dir = base->path.len;

	if (ref->path.len == 0 || ref->path.from[0] != '/') {
		while (dir > 0 && base->path.from[dir - 1] != '/')
			dir--;
		if (base->path.len == 0 && has_authority)
			buf_putc(out, '/');
		buf_add(out, base->path.from, dir);
	}
	buf_add(out, ref->path.from, ref->path.len);
	if (out->failed || out->len == start)
		return;
	out->len = start + remove_dots(out->data + start, out->len - start);
	out->data[out->len] = '\0';
}

/* Without an authority a path of "//b" would be read back as one. */
static void
guard_path(struct buf *out, size_t start)
{
	if (out->failed || out->len - start < 2 ||
	    memcmp(out->data + start, "//", 2) != 0)
		return;
	if (buf_puts(out, "/.") != 0)
		return;
	memmove(out->data + start + 2, out->data + start,
	    out->len - start - 2);
	memcpy(out->data + start, "/.", 2);
}

static void
add_target(struct buf *out, const struct url_parts *base,
    const struct url_parts *ref)
{
	static const struct url_parts nowhere;
	struct slice authority = base->authority;
	bool own = ref->scheme.from || ref->authority.from;
	size_t start;

	if (own) {
		authority = ref->authority;
		base = &nowhere;
	}
	add_slice(out, "//", authority);
	start = out->len;
	if (!own && ref->path.len == 0) {
		buf_add(out, base->path.from, base->path.len);
		add_slice(out, "?",
		    ref->query.from ? ref->query : base->query);
	} else {
		if (!own || ref->path.len > 0)
			add_path(out, base, ref, authority.from && !own);
		if (!authority.from)
			guard_path(out, start);
		add_slice(out, "?", ref->query);
	}
	add_slice(out, "#", ref->fragment);
}

int
url_join(struct buf *out, const char *base, const char *reference,
    size_t reference_len)
{
	struct url_parts from, ref;
	struct slice scheme;
	size_t start = out->len;

	url_split(&from, base, strlen(base));
	if (!from.scheme.from)
		return -1;
	url_split(&ref, reference, reference_len);
	scheme = ref.scheme.from ? ref.scheme : from.scheme;
	buf_add(out, scheme.from, scheme.len);
	buf_putc(out, ':');
	add_target(out, &from, &ref);
	return out->failed ? take_back(out, start) : 0;
}

/* ---- origins ---- */

uint16_t
url_default_port(const char *scheme, size_t len)
{
	if (len == 4 && strncasecmp(scheme, "http", 4) == 0)
		return 80;
	if (len == 5 && strncasecmp(scheme, "https", 5) == 0)
		return 443;
	return 0;
}

struct origin {
	struct slice scheme, host;
	uint16_t port, usual;
};

static int
read_origin(struct origin *out, const char *url)
{
	struct url_parts parts;
	struct url_authority authority;

	url_split(&parts, url, strlen(url));
	if (!parts.scheme.from || !parts.authority.from)
		return -1;
	if (url_authority_split(&authority, parts.authority.from,
		parts.authority.len) != 0)
		return -1;
	out->scheme = parts.scheme;
	out->host = authority.host;
	out->usual = url_default_port(parts.scheme.from, parts.scheme.len);
	out->port = authority.port ? authority.port : out->usual;
	return 0;
}

static bool
same_text(struct slice a, struct slice b)
{
	return a.len == b.len && strncasecmp(a.from, b.from, a.len) == 0;
}

bool
url_same_origin(const char *a, const char *b)
{
	struct origin one, two;

	if (read_origin(&one, a) != 0 || read_origin(&two, b) != 0)
		return false;
	return one.port == two.port && same_text(one.host, two.host) &&
	    same_text(one.scheme, two.scheme);
}

static void
add_lower(struct buf *out, struct slice text)
{
	size_t i;

	if (buf_reserve(out, text.len) != 0)
		return;
	for (i = 0; i < text.len; i++)
		buf_putc(out, lower(text.from[i]));
}

int
url_origin(struct buf *out, const char *url)
{
	struct origin origin;
	size_t start = out->len;

	if (read_origin(&origin, url) != 0)
		return -1;
	add_lower(out, origin.scheme);
	buf_puts(out, "://");
	add_lower(out, origin.host);
	if (origin.port != origin.usual)
		buf_printf(out, ":%u", origin.port);
	return out->failed ? take_back(out, start) : 0;
}

/* ---- percent-encoding ---- */

/* The byte at *i, decoded, and move *i on; -1: a bad escape. */
static int
next_byte(const char *text, size_t len, size_t *i)
{
	int high, low;

	if (text[*i] != '%')
		return (unsigned char)text[(*i)++];
	if (len - *i < 3)
		return -1;
	high = hex_value(text[*i + 1]);
	low = hex_value(text[*i + 2]);
	if (high < 0 || low < 0)
		return -1;
	*i += 3;
	return high * 16 + low;
}

int
url_decode(struct buf *out, const char *text, size_t len)
{
	size_t start = out->len, i = 0;
	int c = 1;

	if (buf_reserve(out, 0) != 0)
		return -1;
	while (i < len && (c = next_byte(text, len, &i)) > 0)
		if (buf_putc(out, (char)c) != 0)
			break;
	return c > 0 && !out->failed ? 0 : take_back(out, start);
}

bool
url_path_is_unsafe(const char *path, size_t len)
{
	size_t i = 0, from, dots_seen = 0, bytes = 0;
	int c;

	while (i < len) {
		from = i;
		c = next_byte(path, len, &i);
		if (c <= 0 || c == '\\' || (c == '/' && path[from] == '%'))
			return true;
		if (c != '/') {
			bytes++;
			dots_seen += c == '.';
			continue;
		}
		if (bytes > 0 && bytes <= 2 && bytes == dots_seen)
			return true;
		bytes = dots_seen = 0;
	}
	return bytes > 0 && bytes <= 2 && bytes == dots_seen;
}
