/* base/listen_read.c - the words of `listen`, read and written */
#include "base/listen.h"

#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/net.h"

/* ---- the address ---- */

static int
parse_unix(struct listen_at *out, const char *path, struct err *err)
{
	struct sockaddr_un *un = (void *)&out->address;
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(un->sun_path) || strcmp(path, "@") == 0)
		return err_set(err,
		    "listen 'unix:%s': a path of 1 to %zu "
		    "bytes is wanted",
		    path, sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	out->len = sizeof(*un);
	out->is_unix = true;
	if (path[0] == '@') {
		un->sun_path[0] = '\0';
		/* here every byte counts, also NUL */
		out->len =
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	}
	return 0;
}

bool
listen_is_abstract(const struct listen_at *at)
{
	const struct sockaddr_un *un = (const void *)&at->address;

	return at->is_unix && un->sun_path[0] == '\0';
}

static int
parse_port(uint16_t *out, const char *text)
{
	unsigned long port;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	port = strtoul(text, &end, 10);
	if (*end || port > UINT16_MAX)
		return -1;
	*out = (uint16_t)port;
	return 0;
}

static void
set_address(struct listen_at *out, const struct net_address *address,
    bool is_v6, uint16_t port)
{
	if (is_v6) {
		struct sockaddr_in6 *in6 = (void *)&out->address;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, address->bytes, 16);
		out->len = sizeof(*in6);
	} else {
		struct sockaddr_in *in = (void *)&out->address;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address->bytes + 12, 4);
		out->len = sizeof(*in);
	}
}

static int
parse_address(struct listen_at *out, const char *text, struct err *err)
{
	struct listen_at at;
	struct net_address address = {{0}, false};
	const char *colon = strrchr(text, ':');
	size_t host_len = colon ? (size_t)(colon - text) : 0;
	uint16_t port;
	int rc;

	memset(&at, 0, sizeof(at));
	if (strncmp(text, "unix:", 5) == 0) {
		rc = parse_unix(&at, text + 5, err);
		if (rc == 0)
			*out = at;
		return rc;
	}
	if (!colon || parse_port(&port, colon + 1) != 0)
		goto wrong;
	at.any = host_len == 0;
	if (host_len == 9 && strncmp(text, "localhost", 9) == 0)
		rc = net_parse(&address, "127.0.0.1", 9);
	else
		rc = at.any ? 0 : net_parse(&address, text, host_len);
	if (rc != 0 || (strchr(text, ':') != colon && text[0] != '['))
		goto wrong;
	set_address(&at, &address, at.any || text[0] == '[', port);
	at.any_port = port == 0;
	*out = at;
	return 0;
wrong:
	return err_set(err,
	    "listen '%s': ADDRESS:PORT, [ADDRESS]:PORT, :PORT "
	    "or unix:/PATH is wanted, such as 127.0.0.1:8080",
	    text);
}

/* ---- the words behind it ---- */

static int
word_proxied(struct listen_at *at, const char *value)
{
	(void)value;
	at->proxied = true;
	return 0;
}

static int
word_mode(struct listen_at *at, const char *value)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	if (*value < '0' || *value > '7' || *end || mode > 0777)
		return -1;
	at->mode = (unsigned)mode;
	return 0;
}

static int
word_user(struct listen_at *at, const char *value)
{
	const struct passwd *entry = getpwnam(value);

	if (entry)
		at->owner = entry->pw_uid;
	return entry ? 0 : -1;
}

static int
word_group(struct listen_at *at, const char *value)
{
	const struct group *entry = getgrnam(value);

	if (entry)
		at->group = entry->gr_gid;
	return entry ? 0 : -1;
}

static int
word_tls(struct listen_at *at, const char *value)
{
	(void)value;
	at->tls = true;
	return 0;
}

static int
word_redirect(struct listen_at *at, const char *value)
{
	(void)value;
	at->redirect_port = 443;
	return 0;
}

static int
word_redirect_to(struct listen_at *at, const char *value)
{
	return parse_port(&at->redirect_port, value) == 0 &&
		       at->redirect_port != 0
		   ? 0
		   : -1;
}

static const struct listen_word {
	const char *name; /* with "=": a value follows */
	bool of_files;	  /* of unix sockets with a path */
	int (*take)(struct listen_at *at, const char *value);
	const char *wanted;
} words[] = {
    {"proxy_protocol", false, word_proxied, "it stands alone"},
    {"tls", false, word_tls, "it stands alone"},
    {"https_redirect", false, word_redirect, "it stands alone, or =PORT"},
    {"https_redirect=", false, word_redirect_to, "a port is wanted"},
    {"mode=", true, word_mode, "an octal number up to 0777 is wanted"},
    {"user=", true, word_user, "there is no such user"},
    {"group=", true, word_group, "there is no such group"},
};

static int
take_word(struct listen_at *at, unsigned *seen, const char *word,
    const char *text, struct err *err)
{
	const struct listen_word *known = words;
	size_t len;

	for (; known < words + sizeof(words) / sizeof(words[0]); known++) {
		len = strlen(known->name);
		if (known->name[len - 1] == '=' ?
			strncmp(word, known->name, len) != 0 :
			strcmp(word, known->name) != 0)
			continue;
		if (known->of_files && (!at->is_unix || listen_is_abstract(at)))
			return err_set(err,
			    "listen '%s': %s is for a unix socket with a path",
			    text, word);
		if (known->take(at, word + len) != 0)
			return err_set(err, "listen '%s': %s: %s", text, word,
			    known->wanted);
		if (*seen & 1u << (known - words))
			return err_set(err, "listen '%s': %s stands there twice",
			    text, known->name);
		*seen |= 1u << (known - words);
		return 0;
	}
	return err_set(err,
	    "listen '%s': behind the address proxy_protocol, tls and"
	    " https_redirect may stand, and of unix sockets mode=, user= and"
	    " group=, not %s",
	    text, word);
}

int
listen_parse(struct listen_at *out, const char *text, struct err *err)
{
	char line[LISTEN_TEXT + 256], *rest = line, *word;
	struct listen_at at;
	unsigned seen = 0;

	if (strlen(text) >= sizeof(line))
		return err_set(err, "listen '%s': too long", text);
	strcpy(line, text);
	word = strtok_r(rest, " \t", &rest);
	if (parse_address(&at, word ? word : "", err) != 0)
		return -1;
	at.mode = LISTEN_MODE_UNSAID;
	at.owner = (uid_t)-1;
	at.group = (gid_t)-1;
	while ((word = strtok_r(NULL, " \t", &rest)) != NULL)
		if (take_word(&at, &seen, word, text, err) != 0)
			return -1;
	if (at.tls && at.redirect_port)
		return err_set(err,
		    "listen '%s': what comes by tls needs no redirect to it",
		    text);
	*out = at;
	return 0;
}

void
listen_write(char out[LISTEN_TEXT], const struct listen_at *at)
{
	const struct sockaddr_in6 *in6 = (const void *)&at->address;
	const struct sockaddr_in *in = (const void *)&at->address;
	const char *s = at->tls ? "s" : "";
	struct net_address address;
	char text[NET_TEXT];

	if (at->is_unix) {
		const char *path = ((const struct sockaddr_un *)in)->sun_path;

		if (*path)
			snprintf(out, LISTEN_TEXT, "unix:%s", path);
		else
			snprintf(out, LISTEN_TEXT, "unix:@%s", path + 1);
		return;
	}
	net_from_sockaddr(&address, (const void *)&at->address);
	net_write(text, &address);
	if (at->address.ss_family == AF_INET6)
		snprintf(out, LISTEN_TEXT, "http%s://[%s]:%u", s, text,
		    ntohs(in6->sin6_port));
	else
		snprintf(out, LISTEN_TEXT, "http%s://%s:%u", s, text,
		    ntohs(in->sin_port));
}
