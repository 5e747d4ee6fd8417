/* server/certificates.c - certificates are judged, at the start, at a reload,
 * and now and then */
#include "server/certificates.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/net.h"
#include "base/report.h"

enum { LINE_ROOM = 400 };

/* A host that is a number is in no server name. */
static bool
is_name(const char *host)
{
	struct net_address address;

	return net_parse(&address, host, strlen(host)) != 0;
}

static void
judge_site(const struct certs *certs, const struct site_opts *site,
    void (*told)(void *arg, const char *line), void *arg)
{
	char line[LINE_ROOM];

	for (size_t i = 0; site->hosts && site->hosts[i]; i++) {
		if (!is_name(site->hosts[i]) ||
		    certs_cover(certs, site->hosts[i]))
			continue;
		snprintf(line, sizeof(line),
		    "site %s: no certificate is for %s, so its clients are "
		    "shown one that they refuse",
		    site->name, site->hosts[i]);
		told(arg, line);
	}
}

void
certificates_judge(const struct certs *certs, const struct conf *conf,
    void (*told)(void *arg, const char *line), void *arg)
{
	certs_tell(certs, clock_wall_ms() / 1000, told, arg);
	for (unsigned i = 0; conf && i < conf->sites_count; i++)
		judge_site(certs, &conf->sites[i].site, told, arg);
}

static void
tell(void *arg, const char *line)
{
	(void)arg;
	log_warn("%s", line);
	report_problem("tls", NULL, line, "shown as it is");
}

void
certificates_look(struct front *front, const struct conf *conf)
{
	struct certs *certs = front_certs(front);

	if (certs)
		certificates_judge(certs, conf, tell, NULL);
	certs_unref(&certs);
}

static void
tell_kept(void *arg, const char *line)
{
	(void)arg;
	log_error("reload: %s", line);
	report_problem("tls", NULL, line, "those that can be read");
}

void
certificates_renew(struct front *front, const struct conf *conf)
{
	struct err err;

	if (front_set_certs(front, conf->certs, conf->certs_count, tell_kept,
		NULL, &err) != 0) {
		log_error("reload: %s, the certificates stay", err.text);
		report_problem(
		    "tls", NULL, err.text, "the certificates as before");
		return;
	}
	certificates_look(front, conf);
}
