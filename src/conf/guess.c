/* conf/guess.c - an address whose scheme was left out */
#include "conf/guess.h"

#include <string.h>
#include <sys/stat.h>

#include "base/net.h"
#include "http/url.h"

/* Where host and port begin: behind "//", and ":8081" is a port without host. */
static const char *
authority_of(const char *text)
{
	return strncmp(text, "//", 2) == 0 ? text + 2 : text;
}

static bool
is_numeric(const struct slice *host)
{
	struct net_address address;

	return net_parse(&address, host->from, host->len) == 0;
}

static bool
is_usual_name(const struct slice *host)
{
	static const char local[] = "localhost", www[] = "www.";

	return (host->len == strlen(local) &&
		   memcmp(host->from, local, host->len) == 0) ||
	       (host->len > strlen(www) &&
		   memcmp(host->from, www, strlen(www)) == 0);
}

bool
guess_is_address(const char *text)
{
	const char *from = authority_of(text);
	struct url_authority authority;
	size_t len = strcspn(from, "/");

	if (from == text && (*text == '/' || *text == '.'))
		return false;
	if (*from == ':')
		return len > 1 && strspn(from + 1, "0123456789") == len - 1;
	return url_authority_split(&authority, from, len) == 0 &&
	       (from != text || authority.port != 0 ||
		   is_numeric(&authority.host) ||
		   is_usual_name(&authority.host));
}

int
guess_place(const char *text, const char *path, struct err *err)
{
	const char *from = authority_of(text);
	struct stat st;

	if (!guess_is_address(text) || stat(path, &st) == 0)
		return 0;
	return err_set(err,
	    "'%s': there is no such file or folder; an address has its scheme "
	    "in front: \"http://%s%s\"?",
	    text, *from == ':' ? "127.0.0.1" : "", from);
}
