/* tests/unit/test_upstream_resolver.c - names, with the world's part faked */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/report.h"
#include "upstream/resolver.h"

/* What the world answers: by the name's first letter, f(ails), h(angs until
 * let go), else with the address that is current. */
static _Atomic int lookups, address = 1, hanging;
static _Atomic bool let_go, failing;

static int
lookup(const char *host, struct addresses *out)
{
	atomic_fetch_add(&lookups, 1);
	memset(out, 0, sizeof(*out));
	if (host[0] == 'h') {
		atomic_fetch_add(&hanging, 1);
		while (!atomic_load(&let_go))
			usleep(1000);
		atomic_fetch_sub(&hanging, 1);
	}
	if (host[0] == 'f' || atomic_load(&failing))
		return -1;
	out->count = 2;
	snprintf(out->text[0], ADDRESS_MAX, "10.0.0.%d", atomic_load(&address));
	snprintf(out->text[1], ADDRESS_MAX, "10.0.1.%d", atomic_load(&address));
	return 0;
}

struct asker {
	struct resolver_wait wait;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int told;
};

static void
on_resolved(void *arg)
{
	struct asker *asker = arg;

	pthread_mutex_lock(&asker->mutex);
	asker->told++;
	pthread_cond_signal(&asker->cond);
	pthread_mutex_unlock(&asker->mutex);
}

static void
asker_init(struct asker *asker)
{
	memset(asker, 0, sizeof(*asker));
	pthread_mutex_init(&asker->mutex, NULL);
	pthread_cond_init(&asker->cond, NULL);
	asker->wait.on_resolved = on_resolved;
	asker->wait.arg = asker;
}

static void
asker_wait(struct asker *asker)
{
	pthread_mutex_lock(&asker->mutex);
	while (!asker->told)
		pthread_cond_wait(&asker->cond, &asker->mutex);
	assert_int_equal(asker->told, 1);
	asker->told = 0;
	pthread_mutex_unlock(&asker->mutex);
}

static struct resolver *resolver;
static struct asker me;
static struct addresses found;

static int
set_up_with(uint32_t again_ms)
{
	const struct resolver_opts opts = {.threads = 2,
	    .timeout_ms = 100,
	    .again_ms = again_ms,
	    .lookup = lookup};
	struct err err;

	lookups = 0;
	address = 1;
	let_go = failing = false;
	asker_init(&me);
	memset(&found, 0, sizeof(found));
	return resolver_new(&resolver, &opts, &err);
}

static int
set_up(void **state)
{
	(void)state;
	return set_up_with(9000);
}

/* For those that see names grow old. */
static int
set_up_quick(void **state)
{
	(void)state;
	return set_up_with(300);
}

static int
tear_down(void **state)
{
	(void)state;
	resolver_free(&resolver);
	let_go = true;
	while (atomic_load(&hanging))
		usleep(1000);
	return 0;
}

static enum resolved
find(const char *host)
{
	return resolver_find(resolver, host, &found, &me.wait);
}

static void
numbers_and_localhost_need_no_look_up(void **state)
{
	(void)state;
	assert_int_equal(find("192.0.2.7"), RESOLVED);
	assert_string_equal(found.text[0], "192.0.2.7");
	assert_int_equal(find("2001:db8::1"), RESOLVED);
	assert_string_equal(found.text[0], "2001:db8::1");
	assert_int_equal(find("LocalHost"), RESOLVED);
	assert_int_equal(found.count, 2);
	assert_string_equal(found.text[0], "127.0.0.1");
	assert_int_equal(lookups, 0);
}

static void
a_name_is_looked_up_once_for_all_who_ask(void **state)
{
	struct asker other;

	(void)state;
	asker_init(&other);
	assert_int_equal(find("a"), RESOLVING);
	resolver_find(resolver, "a", &found, &other.wait);
	asker_wait(&me);
	assert_int_equal(find("a"), RESOLVED);
	assert_int_equal(found.count, 2);
	assert_false(found.kept);
	assert_int_equal(lookups, 1);
	resolver_withdraw(resolver, "a", &other.wait);
}

static void
an_old_answer_counts_until_the_new_one_is_there(void **state)
{
	(void)state;
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	usleep(350000); /* past again_ms, and the pause between look-ups */
	atomic_store(&address, 2);
	assert_int_equal(find("a"), RESOLVED);
	assert_string_equal(found.text[0], "10.0.0.1");
	for (int i = 0; i < 1000 && strcmp(found.text[0], "10.0.0.2"); i++) {
		usleep(1000);
		assert_int_equal(find("a"), RESOLVED);
	}
	assert_string_equal(found.text[0], "10.0.0.2");
	assert_int_equal(lookups, 2);
}

static void
the_last_good_one_is_kept_when_the_name_fails(void **state)
{
	(void)state;
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	usleep(350000);
	atomic_store(&failing, true);
	assert_int_equal(find("a"), RESOLVED);
	for (int i = 0; i < 1000 && !found.kept; i++) {
		usleep(1000);
		assert_int_equal(find("a"), RESOLVED);
	}
	assert_true(found.kept);
	assert_string_equal(found.text[0], "10.0.0.1");
}

static void
a_name_that_fails_is_not_asked_again_at_once(void **state)
{
	(void)state;
	assert_int_equal(find("fails"), RESOLVING);
	asker_wait(&me);
	for (int i = 0; i < 100; i++)
		assert_int_equal(find("fails"), UNRESOLVABLE);
	assert_int_equal(lookups, 1);
}

static void
who_waits_for_a_hanging_name_is_told_in_time(void **state)
{
	uint64_t began = clock_mono_us();

	(void)state;
	assert_int_equal(find("hangs"), RESOLVING);
	asker_wait(&me);
	assert_in_range((clock_mono_us() - began) / 1000, 95, 1000);
	assert_int_equal(find("hangs"), UNRESOLVABLE);
}

static void
hanging_names_do_not_take_the_others_with_them(void **state)
{
	static const char *const names[] = {"h1", "h2", "h3", "h4", "h5", "h6"};
	struct asker askers[6];
	int most = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		asker_init(&askers[i]);
		assert_int_equal(
		    resolver_find(resolver, names[i], &found, &askers[i].wait),
		    RESOLVING);
	}
	for (int i = 0; i < 6; i++)
		asker_wait(&askers[i]);
	assert_int_equal(find("well"), RESOLVING);
	asker_wait(&me);
	for (int i = 0; i < 500 && find("well") != RESOLVED; i++)
		usleep(1000);
	assert_int_equal(find("well"), RESOLVED);
	most = atomic_load(&hanging);
	assert_true(most >= 2);
}

static void
a_name_known_in_an_earlier_life_serves_while_dns_hangs(void **state)
{
	uint64_t began = clock_mono_us();

	(void)state;
	resolver_seed(resolver, "hseed", "192.0.2.1");
	resolver_seed(resolver, "hseed", "192.0.2.2");
	resolver_seed(resolver, "hseed", "junk; no address");
	assert_int_equal(find("hseed"), RESOLVING);
	asker_wait(&me);
	assert_true(clock_mono_us() - began < 1000000);
	assert_int_equal(find("hseed"), RESOLVED);
	assert_true(found.kept);
	assert_int_equal(found.count, 2);
	assert_string_equal(found.text[0], "192.0.2.1");
}

static void
a_fresh_answer_beats_an_earlier_life(void **state)
{
	(void)state;
	resolver_seed(resolver, "a", "192.0.2.1");
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	assert_int_equal(find("a"), RESOLVED);
	assert_string_equal(found.text[0], "10.0.0.1");
	assert_false(found.kept);
}

static void
the_address_that_answered_comes_first(void **state)
{
	(void)state;
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	resolver_good(resolver, "a", "10.0.1.1", false);
	assert_int_equal(find("a"), RESOLVED);
	assert_string_equal(found.text[0], "10.0.1.1");
	assert_string_equal(found.text[1], "10.0.0.1");
}

static _Atomic int reports;

static void
on_address(void *arg, const char *host, const char *numeric)
{
	(void)arg;
	assert_string_equal(host, "a");
	assert_string_equal(numeric, "10.0.0.1");
	atomic_fetch_add(&reports, 1);
}

static void
good_addresses_are_reported_but_not_each_time(void **state)
{
	const struct report_sink sink = {.address = on_address};

	(void)state;
	report_set_sink(&sink);
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	for (int i = 0; i < 10; i++)
		resolver_good(resolver, "a", "10.0.0.1", false);
	assert_int_equal(reports, 1);
	report_set_sink(NULL);
}

static void
a_doubted_name_is_looked_up_again(void **state)
{
	(void)state;
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	usleep(350000); /* the pause between two look-ups */
	assert_int_equal(lookups, 1);
	resolver_doubt(resolver, "a");
	atomic_store(&address, 2);
	assert_int_equal(find("a"), RESOLVING);
	asker_wait(&me);
	assert_int_equal(find("a"), RESOLVED);
	assert_string_equal(found.text[0], "10.0.0.2");
	assert_int_equal(lookups, 2);
}

static void
who_withdrew_is_not_told(void **state)
{
	(void)state;
	assert_int_equal(find("hangs"), RESOLVING);
	resolver_withdraw(resolver, "hangs", &me.wait);
	usleep(150000);
	assert_int_equal(me.told, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define Q(name) cmocka_unit_test_setup_teardown(name, set_up_quick, tear_down)
	    T(numbers_and_localhost_need_no_look_up),
	    T(a_name_is_looked_up_once_for_all_who_ask),
	    Q(an_old_answer_counts_until_the_new_one_is_there),
	    Q(the_last_good_one_is_kept_when_the_name_fails),
	    T(a_name_that_fails_is_not_asked_again_at_once),
	    T(who_waits_for_a_hanging_name_is_told_in_time),
	    T(hanging_names_do_not_take_the_others_with_them),
	    T(a_name_known_in_an_earlier_life_serves_while_dns_hangs),
	    T(a_fresh_answer_beats_an_earlier_life),
	    T(the_address_that_answered_comes_first),
	    T(good_addresses_are_reported_but_not_each_time),
	    T(a_doubted_name_is_looked_up_again),
	    T(who_withdrew_is_not_told),
#undef T
#undef Q
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
