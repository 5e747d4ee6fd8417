/* The pool: slots, lanes, the queue, who is asked when some are not well. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "upstream/pool.h"

enum { NOW = 1000000 };

static struct upstream_opts opts;
static const char *three[] = {"http://10.0.0.1:8080", "http://10.0.0.2:8080",
    "http://10.0.0.3:8080", NULL};

static struct upstream *
make(const char *const *servers)
{
	struct upstream *upstream = NULL;
	struct err err = {0};

	opts.name = "cms";
	opts.servers = servers;
	if (upstream_new(&upstream, &opts, &err) != 0)
		fail_msg("%s", err.text);
	return upstream;
}

static const char *
made_in_vain(const char *server)
{
	static struct err err;
	const char *servers[] = {server, NULL};
	struct upstream *upstream = NULL;

	memset(&err, 0, sizeof(err));
	opts.name = "cms";
	opts.servers = servers;
	assert_int_equal(upstream_new(&upstream, &opts, &err), -1);
	return err.text;
}

static void
on_slot(void *arg)
{
	(*(int *)arg)++;
}

struct guest {
	struct pool_wait wait;
	int told;
};

static void
guest_init(struct guest *guest, enum lane lane)
{
	memset(guest, 0, sizeof(*guest));
	guest->wait.ask.lane = lane;
	guest->wait.on_slot = on_slot;
	guest->wait.arg = &guest->told;
}

static enum pool_said
come(struct upstream *upstream, struct guest *guest)
{
	return pool_enter(upstream->pool, &guest->wait, NOW);
}

static unsigned
at(const struct guest *guest)
{
	assert_true(guest->wait.holds);
	return guest->wait.server->at;
}

static void
go(struct upstream *upstream, struct guest *guest)
{
	pool_leave(upstream->pool, &guest->wait, NOW);
}

/* Comes, tells which server it got, and leaves. */
static unsigned
visit(struct upstream *upstream, struct guest *guest)
{
	unsigned was;

	assert_int_equal(come(upstream, guest), POOL_CHOSEN);
	was = at(guest);
	go(upstream, guest);
	return was;
}

static int
setup(void **state)
{
	(void)state;
	upstream_opts_default(&opts);
	return 0;
}

static void
each_server_has_its_turn(void **state)
{
	struct upstream *upstream = make(three);
	struct guest guest;
	unsigned seen[3] = {0};

	(void)state;
	guest_init(&guest, LANE_PAGES);
	for (int i = 0; i < 30; i++)
		seen[visit(upstream, &guest)]++;
	for (int i = 0; i < 3; i++)
		assert_int_equal(seen[i], 10);
	upstream_unref(&upstream);
}

static void
turns_go_by_weight_and_are_mixed(void **state)
{
	const char *servers[] = {
	    "http://a weight=3", "http://b", "http://c", NULL};
	struct upstream *upstream = make(servers);
	struct guest guest;
	char turns[11] = "";

	(void)state;
	guest_init(&guest, LANE_PAGES);
	for (int i = 0; i < 10; i++)
		turns[i] = (char)('a' + visit(upstream, &guest));
	assert_string_equal(turns, "abacaabaca");
	upstream_unref(&upstream);
}

static void
the_least_used_is_asked(void **state)
{
	struct upstream *upstream;
	struct guest guests[4];

	(void)state;
	opts.balance = BALANCE_LEAST;
	upstream = make(three);
	for (int i = 0; i < 4; i++)
		guest_init(&guests[i], LANE_PAGES);
	for (int i = 0; i < 3; i++)
		assert_int_equal(come(upstream, &guests[i]), POOL_CHOSEN);
	assert_int_equal(at(&guests[0]) + at(&guests[1]) + at(&guests[2]), 3);
	go(upstream, &guests[1]);
	assert_int_equal(come(upstream, &guests[3]), POOL_CHOSEN);
	assert_int_equal(at(&guests[3]), guests[1].wait.server->at);
	go(upstream, &guests[0]);
	go(upstream, &guests[2]);
	go(upstream, &guests[3]);
	upstream_unref(&upstream);
}

static void
only_a_lost_server_s_urls_move(void **state)
{
	struct upstream *upstream;
	struct guest guest;
	unsigned was[1000], moved = 0, its = 0;

	(void)state;
	opts.balance = BALANCE_URL;
	upstream = make(three);
	guest_init(&guest, LANE_PAGES);
	for (unsigned i = 0; i < 1000; i++) {
		guest.wait.ask.url_hash = i * UINT64_C(0x9e3779b97f4a7c15);
		was[i] = visit(upstream, &guest);
		its += was[i] == 1;
	}
	assert_in_range(its, 270, 400);
	atomic_store(&pool_member(upstream->pool, 1)->order, MEMBER_OUT);
	for (unsigned i = 0; i < 1000; i++) {
		guest.wait.ask.url_hash = i * UINT64_C(0x9e3779b97f4a7c15);
		moved += visit(upstream, &guest) != was[i];
	}
	assert_int_equal(moved, its);
	upstream_unref(&upstream);
}

static void
who_finds_no_slot_waits_and_gets_the_next(void **state)
{
	struct upstream *upstream;
	struct guest first, second, third;

	(void)state;
	opts.servers = NULL;
	opts.url = "http://cms";
	opts.max_connections = 1;
	upstream = make(NULL);
	guest_init(&first, LANE_PAGES);
	guest_init(&second, LANE_PAGES);
	guest_init(&third, LANE_PAGES);
	assert_int_equal(come(upstream, &first), POOL_CHOSEN);
	assert_int_equal(come(upstream, &second), POOL_WAITS);
	assert_int_equal(come(upstream, &third), POOL_WAITS);
	go(upstream, &first);
	assert_int_equal(second.told, 1);
	assert_int_equal(third.told, 0);
	assert_int_equal(
	    pool_stand(upstream->pool, &second.wait), POOL_CHOSEN);
	/* one that leaves the queue is not told */
	go(upstream, &third);
	go(upstream, &second);
	assert_int_equal(third.told, 0);
	assert_int_equal(come(upstream, &first), POOL_CHOSEN);
	go(upstream, &first);
	upstream_unref(&upstream);
}

static void
the_queue_is_bounded(void **state)
{
	struct upstream *upstream;
	struct guest guests[4];
	struct pool_figures figures;

	(void)state;
	opts.url = "http://cms";
	opts.max_connections = 1;
	opts.queue_max = 2;
	upstream = make(NULL);
	for (int i = 0; i < 4; i++)
		guest_init(&guests[i], LANE_PAGES);
	assert_int_equal(come(upstream, &guests[0]), POOL_CHOSEN);
	assert_int_equal(come(upstream, &guests[1]), POOL_WAITS);
	assert_int_equal(come(upstream, &guests[2]), POOL_WAITS);
	assert_int_equal(come(upstream, &guests[3]), POOL_FULL);
	pool_figures(upstream->pool, &figures);
	assert_int_equal(figures.queued, 2);
	assert_int_equal(figures.refused_ever, 1);
	for (int i = 3; i >= 0; i--)
		go(upstream, &guests[i]);
	go(upstream, &guests[1]);
	go(upstream, &guests[2]);
	pool_figures(upstream->pool, &figures);
	assert_int_equal(figures.queued + figures.lanes[LANE_PAGES], 0);
	upstream_unref(&upstream);
}

static void
long_requests_leave_room_for_pages(void **state)
{
	struct upstream *upstream;
	struct guest slow[5], page;

	(void)state;
	opts.url = "http://cms";
	opts.max_connections = 8;
	upstream = make(NULL);
	for (int i = 0; i < 5; i++) {
		guest_init(&slow[i], LANE_LONG);
		assert_int_equal(
		    come(upstream, &slow[i]), i < 4 ? POOL_CHOSEN : POOL_WAITS);
	}
	guest_init(&page, LANE_PAGES);
	assert_int_equal(visit(upstream, &page), 0);
	assert_int_equal(slow[4].told, 0);
	go(upstream, &slow[0]);
	assert_int_equal(slow[4].told, 1);
	for (int i = 1; i < 5; i++)
		go(upstream, &slow[i]);
	upstream_unref(&upstream);
}

static void
the_upstream_s_own_request_has_a_slot_in_reserve(void **state)
{
	struct upstream *upstream;
	struct guest page, own, other;

	(void)state;
	opts.url = "http://cms";
	opts.max_connections = 1;
	upstream = make(NULL);
	guest_init(&page, LANE_PAGES);
	guest_init(&own, LANE_PAGES);
	guest_init(&other, LANE_PAGES);
	own.wait.ask.own = other.wait.ask.own = true;
	assert_int_equal(come(upstream, &page), POOL_CHOSEN);
	assert_int_equal(come(upstream, &own), POOL_CHOSEN);
	assert_int_equal(come(upstream, &other), POOL_WAITS);
	go(upstream, &own);
	assert_int_equal(other.told, 1);
	go(upstream, &page);
	go(upstream, &other);
	upstream_unref(&upstream);
}

static void
a_failing_server_is_left_out_and_tried_by_one(void **state)
{
	struct upstream *upstream = make(three);
	struct member *sick = pool_member(upstream->pool, 1);
	struct guest guest;
	unsigned tries = 0;

	(void)state;
	guest_init(&guest, LANE_PAGES);
	guest.wait.ask.may_repeat = true;
	pool_report(upstream->pool, upstream, sick, OUTCOME_DOWN, NOW);
	assert_false(upstream_is_failing(upstream, NOW));
	for (int i = 0; i < 10; i++)
		assert_int_not_equal(visit(upstream, &guest), 1);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(pool_enter(upstream->pool, &guest.wait,
				     NOW + opts.back_off_min_ms),
		    POOL_CHOSEN);
		tries += at(&guest) == 1;
		go(upstream, &guest);
	}
	assert_int_equal(tries, 1);
	pool_report(upstream->pool, upstream, sick, OUTCOME_OK, NOW);
	tries = 0;
	for (int i = 0; i < 9; i++)
		tries += visit(upstream, &guest) == 1;
	assert_int_equal(tries, 3);
	upstream_unref(&upstream);
}

static void
a_request_that_cannot_be_repeated_tries_no_sick_server(void **state)
{
	struct upstream *upstream = make(three);
	struct guest guest;

	(void)state;
	pool_report(upstream->pool, upstream, pool_member(upstream->pool, 0),
	    OUTCOME_DOWN, NOW);
	guest_init(&guest, LANE_PAGES);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(
		    pool_enter(upstream->pool, &guest.wait, NOW + 100000),
		    POOL_CHOSEN);
		assert_int_not_equal(at(&guest), 0);
		go(upstream, &guest);
	}
	upstream_unref(&upstream);
}

static void
when_all_fail_the_upstream_fails_and_somebody_is_asked_still(void **state)
{
	struct upstream *upstream = make(three);
	struct guest guest;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_false(upstream_is_failing(upstream, NOW));
		pool_report(upstream->pool, upstream,
		    pool_member(upstream->pool, i), OUTCOME_DOWN, NOW);
	}
	assert_true(upstream_is_failing(upstream, NOW));
	guest_init(&guest, LANE_PAGES);
	visit(upstream, &guest);
	pool_report(upstream->pool, upstream, pool_member(upstream->pool, 2),
	    OUTCOME_OK, NOW);
	assert_false(upstream_is_failing(upstream, NOW));
	upstream_unref(&upstream);
}

static void
backups_stand_in_when_nobody_else_can(void **state)
{
	const char *servers[] = {
	    "http://a", "http://b max_connections=1", "http://c backup", NULL};
	struct upstream *upstream = make(servers);
	struct guest guest;

	(void)state;
	guest_init(&guest, LANE_PAGES);
	for (int i = 0; i < 6; i++)
		assert_int_not_equal(visit(upstream, &guest), 2);
	atomic_store(&pool_member(upstream->pool, 0)->order, MEMBER_OUT);
	pool_report(upstream->pool, upstream, pool_member(upstream->pool, 1),
	    OUTCOME_DOWN, NOW);
	assert_int_equal(visit(upstream, &guest), 2);
	atomic_store(&pool_member(upstream->pool, 2)->probed_down, true);
	/* the sick one is better than none */
	assert_int_equal(visit(upstream, &guest), 1);
	atomic_store(&pool_member(upstream->pool, 1)->order, MEMBER_OUT);
	assert_int_equal(come(upstream, &guest), POOL_NONE);
	upstream_unref(&upstream);
}

static void
who_failed_once_goes_elsewhere(void **state)
{
	struct upstream *upstream = make(three);
	struct guest guest;

	(void)state;
	guest_init(&guest, LANE_PAGES);
	guest.wait.ask.tried = 1 << 0 | 1 << 2;
	for (int i = 0; i < 4; i++)
		assert_int_equal(visit(upstream, &guest), 1);
	guest.wait.ask.tried = 7;
	assert_int_equal(come(upstream, &guest), POOL_NONE);
	upstream_unref(&upstream);
}

static void
a_session_goes_to_its_server_and_waits_for_it(void **state)
{
	struct upstream *upstream;
	struct guest guest, mine, mine_too;

	(void)state;
	opts.max_connections = 1;
	upstream = make(three);
	guest_init(&guest, LANE_PAGES);
	guest_init(&mine, LANE_PAGES);
	guest_init(&mine_too, LANE_PAGES);
	strcpy(mine.wait.ask.session, pool_member(upstream->pool, 2)->tag);
	mine_too.wait.ask = mine.wait.ask;
	assert_int_equal(come(upstream, &mine), POOL_CHOSEN);
	assert_int_equal(at(&mine), 2);
	assert_int_equal(come(upstream, &mine_too), POOL_WAITS);
	for (int i = 0; i < 4; i++)
		assert_int_not_equal(visit(upstream, &guest), 2);
	go(upstream, &mine);
	assert_int_equal(mine_too.told, 1);
	go(upstream, &mine_too);
	/* it is gone: any other */
	atomic_store(&pool_member(upstream->pool, 2)->order, MEMBER_OUT);
	assert_int_not_equal(visit(upstream, &mine), 2);
	upstream_unref(&upstream);
}

static void
a_server_that_drains_keeps_its_sessions_only(void **state)
{
	struct upstream *upstream = make(three);
	struct guest guest, mine;

	(void)state;
	atomic_store(&pool_member(upstream->pool, 0)->order, MEMBER_DRAINS);
	guest_init(&guest, LANE_PAGES);
	guest_init(&mine, LANE_PAGES);
	strcpy(mine.wait.ask.session, pool_member(upstream->pool, 0)->tag);
	for (int i = 0; i < 6; i++) {
		assert_int_not_equal(visit(upstream, &guest), 0);
		assert_int_equal(visit(upstream, &mine), 0);
	}
	upstream_unref(&upstream);
}

static void
who_waits_goes_when_a_server_is_put_back(void **state)
{
	struct upstream *upstream;
	struct guest first, second, third;

	(void)state;
	opts.max_connections = 1;
	upstream = make((const char *[]){"http://a", "http://b", NULL});
	atomic_store(&pool_member(upstream->pool, 1)->order, MEMBER_OUT);
	guest_init(&first, LANE_PAGES);
	guest_init(&second, LANE_PAGES);
	guest_init(&third, LANE_PAGES);
	assert_int_equal(come(upstream, &first), POOL_CHOSEN);
	assert_int_equal(come(upstream, &second), POOL_WAITS);
	assert_int_equal(come(upstream, &third), POOL_WAITS);
	atomic_store(&pool_member(upstream->pool, 1)->order, MEMBER_IN);
	pool_look(upstream->pool, NULL, NOW);
	assert_int_equal(at(&second), 1);
	/* none left: who waits is told, and finds nobody */
	atomic_store(&pool_member(upstream->pool, 0)->order, MEMBER_OUT);
	atomic_store(&pool_member(upstream->pool, 1)->order, MEMBER_OUT);
	pool_look(upstream->pool, NULL, NOW);
	assert_int_equal(third.told, 1);
	assert_int_equal(
	    pool_stand(upstream->pool, &third.wait), POOL_NONE);
	assert_int_equal(come(upstream, &third), POOL_NONE);
	go(upstream, &first);
	go(upstream, &second);
	upstream_unref(&upstream);
}

static void
a_server_that_is_back_starts_slowly(void **state)
{
	struct upstream *upstream;
	struct guest guest;
	unsigned seen = 0;

	(void)state;
	opts.slow_start_ms = 10000;
	upstream = make((const char *[]){"http://a", "http://b", NULL});
	guest_init(&guest, LANE_PAGES);
	pool_look(upstream->pool, pool_member(upstream->pool, 1), NOW);
	for (int i = 0; i < 170; i++)
		seen += visit(upstream, &guest);
	assert_in_range(seen, 9, 11);
	seen = 0;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(
		    pool_enter(upstream->pool, &guest.wait, NOW + 10000),
		    POOL_CHOSEN);
		seen += at(&guest);
		go(upstream, &guest);
	}
	assert_in_range(seen, 45, 55);
	upstream_unref(&upstream);
}

static void
what_is_wrong_with_a_server_is_told(void **state)
{
	const char *twice[] = {"http://a", "http://a weight=2", NULL};
	struct upstream *upstream = NULL;
	struct err err = {0};

	(void)state;
	assert_non_null(strstr(made_in_vain(""), "needs an address"));
	assert_non_null(strstr(made_in_vain("ftp://a"), "ftp://a"));
	assert_non_null(strstr(made_in_vain("http://a wait=1"), "weight=N"));
	assert_non_null(strstr(made_in_vain("http://a weight=0"), "1 to 256"));
	assert_non_null(strstr(made_in_vain("http://a weight=x"), "1 to 256"));
	assert_non_null(
	    strstr(made_in_vain("http://a max_connections=-1"), "a number"));
	opts.servers = twice;
	assert_int_equal(upstream_new(&upstream, &opts, &err), -1);
	assert_non_null(strstr(err.text, "twice"));
}

/* Anybody can write our name into Via. */
static void
own_requests_break_no_lane_but_for_the_one_in_reserve(void **state)
{
	struct upstream *upstream;
	struct guest edits[3], page;

	(void)state;
	opts.url = "http://cms";
	opts.max_connections = 4;
	opts.lane_long = 1;
	upstream = make(NULL);
	guest_init(&page, LANE_PAGES);
	for (int i = 0; i < 3; i++) {
		guest_init(&edits[i], LANE_LONG);
		edits[i].wait.ask.own = true;
	}
	assert_int_equal(come(upstream, &edits[0]), POOL_CHOSEN);
	assert_int_equal(come(upstream, &edits[1]), POOL_CHOSEN);
	assert_int_equal(come(upstream, &edits[2]), POOL_WAITS);
	assert_int_equal(come(upstream, &page), POOL_CHOSEN);
	go(upstream, &edits[0]);
	assert_int_equal(edits[2].told, 1);
	go(upstream, &page);
	go(upstream, &edits[1]);
	go(upstream, &edits[2]);
	assert_int_equal(pool_member(upstream->pool, 0)->in_use, 0);
	assert_int_equal(pool_member(upstream->pool, 0)->own, 0);
	upstream_unref(&upstream);
}

static void
a_session_whose_server_is_well_tries_no_sick_one(void **state)
{
	struct upstream *upstream = make(three);
	uint64_t later = NOW + 100 * (uint64_t)opts.back_off_max_ms;
	struct guest mine;

	(void)state;
	guest_init(&mine, LANE_PAGES);
	mine.wait.ask.may_repeat = true;
	strcpy(mine.wait.ask.session, pool_member(upstream->pool, 2)->tag);
	pool_report(upstream->pool, upstream, pool_member(upstream->pool, 0),
	    OUTCOME_DOWN, NOW);
	assert_int_equal(
	    pool_enter(upstream->pool, &mine.wait, later), POOL_CHOSEN);
	assert_int_equal(at(&mine), 2);
	go(upstream, &mine);
	upstream_unref(&upstream);
}

static void
of_those_by_number_only_its_own_try_a_sick_server(void **state)
{
	struct upstream *upstream = make(three);
	uint64_t later = NOW;
	struct guest guest;
	unsigned before, tried = 0;

	(void)state;
	for (uint64_t sticky = 1; sticky <= 60; sticky++) {
		guest_init(&guest, LANE_PAGES);
		guest.wait.ask.may_repeat = true;
		guest.wait.ask.sticky = sticky;
		before = visit(upstream, &guest);
		pool_report(upstream->pool, upstream,
		    pool_member(upstream->pool, 0), OUTCOME_DOWN, NOW);
		later += 100 * (uint64_t)opts.back_off_max_ms;
		assert_int_equal(pool_enter(upstream->pool, &guest.wait, later),
		    POOL_CHOSEN);
		assert_int_equal(at(&guest), before);
		tried += before == 0;
		go(upstream, &guest);
		pool_report(upstream->pool, upstream,
		    pool_member(upstream->pool, 0), OUTCOME_OK, later);
	}
	assert_true(tried > 0);
	upstream_unref(&upstream);
}

static void
a_probe_reaches_an_only_server_that_is_down(void **state)
{
	struct upstream *upstream;
	struct guest probe, page;

	(void)state;
	opts.url = "http://cms";
	opts.probe = "/well";
	upstream = make(NULL);
	guest_init(&probe, LANE_PAGES);
	guest_init(&page, LANE_PAGES);
	probe.wait.ask.own = probe.wait.ask.probes = true;
	atomic_store(&pool_member(upstream->pool, 0)->probed_down, true);
	assert_int_equal(come(upstream, &page), POOL_NONE);
	assert_int_equal(come(upstream, &probe), POOL_CHOSEN);
	go(upstream, &probe);
	upstream_unref(&upstream);
}

static void
without_a_probe_no_server_is_down_after_a_reload(void **state)
{
	struct upstream *old, *kept, *bare;

	(void)state;
	opts.probe = "/well";
	old = make(three);
	atomic_store(&pool_member(old->pool, 0)->probed_down, true);
	atomic_store(&pool_member(old->pool, 1)->order, MEMBER_OUT);
	kept = make(three);
	pool_inherit(kept->pool, old->pool);
	assert_false(member_may_be_asked(pool_member(kept->pool, 0)));
	opts.probe = NULL;
	bare = make(three);
	pool_inherit(bare->pool, old->pool);
	assert_true(member_may_be_asked(pool_member(bare->pool, 0)));
	assert_false(member_may_be_asked(pool_member(bare->pool, 1)));
	upstream_unref(&old);
	upstream_unref(&kept);
	upstream_unref(&bare);
}

static void
what_no_client_asks_for_is_not_all_asked_of_one_server(void **state)
{
	struct upstream *upstream;
	unsigned asked[3] = {0};
	struct guest guest;

	(void)state;
	opts.balance = BALANCE_CLIENT;
	upstream = make(three);
	guest_init(&guest, LANE_PARTS);
	for (unsigned i = 1; i <= 60; i++) {
		guest.wait.ask.url_hash = i;
		asked[visit(upstream, &guest)]++;
	}
	for (unsigned i = 0; i < 3; i++)
		assert_true(asked[i] > 0);
	upstream_unref(&upstream);
}

/* ---- from many threads ---- */

enum { HANDS = 4, TURNS = 4000, HELD = 8 };

struct hand {
	pthread_t thread;
	struct upstream *upstream;
	uint64_t chance;
};

static unsigned
chance(struct hand *hand, unsigned below)
{
	hand->chance = hand->chance * UINT64_C(6364136223846793005) + 1;
	return (unsigned)(hand->chance >> 33) % below;
}

static void
on_slot_anywhere(void *arg)
{
	atomic_fetch_add((_Atomic int *)arg, 1);
}

static void
ask_for_something(struct hand *hand, struct pool_ask *ask)
{
	struct pool *pool = hand->upstream->pool;

	memset(ask, 0, sizeof(*ask));
	ask->lane = (enum lane)chance(hand, LANES);
	ask->own = chance(hand, 5) == 0;
	ask->may_repeat = chance(hand, 2);
	ask->probes = chance(hand, 16) == 0;
	ask->tried = chance(hand, 4) ? 0 : 1u << chance(hand, 3);
	ask->sticky = chance(hand, 4) ? 0 : chance(hand, 100);
	if (chance(hand, 4) == 0)
		strcpy(ask->session, pool_member(pool, chance(hand, 3))->tag);
}

static void
meddle(struct hand *hand, uint64_t now_ms)
{
	struct pool *pool = hand->upstream->pool;
	struct member *server = pool_member(pool, chance(hand, 3));
	struct pool_figures figures;

	switch (chance(hand, 8)) {
	case 0:
		atomic_store(&server->order, chance(hand, 3));
		pool_look(pool, server, now_ms);
		break;
	case 1:
		atomic_store(&server->probed_down, chance(hand, 2));
		pool_look(pool, NULL, now_ms);
		break;
	case 2:
		pool_report(pool, hand->upstream, server,
		    (enum outcome_kind)chance(hand, 4), now_ms);
		break;
	default:
		pool_figures(pool, &figures);
		must(pool_in_use(pool, server) <= 3);
		break;
	}
}

static void *
work(void *arg)
{
	struct pool_wait waits[HELD] = {0};
	_Atomic int told[HELD] = {0};
	struct hand *hand = arg;
	struct pool *pool = hand->upstream->pool;

	for (uint64_t now_ms = NOW; now_ms < NOW + TURNS; now_ms++) {
		unsigned i = chance(hand, HELD);

		if (pool_stand(pool, &waits[i]) == POOL_NONE) {
			ask_for_something(hand, &waits[i].ask);
			waits[i].on_slot = on_slot_anywhere;
			waits[i].arg = &told[i];
			(void)pool_enter(pool, &waits[i], now_ms);
		} else {
			pool_leave(pool, &waits[i], now_ms);
		}
		meddle(hand, now_ms);
	}
	for (unsigned i = 0; i < HELD; i++)
		pool_leave(pool, &waits[i], NOW + TURNS);
	return NULL;
}

static void
all_counts_return_to_nothing_whoever_comes_and_goes(void **state)
{
	struct hand hands[HANDS];
	struct pool_figures figures;
	struct upstream *upstream;

	(void)state;
	opts.max_connections = 2;
	opts.lane_long = 3;
	opts.queue_max = 10;
	opts.slow_start_ms = 50;
	opts.back_off_min_ms = 10;
	opts.back_off_max_ms = 40;
	upstream = make(three);
	for (unsigned i = 0; i < HANDS; i++) {
		hands[i] = (struct hand){.upstream = upstream, .chance = i + 1};
		assert_int_equal(pthread_create(&hands[i].thread, NULL, work,
				     &hands[i]),
		    0);
	}
	for (unsigned i = 0; i < HANDS; i++)
		pthread_join(hands[i].thread, NULL);
	pool_figures(upstream->pool, &figures);
	assert_int_equal(figures.queued, 0);
	assert_true(figures.queued_ever > 0);
	for (unsigned i = 0; i < LANES; i++)
		assert_int_equal(figures.lanes[i], 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pool_member(upstream->pool, i)->in_use, 0);
		assert_int_equal(pool_member(upstream->pool, i)->own, 0);
	}
	upstream_unref(&upstream);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(each_server_has_its_turn, setup),
	    cmocka_unit_test_setup(turns_go_by_weight_and_are_mixed, setup),
	    cmocka_unit_test_setup(the_least_used_is_asked, setup),
	    cmocka_unit_test_setup(only_a_lost_server_s_urls_move, setup),
	    cmocka_unit_test_setup(
		who_finds_no_slot_waits_and_gets_the_next, setup),
	    cmocka_unit_test_setup(the_queue_is_bounded, setup),
	    cmocka_unit_test_setup(long_requests_leave_room_for_pages, setup),
	    cmocka_unit_test_setup(
		the_upstream_s_own_request_has_a_slot_in_reserve, setup),
	    cmocka_unit_test_setup(
		a_failing_server_is_left_out_and_tried_by_one, setup),
	    cmocka_unit_test_setup(
		a_request_that_cannot_be_repeated_tries_no_sick_server, setup),
	    cmocka_unit_test_setup(
		when_all_fail_the_upstream_fails_and_somebody_is_asked_still,
		setup),
	    cmocka_unit_test_setup(
		backups_stand_in_when_nobody_else_can, setup),
	    cmocka_unit_test_setup(who_failed_once_goes_elsewhere, setup),
	    cmocka_unit_test_setup(
		a_session_goes_to_its_server_and_waits_for_it, setup),
	    cmocka_unit_test_setup(
		a_server_that_drains_keeps_its_sessions_only, setup),
	    cmocka_unit_test_setup(
		who_waits_goes_when_a_server_is_put_back, setup),
	    cmocka_unit_test_setup(a_server_that_is_back_starts_slowly, setup),
	    cmocka_unit_test_setup(what_is_wrong_with_a_server_is_told, setup),
	    cmocka_unit_test_setup(
		own_requests_break_no_lane_but_for_the_one_in_reserve, setup),
	    cmocka_unit_test_setup(
		a_session_whose_server_is_well_tries_no_sick_one, setup),
	    cmocka_unit_test_setup(
		of_those_by_number_only_its_own_try_a_sick_server, setup),
	    cmocka_unit_test_setup(
		a_probe_reaches_an_only_server_that_is_down, setup),
	    cmocka_unit_test_setup(
		without_a_probe_no_server_is_down_after_a_reload, setup),
	    cmocka_unit_test_setup(
		what_no_client_asks_for_is_not_all_asked_of_one_server, setup),
	    cmocka_unit_test_setup(
		all_counts_return_to_nothing_whoever_comes_and_goes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
