/* The schema and its manual say the same, and the examples that ship are
 * configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "conf/defaults.h"
#include "conf/schema.h"
#include "conf/value.h"

enum { NAME_MAX_LEN = 64, MANUAL_MAX = 1000 };

/* What the manual has: in the order of the text. */
struct documented {
	enum block block;
	char name[NAME_MAX_LEN];
	char text[128]; /* the default; "Ar ..." where it is described */
};

/* The source tree, from make's srcdir or from where this file is. */
static const char *
source_path(const char *path)
{
	static char out[4096];
	const char *top = getenv("srcdir");
	const char *here = strstr(__FILE__, "tests/unit/");

	if (top)
		snprintf(out, sizeof(out), "%s/%s", top, path);
	else
		snprintf(out, sizeof(out), "%.*s%s",
		    (int)(here ? here - __FILE__ : 0), __FILE__, path);
	return out;
}

static size_t
read_manual(struct documented *out)
{
	char line[512], title[NAME_MAX_LEN];
	enum block block = BLOCKS;
	FILE *file = fopen(source_path("doc/livery.conf.5"), "r");
	size_t count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, ".Ss Outside", 11) == 0)
			block = BLOCK_TOP;
		else if (sscanf(line, ".Ss %63s", title) == 1)
			block = schema_find_block(title);
		else if (strncmp(line, ".Sh ", 4) == 0)
			block = BLOCKS;
		if (block == BLOCKS || count == MANUAL_MAX)
			continue;
		if (sscanf(line, ".It Ic %63s No = %127[^\n]", out[count].name,
			out[count].text) == 2)
			out[count++].block = block;
	}
	fclose(file);
	return count;
}

static const struct documented *
find(const struct documented *manual, size_t count, const struct option *option)
{
	for (size_t i = 0; i < count; i++)
		if (manual[i].block == option->block &&
		    strcmp(manual[i].name, option->name) == 0)
			return &manual[i];
	return NULL;
}

static void
every_option_has_its_entry_in_the_manual(void **state)
{
	static struct documented manual[MANUAL_MAX];
	size_t count = read_manual(manual);

	(void)state;
	for (size_t i = 0; i < schema_count; i++)
		if (!find(manual, count, &schema[i]))
			fail_msg("livery.conf(5) says nothing of %s in '%s'",
			    schema[i].name,
			    schema_blocks[schema[i].block].name);
}

static void
every_entry_of_the_manual_is_an_option(void **state)
{
	static struct documented manual[MANUAL_MAX];
	size_t count = read_manual(manual);

	(void)state;
	assert_true(count > 50);
	for (size_t i = 0; i < count; i++)
		if (!schema_find(manual[i].block, manual[i].name))
			fail_msg("there is no option %s in '%s'",
			    manual[i].name,
			    schema_blocks[manual[i].block].name);
	assert_int_equal(count, schema_count);
}

static void
the_manual_names_the_defaults_that_hold(void **state)
{
	static struct documented manual[MANUAL_MAX];
	size_t count = read_manual(manual);
	struct conf conf = {.arena = arena_new(4096)};
	struct upstream_opts upstream;
	struct skin_opts theme;
	struct conf_site site = {0};
	struct cert_opts cert = {0};
	const void *bases[BLOCKS] = {
	    &conf, &conf, &conf, &conf, &upstream, &theme, &site, &cert};
	const struct documented *entry;
	struct buf text;

	(void)state;
	defaults_conf(&conf);
	defaults_upstream(&upstream);
	defaults_theme(&theme);
	defaults_site(&site);
	buf_init(&text, 4096);
	for (size_t i = 0; i < schema_count; i++) {
		entry = find(manual, count, &schema[i]);
		if (!entry || strncmp(entry->text, "Ar ", 3) == 0)
			continue;
		buf_clear(&text);
		value_write(&schema[i], bases[schema[i].block], &text);
		if (strcmp(text.data, entry->text) != 0)
			fail_msg("%s in '%s' is %s, not %s", entry->name,
			    schema_blocks[entry->block].name, text.data,
			    entry->text);
	}
	buf_fini(&text);
	arena_free(&conf.arena);
}

static void
every_default_is_within_its_range(void **state)
{
	struct conf conf = {.arena = arena_new(4096)}, again;
	struct upstream_opts upstream, upstream_again;
	struct skin_opts theme, theme_again;
	struct conf_site site = {0}, site_again = {0};
	struct cert_opts cert = {0}, cert_again = {0};
	void *bases[BLOCKS] = {
	    &conf, &conf, &conf, &conf, &upstream, &theme, &site, &cert};
	void *copies[BLOCKS] = {&again, &again, &again, &again, &upstream_again,
	    &theme_again, &site_again, &cert_again};
	const char *written;
	struct buf text;
	struct err err;

	(void)state;
	defaults_conf(&conf);
	defaults_upstream(&upstream);
	defaults_theme(&theme);
	defaults_site(&site);
	again = conf;
	upstream_again = upstream;
	theme_again = theme;
	site_again = site;
	buf_init(&text, 65536);
	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].value < VALUE_TIME)
			continue;
		buf_clear(&text);
		value_write(&schema[i], bases[schema[i].block], &text);
		written = text.data;
		if (value_set(&schema[i], copies[schema[i].block], &written, 1,
			conf.arena, NULL, &err) != 0)
			fail_msg("%s: %s", schema[i].name, err.text);
		assert_memory_equal(
		    (char *)bases[schema[i].block] + schema[i].offset,
		    (char *)copies[schema[i].block] + schema[i].offset,
		    schema[i].size);
	}
	buf_fini(&text);
	arena_free(&conf.arena);
}

static void
every_range_fits_its_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].value < VALUE_TIME ||
		    schema[i].value == VALUE_FLAG)
			continue;
		assert_true(schema[i].size == 4 || schema[i].size == 8);
		if (schema[i].size == 4)
			assert_true(schema[i].max <= UINT32_MAX);
		assert_true(schema[i].min <= schema[i].max);
	}
}

static void
on_told(void *arg, const char *line)
{
	(void)arg;
	print_error("%s\n", line);
}

static void
the_examples_that_ship_are_configurations(void **state)
{
	static const char *const examples[] = {"contrib/livery.conf",
	    "contrib/recipes/plone.conf", "contrib/recipes/wordpress.conf",
	    "contrib/recipes/mediawiki.conf", "contrib/recipes/dokuwiki.conf",
	    "contrib/recipes/django.conf"};
	struct conf_args args = {0};
	struct conf *conf = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		args.file = source_path(examples[i]);
		assert_int_equal(conf_read(&conf, &args, on_told, NULL), 0);
		assert_true(conf->sites_count > 0);
		conf_free(&conf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_option_has_its_entry_in_the_manual),
	    cmocka_unit_test(every_entry_of_the_manual_is_an_option),
	    cmocka_unit_test(the_manual_names_the_defaults_that_hold),
	    cmocka_unit_test(every_default_is_within_its_range),
	    cmocka_unit_test(every_range_fits_its_field),
	    cmocka_unit_test(the_examples_that_ship_are_configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
