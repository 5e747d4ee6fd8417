/* Which address is dialled, and which next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "fetch/dial.h"

static const char *const three[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};

static int
lookup(const char *host, struct addresses *out)
{
	(void)host;
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < 3; i++)
		strcpy(out->text[out->count++], three[i]);
	return 0;
}

static struct fetch_opts opts;
static struct upstream *upstream;
static _Atomic bool known;

static void
on_known(void *arg)
{
	(void)arg;
	atomic_store(&known, true);
}

static int
begin(void **state, bool spread, const char *url)
{
	struct resolver_opts resolver_opts;
	struct upstream_opts up_opts;
	struct err err = {0};

	(void)state;
	resolver_opts_default(&resolver_opts);
	resolver_opts.lookup = lookup;
	assert_int_equal(resolver_new(&opts.resolver, &resolver_opts, &err), 0);
	upstream_opts_default(&up_opts);
	up_opts.url = url;
	up_opts.spread = spread;
	assert_int_equal(upstream_new(&upstream, &up_opts, &err), 0);
	return 0;
}

static void
finish(void)
{
	upstream_unref(&upstream);
	resolver_free(&opts.resolver);
}

static void
find(struct dial *dial)
{
	struct err err = {0};
	enum dial_state state;

	dial_init(dial, &opts, upstream, on_known, NULL);
	while ((state = dial_find(dial, 0, &err)) == DIAL_WAITS)
		while (!atomic_exchange(&known, false))
			usleep(1000);
	assert_int_equal(state, DIAL_READY);
}

/* The last digits of the addresses that so many in a row dial and reach. */
static const char *
turns(unsigned count)
{
	static char out[32];
	struct dial dial;

	for (unsigned i = 0; i < count; i++) {
		find(&dial);
		out[i] = dial_address(&dial)[7];
		dial_answered(&dial);
		dial_fini(&dial);
	}
	out[count] = '\0';
	return out;
}

static void
requests_go_to_each_address_in_turn(void **state)
{
	begin(state, true, "http://cms");
	assert_string_equal(turns(7), "1231231");
	finish();
}

static void
where_they_are_not_spread_the_first_is_kept(void **state)
{
	begin(state, false, "http://cms");
	assert_string_equal(turns(4), "1111");
	finish();
}

static void
one_that_did_not_connect_is_left_out_until_it_is_the_last_resort(void **state)
{
	struct dial dial;

	begin(state, true, "http://cms");
	assert_string_equal(turns(1), "1");
	find(&dial);
	assert_string_equal(dial_address(&dial), "10.0.0.2");
	assert_true(dial_next(&dial));
	assert_string_equal(dial_address(&dial), "10.0.0.3");
	dial_answered(&dial);
	dial_fini(&dial);
	assert_int_equal(strcspn(turns(6), "2"), 6);
	/* all others fail too: it is tried again */
	find(&dial);
	assert_true(dial_next(&dial));
	assert_true(dial_next(&dial));
	assert_string_equal(dial_address(&dial), "10.0.0.2");
	dial_answered(&dial);
	assert_false(dial_next(&dial));
	dial_fini(&dial);
	finish();
}

static void
who_dials_late_has_as_long_as_who_dials_at_once(void **state)
{
	uint64_t late_ms = 60000;
	struct dial dial;
	uint32_t share_ms;

	begin(state, false, "http://127.0.0.1:1");
	find(&dial);
	share_ms = dial_share_ms(&dial, 0);
	dial_anew(&dial, late_ms);
	assert_int_equal(dial_share_ms(&dial, late_ms), share_ms);
	dial_fini(&dial);
	finish();
}

static void
localhost_is_ipv4_first(void **state)
{
	struct dial dial;

	begin(state, true, "http://localhost:1");
	for (int i = 0; i < 3; i++) {
		find(&dial);
		assert_string_equal(dial_address(&dial), "127.0.0.1");
		dial_fini(&dial);
	}
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_go_to_each_address_in_turn),
	    cmocka_unit_test(where_they_are_not_spread_the_first_is_kept),
	    cmocka_unit_test(
		one_that_did_not_connect_is_left_out_until_it_is_the_last_resort),
	    cmocka_unit_test(
		who_dials_late_has_as_long_as_who_dials_at_once),
	    cmocka_unit_test(localhost_is_ipv4_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
