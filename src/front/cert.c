/* front/cert.c - a chain and its key, out of two files */
#include "front/cert.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { NAME_ROOM = 256, KEY_ID_LEN = 32 };

/* ---- files ---- */

static int
read_fd(struct buf *out, int fd, const char *path, struct err *err)
{
	ssize_t n = 1;

	while (n > 0) {
		if (buf_reserve(out, 1) != 0)
			return err_set(err, "%s: longer than %d bytes", path,
			    CERT_FILE_MAX);
		n = read(fd, out->data + out->len, out->cap - out->len - 1);
		if (n < 0)
			return err_set(err, "%s: %s", path, strerror(errno));
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
}

static int
read_file(struct buf *out, struct stat *st, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 || fstat(fd, st) != 0)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	/* All of it at once: no bytes of a key are left behind by growing. */
	else if (st->st_size >= CERT_FILE_MAX ||
		 buf_reserve(out, (size_t)st->st_size + 2) != 0)
		rc = err_set(
		    err, "%s: longer than %d bytes", path, CERT_FILE_MAX);
	else
		rc = read_fd(out, fd, path, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static bool
same_file(const char *path, const struct stat *was)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == was->st_dev &&
	       st.st_ino == was->st_ino && st.st_size == was->st_size &&
	       st.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == was->st_mtim.tv_nsec &&
	       st.st_ctim.tv_sec == was->st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == was->st_ctim.tv_nsec;
}

bool
cert_is_current(const struct cert *cert, const struct cert_opts *opts)
{
	return strcmp(cert->file, opts->file) == 0 &&
	       strcmp(cert->key, opts->key) == 0 &&
	       same_file(cert->file, &cert->file_was) &&
	       same_file(cert->key, &cert->key_was);
}

/* ---- what it says ---- */

static void
add_name(struct cert *cert, const char *name)
{
	if (cert->names_count == CERT_NAMES_MAX || !*name)
		return;
	cert->names = mem_resize(
	    cert->names, (cert->names_count + 1) * sizeof(*cert->names));
	cert->names[cert->names_count++] = mem_strdup(name);
}

/* Its alternative names; where it has none at all, the old common name. */
static void
take_names(struct cert *cert, gnutls_x509_crt_t crt)
{
	char name[NAME_ROOM];
	size_t len;
	int kind;

	for (unsigned i = 0; i < CERT_NAMES_MAX; i++) {
		len = sizeof(name) - 1;
		kind = gnutls_x509_crt_get_subject_alt_name(
		    crt, i, name, &len, NULL);
		if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (kind != GNUTLS_SAN_DNSNAME)
			continue;
		name[len] = '\0';
		add_name(cert, name);
	}
	len = sizeof(name);
	if (cert->names_count == 0 &&
	    gnutls_x509_crt_get_dn_by_oid(
		crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &len) == 0)
		add_name(cert, name);
}

/* GnuTLS ends its reasons with a full stop. */
static int
refuse(struct err *err, const char *path, const char *what, int why)
{
	const char *words = gnutls_strerror(why);
	size_t len = strlen(words);

	if (len > 0 && words[len - 1] == '.')
		len--;
	return err_set(err, "%s: %s: %.*s", path, what, (int)len, words);
}

static int
read_chain(struct cert *cert, struct err *err)
{
	unsigned count = CERT_CHAIN_MAX;
	gnutls_x509_crt_t own;
	struct buf text;
	int rc;

	buf_init(&text, CERT_FILE_MAX);
	if (read_file(&text, &cert->file_was, cert->file, err) != 0) {
		buf_fini(&text);
		return -1;
	}
	rc = gnutls_x509_crt_list_import(cert->chain, &count,
	    &(gnutls_datum_t){(void *)text.data, (unsigned)text.len},
	    GNUTLS_X509_FMT_PEM,
	    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED |
		GNUTLS_X509_CRT_LIST_SORT);
	buf_fini(&text);
	if (rc <= 0)
		return refuse(
		    err, cert->file, "no certificate chain in PEM", rc);
	cert->chain_len = (unsigned)rc;
	own = cert->chain[0];
	take_names(cert, own);
	cert->from_s = gnutls_x509_crt_get_activation_time(own);
	cert->until_s = gnutls_x509_crt_get_expiration_time(own);
	cert->algorithm =
	    (gnutls_pk_algorithm_t)gnutls_x509_crt_get_pk_algorithm(own, NULL);
	return 0;
}

/* ---- its key ---- */

static int
read_key(struct cert *cert, struct err *err)
{
	struct buf text;
	int rc;

	buf_init(&text, CERT_FILE_MAX);
	if (read_file(&text, &cert->key_was, cert->key, err) != 0) {
		buf_fini(&text);
		return -1;
	}
	must(gnutls_x509_privkey_init(&cert->privkey) == 0);
	rc = gnutls_x509_privkey_import2(cert->privkey,
	    &(gnutls_datum_t){(void *)text.data, (unsigned)text.len},
	    GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(text.data, 0, text.len);
	buf_fini(&text);
	if (rc == GNUTLS_E_DECRYPTION_FAILED)
		return err_set(err,
		    "%s: the key is locked with a password; store it without "
		    "one",
		    cert->key);
	return rc == 0 ? 0
		       : refuse(err, cert->key, "no private key in PEM", rc);
}

static bool
is_of_one_pair(const struct cert *cert)
{
	unsigned char ids[2][KEY_ID_LEN];
	size_t len[2] = {KEY_ID_LEN, KEY_ID_LEN};

	return gnutls_x509_privkey_get_key_id(cert->privkey,
		   GNUTLS_KEYID_USE_SHA256, ids[0], &len[0]) == 0 &&
	       gnutls_x509_crt_get_key_id(cert->chain[0],
		   GNUTLS_KEYID_USE_SHA256, ids[1], &len[1]) == 0 &&
	       memcmp(ids[0], ids[1], KEY_ID_LEN) == 0;
}

/* ---- counted ---- */

static void
cert_free(struct cert *cert)
{
	for (unsigned i = 0; i < cert->chain_len; i++)
		gnutls_x509_crt_deinit(cert->chain[i]);
	if (cert->privkey)
		gnutls_x509_privkey_deinit(cert->privkey);
	for (unsigned i = 0; i < cert->names_count; i++)
		mem_free(&cert->names[i]);
	mem_free(&cert->names);
	mem_free(&cert->name);
	mem_free(&cert->file);
	mem_free(&cert->key);
	mem_free(&cert);
}

int
cert_load(struct cert **out, const struct cert_opts *opts, struct err *err)
{
	struct cert *cert = mem_new(sizeof(*cert));
	int rc = -1;

	atomic_init(&cert->refs, 1);
	cert->name = mem_strdup(opts->name);
	cert->file = mem_strdup(opts->file);
	cert->key = mem_strdup(opts->key);
	if (read_chain(cert, err) != 0 || read_key(cert, err) != 0)
		goto out;
	if (!is_of_one_pair(cert)) {
		err_set(err, "%s: not the key of %s", cert->key, cert->file);
		goto out;
	}
	*out = cert;
	cert = NULL;
	rc = 0;
out:
	if (cert)
		cert_free(cert);
	return rc;
}

struct cert *
cert_ref(struct cert *cert)
{
	atomic_fetch_add(&cert->refs, 1);
	return cert;
}

void
cert_unref(struct cert **cert)
{
	struct cert *old = *cert;

	*cert = NULL;
	if (old && atomic_fetch_sub(&old->refs, 1) == 1)
		cert_free(old);
}

/* ---- its names ---- */

enum cert_fit
cert_fits(const struct cert *cert, const char *name)
{
	const char *dot = strchr(name, '.');
	enum cert_fit best = CERT_NOT;

	for (unsigned i = 0; i < cert->names_count; i++) {
		const char *own = cert->names[i];

		if (strcasecmp(own, name) == 0)
			return CERT_EXACT;
		if (own[0] == '*' && own[1] == '.' && dot && dot != name &&
		    strcasecmp(own + 1, dot) == 0)
			best = CERT_WILD;
	}
	return best;
}
