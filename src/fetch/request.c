/* fetch/request.c - setting one curl handle */
#include "fetch/request.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { IDLE_MAX_S = 50, CA_KEPT_S = 60, LINE_MAX_LEN = 256 << 10 };

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcasecmp(name, *names) == 0)
			return true;
	return false;
}

/* ---- fields ---- */

static bool
is_ours(const char *name)
{
	static const char *const ours[] = {"Host", "Content-Length",
	    "Transfer-Encoding", "Connection", "Keep-Alive", "Expect", "TE",
	    "Trailer", "Upgrade", "Proxy-Connection", "Proxy-Authorization",
	    "HTTP2-Settings", NULL};

	return is_one_of(name, ours);
}

static int
add_line(struct curl_slist **fields, struct buf *line)
{
	struct curl_slist *more;

	more = line->failed ? NULL : curl_slist_append(*fields, line->data);
	buf_clear(line);
	if (!more)
		return -1;
	*fields = more;
	return 0;
}

/* "Name;" is how libcurl is told of an empty field, "Name:" of none. */
static int
add_field(struct curl_slist **fields, struct buf *line, const char *name,
    const char *value)
{
	if (*value)
		buf_printf(line, "%s: %s", name, value);
	else
		buf_printf(line, "%s;", name);
	return add_line(fields, line);
}

static int
forbid_field(struct curl_slist **fields, struct buf *line, const char *name)
{
	buf_printf(line, "%s:", name);
	return add_line(fields, line);
}

static int
add_fields(struct curl_slist **fields, const struct errand *errand,
    const struct upstream *place, struct buf *line)
{
	const struct head *head = &errand->fields;
	const char *host =
	    errand->host ? errand->host : place->authority;

	if (add_field(fields, line, "Host", host) != 0)
		return -1;
	for (unsigned i = 0; i < head->count; i++) {
		const struct field *field = &head->fields[i];

		if (is_ours(field->name))
			continue;
		if (add_field(fields, line, field->name, field->value) != 0)
			return -1;
	}
	if (!head_find(head, "Accept") &&
	    forbid_field(fields, line, "Accept") != 0)
		return -1;
	if (!head_find(head, "User-Agent") &&
	    forbid_field(fields, line, "User-Agent") != 0)
		return -1;
	return forbid_field(fields, line, "Expect");
}

static int
set_fields(CURL *easy, const struct errand *errand,
    const struct upstream *place, struct curl_slist **fields)
{
	struct buf line;
	int rc;

	buf_init(&line, LINE_MAX_LEN);
	rc = add_fields(fields, errand, place, &line);
	buf_fini(&line);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *fields);
	return rc;
}

/* ---- the rest ---- */

static int
set_method(CURL *easy, const struct errand *errand)
{
	const char *method = errand->method;
	bool sends = errand->body && !errand->upgrade;

	if (strcmp(method, "GET") == 0 && !sends)
		return 0;
	if (strcmp(method, "HEAD") == 0 && !sends)
		return (int)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	/* These say "Content-Length: 0" when they have none. */
	if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	    strcmp(method, "PATCH") == 0)
		sends = true;
	if (sends) {
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
		    (curl_off_t)(errand->body ? errand->body_len : 0));
	}
	return (int)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static int
set_url(CURL *easy, const struct upstream *up)
{
	/* Where it connects to is said apart (request_set_address). */
	const char *name = up->opts.tls_name ? up->opts.tls_name : up->host;
	bool is_v6 = strchr(name, ':') != NULL;
	char *url = mem_printf("%s://%s%s%s:%u/", up->scheme, is_v6 ? "[" : "",
	    name, is_v6 ? "]" : "", up->port ? up->port : 80u);
	int rc = (int)curl_easy_setopt(easy, CURLOPT_URL, url);

	mem_free(&url);
	if (rc == 0 && up->form == UPSTREAM_UNIX)
		rc = (int)curl_easy_setopt(
		    easy, CURLOPT_UNIX_SOCKET_PATH, up->path);
	return rc;
}

static void
set_manners(CURL *easy, const struct errand *errand)
{
	/* A safe request may be sent on a connection that was used before, where
	 * libcurl repeats what went unanswered. */
	bool fresh = !errand_is_safe(errand);

	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	/* What must not happen twice goes over a connection of its own: on a
	 * used one that was closed unanswered libcurl repeats it silently. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
	    errand_binds_connection(errand) ? 1L : 0L);
}

/* By ALPN only, and nobody waits for a connection that others are opening:
 * one that hangs would hold up all of them (no CURLOPT_PIPEWAIT). */
static void
set_version(CURL *easy, const struct errand *errand,
    const struct upstream_opts *opts)
{
	bool may = opts->http2 && !errand->upgrade;

	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    may ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
}

/* What we show. */
static int
set_own_certificate(CURL *easy, const struct upstream_opts *opts)
{
	const char *key = opts->key_file ? opts->key_file : opts->cert_file;

	if (!opts->cert_file)
		return 0;
	return (int)curl_easy_setopt(easy, CURLOPT_SSLCERT, opts->cert_file) |
	       (int)curl_easy_setopt(easy, CURLOPT_SSLKEY, key);
}

static int
set_trust(CURL *easy, const struct upstream_opts *opts)
{
	int rc = set_own_certificate(easy, opts);

	/* libcurl would use what it read of the file for a day. */
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, (long)CA_KEPT_S);
#endif

	if (opts->ca_file)
		rc |=
		    (int)curl_easy_setopt(easy, CURLOPT_CAINFO, opts->ca_file);
	if (opts->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return rc;
}

static bool
target_is_sane(const char *target)
{
	if (*target != '/' && strcmp(target, "*") != 0)
		return false;
	for (; *target; target++)
		if ((unsigned char)*target <= ' ' || *target == 0x7f)
			return false;
	return true;
}

int
request_check(const struct errand *errand, struct err *err)
{
	const char *method = errand->method;

	if (!target_is_sane(errand->target) ||
	    !head_is_token(method, strlen(method)))
		return err_set(err, "a request that cannot be sent");
	return 0;
}

int
request_set(CURL *easy, const struct errand *errand,
    const struct upstream *place, struct curl_slist **fields, struct err *err)
{
	set_manners(easy, errand);
	set_version(easy, errand, &place->opts);
	if (set_url(easy, place) != 0 || set_method(easy, errand) != 0 ||
	    curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, errand->target) !=
		CURLE_OK ||
	    set_trust(easy, &place->opts) != 0 ||
	    set_fields(easy, errand, place, fields) != 0)
		return err_set(err, "libcurl does not take the request");
	return 0;
}

static void
write_field(struct buf *out, const char *name, const char *value)
{
	buf_puts(out, name);
	buf_puts(out, ": ");
	buf_puts(out, value);
	buf_puts(out, "\r\n");
}

int
request_write(struct buf *out, const struct errand *errand,
    const struct upstream *place)
{
	const struct head *head = &errand->fields;

	buf_puts(out, errand->method);
	buf_putc(out, ' ');
	buf_puts(out, errand->target);
	buf_puts(out, " HTTP/1.1\r\n");
	write_field(out, "Host", errand->host ? errand->host :
	    place->authority);
	for (unsigned i = 0; i < head->count; i++)
		if (!is_ours(head->fields[i].name))
			write_field(out, head->fields[i].name,
			    head->fields[i].value);
	if (errand->upgrade) {
		write_field(out, "Connection", "Upgrade");
		write_field(out, "Upgrade", "websocket");
	}
	buf_puts(out, "\r\n");
	return out->failed ? -1 : 0;
}

int
request_set_address(CURL *easy, const struct upstream *place,
    const char *address, struct curl_slist **connect_to)
{
	bool is_v6 = strchr(address, ':') != NULL;
	char *text = mem_printf("::%s%s%s:%u", is_v6 ? "[" : "", address,
	    is_v6 ? "]" : "", place->port);

	curl_slist_free_all(*connect_to);
	*connect_to = curl_slist_append(NULL, text);
	mem_free(&text);
	if (!*connect_to)
		return -1;
	return (int)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, *connect_to);
}
