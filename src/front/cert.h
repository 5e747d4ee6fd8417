/* front/cert.h - one certificate with its key, read and found to fit
 *
 * Private to front/, with GnuTLS's types, since they are given to it as they
 * are. Counted, immutable: a handshake that has begun with one ends with it. */
#ifndef FRONT_CERT_H
#define FRONT_CERT_H

#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "front/certs.h"

enum {
	CERT_CHAIN_MAX = 10,	/* certificates in one file */
	CERT_NAMES_MAX = 1000,	/* of one certificate */
	CERT_FILE_MAX = 1 << 20 /* bytes */
};

struct cert {
	_Atomic unsigned refs;			 /* shared */
	char *name, *file, *key;		 /* as configured */
	gnutls_x509_crt_t chain[CERT_CHAIN_MAX]; /* its own first */
	unsigned chain_len;
	gnutls_x509_privkey_t privkey;
	gnutls_pk_algorithm_t algorithm;
	char **names; /* "www.example.org", "*.example.org" */
	unsigned names_count;
	int64_t from_s, until_s; /* when it counts */
	struct stat file_was, key_was;
};

/* Fails when a file cannot be read, is no PEM, or the key is another's. Says
 * paths and why, nothing of what a key holds. */
CHECKED int cert_load(
    struct cert **out, const struct cert_opts *opts, struct err *err);
struct cert *cert_ref(struct cert *cert);
void cert_unref(struct cert **cert);

/* The files are the very ones that it was read from. */
bool cert_is_current(const struct cert *cert, const struct cert_opts *opts);

/* How well it fits a name (RFC 6125 6.4: "*." stands for one label). */
enum cert_fit { CERT_NOT, CERT_WILD, CERT_EXACT };
enum cert_fit cert_fits(const struct cert *cert, const char *name);

/* What GnuTLS shows a client that asks for that name ("": for none): borrowed,
 * and shared by all threads, which only read it. */
gnutls_certificate_credentials_t certs_for(
    const struct certs *certs, const char *name);

#endif
