/* cli/check_files.c - files that are to be read or written */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/checking.h"

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

void
check_files(struct check *check)
{
	const struct conf *conf = check->conf;

	check_writable(check, "cache file", conf->cache.file);
	check_writable(check, "access log", conf->front.access_log);
	check_writable(check, "error log", conf->error_log);
	for (unsigned i = 0; i < conf->sites_count; i++)
		check_readable(
		    check, "error page", conf->sites[i].site.error_page);
	for (unsigned i = 0; i < conf->upstreams_count; i++)
		check_trust(check, "upstream", conf->upstreams[i].name,
		    &conf->upstreams[i]);
	for (unsigned i = 0; i < conf->themes_count; i++)
		check_trust(check, "theme", conf->themes[i].name,
		    &conf->themes[i].upstream);
}
