/* A tunnel between a socket and two flows */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "front/tunnel.h"

enum { WINDOW = 64 << 10, PATIENCE_MS = 5000 };

struct rig {
	struct tunnels *tunnels;
	int client;	/* our end */
	int fd;		/* the tunnel's */
	struct flow *up, *down;
	struct flow_reader reader; /* of down: the tunnel's */
	struct flow_reader heard;  /* of up: ours */
	_Atomic bool over, ended;
	uint64_t sent_up, sent_down;
};

static uint32_t send_ms = 60000;

static bool
is_over(void *arg)
{
	return atomic_load(&((struct rig *)arg)->over);
}

static void
on_end(void *arg, uint64_t sent_up, uint64_t sent_down)
{
	struct rig *rig = arg;

	rig->sent_up = sent_up;
	rig->sent_down = sent_down;
	atomic_store(&rig->ended, true);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
begin(struct rig *rig, const char *first)
{
	struct tunnel_ends ends = {.first = first, .first_len = strlen(first),
	    .how = &tunnel_plain, .is_over = is_over, .on_end = on_end, .arg = rig,
	    .send_ms = send_ms};
	struct err err;
	int pair[2];

	memset(rig, 0, sizeof(*rig));
	assert_int_equal(tunnels_start(&rig->tunnels, &err), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	rig->client = pair[0];
	ends.fd = rig->fd = pair[1];
	fcntl(rig->fd, F_SETFL, O_NONBLOCK);
	rig->up = flow_new(WINDOW, false, 0);
	rig->down = flow_new(WINDOW, false, 0);
	rig->heard = (struct flow_reader){
	    .on_pause = nothing, .on_resume = nothing};
	assert_true(flow_join(rig->up, &rig->heard));
	assert_true(flow_join(rig->down, &rig->reader));
	ends.up = rig->up;
	ends.down = &rig->reader;
	tunnels_begin(rig->tunnels, &ends);
}

static void
wait_for_end(struct rig *rig)
{
	for (int i = 0; i < PATIENCE_MS && !atomic_load(&rig->ended); i++)
		usleep(1000);
	assert_true(atomic_load(&rig->ended));
}

static void
end(struct rig *rig)
{
	if (rig->client >= 0)
		shutdown(rig->client, SHUT_RDWR);
	wait_for_end(rig);
	tunnels_stop(&rig->tunnels);
	flow_leave(&rig->heard);
	flow_unref(&rig->up);
	flow_unref(&rig->down);
	if (rig->client >= 0)
		close(rig->client);
	close(rig->fd);
}

/* What comes up, until so many bytes or its end. */
static ssize_t
hear(struct rig *rig, char *out, size_t len)
{
	size_t have = 0;
	ssize_t got = 0;

	for (int i = 0; i < PATIENCE_MS && have < len && got >= 0; i++) {
		got = flow_read(&rig->heard, out + have, len - have);
		if (got > 0)
			have += (size_t)got;
		else if (got == 0)
			usleep(1000);
	}
	return got < 0 ? got : (ssize_t)have;
}

static void
bytes_pass_both_ways_and_what_was_said_before(void **state)
{
	struct rig rig;
	char text[20] = "";

	(void)state;
	begin(&rig, "early");
	assert_int_equal(write(rig.client, " late", 5), 5);
	assert_int_equal(hear(&rig, text, 10), 10);
	assert_string_equal(text, "early late");
	assert_int_equal(flow_write(rig.down, "answer", 6), FLOW_TOOK);
	assert_int_equal(recv(rig.client, text, 6, MSG_WAITALL), 6);
	flow_end(rig.down, true);
	assert_int_equal(read(rig.client, text, 1), 0);
	shutdown(rig.client, SHUT_WR);
	end(&rig);
	assert_int_equal(rig.sent_up, 10);
	assert_int_equal(rig.sent_down, 6);
}

static void
a_client_that_says_no_more_may_still_listen(void **state)
{
	struct rig rig;
	char text[10];

	(void)state;
	begin(&rig, "");
	shutdown(rig.client, SHUT_WR);
	assert_int_equal(hear(&rig, text, 1), FLOW_END);
	assert_false(atomic_load(&rig.ended));
	assert_int_equal(flow_write(rig.down, "still", 5), FLOW_TOOK);
	assert_int_equal(recv(rig.client, text, 5, MSG_WAITALL), 5);
	flow_end(rig.down, true);
	end(&rig);
}

/* Fill it until nothing is taken for a while; how much that was. */
static size_t
fill_socket(int fd)
{
	static char block[32 << 10];
	size_t sent = 0;
	unsigned idle = 0;

	while (idle < 100) {
		ssize_t n = send(fd, block, sizeof(block), MSG_DONTWAIT);

		if (n > 0) {
			sent += (size_t)n;
			idle = 0;
		} else {
			idle++;
			usleep(1000);
		}
	}
	return sent;
}

static size_t
fill_flow(struct flow *flow)
{
	static char block[32 << 10];
	size_t sent = 0;
	unsigned idle = 0;

	while (idle < 100) {
		if (flow_write(flow, block, sizeof(block)) == FLOW_TOOK) {
			sent += sizeof(block);
			idle = 0;
		} else {
			idle++;
			usleep(1000);
		}
	}
	return sent;
}

static void
who_does_not_read_stops_the_other_in_bounded_memory(void **state)
{
	struct rig rig;
	static char text[64 << 10];
	size_t sent, got = 0;

	(void)state;
	begin(&rig, "");
	sent = fill_socket(rig.client);
	assert_in_range(sent, WINDOW, WINDOW + (1 << 20));
	while (got < sent)
		got += (size_t)hear(&rig, text,
		    sent - got < sizeof(text) ? sent - got : sizeof(text));
	sent = fill_flow(rig.down);
	assert_in_range(sent, WINDOW, WINDOW + (1 << 20));
	for (got = 0; got < sent;)
		got += (size_t)read(rig.client, text, sizeof(text));
	assert_int_equal(got, sent);
	flow_end(rig.down, true);
	close(rig.client);
	rig.client = -1;
	end(&rig);
}

static void
it_ends_when_it_is_killed_drained_or_cut(void **state)
{
	struct rig rig;
	char byte;

	(void)state;
	begin(&rig, "");
	atomic_store(&rig.over, true);
	assert_int_equal(read(rig.client, &byte, 1), 0);
	end(&rig);
	begin(&rig, "");
	tunnels_drain(rig.tunnels, 10);
	assert_int_equal(read(rig.client, &byte, 1), 0);
	assert_int_equal(hear(&rig, &byte, 1), FLOW_BROKEN);
	end(&rig);
	begin(&rig, "");
	tunnels_cut(rig.tunnels);
	end(&rig);
}

/* Also when the other end has gone: nobody else would notice. */
static void
who_reads_nothing_for_long_is_cut(void **state)
{
	struct rig rig;
	size_t sent;

	(void)state;
	send_ms = 300;
	begin(&rig, "");
	sent = fill_flow(rig.down);
	flow_end(rig.down, true);
	wait_for_end(&rig);
	assert_in_range(rig.sent_down, 1, sent - 1);
	end(&rig);
	/* who has nothing to read is not late */
	begin(&rig, "");
	usleep(700 * 1000);
	assert_false(atomic_load(&rig.ended));
	flow_end(rig.down, true);
	end(&rig);
	send_ms = 60000;
}

static void
a_flow_that_breaks_ends_it(void **state)
{
	struct rig rig;
	char byte;

	(void)state;
	begin(&rig, "");
	flow_end(rig.down, false);
	assert_int_equal(read(rig.client, &byte, 1), 0);
	end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_pass_both_ways_and_what_was_said_before),
	    cmocka_unit_test(a_client_that_says_no_more_may_still_listen),
	    cmocka_unit_test(
		who_does_not_read_stops_the_other_in_bounded_memory),
	    cmocka_unit_test(it_ends_when_it_is_killed_drained_or_cut),
	    cmocka_unit_test(who_reads_nothing_for_long_is_cut),
	    cmocka_unit_test(a_flow_that_breaks_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
