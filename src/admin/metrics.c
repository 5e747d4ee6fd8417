/* admin/metrics.c - Prometheus text format 0.0.4
 *
 * The counters' table names most of it (base/counter.h); a name with a label
 * belongs to the family before its brace, and families stand together there. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin/inside.h"
#include "base/clock.h"
#include "base/counter.h"

static void
add_help(struct buf *out, const char *name, size_t len, const char *help,
    bool is_gauge)
{
	buf_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)len, name,
	    help, (int)len, name, is_gauge ? "gauge" : "counter");
}

static void
add_gauge(struct buf *out, const char *name, const char *help, double value)
{
	add_help(out, name, strlen(name), help, true);
	buf_printf(out, "%s %.15g\n", name, value);
}

/* A label's value, escaped. */
static void
add_label(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			buf_putc(out, '\\');
		if (*text == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, *text);
	}
}

/* ---- counters ---- */

static size_t
family_len(const char *name)
{
	return strcspn(name, "{");
}

/* Counted in microseconds, shown in seconds, as the format's users expect. */
static bool
add_time(struct buf *out, const struct counter_info *info, int64_t value)
{
	static const char ending[] = "_microseconds_total";
	size_t len = strlen(info->name), end = strlen(ending);
	char full[128];

	if (len < end || strcmp(info->name + len - end, ending) != 0)
		return false;
	snprintf(full, sizeof(full), "livery_%.*s_seconds_total",
	    (int)(len - end), info->name);
	add_help(out, full, strlen(full), info->help, false);
	buf_printf(out, "%s %.6f\n", full, (double)value / 1e6);
	return true;
}

static void
add_counters(struct buf *out)
{
	const char *family = "", *name;
	int64_t value;
	char full[128];
	int i;

	for (i = 0; i < COUNTERS; i++) {
		name = counter_table[i].name;
		value = counter_read((enum counter)i);
		if (add_time(out, &counter_table[i], value))
			continue;
		if (family_len(family) != family_len(name) ||
		    strncmp(family, name, family_len(name)) != 0) {
			snprintf(full, sizeof(full), "livery_%.*s",
			    (int)family_len(name), name);
			add_help(out, full, strlen(full), counter_table[i].help,
			    counter_table[i].is_gauge);
		}
		family = name;
		buf_printf(out, "livery_%s %" PRId64 "\n", name, value);
	}
}

/* ---- themes ---- */

static void
add_theme_gauge(struct admin *admin, struct buf *out, const char *name,
    const char *help, double (*value)(const struct skin_figures *figures))
{
	struct skin_figures figures;
	struct skin *skin;
	unsigned i;

	add_help(out, name, strlen(name), help, true);
	for (i = 0; (skin = skins_get(admin->opts.skins, i)) != NULL; i++) {
		skin_read_figures(skin, &figures);
		/* a series once only, or the whole answer is refused */
		if (!figures.retired) {
			buf_printf(out, "%s{theme=\"", name);
			add_label(out, figures.name);
			buf_printf(out, "\"} %.15g\n", value(&figures));
		}
		skin_unref(&skin);
	}
}

static double
theme_age(const struct skin_figures *figures)
{
	return figures->fetched_at_ms ? (double)figures->age_ms / 1000 : -1;
}

static double
theme_live(const struct skin_figures *figures)
{
	return figures->version[0] != '\0';
}

static double
theme_failures(const struct skin_figures *figures)
{
	return figures->failures;
}

static double
theme_assets(const struct skin_figures *figures)
{
	return figures->assets;
}

static void
add_themes(struct admin *admin, struct buf *out)
{
	if (!admin->opts.skins)
		return;
	add_theme_gauge(admin, out, "livery_theme_age_seconds",
	    "since a theme was last known to be current, -1: never", theme_age);
	add_theme_gauge(admin, out, "livery_theme_live",
	    "1 when a version of the theme is live", theme_live);
	add_theme_gauge(admin, out, "livery_theme_failures",
	    "refreshes that failed in a row", theme_failures);
	add_theme_gauge(admin, out, "livery_theme_assets",
	    "files of the theme that are known", theme_assets);
}

/* ---- the cache ---- */

static void
add_cache(struct admin *admin, struct buf *out)
{
	struct cache_figures figures;

	if (!admin->opts.cache)
		return;
	cache_read_figures(admin->opts.cache, &figures);
	add_gauge(out, "livery_cache_entries", "answers in the cache file",
	    (double)figures.entries);
	add_gauge(out, "livery_cache_entry_bytes",
	    "bytes of the answers in the cache file",
	    (double)figures.entry_bytes);
	add_gauge(out, "livery_cache_stale_entries",
	    "answers in the cache file that are stale", (double)figures.stale);
	add_gauge(out, "livery_cache_dressed_entries",
	    "dressed pages in the cache file", (double)figures.dressed);
	add_gauge(out, "livery_cache_file_bytes", "size of the cache file",
	    (double)figures.file_bytes);
	add_gauge(out, "livery_cache_wal_bytes",
	    "size of the cache file's write-ahead log",
	    (double)figures.wal_bytes);
	add_gauge(out, "livery_cache_in_memory_only",
	    "1 when the cache file is not written", figures.in_memory_only);
}

/* ---- servers ---- */

enum server_metric { IS_UP, IN_USE, REQUESTS, FAILURES };

static const struct {
	const char *name, *help;
	bool is_gauge;
} server_metrics[] = {
    [IS_UP] = {"livery_server_up", "1 while it may be asked and does not fail",
	true},
    [IN_USE] = {"livery_server_in_use", "requests at the server now", true},
    [REQUESTS] = {"livery_server_requests_total", "requests sent to it",
	false},
    [FAILURES] = {"livery_server_failures_total",
	"requests to it that failed, or were answered by 500, 502, 503, 504",
	false},
};

struct server_family {
	struct buf *out;
	enum server_metric metric;
};

static double
server_value(enum server_metric metric, struct upstream *upstream,
    const struct member *server)
{
	switch (metric) {
	case IS_UP:
		return strcmp(admin_server_state(server), "well") == 0;
	case IN_USE:
		return pool_in_use(upstream->pool, server);
	case REQUESTS:
		return (double)atomic_load(&server->requests);
	default:
		return (double)atomic_load(&server->failures);
	}
}

static void
add_server(void *arg, struct upstream *upstream, struct member *server)
{
	const struct server_family *family = arg;
	struct buf *out = family->out;

	buf_printf(out, "%s{upstream=\"", server_metrics[family->metric].name);
	add_label(out, upstream->opts.name);
	buf_puts(out, "\",server=\"");
	add_label(out, server->place->opts.url);
	buf_printf(out, "\"} %.15g\n",
	    server_value(family->metric, upstream, server));
}

static void
add_servers(struct admin *admin, struct buf *out)
{
	for (unsigned i = 0; i < COUNT_OF(server_metrics); i++) {
		struct server_family family = {out, (enum server_metric)i};

		add_help(out, server_metrics[i].name,
		    strlen(server_metrics[i].name), server_metrics[i].help,
		    server_metrics[i].is_gauge);
		admin_each_server(admin, add_server, &family);
	}
}

/* ---- the process ---- */

static unsigned
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned count = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			count++;
	closedir(dir);
	return count - 1; /* the folder itself */
}

static void
read_memory(double *virtual_bytes, double *resident_bytes)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long virtual_pages = 0, resident_pages = 0;
	double page = (double)sysconf(_SC_PAGESIZE);

	if (file) {
		if (fscanf(file, "%lu %lu", &virtual_pages, &resident_pages) !=
		    2)
			virtual_pages = resident_pages = 0;
		fclose(file);
	}
	*virtual_bytes = (double)virtual_pages * page;
	*resident_bytes = (double)resident_pages * page;
}

static double
seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void
add_process(struct admin *admin, struct buf *out)
{
	static const char cpu[] = "process_cpu_seconds_total";
	double virtual_bytes, resident_bytes;
	struct rusage usage;
	struct rlimit limit;

	read_memory(&virtual_bytes, &resident_bytes);
	add_gauge(out, "process_resident_memory_bytes", "memory in use",
	    resident_bytes);
	add_gauge(out, "process_virtual_memory_bytes", "memory mapped",
	    virtual_bytes);
	add_gauge(out, "process_open_fds", "file descriptors open", open_fds());
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		add_gauge(out, "process_max_fds",
		    "file descriptors that may be open",
		    (double)limit.rlim_cur);
	add_gauge(out, "process_start_time_seconds",
	    "when the process began, since 1970",
	    (double)admin->started_ms / 1000);
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	add_help(out, cpu, strlen(cpu), "time on a processor", false);
	buf_printf(out, "%s %.6f\n", cpu,
	    seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

int
admin_metrics(struct admin *admin, struct buf *out)
{
	static const char info[] = "livery_build_info";

	add_counters(out);
	add_servers(admin, out);
	add_themes(admin, out);
	add_cache(admin, out);
	add_help(
	    out, info, strlen(info), "always 1; the version is a label", true);
	buf_printf(out, "%s{version=\"", info);
	add_label(out, admin->opts.version);
	buf_puts(out, "\"} 1\n");
	add_process(admin, out);
	return 200;
}
