/* cache/target.c - path and query, with and without the last slash */
#include "cache/target.h"

#include <stdio.h>
#include <string.h>

const char *
target_of(const char *url)
{
	const char *colon = strstr(url, "://"), *target;

	if (!colon)
		return url;
	target = strpbrk(colon + 3, "/?");
	return target ? target : "/";
}

const char *
target_twin(char *room, size_t size, const char *target)
{
	size_t path = strcspn(target, "?"), len = strlen(target);

	if (path == 0 || (path == 1 && target[0] == '/') || len + 2 > size)
		return NULL;
	if (target[path - 1] == '/')
		snprintf(room, size, "%.*s%s", (int)path - 1, target,
		    target + path);
	else
		snprintf(room, size, "%.*s/%s", (int)path, target,
		    target + path);
	return room;
}
