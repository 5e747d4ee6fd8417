/* Which certificate is for whom, which may be used, and what is told of them.
 * They are made here, by GnuTLS, with fixed dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "front/cert.h"
#include "front/priorities.h"

enum { ROOM = 8192, FROM_S = 1700000000, UNTIL_S = 2000000000, DAY_S = 86400 };

static char folder[] = "/tmp/front-certs-XXXXXX";
static char lines[4096]; /* what was told */

static void
put(const char *name, const char *ending, const char *text, unsigned mode)
{
	char path[200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, ending);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

/* names: "DNS DNS ..."; "" has a common name only. */
static void
make(const char *name, gnutls_pk_algorithm_t algorithm, const char *names)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	char text[ROOM], words[400], *rest = words, *one;
	size_t len;
	unsigned bits = algorithm == GNUTLS_PK_RSA
			    ? 2048
			    : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

	snprintf(words, sizeof(words), "%s", names);
	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(
	    gnutls_x509_privkey_generate(key, algorithm, bits, 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\1", 1);
	gnutls_x509_crt_set_dn_by_oid(
	    crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
	while ((one = strtok_r(rest, " ", &rest)) != NULL)
		gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
		    one, (unsigned)strlen(one), GNUTLS_FSAN_APPEND);
	gnutls_x509_crt_set_activation_time(crt, FROM_S);
	gnutls_x509_crt_set_expiration_time(crt, UNTIL_S);
	assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
	assert_int_equal(
	    gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	len = sizeof(text);
	assert_int_equal(
	    gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, text, &len), 0);
	put(name, "pem", text, 0644);
	len = sizeof(text);
	assert_int_equal(
	    gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, text, &len),
	    0);
	put(name, "key", text, 0600);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

static struct cert_opts
opts_of(const char *file, const char *key)
{
	static char paths[16][200];
	static unsigned next;
	char *path = paths[next++ % 16], *key_path = paths[next++ % 16];

	snprintf(path, 200, "%s/%s.pem", folder, file);
	snprintf(key_path, 200, "%s/%s.key", folder, key);
	return (struct cert_opts){file, path, key_path};
}

static void
tell(void *arg, const char *line)
{
	(void)arg;
	strncat(lines, line, sizeof(lines) - strlen(lines) - 2);
	strcat(lines, "\n");
}

static struct certs *
load(const struct cert_opts *opts, unsigned count, const struct certs *before)
{
	struct certs *certs = NULL;
	struct err err;

	lines[0] = '\0';
	if (certs_load(&certs, opts, count, before, tell, NULL, &err) != 0)
		fail_msg("%s", err.text);
	return certs;
}

static int
begin(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	make("first", GNUTLS_PK_ECDSA, "www.example.org example.org");
	make("wild", GNUTLS_PK_ECDSA, "*.example.org");
	make("rsa", GNUTLS_PK_RSA, "example.org www.example.org x.test");
	make("bare", GNUTLS_PK_ECDSA, "");
	return 0;
}

static int
end(void **state)
{
	static const char *const names[] = {"first", "wild", "rsa", "bare"};
	char path[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s.pem", folder, names[i]);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%s.key", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static void
each_name_has_its_certificate_and_all_others_the_first(void **state)
{
	const struct cert_opts opts[] = {opts_of("first", "first"),
	    opts_of("wild", "wild"), opts_of("rsa", "rsa"),
	    opts_of("bare", "bare")};
	static const struct {
		const char *name;
		unsigned at;
		bool covered;
	} cases[] = {
	    {"www.example.org", 0, true},
	    {"WWW.Example.ORG", 0, true},
	    {"example.org", 0, true},
	    {"other.example.org", 1, true},
	    {"*.example.org", 1, true},
	    {"two.labels.example.org", 0, false},
	    {".example.org", 0, false},
	    {"x.test", 2, true},
	    {"bare", 3, true},
	    {"xexample.org", 0, false},
	    {"org", 0, false},
	    {"", 0, false},
	};
	struct certs *certs = load(opts, COUNT_OF(opts), NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (certs_choose(certs, cases[i].name) != cases[i].at)
			fail_msg("%s is shown number %u", cases[i].name,
			    certs_choose(certs, cases[i].name));
		assert_int_equal(
		    certs_cover(certs, cases[i].name), cases[i].covered);
	}
	certs_unref(&certs);
}

/* How many chains GnuTLS may choose between. */
static unsigned
shown(const struct certs *certs, const char *name)
{
	gnutls_certificate_credentials_t all = certs_for(certs, name);
	gnutls_x509_crt_t *list;
	unsigned count = 0, len;

	while (gnutls_certificate_get_x509_crt(all, count, &list, &len) == 0) {
		for (unsigned i = 0; i < len; i++)
			gnutls_x509_crt_deinit(list[i]);
		gnutls_free(list);
		count++;
	}
	return count;
}

static void
a_key_of_another_kind_helps_out_where_it_is_for_all_of_the_names(void **state)
{
	const struct cert_opts opts[] = {opts_of("first", "first"),
	    opts_of("wild", "wild"), opts_of("rsa", "rsa")};
	struct certs *certs = load(opts, COUNT_OF(opts), NULL);

	(void)state;
	assert_int_equal(shown(certs, "www.example.org"), 2);
	assert_int_equal(shown(certs, "other.example.org"), 1);
	assert_int_equal(shown(certs, "x.test"), 1);
	certs_unref(&certs);
}

static void
what_cannot_be_read_is_told_with_its_file(void **state)
{
	static const struct {
		const char *file, *key, *why;
	} cases[] = {
	    {"none", "first", "none.pem: No such file"},
	    {"first", "none", "none.key: No such file"},
	    {"first", "wild", "not the key of"},
	};
	struct cert_opts opts;
	struct certs *certs = NULL;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		opts = opts_of(cases[i].file, cases[i].key);
		assert_int_equal(
		    certs_load(&certs, &opts, 1, NULL, NULL, NULL, &err), -1);
		if (!strstr(err.text, cases[i].why))
			fail_msg("%s", err.text);
		assert_null(certs);
	}
	assert_int_equal(
	    certs_load(&certs, &opts, 0, NULL, NULL, NULL, &err), -1);
	assert_int_equal(
	    certs_load(&certs, &opts, CERTS_MAX + 1, NULL, NULL, NULL, &err),
	    -1);
}

static void
at_a_reload_the_old_stays_where_the_new_is_broken(void **state)
{
	struct cert_opts opts[] = {
	    opts_of("first", "first"), opts_of("wild", "wild")};
	struct certs *before = load(opts, 2, NULL), *now;
	struct err err;

	(void)state;
	/* the same files: not even read */
	now = load(opts, 2, before);
	assert_string_equal(lines, "");
	certs_unref(&now);
	opts[0].key = opts[1].key;
	now = load(opts, 2, before);
	assert_int_equal(certs_count(now), 2);
	assert_non_null(strstr(lines, "the one from before stays"));
	assert_int_equal(certs_choose(now, "www.example.org"), 0);
	certs_unref(&now);
	/* a new one is left out */
	opts[0].name = "new";
	now = load(opts, 2, before);
	assert_int_equal(certs_count(now), 1);
	assert_non_null(strstr(lines, "it is left out"));
	certs_unref(&now);
	/* and when nothing is left it does not count */
	assert_int_equal(
	    certs_load(&now, opts, 1, before, tell, NULL, &err), -1);
	assert_null(now);
	certs_unref(&before);
}

static void
what_is_wrong_with_them_is_told(void **state)
{
	static const struct {
		int64_t now_s;
		const char *told;
	} cases[] = {
	    {FROM_S - 1, "counts from 2023-11-14"},
	    {FROM_S + 1, NULL},
	    {UNTIL_S - CERTS_SOON_DAYS * (int64_t)DAY_S - 1, NULL},
	    {UNTIL_S - CERTS_SOON_DAYS * (int64_t)DAY_S + 1,
		"expires on 2033-05-18"},
	    {UNTIL_S, "has expired on 2033-05-18"},
	};
	struct cert_opts opts = opts_of("first", "first");
	struct certs *certs = load(&opts, 1, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		lines[0] = '\0';
		certs_tell(certs, cases[i].now_s, tell, NULL);
		if (cases[i].told ? !strstr(lines, cases[i].told) : *lines)
			fail_msg("%zu: %s", i, lines);
	}
	certs_unref(&certs);
	assert_int_equal(chmod(opts.key, 0644), 0);
	certs = load(&opts, 1, NULL);
	certs_tell(certs, FROM_S + 1, tell, NULL);
	assert_non_null(strstr(lines, "first.key has mode 0644"));
	certs_unref(&certs);
	assert_int_equal(chmod(opts.key, 0640), 0);
	certs = load(&opts, 1, NULL);
	certs_tell(certs, FROM_S + 1, tell, NULL);
	assert_string_equal(lines, "");
	certs_unref(&certs);
}

static void
priorities_are_gnutls_s_words(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(priorities_check(priorities_default(), &err), 0);
	assert_int_equal(priorities_check("NORMAL:+NONSENSE", &err), -1);
	assert_non_null(strstr(err.text, "NONSENSE"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		each_name_has_its_certificate_and_all_others_the_first),
	    cmocka_unit_test(
		a_key_of_another_kind_helps_out_where_it_is_for_all_of_the_names),
	    cmocka_unit_test(what_cannot_be_read_is_told_with_its_file),
	    cmocka_unit_test(at_a_reload_the_old_stays_where_the_new_is_broken),
	    cmocka_unit_test(what_is_wrong_with_them_is_told),
	    cmocka_unit_test(priorities_are_gnutls_s_words),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
