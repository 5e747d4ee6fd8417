/* cli/warm.c - the words, the list, the round, and what came of it */
#include "cli/warm.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/warm_list.h"
#include "cli/warm_run.h"
#include "conf/check.h"
#include "conf/defaults.h"

static const char through_default[] = "127.0.0.1:8080";

enum { REASONS_MAX = 32 };

struct words {
	struct args args;
	const char *through, *base, *source;
	struct warm_opts opts;
};

/* ---- what was asked for ---- */

static int
wrong(const char *what, const char *which)
{
	fprintf(stderr, "livery cache warm: %s%s%s (livery cache --help)\n",
	    what, which ? " " : "", which ? which : "");
	return MISUSED;
}

/* "10" or "10/s", from 1 to most; 0: not that. */
static unsigned
read_number(const char *text, unsigned most)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || number == 0 || number > most ||
	    (*end && strcmp(end, "/s") != 0))
		return 0;
	return (unsigned)number;
}

static int
take_option(struct words *words, int option)
{
	struct err err;

	switch (option) {
	case 'c':
		words->args.conf.file = optarg;
		return DONE;
	case 't':
		words->through = optarg;
		return check_listen(optarg, &err) == 0 ? DONE
						       : wrong(err.text, NULL);
	case 'b':
		words->base = optarg;
		return DONE;
	case 'r':
		words->opts.rate = read_number(optarg, WARM_RATE_MAX);
		return words->opts.rate
			   ? DONE
			   : wrong(
				 "--rate is 1 to 10000 a second, not", optarg);
	case 'p':
		words->opts.parallel = read_number(optarg, WARM_PARALLEL_MAX);
		return words->opts.parallel
			   ? DONE
			   : wrong("--parallel is 1 to 64, not", optarg);
	default:
		return MISUSED; /* getopt has said it */
	}
}

static int
read_words(struct words *words, int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"through", required_argument, NULL, 't'},
	    {"base", required_argument, NULL, 'b'},
	    {"rate", required_argument, NULL, 'r'},
	    {"parallel", required_argument, NULL, 'p'}, {0}};
	int option;

	memset(words, 0, sizeof(*words));
	words->opts.rate = WARM_RATE;
	words->opts.parallel = WARM_PARALLEL;
	optind = 0;
	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1)
		if (take_option(words, option) != DONE)
			return MISUSED;
	if (optind == argc)
		return wrong("needs a sitemap or a file", NULL);
	if (optind + 1 < argc)
		return wrong("one sitemap only, and then", argv[optind + 1]);
	words->source = argv[optind];
	return DONE;
}

/* ---- what the configuration says ---- */

/* The first that takes HTTP from its first byte. */
static const char *
plain_one(const char *const *listen)
{
	for (; listen && *listen; listen++)
		if (!strchr(*listen, ' '))
			return *listen;
	return NULL;
}

/* One that listens everywhere is on loopback as well. */
static const char *
reachable(struct arena *arena, const char *listen)
{
	const char *port = strrchr(listen, ':');

	if (strncmp(listen, "unix:", 5) == 0 || !port)
		return listen;
	if (port == listen || strncmp(listen, "0.0.0.0:", 8) == 0)
		return arena_printf(arena, "127.0.0.1%s", port);
	if (strncmp(listen, "[::]:", 5) == 0)
		return arena_printf(arena, "[::1]%s", port);
	return listen;
}

static struct routes *
routes_of(const struct conf *conf, struct err *err)
{
	struct routes *routes = routes_new();
	struct upstream_opts opts;
	struct upstream *nobody;
	int rc;

	upstream_opts_default(&opts);
	opts.name = "nobody";
	opts.url = "http://127.0.0.1:1";
	rc = upstream_new(&nobody, &opts, err);
	for (unsigned i = 0; rc == 0 && i < conf->sites_count; i++)
		rc =
		    routes_add(routes, &conf->sites[i].site, nobody, NULL, err);
	if (rc != 0)
		routes_unref(&routes);
	upstream_unref(&nobody);
	return routes;
}

/* For paths alone: the only host that there is. NULL: there are several. */
static const char *
only_base(const struct conf *conf, struct arena *arena, const char *through)
{
	const char *found = NULL, *const * hosts;

	for (unsigned i = 0; i < conf->sites_count; i++) {
		hosts = conf->sites[i].site.hosts;
		for (; hosts && *hosts; hosts++) {
			if (**hosts == '*' ||
			    (found && strcmp(found, *hosts) != 0))
				return NULL;
			found = *hosts;
		}
	}
	if (!found)
		found =
		    strncmp(through, "unix:", 5) == 0 ? "localhost" : through;
	return arena_printf(arena, "http://%s/", found);
}

/* ---- what came of it ---- */

struct reason {
	const char *text, *example;
	size_t count;
};

static void
print_reasons(const char *title, const struct warm_answer *answers,
    const char *const *urls, size_t count, enum warmth warmth)
{
	struct reason reasons[REASONS_MAX] = {{0}};
	size_t kinds = 0, i, j;

	for (i = 0; i < count; i++) {
		if (answers[i].warmth != warmth)
			continue;
		for (j = 0; j < kinds; j++)
			if (strcmp(reasons[j].text, answers[i].reason) == 0)
				break;
		if (j == REASONS_MAX)
			j--; /* the last one takes the rest */
		else if (j == kinds)
			reasons[kinds++] =
			    (struct reason){answers[i].reason, urls[i], 0};
		reasons[j].count++;
	}
	if (kinds)
		printf("%s\n", title);
	for (j = 0; j < kinds; j++)
		printf("%8zu  %s, as %s\n", reasons[j].count, reasons[j].text,
		    reasons[j].example);
}

static void
print_rest(const char *title, const struct warm_rest *rest)
{
	if (rest->count)
		printf("%s\n", title);
	for (size_t i = 0; i < rest->count && i < WARM_EXAMPLES; i++)
		printf("          %s\n", rest->examples[i]);
	if (rest->count > WARM_EXAMPLES)
		printf("          and %zu more\n", rest->count - WARM_EXAMPLES);
}

/* What a site has listed but lost is worth a look. */
static void
print_errors(
    const struct warm_answer *answers, const char *const *urls, size_t count)
{
	unsigned shown = 0;

	for (size_t i = 0; i < count && shown < WARM_EXAMPLES; i++) {
		if (answers[i].status < 400 || answers[i].status >= 500)
			continue;
		if (shown++ == 0)
			puts("stored or not, these are errors:");
		printf("%8d  %s\n", answers[i].status, urls[i]);
	}
}

static int
summarize(const struct warm_list *list, const struct warm_answer *answers,
    size_t asked)
{
	size_t counts[WARM_FAILED + 1] = {0};

	for (size_t i = 0; i < asked; i++)
		counts[answers[i].warmth]++;
	printf("%zu stored, %zu were fresh, %zu not stored, %zu failed, "
	       "%zu of other hosts, %zu no addresses\n",
	    counts[WARM_STORED], counts[WARM_FRESH], counts[WARM_UNSTORED],
	    counts[WARM_FAILED], list->others.count, list->broken.count);
	print_reasons("not stored:", answers, list->urls, asked, WARM_UNSTORED);
	print_reasons("failed:", answers, list->urls, asked, WARM_FAILED);
	print_errors(answers, list->urls, asked);
	print_rest(
	    "of no site of the configuration, not asked for:", &list->others);
	print_rest(list->base ? "no addresses:"
			      : "no addresses (paths need --base URL):",
	    &list->broken);
	if (asked < list->count)
		printf("stopped after %d failures in a row: %zu were not asked "
		       "for\n",
		    WARM_FAILURES_MAX, list->count - asked);
	if (list->count == 0)
		fputs(
		    "livery cache warm: there is no page to ask for\n", stderr);
	return counts[WARM_FAILED] || asked == 0 || asked < list->count ? FAILED
									: DONE;
}

static int
warm(const struct words *words, const struct routes *routes, const char *base)
{
	struct warm_answer *answers;
	struct warm_list list;
	struct err err;
	size_t asked;
	int status;

	warm_list_init(&list, routes, words->opts.through, base);
	if (warm_list_read(&list, words->source, &err) != 0) {
		fprintf(stderr, "livery cache warm: %s\n", err.text);
		warm_list_fini(&list);
		return FAILED;
	}
	answers = mem_new_array(list.count + 1, sizeof(*answers));
	asked = warm_run(answers, list.urls, list.count, &words->opts);
	status = summarize(&list, answers, asked);
	mem_free(&answers);
	warm_list_fini(&list);
	return status;
}

int
warm_main(int argc, char **argv)
{
	struct arena *arena = arena_new(1024);
	struct routes *routes = NULL;
	struct conf *conf = NULL;
	struct words words;
	const char *listen;
	struct err err;
	int status = read_words(&words, argc, argv);

	if (status == DONE && words.args.conf.file)
		status = args_conf(&conf, &words.args);
	if (status != DONE)
		goto out;
	listen = conf ? plain_one(conf->front.listen) : NULL;
	words.opts.through = reachable(arena, words.through ? words.through
					      : listen	    ? listen
							    : through_default);
	if (conf) {
		routes = routes_of(conf, &err);
		status = routes ? DONE : wrong(err.text, NULL);
		if (!words.base)
			words.base = only_base(conf, arena, words.opts.through);
	}
	if (status == DONE)
		status = warm(&words, routes, words.base);
out:
	routes_unref(&routes);
	conf_free(&conf);
	arena_free(&arena);
	return status;
}
