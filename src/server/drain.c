/* server/drain.c - wait for requests, and for connections when taken over */
#include "server/drain.h"

#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"

enum {
	LOOK_MS = 100,
	/* In a row without a connection: one that was just accepted is in
	 * nobody's count for a moment. */
	CALM_LOOKS = 3,
	LAST_US = 5 * 1000 * 1000, /* for what is failed to be answered */
};

/* False: it is not to wait any longer. */
static bool
wait_a_moment(struct drain *how)
{
	static const struct timespec moment = {0, LOOK_MS * 1000 * 1000};
	siginfo_t info;
	int signal = sigtimedwait(how->signals, &info, &moment);
	bool again = how->asked;

	if (signal == SIGUSR1)
		how->on_reopen(how->arg);
	if ((signal != SIGTERM && signal != SIGINT) ||
	    info.si_pid == getpid())
		return true;
	how->asked = true;
	return !again;
}

static bool
is_empty(const struct drain *how)
{
	if (front_in_hand(how->front) > 0)
		return false;
	return !how->taken_over || (counter_read(COUNT_CONNECTIONS) <= 0 &&
				       counter_read(COUNT_WAITING) <= 0);
}

static void
wait_for_all(struct drain *how)
{
	uint64_t until_us = clock_mono_us() + (uint64_t)how->most_ms * 1000;
	unsigned calm = 0, wanted = how->taken_over ? CALM_LOOKS : 1;

	for (;;) {
		calm = is_empty(how) ? calm + 1 : 0;
		if (calm == wanted || clock_mono_us() >= until_us)
			break;
		if (!wait_a_moment(how))
			break; /* asked again: do not wait */
	}
}

void
drain(struct drain *how)
{
	uint64_t until_us;
	unsigned left;

	front_quiesce(how->front);
	wait_for_all(how);
	left = front_in_hand(how->front);
	if (left > 0)
		log_warn("%u requests are still in hand, ending them", left);
	/* What is killed now is answered within a moment. */
	until_us = clock_mono_us() + LAST_US;
	while (front_in_hand(how->front) > 0 && clock_mono_us() < until_us) {
		pages_fail_all(how->pages);
		(void)wait_a_moment(how);
	}
}
