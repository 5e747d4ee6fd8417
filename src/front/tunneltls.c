/* front/tunneltls.c - GnuTLS's records as a socket's calls
 *
 * What found no room must be offered again, the same bytes: that is what a
 * tunnel does anyway. */
#include "front/tunneltls.h"

#include <errno.h>
#include <gnutls/gnutls.h>

static ssize_t
said(ssize_t n)
{
	if (n >= 0)
		return n;
	/* Closed without a word: as many do. */
	if (n == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	errno = gnutls_error_is_fatal((int)n) ? ECONNRESET : EAGAIN;
	return -1;
}

static ssize_t
receive(void *line, int fd, void *out, size_t max)
{
	(void)fd;
	return said(gnutls_record_recv(line, out, max));
}

static ssize_t
give(void *line, int fd, const void *bytes, size_t len)
{
	(void)fd;
	return said(gnutls_record_send(line, bytes, len));
}

static void
say_end(void *line, int fd)
{
	(void)fd;
	(void)gnutls_bye(line, GNUTLS_SHUT_WR);
}

const struct tunnel_line tunnel_tls = {receive, give, say_end};
