/* base/log.c - one write() a line, so lines of several threads never mix
 *
 * When nobody reads the log a line is dropped and counted, and the next one
 * that goes out is preceded by how many are missing. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/outlet.h"

/* With its prefix below PIPE_BUF, so that it goes as a whole. */
enum { LINE_MAX_LEN = 2048 };

static _Atomic int level_now = LOG_INFO;
static struct lock lock = LOCK_INIT;
static int fd = STDERR_FILENO; /* shared: under lock */
static char *file;             /* shared: under lock */
static unsigned missing;       /* shared: under lock */

static const struct {
	const char *word;
	int priority;
} levels[] = {
	{"error", 3}, {"warning", 4}, {"info", 6}, {"debug", 7}
};

static size_t
write_prefix(char *line, size_t size, enum log_level level)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	if (!file && !isatty(STDERR_FILENO))
		return (size_t)snprintf(line, size, "<%d>livery: ",
		    levels[level].priority);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	n = strftime(line, size, "%F %T", &tm);
	return n + (size_t)snprintf(line + n, size - n, ".%03ld %s: ",
	    now.tv_nsec / 1000000, levels[level].word);
}

static size_t
write_escaped(char *line, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f)
			line[n++] = (char)c;
		else
			n += (size_t)snprintf(line + n, size - n, "\\x%02x", c);
	}
	return n;
}

/* Under lock. */
static void
put_line(enum log_level level, const char *text)
{
	char line[LINE_MAX_LEN + 64];
	size_t n = write_prefix(line, sizeof(line), level);

	n += write_escaped(line + n, sizeof(line) - n - 1, text);
	line[n++] = '\n';
	if (outlet_write(fd, line, n) == (ssize_t)n)
		return;
	missing++;
	counter_up(COUNT_LOG_MISSING);
}

/* Under lock. What is missing is said when there is room again. */
static void
put_missing(void)
{
	char text[64];
	unsigned before = missing;

	if (!before || !outlet_wait(fd, 0))
		return;
	missing = 0;
	snprintf(text, sizeof(text), "%u lines of this log are missing",
	    before);
	put_line(LOG_WARN, text);
	if (missing)
		missing += before;
}

static PRINTF(2, 0) void
write_line(enum log_level level, const char *format, va_list args)
{
	char text[LINE_MAX_LEN];
	int saved = errno;

	if ((int)level > atomic_load(&level_now))
		return;
	vsnprintf(text, sizeof(text), format, args);
	lock_take(&lock);
	put_missing();
	put_line(level, text);
	lock_drop(&lock);
	errno = saved;
}

#define LOG_FUNCTION(name, level)                                          \
	void name(const char *format, ...)                                 \
	{                                                                  \
		va_list args;                                              \
                                                                           \
		va_start(args, format);                                    \
		write_line(level, format, args);                           \
		va_end(args);                                              \
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void
log_set_level(enum log_level level)
{
	atomic_store(&level_now, (int)level);
}

static int
open_append(const char *path, struct err *err)
{
	int new_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
	    0640);

	if (new_fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	return new_fd;
}

static void
use(int new_fd, char *path)
{
	lock_take(&lock);
	if (fd != STDERR_FILENO)
		close(fd);
	if (file != path)
		mem_free(&file);
	fd = new_fd;
	file = path;
	lock_drop(&lock);
}

int
log_open(const char *path, struct err *err)
{
	int new_fd = STDERR_FILENO;

	if (path && (new_fd = open_append(path, err)) < 0)
		return -1;
	use(new_fd, path ? mem_strdup(path) : NULL);
	return 0;
}

bool
log_is_in_file(void)
{
	return file != NULL;
}

int
log_reopen(struct err *err)
{
	int new_fd;

	if (!file)
		return 0;
	if ((new_fd = open_append(file, err)) < 0)
		return -1;
	use(new_fd, file);
	return 0;
}
