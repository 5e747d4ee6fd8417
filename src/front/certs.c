/* front/certs.c - a set of certificates, and which is whose */
#include "front/certs.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "front/cert.h"

enum { DAY_S = 24 * 60 * 60, LINE_ROOM = 600, DATE_ROOM = 24 };

struct certs {
	_Atomic unsigned refs; /* shared */
	unsigned count;
	struct cert **cert; /* in the order of the file; counted */
	/* Of each: it, and behind it those with keys of other kinds that are
	 * for all of its names, too. GnuTLS takes what the client can use. */
	gnutls_certificate_credentials_t *shown;
};

/* ---- reading ---- */

static struct cert *
find_named(const struct certs *certs, const char *name)
{
	for (unsigned i = 0; certs && i < certs->count; i++)
		if (strcmp(certs->cert[i]->name, name) == 0)
			return certs->cert[i];
	return NULL;
}

struct loading {
	struct certs *certs;
	const struct certs *before;
	void (*told)(void *arg, const char *line);
	void *arg;
};

static int
load_one(struct loading *loading, const struct cert_opts *opts, struct err *err)
{
	struct cert *old = find_named(loading->before, opts->name),
		    *cert = NULL;
	char line[LINE_ROOM];

	if (old && cert_is_current(old, opts)) {
		cert = cert_ref(old);
	} else if (cert_load(&cert, opts, err) != 0) {
		(void)err_prefix(err, "certificate %s", opts->name);
		if (!loading->before)
			return -1;
		snprintf(line, sizeof(line), "%s; %s", err->text,
		    old ? "the one from before stays" : "it is left out");
		loading->told(loading->arg, line);
		cert = old ? cert_ref(old) : NULL;
	}
	if (cert)
		loading->certs->cert[loading->certs->count++] = cert;
	return 0;
}

/* ---- what is shown ---- */

static bool
covers_all(const struct cert *cert, const struct cert *other)
{
	for (unsigned i = 0; i < other->names_count; i++)
		if (cert_fits(cert, other->names[i]) == CERT_NOT)
			return false;
	return other->names_count > 0;
}

static void
add_shown(gnutls_certificate_credentials_t shown, struct cert *cert)
{
	must(gnutls_certificate_set_x509_key(
		 shown, cert->chain, (int)cert->chain_len, cert->privkey) >= 0);
}

static void
make_shown(struct certs *certs, unsigned at)
{
	struct cert *cert = certs->cert[at], *other;
	gnutls_certificate_credentials_t shown;

	must(gnutls_certificate_allocate_credentials(&shown) == 0);
	add_shown(shown, cert);
	for (unsigned i = 0; i < certs->count; i++) {
		other = certs->cert[i];
		if (other->algorithm != cert->algorithm &&
		    covers_all(other, cert))
			add_shown(shown, other);
	}
	certs->shown[at] = shown;
}

int
certs_load(struct certs **out, const struct cert_opts *opts, unsigned count,
    const struct certs *before, void (*told)(void *arg, const char *line),
    void *arg, struct err *err)
{
	struct certs *certs = mem_new(sizeof(*certs));
	struct loading loading = {certs, before, told, arg};
	int rc = 0;

	atomic_init(&certs->refs, 1);
	if (count == 0 || count > CERTS_MAX)
		rc = err_set(err, "1 to %d certificates are wanted, not %u",
		    CERTS_MAX, count);
	certs->cert = mem_new_array(count + 1, sizeof(*certs->cert));
	certs->shown = mem_new_array(count + 1, sizeof(*certs->shown));
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = load_one(&loading, &opts[i], err);
	if (rc == 0 && certs->count == 0)
		rc = err_set(err, "no certificate is left");
	for (unsigned i = 0; rc == 0 && i < certs->count; i++)
		make_shown(certs, i);
	if (rc == 0)
		*out = certs;
	else
		certs_unref(&certs);
	return rc;
}

struct certs *
certs_ref(struct certs *certs)
{
	atomic_fetch_add(&certs->refs, 1);
	return certs;
}

void
certs_unref(struct certs **certs)
{
	struct certs *old = *certs;

	*certs = NULL;
	if (!old || atomic_fetch_sub(&old->refs, 1) != 1)
		return;
	for (unsigned i = 0; i < old->count; i++) {
		if (old->shown[i])
			gnutls_certificate_free_credentials(old->shown[i]);
		cert_unref(&old->cert[i]);
	}
	mem_free(&old->cert);
	mem_free(&old->shown);
	mem_free(&old);
}

unsigned
certs_count(const struct certs *certs)
{
	return certs->count;
}

/* ---- choosing ---- */

static int
find_fitting(const struct certs *certs, const char *name, enum cert_fit fit)
{
	for (unsigned i = 0; i < certs->count; i++)
		if (cert_fits(certs->cert[i], name) == fit)
			return (int)i;
	return -1;
}

unsigned
certs_choose(const struct certs *certs, const char *name)
{
	int at = *name ? find_fitting(certs, name, CERT_EXACT) : 0;

	if (at < 0)
		at = find_fitting(certs, name, CERT_WILD);
	return at < 0 ? 0 : (unsigned)at;
}

gnutls_certificate_credentials_t
certs_for(const struct certs *certs, const char *name)
{
	return certs->shown[certs_choose(certs, name)];
}

bool
certs_cover(const struct certs *certs, const char *name)
{
	for (unsigned i = 0; i < certs->count; i++)
		if (cert_fits(certs->cert[i], name) != CERT_NOT)
			return true;
	return false;
}

/* ---- telling ---- */

static const char *
date(char out[DATE_ROOM], int64_t s)
{
	time_t time = (time_t)s;
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(out, DATE_ROOM, "%Y-%m-%d", &tm);
	return out;
}

static void
tell_time(const struct cert *cert, int64_t now_s,
    void (*told)(void *arg, const char *line), void *arg)
{
	int64_t left_s = cert->until_s - now_s;
	char line[LINE_ROOM], day[DATE_ROOM];

	if (left_s <= 0)
		snprintf(line, sizeof(line),
		    "certificate %s: %s has expired on %s", cert->name,
		    cert->file, date(day, cert->until_s));
	else if (left_s < (int64_t)CERTS_SOON_DAYS * DAY_S)
		snprintf(line, sizeof(line),
		    "certificate %s: %s expires on %s, in less than %d days",
		    cert->name, cert->file, date(day, cert->until_s),
		    CERTS_SOON_DAYS);
	else if (now_s < cert->from_s)
		snprintf(line, sizeof(line),
		    "certificate %s: %s counts from %s on only", cert->name,
		    cert->file, date(day, cert->from_s));
	else
		return;
	told(arg, line);
}

void
certs_tell(const struct certs *certs, int64_t now_s,
    void (*told)(void *arg, const char *line), void *arg)
{
	char line[LINE_ROOM];

	for (unsigned i = 0; i < certs->count; i++) {
		const struct cert *cert = certs->cert[i];

		tell_time(cert, now_s, told, arg);
		if ((cert->key_was.st_mode & (S_IRWXO | S_IWGRP)) == 0)
			continue;
		snprintf(line, sizeof(line),
		    "certificate %s: the key %s has mode %04o, so others "
		    "have it, too: chmod 640",
		    cert->name, cert->key,
		    (unsigned)cert->key_was.st_mode & 07777);
		told(arg, line);
	}
}
