/* conf/place.c - relative to the file that says it */
#include "conf/place.h"

#include <string.h>

#include "conf/guess.h"

const char *
place_path(struct arena *arena, const char *folder, const char *path)
{
	if (!folder || path[0] == '/')
		return arena_strdup(arena, path);
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	return arena_printf(arena, "%s/%s", folder, path);
}

static bool
has_scheme(const char *word)
{
	return strstr(word, "://") || strncmp(word, "unix:", 5) == 0;
}

const char *
place_read(struct arena *arena, const char *folder, const char *text,
    struct err *err)
{
	const char *start = text + strspn(text, " \t");
	size_t len = strcspn(start, " \t");
	const char *word = arena_strndup(arena, start, len), *path;

	if (has_scheme(word))
		return arena_strdup(arena, text);
	path = place_path(arena, folder, word);
	if (guess_place(word, path, err) != 0)
		return NULL;
	return arena_printf(arena, "%s%s", path, start + len);
}
