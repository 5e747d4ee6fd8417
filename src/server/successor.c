/* server/successor.c - posix_spawn() of the own command line */
#include "server/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
	LINE_MAX_BYTES = 1 << 20,
	WORDS_MAX = 1024,
	PIECE = 4096,
};
static const char takeover[] = "--takeover";

extern char **environ;

/* The words that this process was started with, each with its NUL. */
static int
read_line(struct buf *line, struct err *err)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	char piece[PIECE];
	ssize_t got = -1;

	while (fd >= 0 && (got = read(fd, piece, sizeof(piece))) > 0)
		buf_add(line, piece, (size_t)got);
	if (fd >= 0)
		close(fd);
	if (fd < 0 || got != 0 || line->failed || line->len == 0)
		return err_set(err, "the command line cannot be read");
	return 0;
}

static int
split(char *words[WORDS_MAX + 2], struct buf *line, struct err *err)
{
	char *at = line->data, *end = at + line->len;
	bool has = false;
	unsigned n = 0;

	for (; at < end && n < WORDS_MAX; at += strlen(at) + 1) {
		words[n++] = at;
		has |= strcmp(at, takeover) == 0;
	}
	if (at < end)
		return err_set(err, "more than %d words", WORDS_MAX);
	if (!has)
		words[n++] = (char *)(uintptr_t)takeover;
	words[n] = NULL;
	return 0;
}

static int
spawn(pid_t *out, char *const *words)
{
	posix_spawnattr_t how;
	sigset_t none, some;
	int rc;

	sigemptyset(&none);
	sigemptyset(&some);
	sigaddset(&some, SIGPIPE);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &some);
	posix_spawnattr_setflags(
	    &how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(out, words[0], NULL, &how, words, environ);
	posix_spawnattr_destroy(&how);
	return rc;
}

int
successor_start(pid_t *out, struct err *err)
{
	char **words = mem_new_array(WORDS_MAX + 2, sizeof(*words));
	struct buf line;
	int rc;

	buf_init(&line, LINE_MAX_BYTES);
	rc = read_line(&line, err) != 0 || split(words, &line, err) != 0;
	if (rc == 0) {
		rc = spawn(out, words);
		if (rc != 0)
			err_set(err, "%s: %s", words[0], strerror(rc));
	}
	buf_fini(&line);
	mem_free(&words);
	return rc == 0 ? 0 : -1;
}

bool
successor_has_ended(pid_t pid, char *how, unsigned size)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return false;
	if (WIFSIGNALED(status))
		snprintf(how, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(how, size, "status %d", WEXITSTATUS(status));
	return true;
}
