/* Giving up root: what each thread may do, and when. In children, since there
 * is no way back. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/must.h"
#include "base/thread.h"
#include "server/privileges.h"

enum { NOBODY = 65534, NOGROUP = 65534 };

/* One that runs while the main thread is raised. */
static struct {
	struct lock lock;
	struct cond cond;
	bool asked, answered, over; /* under lock */
	uid_t euid;                 /* under lock */
} other;

static void
answer_with_euid(void *arg)
{
	(void)arg;
	lock_take(&other.lock);
	while (!other.over) {
		if (other.asked) {
			other.euid = (uid_t)syscall(SYS_geteuid);
			other.asked = false;
			other.answered = true;
			cond_broadcast(&other.cond);
		}
		cond_wait(&other.cond, &other.lock, UINT64_MAX);
	}
	lock_drop(&other.lock);
}

static uid_t
euid_of_other(void)
{
	uid_t euid;

	lock_take(&other.lock);
	other.asked = true;
	other.answered = false;
	cond_broadcast(&other.cond);
	while (!other.answered)
		cond_wait(&other.cond, &other.lock, UINT64_MAX);
	euid = other.euid;
	lock_drop(&other.lock);
	return euid;
}

static void
other_ends(struct thread *thread)
{
	lock_take(&other.lock);
	other.over = true;
	cond_broadcast(&other.cond);
	lock_drop(&other.lock);
	thread_join(thread);
}

/* Real, effective, saved and file system ids of each thread. */
static bool
all_threads_have(const char *field, unsigned id)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	unsigned ids[4], threads = 0;
	char path[300], line[200];
	bool all = true;

	must(tasks);
	while ((entry = readdir(tasks)) != NULL) {
		FILE *status;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
		    entry->d_name);
		status = fopen(path, "r");
		while (status && fgets(line, sizeof(line), status)) {
			if (strncmp(line, field, strlen(field)) != 0)
				continue;
			threads++;
			if (sscanf(line + strlen(field), "%u %u %u %u",
			    &ids[0], &ids[1], &ids[2], &ids[3]) != 4)
				all = false;
			for (int i = 0; i < 4; i++)
				all &= ids[i] == id;
		}
		if (status)
			fclose(status);
	}
	closedir(tasks);
	return all && threads > 1;
}

/* In a child: a number that tells what was wrong, or 0. */
static int
go_through_it(void)
{
	struct privileges plan;
	struct thread thread;
	struct err err;
	gid_t group;

	lock_init(&other.lock);
	cond_init(&other.cond);
	if (privileges_plan(&plan, "nobody", NULL, &err) != 0 || !plan.drops)
		return 1;
	if (privileges_lower(&plan, &err) != 0 || geteuid() != NOBODY)
		return 2;
	if (getgroups(1, &group) != 1 || group != plan.gid)
		return 3;
	if (thread_start(&thread, "other", answer_with_euid, NULL, &err) != 0)
		return 4;
	if (privileges_raise(&plan, &err) != 0 ||
	    syscall(SYS_geteuid) != 0)
		return 5;
	if (euid_of_other() != NOBODY)
		return 6;
	if (privileges_drop(&plan, &err) != 0)
		return 7;
	if (!all_threads_have("Uid:", NOBODY) ||
	    !all_threads_have("Gid:", plan.gid))
		return 8;
	if (seteuid(0) == 0 || euid_of_other() != NOBODY)
		return 9;
	other_ends(&thread);
	return 0;
}

static void
no_other_thread_is_root_while_ports_are_bound_and_none_afterwards(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(go_through_it());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_user_that_does_not_exist_is_told(void **state)
{
	struct privileges plan;
	struct err err = {""};

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(privileges_plan(&plan, "no-such-user-here", NULL,
	    &err), -1);
	assert_non_null(strstr(err.text, "no-such-user-here"));
}

static void
the_owner_of_the_folder_is_who_it_becomes(void **state)
{
	char folder[] = "/tmp/livery-test-XXXXXX", file[64];
	struct privileges plan;
	struct err err;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chown(folder, NOBODY, NOGROUP), 0);
	snprintf(file, sizeof(file), "%s/cache.db", folder);
	assert_int_equal(privileges_plan(&plan, NULL, file, &err), 0);
	assert_true(plan.drops);
	assert_int_equal(plan.uid, NOBODY);
	assert_int_equal(plan.gid, NOGROUP);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    no_other_thread_is_root_while_ports_are_bound_and_none_afterwards),
		cmocka_unit_test(a_user_that_does_not_exist_is_told),
		cmocka_unit_test(the_owner_of_the_folder_is_who_it_becomes),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
