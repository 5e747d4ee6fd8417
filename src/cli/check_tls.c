/* cli/check_tls.c - certificates that clients are shown, and what is shown to
 * upstreams and believed of them */
#include <stdio.h>

#include "cli/checking.h"
#include "server/certificates.h"

/* A line each, so that all that are bad are told. */
static bool
check_cert(struct check *check, const struct cert_opts *opts)
{
	struct certs *one = NULL;
	struct err err;

	if (certs_load(&one, opts, 1, NULL, NULL, NULL, &err) != 0) {
		check_bad(check, "%s", err.text);
		return false;
	}
	check_ok(check, "certificate %s: %s", opts->name, opts->file);
	certs_unref(&one);
	return true;
}

static void
on_wrong(void *arg, const char *line)
{
	check_warn(arg, "%s", line);
}

void
check_certs(struct check *check)
{
	const struct conf *conf = check->conf;
	struct certs *certs = NULL;
	struct err err;
	bool good = conf->certs_count > 0;

	for (unsigned i = 0; i < conf->certs_count; i++)
		good &= check_cert(check, &conf->certs[i]);
	if (!good || certs_load(&certs, conf->certs, conf->certs_count, NULL,
			 NULL, NULL, &err) != 0)
		return;
	certificates_judge(certs, conf, on_wrong, check);
	certs_unref(&certs);
}

void
check_trust(struct check *check, const char *what, const char *name,
    const struct upstream_opts *opts)
{
	const struct {
		const char *option, *path;
	} files[] = {{"ca_file", opts->ca_file}, {"cert_file", opts->cert_file},
	    {"key_file", opts->key_file}};
	char whose[160];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(whose, sizeof(whose), "%s %s: %s", what, name,
		    files[i].option);
		check_readable(check, whose, files[i].path);
	}
	if (opts->insecure)
		check_warn(check,
		    "%s %s: insecure: whoever answers there is believed; "
		    "ca_file and tls_name say who should be",
		    what, name);
}
