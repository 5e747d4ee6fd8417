/* server/privileges.c - effective ids while starting, real ones after */
#include "server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

/* One that cannot be made is the cache's to tell of. */
static void
owner_of_folder(struct privileges *plan, const char *cache_file)
{
	char *copy = mem_strdup(cache_file), *folder = dirname(copy);
	struct stat st;

	if (stat(folder, &st) != 0 && mkdir(folder, 0750) != 0 &&
	    errno != EEXIST)
		folder = NULL;
	if (folder && stat(folder, &st) == 0) {
		plan->uid = st.st_uid;
		plan->gid = st.st_gid;
		plan->name = "the owner of the cache folder";
	}
	mem_free(&copy);
}

int
privileges_plan(struct privileges *plan, const char *user,
    const char *cache_file, struct err *err)
{
	const struct passwd *entry;

	memset(plan, 0, sizeof(*plan));
	if (geteuid() != 0)
		return 0;
	if (user) {
		entry = getpwnam(user);
		if (!entry)
			return err_set(err, "user %s: there is no such user",
			    user);
		plan->uid = entry->pw_uid;
		plan->gid = entry->pw_gid;
		plan->name = user;
	} else if (cache_file) {
		owner_of_folder(plan, cache_file);
	}
	plan->drops = plan->uid != 0;
	if (!plan->drops)
		log_warn("running as root: set `user`, or let another user "
		    "own the cache folder");
	return 0;
}

static int
fail(struct err *err)
{
	return err_set(err, "cannot change the user: %s", strerror(errno));
}

/* The other groups go at once: that takes root, and nothing needs them. */
int
privileges_lower(const struct privileges *plan, struct err *err)
{
	if (!plan->drops)
		return 0;
	if (setgroups(1, &plan->gid) != 0 || setegid(plan->gid) != 0 ||
	    seteuid(plan->uid) != 0)
		return fail(err);
	return 0;
}

/* Past the C library, which would raise every thread: the cache's writer may
 * be about to make a file. To Linux each thread has ids of its own. */
int
privileges_raise(const struct privileges *plan, struct err *err)
{
	if (!plan->drops)
		return 0;
	if (syscall(SYS_setresuid, -1, 0, -1) != 0 ||
	    syscall(SYS_setresgid, -1, 0, -1) != 0)
		return fail(err);
	return 0;
}

/* All threads, those that were raised and those that were not: who has one of
 * these ids already may give up the others without being root. */
int
privileges_drop(const struct privileges *plan, struct err *err)
{
	if (!plan->drops)
		return 0;
	if (setresgid(plan->gid, plan->gid, plan->gid) != 0 ||
	    setresuid(plan->uid, plan->uid, plan->uid) != 0)
		return fail(err);
	if (setuid(0) == 0)
		return err_set(err, "could become root again");
	log_info("running as %s (uid %u)", plan->name, (unsigned)plan->uid);
	return 0;
}
