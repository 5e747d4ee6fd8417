/* front/redirect.c - 301 for what only reads, 308 for what has to keep its
 * method (RFC 9110 15.4) */
#include "front/redirect.h"

#include <string.h>

/* Kept for an hour: a mistake in the configuration is not for ever. */
static const char keep[] = "max-age=3600";
static const char challenge[] = "/.well-known/acme-challenge/";

enum { WHERE_MAX = 64 << 10 };

bool
redirect_is_due(const struct request *request, const struct routes *routes)
{
	if (strcmp(request->scheme, "https") == 0 ||
	    request->target[0] != '/' ||
	    strncmp(request->target, challenge, strlen(challenge)) == 0)
		return false;
	return routes_find(routes, request->host, request->host_len,
		   request->target) != NULL;
}

int
redirect_where(struct buf *out, const struct request *request, uint16_t port)
{
	size_t len = routes_host_len(request->host, request->host_len);

	(void)buf_printf(out, "https://%.*s", (int)len, request->host);
	if (port != 443)
		(void)buf_printf(out, ":%u", port);
	(void)buf_add(out, request->target, request->target_len);
	return out->failed ? -1 : 0;
}

static struct MHD_Response *
make(const char *where)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (!response)
		return NULL;
	(void)MHD_add_response_header(response, "Location", where);
	(void)MHD_add_response_header(response, "Cache-Control", keep);
	(void)MHD_add_response_header(response, "Connection", "close");
	return response;
}

bool
client_redirects(struct client *client, enum MHD_Result *queued)
{
	const struct request *request = &client->request;
	struct routes *routes = pages_routes(client->core->pages);
	bool due = redirect_is_due(request, routes);
	struct buf where;

	routes_unref(&routes);
	if (!due)
		return false;
	if (request->host_len == 0) {
		*queued = client_refuse(
		    client, 400, "without Host there is no address to go to");
		return true;
	}
	buf_init(&where, WHERE_MAX);
	if (redirect_where(&where, request, client->port->redirect_port) == 0)
		*queued = client_say(client,
		    request->is_get || request->is_head ? 301 : 308,
		    make(where.data), "redirect");
	else
		*queued = client_refuse(client, 414, "the address is too long");
	buf_fini(&where);
	return true;
}
