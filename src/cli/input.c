/* cli/input.c - reading a file whole, within bounds (contract: cli/input.h) */
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
input_is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	       strncasecmp(text, "https://", 8) == 0;
}

int
input_read(struct buf *out, const char *path, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	char piece[16384];
	size_t n;
	int rc = 0;

	if (!file)
		return err_set(err, "%s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0 &&
	       buf_add(out, piece, n) == 0)
		;
	if (ferror(file))
		rc = err_set(err, "%s: %s", path, strerror(errno));
	else if (out->failed)
		rc = err_set(err, "%s: over %zu bytes", path, out->max);
	fclose(file);
	return rc;
}

const char *
input_keep(struct arena *arena, struct buf *buf, size_t *len)
{
	char *bytes = buf_steal(buf, len);

	arena_keep(arena, free, bytes);
	return bytes;
}
