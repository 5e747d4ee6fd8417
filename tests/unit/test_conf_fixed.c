/* What of a configuration a reload leaves as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "conf/fixed.h"

static void
on_told(void *arg, const char *line)
{
	(void)arg;
	fail_msg("%s", line);
}

static struct conf *
conf_of(const char *top)
{
	char path[] = "/tmp/test_fixed.XXXXXX";
	struct conf_args args = {.file = path};
	struct conf *conf = NULL;
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fprintf(file,
	    "%s\nupstream cms { url = \"http://127.0.0.1:1\" }\n"
	    "site main { }\n",
	    top);
	fclose(file);
	assert_int_equal(conf_read(&conf, &args, on_told, NULL), 0);
	unlink(path);
	return conf;
}

static void
differ(const char *before, const char *now, const char *wanted)
{
	struct conf *a = conf_of(before), *b = conf_of(now);
	struct buf names;

	buf_init(&names, 4096);
	fixed_differences(&names, a, b);
	assert_string_equal(names.data ? names.data : "", wanted);
	buf_fini(&names);
	conf_free(&a);
	conf_free(&b);
}

static void
what_stands_as_it_stood_is_no_difference(void **state)
{
	(void)state;
	differ("", "", "");
	differ("listen = \"127.0.0.1:1\"", "listen = { \"127.0.0.1:1\" }", "");
	differ("allowed = { \"10.0.0.0/8\", \"unix\" }",
	    "allowed = { \"10.0.0.0/8\", \"unix\" }", "");
	differ("", "limits { fields_max = 100 }", "");
}

static void
what_belongs_to_the_start_is_named_with_its_block(void **state)
{
	(void)state;
	differ("", "listen = \"127.0.0.1:1\"\nworkers = 9",
	    "listen, workers");
	differ("", "limits { fields_max = 99 }\nfetch { engines = 3 }",
	    "fetch.engines, limits.fields_max");
	differ("admin = \"127.0.0.1:1\"", "", "admin");
	differ("cache { file = none }", "cache { file = \"/x/y.db\" }",
	    "cache.file");
}

static void
peers_are_compared_one_by_one(void **state)
{
	(void)state;
	differ("", "trusted_peers = { \"10.0.0.0/8\" }", "trusted_peers");
	differ("allowed = { \"10.0.0.0/8\" }", "allowed = { \"10.0.0.0/9\" }",
	    "allowed");
	differ("allowed = { \"10.0.0.0/8\" }",
	    "allowed = { \"10.0.0.0/8\", \"unix\" }", "allowed");
}

static void
what_a_reload_puts_in_force_is_not_named(void **state)
{
	(void)state;
	differ("",
	    "log_level = debug\ndrain_timeout = 1s\n"
	    "cache { size_max = 2M memory_max = 2M wal_max = 2M "
	    "variants_max = 2 }\n",
	    "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_stands_as_it_stood_is_no_difference),
	    cmocka_unit_test(
		what_belongs_to_the_start_is_named_with_its_block),
	    cmocka_unit_test(peers_are_compared_one_by_one),
	    cmocka_unit_test(what_a_reload_puts_in_force_is_not_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
