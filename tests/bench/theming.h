/* A theme and a page from files, for benches. */
#ifndef BENCH_THEMING_H
#define BENCH_THEMING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/must.h"
#include "theme/theme.h"

static inline void
theming_give_up(const char *words)
{
	fprintf(stderr, "bench: %s\n", words);
	exit(1);
}

static inline void
theming_read(struct buf *out, const char *path)
{
	FILE *file = fopen(path, "rbe");
	char part[65536];
	size_t len;

	if (!file)
		theming_give_up(path);
	buf_init(out, SIZE_MAX);
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		must(buf_add(out, part, len) == 0);
	fclose(file);
}

static inline struct theme *
theming_build(const char *rules_path, const char *theme_path)
{
	const struct rules_opts rules_opts = {0};
	const struct theme_opts opts = {.links = LINKS_KEEP};
	struct theme_page page = {NULL};
	struct rules *rules = NULL;
	struct theme *theme = NULL;
	struct buf bytes;
	struct err err;

	theming_read(&bytes, theme_path);
	page.bytes = bytes.data;
	page.len = bytes.len;
	if (rules_load(&rules, rules_path, &rules_opts, &err) != 0 ||
	    theme_build(&theme, rules, &page, 1, &opts, &err) != 0)
		theming_give_up(err.text);
	rules_unref(&rules);
	buf_fini(&bytes);
	return theme;
}

#endif
