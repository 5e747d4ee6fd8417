/* base/clock.h - what time it is
 *
 * Freshness counts in wall time, waiting in monotonic time. Pure code takes
 * the time as an argument and never calls these. In builds configured with
 * --enable-test-clock both run ahead by the milliseconds written in the file
 * that LIVERY_TEST_CLOCK names (read again at most every 20 ms), so that a
 * test moves time instead of sleeping; timers of sockets stay on real time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970-01-01 UTC. Coarse: good to some 4 ms. */
int64_t clock_wall_ms(void);
/* Milliseconds since some start, never backwards. Coarse. */
uint64_t clock_mono_ms(void);
/* Microseconds since some start, exact; for measuring, and never shifted. */
uint64_t clock_mono_us(void);

#endif
