/* front/tls.c - handshakes: which certificate, which ticket */
#include "front/tls.h"

#include <gnutls/abstract.h>
#include <string.h>

#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "front/cert.h"
#include "front/priorities.h"

enum { SERVER_NAME_ROOM = 256 };

struct tls {
	gnutls_datum_t ticket_key;
	char *priorities;
	struct lock lock;
	struct certs *certs; /* shared: under lock */
};

/* ---- the set of now ---- */

struct certs *
tls_certs(struct tls *tls)
{
	struct certs *certs;

	lock_take(&tls->lock);
	certs = certs_ref(tls->certs);
	lock_drop(&tls->lock);
	return certs;
}

int
tls_reload(struct tls *tls, const struct cert_opts *opts, unsigned count,
    void (*told)(void *arg, const char *line), void *arg, struct err *err)
{
	struct certs *before = tls_certs(tls), *now = NULL, *old;
	int rc = certs_load(&now, opts, count, before, told, arg, err);

	certs_unref(&before);
	if (rc != 0)
		return -1;
	lock_take(&tls->lock);
	old = tls->certs;
	tls->certs = now;
	lock_drop(&tls->lock);
	certs_unref(&old);
	return 0;
}

int
tls_new(struct tls **out, const struct cert_opts *opts, unsigned count,
    const char *priorities, struct err *err)
{
	struct tls *tls;
	struct certs *certs;

	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
		return err_set(err, "this libmicrohttpd speaks no TLS");
	if (priorities_check(priorities, err) != 0)
		return err_prefix(err, "tls_priorities");
	if (count == 0)
		return err_set(err, "a listener speaks tls, and there is no "
				    "block certificate NAME { }");
	if (certs_load(&certs, opts, count, NULL, NULL, NULL, err) != 0)
		return -1;
	tls = mem_new(sizeof(*tls));
	lock_init(&tls->lock);
	tls->certs = certs;
	tls->priorities = mem_strdup(priorities);
	must(gnutls_session_ticket_key_generate(&tls->ticket_key) == 0);
	*out = tls;
	return 0;
}

void
tls_free(struct tls **tls)
{
	struct tls *old = *tls;

	if (!old)
		return;
	certs_unref(&old->certs);
	gnutls_memset(old->ticket_key.data, 0, old->ticket_key.size);
	gnutls_free(old->ticket_key.data);
	lock_fini(&old->lock);
	mem_free(&old->priorities);
	mem_free(tls);
}

/* ---- a handshake ---- */

/* "" when the client says none. */
static void
server_name(char out[SERVER_NAME_ROOM], gnutls_session_t handle)
{
	size_t len = SERVER_NAME_ROOM - 1;
	unsigned kind;

	out[0] = '\0';
	if (gnutls_server_name_get(handle, out, &len, &kind, 0) != 0 ||
	    kind != GNUTLS_NAME_DNS || len >= SERVER_NAME_ROOM)
		out[0] = '\0';
	else
		out[len] = '\0';
}

/* The client has said whom it wants to speak to. What is given here is
 * borrowed: the session's set lives as long as its connection.
 *
 * That is all the name decides. Which site answers is said by each request's
 * Host, also by one that another certificate is for. Whether the certificate
 * is good for that host is the client's to judge (RFC 9110 4.3.4); here nothing
 * hangs on it, since no client shows one of its own: where sites ask for those,
 * nginx and Apache answer such a request with 421. Ours is for hosts that no
 * site is for (RFC 9110 7.4, 15.5.20). */
static int
on_hello(gnutls_session_t handle)
{
	const struct tls_session *session = gnutls_session_get_ptr(handle);
	char name[SERVER_NAME_ROOM];

	server_name(name, handle);
	return gnutls_credentials_set(
	    handle, GNUTLS_CRD_CERTIFICATE, certs_for(session->certs, name));
}

/* Without a way to come by certificates libmicrohttpd does not begin; ours
 * makes this one be never asked. */
static int
on_no_certificate(gnutls_session_t handle,
    const struct gnutls_cert_retr_st *info, gnutls_pcert_st **chain,
    unsigned *chain_len, gnutls_ocsp_data_st **ocsp, unsigned *ocsp_len,
    gnutls_privkey_t *privkey, unsigned *flags)
{
	(void)handle;
	(void)info;
	(void)chain;
	(void)chain_len;
	(void)ocsp;
	(void)ocsp_len;
	(void)privkey;
	(void)flags;
	return -1;
}

static int
on_finished(gnutls_session_t handle, unsigned type, unsigned when,
    unsigned incoming, const gnutls_datum_t *message)
{
	struct tls_session *session = gnutls_session_get_ptr(handle);

	(void)type;
	(void)when;
	(void)message;
	session->is_done |= incoming != 0;
	return 0;
}

void
tls_options(const struct tls *tls, struct MHD_OptionItem out[TLS_OPTIONS])
{
	int (*callback)(gnutls_session_t, const struct gnutls_cert_retr_st *,
	    gnutls_pcert_st **, unsigned *, gnutls_ocsp_data_st **, unsigned *,
	    gnutls_privkey_t *, unsigned *) = on_no_certificate;

	memset(out, 0, TLS_OPTIONS * sizeof(*out));
	out[0].option = MHD_OPTION_HTTPS_CERT_CALLBACK2;
	memcpy(&out[0].ptr_value, &callback, sizeof(callback));
	out[1].option = MHD_OPTION_HTTPS_PRIORITIES;
	out[1].ptr_value = tls->priorities;
	out[2].option = MHD_OPTION_END;
}

void
tls_begin(struct tls *tls, struct tls_session *session,
    struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t handle;

	must(info && info->tls_session);
	handle = info->tls_session;
	session->certs = tls_certs(tls);
	session->is_done = false;
	/* libmicrohttpd uses it for pre-shared keys only. */
	gnutls_session_set_ptr(handle, session);
	gnutls_handshake_set_post_client_hello_function(handle, on_hello);
	gnutls_handshake_set_hook_function(
	    handle, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, on_finished);
	/* Without a ticket the next handshake is a whole one. */
	(void)gnutls_session_ticket_enable_server(handle, &tls->ticket_key);
}

void
tls_end(struct tls_session *session)
{
	if (!session->certs)
		return;
	if (!session->is_done)
		counter_up(COUNT_HANDSHAKES);
	certs_unref(&session->certs);
}
