/* Times and their medians, for benches of one thread. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stdlib.h>
#include <time.h>

static inline double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline int
samples_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* They are sorted by it. */
static inline double
samples_median(double *samples, size_t count)
{
	qsort(samples, count, sizeof(*samples), samples_compare);
	return samples[count / 2];
}

#endif
