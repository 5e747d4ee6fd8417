/* base/clock.c - the vdso's coarse clocks: some 5 ns a look */
#include "config.h"
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#ifdef ENABLE_TEST_CLOCK
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { LOOK_EVERY_US = 20000 };

/* The last offset read and when; both only ever replaced whole. */
static _Atomic int64_t offset_ms;
static _Atomic uint64_t looked_us;

static int64_t
read_offset(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtoll(text, NULL, 10) : 0;
}

static int64_t
test_offset_ms(void)
{
	const char *path = getenv("LIVERY_TEST_CLOCK");
	uint64_t now = clock_mono_us();

	if (!path)
		return 0;
	if (now - atomic_load(&looked_us) > LOOK_EVERY_US) {
		atomic_store(&offset_ms, read_offset(path));
		atomic_store(&looked_us, now);
	}
	return atomic_load(&offset_ms);
}
#else
static inline int64_t
test_offset_ms(void)
{
	return 0;
}
#endif

int64_t
clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
	    test_offset_ms();
}

uint64_t
clock_mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 +
	    (uint64_t)test_offset_ms();
}

uint64_t
clock_mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
