/* upstream/lane.c - what is long */
#include "upstream/lane.h"

#include <string.h>

#include "base/regex.h"

enum { PATH_MAX_LEN = 4096 }; /* what is longer fits no pattern */

static bool
fits(const char *const *patterns, const char *path)
{
	for (; patterns && *patterns; patterns++)
		if (glob_matches(*patterns, path, false))
			return true;
	return false;
}

enum lane
lane_of(const struct upstream_opts *opts, const char *target, bool is_safe,
    bool *is_slow)
{
	char path[PATH_MAX_LEN];
	size_t len = strcspn(target, "?");

	*is_slow = false;
	if (opts->long_paths && len < sizeof(path)) {
		memcpy(path, target, len);
		path[len] = '\0';
		*is_slow = fits(opts->long_paths, path);
	}
	return *is_slow || !is_safe ? LANE_LONG : LANE_PAGES;
}
