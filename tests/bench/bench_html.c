/* bench_html [--rounds N] [--seconds N]: reading and writing HTML, beside
 * others
 *
 * Pages of three kinds and sizes are parsed, and the trees written, by us, by
 * libxml2 and, where it is installed, by MyHTML: in turns, many pages in a row
 * each, medians of all rounds. Reading ends with the tree released. Each writes
 * the tree that it made itself. "As it came" is our writer where it may copy
 * what was written plainly; the other figure is of all text and values looked
 * at. Then what a tree takes in memory, and pages of 1 to 10 MB.
 *
 * Exit status 1 when a bound is missed. doc/performance.md has the table. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#ifdef HAVE_MYHTML
#include <myhtml/myhtml.h>
#include <myhtml/serialization.h>
#endif

#include "base/mem.h"
#include "base/must.h"
#include "dom/html.h"
#include "html/pages.h"
#include "samples.h"

enum { ROUNDS_MAX = 101, NODES_MAX = 100000000 };

/* So many times as fast as libxml2, and as MyHTML. A KB of a page of 10 MB may
 * cost so many times what one of 1 MB costs: those trees are not in the caches;
 * what takes the square would show as 10. */
static const double READ_BOUND = 3, WRITE_BOUND = 5, MYHTML_BOUND = 1,
		    GROWTH_BOUND = 2.5;

/* ---- who is measured ---- */

static const struct html_limits limits = {.bytes = 1 << 30, .nodes = NODES_MAX};

static xmlDoc *
our_tree(const struct buf *page, bool spans)
{
	const struct html_opts opts = {
	    .content_type = "text/html; charset=utf-8",
	    .spans = spans,
	    .limits = limits,
	};
	struct err err;
	xmlDoc *doc;

	if (html_parse(&doc, page->data, page->len, &opts, &err) != 0) {
		fprintf(stderr, "bench_html: %s\n", err.text);
		exit(1);
	}
	return doc;
}

static void *
our_spans(const struct buf *page)
{
	return our_tree(page, true);
}

static void *
our_plain(const struct buf *page)
{
	return our_tree(page, false);
}

static void
our_free(void *doc)
{
	xmlDoc *mine = doc;

	html_free(&mine);
}

/* Each keeps what it writes into, as a worker does. */
static size_t
our_write(void *doc)
{
	static struct buf out = {.max = SIZE_MAX / 4};

	buf_clear(&out);
	must(html_write(&out, doc) == 0);
	return out.len;
}

static void *
libxml2_read(const struct buf *page)
{
	return htmlReadMemory(page->data, (int)page->len, NULL, "utf-8",
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_COMPACT | XML_PARSE_HUGE);
}

static void
libxml2_free(void *doc)
{
	xmlFreeDoc(doc);
}

static size_t
libxml2_write(void *doc)
{
	xmlChar *out = NULL;
	int len;

	htmlDocDumpMemory(doc, &out, &len);
	xmlFree(out);
	return (size_t)len;
}

#ifdef HAVE_MYHTML
static myhtml_t *
myhtml(void)
{
	static myhtml_t *mine;

	if (!mine) {
		mine = myhtml_create();
		must(myhtml_init(mine, MyHTML_OPTIONS_PARSE_MODE_SINGLE, 1,
			 0) == MyHTML_STATUS_OK);
	}
	return mine;
}

static void *
myhtml_read(const struct buf *page)
{
	myhtml_tree_t *tree = myhtml_tree_create();

	must(myhtml_tree_init(tree, myhtml()) == MyHTML_STATUS_OK);
	must(myhtml_parse(tree, MyENCODING_UTF_8, page->data, page->len) ==
	     MyHTML_STATUS_OK);
	return tree;
}

static void
myhtml_release(void *tree)
{
	myhtml_tree_destroy(tree);
}

static size_t
myhtml_write(void *tree)
{
	mycore_string_raw_t out = {NULL, 0, 0};
	size_t len;

	must(myhtml_serialization_tree_buffer(
		 myhtml_tree_get_document(tree), &out) == MyHTML_STATUS_OK);
	len = out.length;
	mycore_string_raw_destroy(&out, false);
	return len;
}
#endif

static const struct engine {
	const char *name;
	void *(*read)(const struct buf *page);
	void (*release)(void *tree);
	size_t (*write)(void *tree);
} engines[] = {
    {"livery", our_spans, our_free, our_write},
    {"livery, nothing as it came", our_plain, our_free, our_write},
    {"libxml2", libxml2_read, libxml2_free, libxml2_write},
#ifdef HAVE_MYHTML
    {"MyHTML", myhtml_read, myhtml_release, myhtml_write},
#endif
};

enum { ENGINES = COUNT_OF(engines), OURS = 0, OURS_PLAIN, LIBXML2, MYHTML };

/* ---- measuring ---- */

/* Microseconds for one page. */
static double
time_read(const struct engine *engine, const struct buf *page, double seconds)
{
	double begun = now_us(), last;
	size_t count = 0;

	do {
		engine->release(engine->read(page));
		count++;
		last = now_us();
	} while (last - begun < seconds * 1e6);
	return (last - begun) / (double)count;
}

static double
time_write(const struct engine *engine, void *tree, double seconds)
{
	double begun = now_us(), last;
	size_t count = 0;

	do {
		must(engine->write(tree) > 0);
		count++;
		last = now_us();
	} while (last - begun < seconds * 1e6);
	return (last - begun) / (double)count;
}

struct options {
	size_t rounds;
	double seconds;
};

struct figures {
	double read[ENGINES], write[ENGINES]; /* us */
};

static void
measure(struct figures *figures, const struct buf *page,
    const struct options *options)
{
	static double reads[ENGINES][ROUNDS_MAX], writes[ENGINES][ROUNDS_MAX];
	void *trees[ENGINES];

	for (size_t e = 0; e < ENGINES; e++)
		trees[e] = engines[e].read(page);
	for (size_t i = 0; i < options->rounds; i++)
		for (size_t e = 0; e < ENGINES; e++) {
			reads[e][i] =
			    time_read(&engines[e], page, options->seconds);
			writes[e][i] =
			    time_write(&engines[e], trees[e], options->seconds);
		}
	for (size_t e = 0; e < ENGINES; e++) {
		engines[e].release(trees[e]);
		figures->read[e] = samples_median(reads[e], options->rounds);
		figures->write[e] = samples_median(writes[e], options->rounds);
	}
}

/* ---- tables ---- */

static const size_t sizes[] = {30000, 100000, 200000};
static bool missed;

static const char *
judge(bool is_met)
{
	missed |= !is_met;
	return is_met ? "" : " MISSED";
}

static void
print_head(const char *what)
{
	printf("\n| %s | size", what);
	for (size_t e = 0; e < ENGINES; e++)
		printf(" | %s", engines[e].name);
	printf(" | libxml2 / livery");
	if (ENGINES > MYHTML)
		printf(" | MyHTML / livery");
	printf(" |\n|---|---|---|---|---|---");
	if (ENGINES > MYHTML)
		printf("|---|---");
	printf("|\n");
}

/* MB/s of each; then how many times as long others take as `ours`. */
static void
print_row(enum page_kind kind, size_t len, const double *us, size_t ours,
    double bound)
{
	double ratio = us[LIBXML2] / us[ours];

	printf("| %s | %zu KB", page_kind_names[kind], len / 1000);
	for (size_t e = 0; e < ENGINES; e++)
		printf(" | %.0f", (double)len / us[e]);
	printf(" | %.1f%s", ratio, judge(ratio >= bound));
	if (ENGINES > MYHTML) {
		ratio = us[MYHTML] / us[ours];
		printf(" | %.1f%s", ratio,
		    ours == OURS ? judge(ratio >= MYHTML_BOUND) : "");
	}
	printf(" |\n");
	fflush(stdout);
}

static void
print_speeds(const struct options *options)
{
	struct figures all[PAGE_KINDS][COUNT_OF(sizes)];
	struct buf page;

	buf_init(&page, SIZE_MAX);
	for (int k = 0; k < PAGE_KINDS; k++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			buf_clear(&page);
			page_make(&page, (enum page_kind)k, sizes[i]);
			measure(&all[k][i], &page, options);
		}
	buf_fini(&page);
	print_head("reading, MB/s");
	for (int k = 0; k < PAGE_KINDS; k++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++)
			print_row((enum page_kind)k, sizes[i], all[k][i].read,
			    OURS, READ_BOUND);
	print_head("writing, MB/s");
	for (int k = 0; k < PAGE_KINDS; k++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++)
			print_row((enum page_kind)k, sizes[i], all[k][i].write,
			    OURS_PLAIN, WRITE_BOUND);
}

/* What is allocated now; in one thread that is what malloc says. */
static size_t
in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void
print_memory(void)
{
	struct buf page;

	printf("\n| memory of the tree, times the page");
	for (size_t e = 0; e < ENGINES; e++)
		printf(" | %s", engines[e].name);
	printf(" |\n|---|---|---|---%s|\n", ENGINES > MYHTML ? "|---" : "");
	buf_init(&page, SIZE_MAX);
	for (int k = 0; k < PAGE_KINDS; k++) {
		buf_clear(&page);
		page_make(&page, (enum page_kind)k, sizes[COUNT_OF(sizes) - 1]);
		printf("| %s", page_kind_names[k]);
		for (size_t e = 0; e < ENGINES; e++) {
			size_t before = in_use();
			void *tree = engines[e].read(&page);

			printf(" | %.1f",
			    (double)(in_use() - before) / (double)page.len);
			engines[e].release(tree);
		}
		printf(" |\n");
	}
	buf_fini(&page);
}

/* Microseconds a KB, reading and writing, by us alone. */
static void
print_large(const struct options *options)
{
	static const size_t megabytes[] = {1, 2, 4, 10};
	double cost[COUNT_OF(megabytes)], samples[ROUNDS_MAX];
	struct buf page;

	printf("\n| reading and writing, us/KB | 1 MB | 2 MB | 4 MB | 10 MB | "
	       "grows by |\n|---|---|---|---|---|---|\n");
	buf_init(&page, SIZE_MAX);
	for (int k = 0; k < PAGE_KINDS; k++) {
		printf("| %s", page_kind_names[k]);
		for (size_t i = 0; i < COUNT_OF(megabytes); i++) {
			void *tree;

			buf_clear(&page);
			page_make(&page, (enum page_kind)k, megabytes[i] << 20);
			tree = our_plain(&page);
			for (size_t n = 0; n < options->rounds; n++)
				samples[n] =
				    time_read(&engines[OURS], &page, 0) +
				    time_write(&engines[OURS_PLAIN], tree, 0);
			our_free(tree);
			cost[i] = samples_median(samples, options->rounds) /
				  ((double)page.len / 1024);
			printf(" | %.2f", cost[i]);
		}
		printf(" | %.2f%s |\n", cost[3] / cost[0],
		    judge(cost[3] / cost[0] <= GROWTH_BOUND));
	}
	buf_fini(&page);
}

static struct options
options_of(int argc, char **argv)
{
	struct options options = {9, 0.02};

	for (int i = 1; i < argc; i += 2)
		if (i + 1 < argc && strcmp(argv[i], "--rounds") == 0) {
			options.rounds = strtoul(argv[i + 1], NULL, 10);
		} else if (i + 1 < argc && strcmp(argv[i], "--seconds") == 0) {
			options.seconds = atof(argv[i + 1]);
		} else {
			fprintf(stderr, "usage: bench_html [--rounds N] "
					"[--seconds N]\n");
			exit(2);
		}
	if (options.rounds < 1 || options.rounds > ROUNDS_MAX)
		options.rounds = ROUNDS_MAX;
	return options;
}

int
main(int argc, char **argv)
{
	struct options options = options_of(argc, argv);

	/* one thread, and memory that is kept from page to page in each */
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	print_speeds(&options);
	print_memory();
	print_large(&options);
	return missed;
}
