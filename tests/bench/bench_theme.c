/* bench_theme RULES THEME CONTENT SECONDS [PAGE]: what one page costs
 *
 * Parses, dresses and writes CONTENT again and again for so long, in one
 * thread, with everything that a worker keeps from page to page, and prints
 * the median in microseconds. PAGE: a file that the page is written into, so
 * that somebody can see that the work was done. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "samples.h"
#include "theming.h"

enum { SAMPLES_MAX = 100000, SAMPLES_MIN = 3 };

static double
measure(struct theme *theme, const struct dress_ask *ask, double seconds,
    struct buf *out)
{
	double *samples = mem_new(SAMPLES_MAX * sizeof(*samples));
	double begun = now_us(), last = begun, median;
	struct dresser *dresser = dresser_new();
	struct err err;
	size_t n = 0;

	while (n < SAMPLES_MAX &&
	       (n < SAMPLES_MIN || last - begun < seconds * 1e6)) {
		if (theme_dress(theme, dresser, ask, out, &err) != DRESSED)
			theming_give_up(err.text);
		samples[n] = now_us() - last;
		last += samples[n++];
	}
	median = samples_median(samples, n);
	dresser_free(&dresser);
	mem_free(&samples);
	return median;
}

int
main(int argc, char **argv)
{
	struct dress_ask ask = {.path = "/news"};
	struct theme *theme;
	struct buf content, out;
	FILE *page;

	if (argc < 5)
		theming_give_up("RULES THEME CONTENT SECONDS [PAGE]");
	theme = theming_build(argv[1], argv[2]);
	theming_read(&content, argv[3]);
	ask.bytes = content.data;
	ask.len = content.len;
	buf_init(&out, SIZE_MAX);
	printf("%.2f\n", measure(theme, &ask, atof(argv[4]), &out));
	if (argc > 5) {
		page = fopen(argv[5], "wbe");
		if (!page || fwrite(out.data, 1, out.len, page) != out.len ||
		    fclose(page) != 0)
			theming_give_up(argv[5]);
	}
	buf_fini(&content);
	buf_fini(&out);
	theme_unref(&theme);
	return 0;
}
