/* tests/unit/test_fetch_churn.c - whatever happens, everybody is told once
 *
 * Threads ask for good and bad things in every plan, leave, run late and read
 * slowly or not at all, and the module is stopped in the middle of it. Most of
 * what this finds only the sanitizers see. */
#include "fetch_rig.h"

enum { THREADS = 4, ROUNDS = 120, PAGES = 200, ASKS = 200 };

static const char *const targets[] = {"/a?size=300", "/b?size=90000&gzip=1",
    "/c?chunked=1&size=70000&drip=1", "/bad/cl-short", "/bad/reset-body",
    "/bad/gzip-cut", "/bad/cl-te", "/d?delay=20", "/e?status=404",
    "/bad/hang-body", "/f?size=700000", "/g?body-delay=20&size=9000"};

struct actor {
	pthread_t thread;
	struct rig *rig;
	unsigned chance;
	struct ask asks[ASKS]; /* a flight may outlive its page */
	unsigned asked;
};

static unsigned
roll(struct actor *actor, unsigned sides)
{
	return (unsigned)rand_r(&actor->chance) % sides;
}

static struct ask *
any_ask(struct actor *actor)
{
	struct ask *ask = &actor->asks[actor->asked++];

	ask->target = targets[roll(actor, COUNT_OF(targets))];
	ask->plan = (enum plan)roll(actor, 4);
	ask->key = roll(actor, 3) ? ask->target : NULL;
	ask->outlives = roll(actor, 2);
	ask->keep_max = roll(actor, 4) ? 0 : 50000;
	return ask;
}

static void
read_some(struct actor *actor, struct page *page)
{
	char room[5000];
	unsigned reads = roll(actor, 40);

	for (unsigned i = 0; i < reads; i++)
		if (page_read(page, room, sizeof(room)) < 0)
			break;
}

static void
live(struct actor *actor)
{
	struct ask *ask = any_ask(actor);
	struct page page;

	page_init(&page, ask);
	if (roll(actor, 4) == 0)
		page.waiter.late_at_ms = now_ms() + roll(actor, 30);
	page_ask(actor->rig, &page);
	if (roll(actor, 4) == 0)
		atomic_store(&page.gone, true);
	page_wait(&page);
	assert_true(page.answer != NULL || page.event == EVENT_ALONE ||
		    page.event == EVENT_LATE);
	if (page.reads)
		read_some(actor, &page);
	page_fini(&page);
}

static void *
act(void *arg)
{
	struct actor *actor = arg;

	for (int i = 0; i < ROUNDS; i++)
		live(actor);
	return NULL;
}

static void
everybody_is_told_once_whatever_happens(void **state)
{
	static struct actor actors[THREADS];
	struct rig rig;

	(void)state;
	rig_defaults(&rig);
	rig.up_opts.first_byte_ms = 1000;
	rig.up_opts.total_ms = 200;
	rig.opts.window = 16 << 10;
	rig_start(&rig);
	for (unsigned i = 0; i < THREADS; i++) {
		actors[i].rig = &rig;
		actors[i].chance = i + 1;
		pthread_create(&actors[i].thread, NULL, act, &actors[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(actors[i].thread, NULL);
	rig_stop(&rig);
	assert_int_equal(counter_read(COUNT_TRANSFERS), 0);
}

static void
stopping_in_the_middle_tells_everybody(void **state)
{
	static struct actor actor = {.chance = 7};
	struct page *pages = calloc(PAGES, sizeof(*pages));
	struct rig rig;

	(void)state;
	rig_defaults(&rig);
	rig_start(&rig);
	for (int i = 0; i < PAGES; i++) {
		page_init(&pages[i], any_ask(&actor));
		page_ask(&rig, &pages[i]);
	}
	usleep(10000);
	fetch_stop(&rig.fetch);
	for (int i = 0; i < PAGES; i++) {
		page_wait(&pages[i]);
		page_fini(&pages[i]);
	}
	free(pages);
	rig_stop(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everybody_is_told_once_whatever_happens),
	    cmocka_unit_test(stopping_in_the_middle_tells_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
