/* cli/check_files.c - files that are to be read or written */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/checking.h"
#include "upstream/pool.h"

void
check_readable(struct check *check, const char *what, const char *path)
{
	if (!path)
		return;
	if (access(path, R_OK) != 0)
		check_bad(check, "%s %s: %s", what, path, strerror(errno));
	else
		check_ok(check, "%s %s", what, path);
}

/* A file that is to be written: it, or the first folder above it that is
 * there. */
static void
check_writable(struct check *check, const char *what, const char *path)
{
	char folder[4096];
	char *slash;

	if (!path || strcmp(path, "-") == 0)
		return;
	snprintf(folder, sizeof(folder), "%s", path);
	while (access(folder, F_OK) != 0) {
		slash = strrchr(folder, '/');
		if (!slash)
			snprintf(folder, sizeof(folder), ".");
		else
			slash[slash == folder] = '\0';
	}
	if (access(folder, W_OK) != 0)
		check_bad(check, "%s %s: cannot be written: %s: %s", what, path,
		    folder, strerror(errno));
	else
		check_ok(check, "%s %s", what, path);
}

/* Those that are folders. What cannot be made of the options has been told of.
 */
static void
check_folders(struct check *check, const struct upstream_opts *opts)
{
	struct upstream *upstream = NULL;
	const struct upstream *server;
	char what[128];
	struct err err;

	if (upstream_new(&upstream, opts, &err) != 0)
		return;
	snprintf(what, sizeof(what), "upstream %s: folder", opts->name);
	for (unsigned i = 0; i < pool_count(upstream->pool); i++) {
		server = pool_member(upstream->pool, i)->place;
		if (server->form == UPSTREAM_FOLDER)
			check_readable(check, what, server->path);
	}
	upstream_unref(&upstream);
}

/* Who is not root does not change the user. */
static void
check_known(struct check *check, const char *user)
{
	if (user && geteuid() == 0 && !getpwnam(user))
		check_bad(check, "user %s: there is no such user", user);
}

void
check_files(struct check *check)
{
	const struct conf *conf = check->conf;

	check_known(check, conf->user);
	check_writable(check, "cache file", conf->cache.file);
	check_writable(check, "access log", conf->front.access_log);
	check_writable(check, "error log", conf->error_log);
	for (unsigned i = 0; i < conf->sites_count; i++)
		check_readable(
		    check, "error page", conf->sites[i].site.error_page);
	for (unsigned i = 0; i < conf->upstreams_count; i++) {
		check_folders(check, &conf->upstreams[i]);
		check_trust(check, "upstream", conf->upstreams[i].name,
		    &conf->upstreams[i]);
	}
	for (unsigned i = 0; i < conf->themes_count; i++)
		check_trust(check, "theme", conf->themes[i].name,
		    &conf->themes[i].upstream);
}
