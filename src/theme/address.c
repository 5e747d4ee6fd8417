/* theme/address.c - one address: which are touched, and how */
#include "theme/address.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http/url.h"

/* A relative prefix is joined as if it stood on this host. */
#define NOWHERE "http://livery.invalid"

/* Addresses of other schemes (mailto:, data:, javascript:, ...) stay. */
static bool
is_web(const struct url_parts *parts)
{
	if (!parts->scheme.from)
		return true;
	return (parts->scheme.len == 4 &&
		   strncasecmp(parts->scheme.from, "http", 4) == 0) ||
	       (parts->scheme.len == 5 &&
		   strncasecmp(parts->scheme.from, "https", 5) == 0);
}

/* A URL as a browser takes it: no control bytes, spaces encoded. */
static void
clean(struct buf *out, const char *address, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)address[i];

		if (c == '\t' || c == '\n' || c == '\r')
			continue;
		if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == 0x7f)
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, address[i]);
	}
}

/* Relative ones behind the prefix. */
static int
with_prefix(struct buf *out, const struct links *links, const struct buf *url)
{
	bool whole = strstr(links->prefix, "://") != NULL;
	bool slash = *links->prefix == '/';
	struct url_parts parts;
	struct buf base, joined;
	size_t skip;
	int rc = 0;

	url_split(&parts, url->data, url->len);
	if (parts.scheme.from || parts.authority.from)
		return 0;
	buf_init(&base, ADDRESS_MAX);
	buf_init(&joined, ADDRESS_MAX);
	buf_printf(&base, "%s%s%s/", whole ? "" : NOWHERE,
	    whole || slash ? "" : "/", links->prefix);
	skip = whole ? 0 : strlen(NOWHERE) + !slash;
	if (base.len > 1 && base.data[base.len - 2] == '/')
		base.data[--base.len] = '\0';
	if (!base.failed &&
	    url_join(&joined, base.data, url->data, url->len) == 0 &&
	    joined.len >= skip) {
		buf_puts(out, joined.data + skip);
		rc = 1;
	}
	buf_fini(&joined);
	buf_fini(&base);
	return rc;
}

/* scheme://host[:port] is left away: what a path on the origin is. */
static void
to_cache(struct buf *out, const struct links *links, const struct buf *url)
{
	struct url_parts parts;

	url_split(&parts, url->data, url->len);
	buf_puts(out, links->prefix);
	if (parts.path.len == 0)
		buf_putc(out, '/');
	buf_add(out, parts.path.from, parts.path.len);
	if (parts.query.from) {
		buf_putc(out, '?');
		buf_add(out, parts.query.from, parts.query.len);
	}
	if (links->on_asset) {
		struct buf bare;

		buf_init(&bare, ADDRESS_MAX);
		buf_add(&bare, url->data,
		    parts.fragment.from
			? (size_t)(parts.fragment.from - 1 - url->data)
			: url->len);
		links->on_asset(links->arg, bare.data);
		buf_fini(&bare);
	}
	if (parts.fragment.from) {
		buf_putc(out, '#');
		buf_add(out, parts.fragment.from, parts.fragment.len);
	}
}

/* An address that links_asset_url() would take back. */
static bool
is_ours(const struct links *links, const struct buf *url)
{
	struct url_parts parts;

	if (!links->origin || !url_same_origin(url->data, links->origin))
		return false;
	url_split(&parts, url->data, url->len);
	return strncmp(parts.path.from, "//", 2) != 0 &&
	       !memchr(url->data, '\\', url->len) &&
	       !url_path_is_unsafe(parts.path.from, parts.path.len);
}

/* A host under .invalid (RFC 2606) is a made-up name for a folder: nobody can
 * be sent there. */
static bool
is_nowhere(const struct buf *url)
{
	static const char end[] = ".invalid";
	struct url_parts parts;
	size_t n = sizeof(end) - 1;

	url_split(&parts, url->data, url->len);
	return parts.authority.len > n &&
	       strncasecmp(
		   parts.authority.from + parts.authority.len - n, end, n) == 0;
}

/* Below links->from: it is below links->to. */
static bool
moved(struct buf *out, const struct links *links, const struct buf *url)
{
	size_t len = links->from ? strlen(links->from) : 0;

	if (len == 0 || url->len < len ||
	    strncmp(url->data, links->from, len) != 0 ||
	    (url->len > len && !strchr("/?#", url->data[len])))
		return false;
	buf_puts(out, links->to);
	buf_puts(out, url->data + len);
	return true;
}

static int
absolute(struct buf *out, const struct links *links, const struct buf *url,
    enum address_use use)
{
	struct buf joined;
	int rc = 0;

	buf_init(&joined, ADDRESS_MAX);
	if (!links->base ||
	    url_join(&joined, links->base, url->data, url->len) != 0)
		goto out;
	if (links->mode == LINKS_CACHE && use == USE_ASSET &&
	    is_ours(links, &joined))
		to_cache(out, links, &joined);
	else if (moved(out, links, &joined))
		;
	else if (is_nowhere(&joined))
		goto out;
	else
		buf_puts(out, joined.data);
	rc = 1;
out:
	buf_fini(&joined);
	return rc;
}

static int
mapped(struct buf *out, const struct links *links, const struct buf *url,
    const struct url_parts *parts)
{
	const char *ours;

	if (!parts->authority.from)
		return 0;
	ours = links->map(links->arg, url->data);
	if (ours == url->data)
		return 0;
	buf_puts(out, ours);
	return 1;
}

CHECKED int
address_rewrite(struct buf *out, const struct links *links, const char *address,
    size_t len, enum address_use use)
{
	struct url_parts parts;
	struct buf url;
	int rc = 0;

	while (len && isspace((unsigned char)*address)) {
		address++;
		len--;
	}
	while (len && isspace((unsigned char)address[len - 1]))
		len--;
	if ((len == 0 || *address == '#') && !links->compat)
		return 0;
	buf_init(&url, ADDRESS_MAX);
	clean(&url, address, len);
	buf_puts(&url, ""); /* so that data is there even when it is empty */
	if (url.failed)
		goto out;
	url_split(&parts, url.data, url.len);
	if (!is_web(&parts))
		goto out;
	if (links->mode == LINKS_PREFIX)
		rc = with_prefix(out, links, &url);
	else if (links->mode == LINKS_MAPPED)
		rc = mapped(out, links, &url, &parts);
	else if (links->mode != LINKS_KEEP)
		rc = absolute(out, links, &url, use);
out:
	buf_fini(&url);
	return rc;
}

/* ---- srcset ---- */

/* Past the descriptors of a candidate; commas inside parentheses are theirs.
 */
static const char *
past_descriptors(const char *at)
{
	unsigned depth = 0;

	for (; *at && (*at != ',' || depth); at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth)
			depth--;
	}
	return at;
}

void
address_srcset(struct buf *out, const struct links *links, const char *value)
{
	while (*value) {
		size_t n = strspn(value, " \t\r\n\f,");
		bool ends;

		buf_add(out, value, n);
		value += n;
		n = strcspn(value, " \t\r\n\f");
		if (n == 0)
			continue;
		ends = value[n - 1] == ',';
		while (n && value[n - 1] == ',')
			n--;
		if (!address_rewrite(out, links, value, n, USE_ASSET))
			buf_add(out, value, n);
		value += n;
		/* Diazo takes the comma for a part of the address, and so
		 * misses the next one. */
		if (ends && !links->compat)
			continue;
		n = (size_t)(past_descriptors(value + ends) - value);
		buf_add(out, value, n);
		value += n;
	}
}
