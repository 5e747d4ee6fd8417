/* cli/cmd_cache.c - livery cache: look into the cache file, purge, and warm */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "cache/inspect.h"
#include "cli/warm.h"

/* What the words after `cache` say. */
struct words {
	const char *file;
	const char *word; /* PATTERN or URL, or NULL */
	const char *tag, *regex;
	bool all, head_only, soft, dry;
};

static int
wrong(const char *what, const char *which)
{
	fprintf(stderr, "livery cache: %s%s%s (livery cache --help)\n", what,
	    which ? " " : "", which ? which : "");
	return MISUSED;
}

static int
failed(const struct err *err)
{
	fprintf(stderr, "livery cache: %s\n", err->text);
	return FAILED;
}

/* The value of option `name` at argv[*i], as the next word or behind "=", or
 * NULL when that is not this option or has no value. */
static const char *
option_value(char **argv, int argc, int *i, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(argv[*i], name, len) != 0)
		return NULL;
	if (argv[*i][len] == '=')
		return argv[*i] + len + 1;
	if (argv[*i][len] != '\0' || *i + 1 == argc)
		return NULL;
	return argv[++*i];
}

static int
read_words(struct words *words, int argc, char **argv)
{
	const char *value;

	memset(words, 0, sizeof(*words));
	words->file = cache_default_file();
	for (int i = 0; i < argc; i++) {
		if ((value = option_value(argv, argc, &i, "--cache")) != NULL)
			words->file = value;
		else if ((value = option_value(argv, argc, &i, "--tag")) !=
		    NULL)
			words->tag = value;
		else if ((value = option_value(argv, argc, &i, "--regex")) !=
		    NULL)
			words->regex = value;
		else if (strcmp(argv[i], "--all") == 0)
			words->all = true;
		else if (strcmp(argv[i], "--head") == 0)
			words->head_only = true;
		else if (strcmp(argv[i], "--soft") == 0)
			words->soft = true;
		else if (strcmp(argv[i], "--dry-run") == 0)
			words->dry = true;
		else if (argv[i][0] == '-')
			return wrong("no such option, or no value for it:",
			    argv[i]);
		else if (words->word)
			return wrong("one URL only, and then", argv[i]);
		else
			words->word = argv[i];
	}
	return DONE;
}

static int
run_ls(const struct words *words)
{
	struct err err;

	return inspect_ls(words->file, words->word, stdout, &err) == 0 ?
	    DONE : failed(&err);
}

static int
nothing_stored(const struct words *words)
{
	fprintf(stderr, "livery cache: nothing is stored for %s\n",
	    words->word);
	return FAILED;
}

static int
run_show(const struct words *words)
{
	struct err err;
	int rc;

	if (!words->word)
		return wrong("show needs a URL", NULL);
	rc = inspect_show(words->file, words->word, !words->head_only, stdout,
	    &err);
	if (rc < 0)
		return failed(&err);
	if (rc == 2) {
		fprintf(stderr, "livery cache: what is stored for %s was "
		    "purged: it is served to nobody, and goes soon\n",
		    words->word);
		return FAILED;
	}
	return rc == 0 ? DONE : nothing_stored(words);
}

static int
run_why(const struct words *words)
{
	struct err err;
	int rc;

	if (!words->word)
		return wrong("why needs a URL", NULL);
	rc = inspect_why(words->file, words->word, stdout, &err);
	if (rc < 0)
		return failed(&err);
	return rc == 0 ? DONE : FAILED;
}

static int
run_purge(const struct words *words)
{
	const struct inspect_purging what = {
		.url = words->word,
		.tag = words->tag,
		.regex = words->regex,
		.all = words->all,
		.soft = words->soft,
		.dry = words->dry,
	};
	struct purged purged = {0, false};
	struct err err;

	if ((what.url != NULL) + (what.tag != NULL) + (what.regex != NULL) +
	    what.all != 1)
		return wrong("purge needs one of URL, --tag T, --regex RE, "
		    "--all", NULL);
	if (inspect_purge(words->file, &what, &purged, &err) != 0)
		return failed(&err);
	printf("%s%s\t%s%u\n", what.dry ? "would be " : "",
	    what.soft ? "expired" : "purged", purged.more ? "at least " : "",
	    purged.count);
	return purged.count || what.all ? DONE : FAILED;
}

static int
run_stat(const struct words *words)
{
	struct err err;

	return inspect_stat(words->file, stdout, &err) == 0 ?
	    DONE : failed(&err);
}

static int
run(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct words *words);
	} deeds[] = {
		{"ls", run_ls}, {"show", run_show}, {"why", run_why},
		{"purge", run_purge}, {"stat", run_stat},
	};
	struct words words;

	if (argc < 2)
		return wrong("needs one of ls, show, why, purge, stat, warm",
		    NULL);
	if (strcmp(argv[1], "warm") == 0)
		return warm_main(argc - 1, argv + 1);
	for (size_t i = 0; i < COUNT_OF(deeds); i++) {
		if (strcmp(argv[1], deeds[i].name) != 0)
			continue;
		if (read_words(&words, argc - 2, argv + 2) != DONE)
			return MISUSED;
		return deeds[i].run(&words);
	}
	return wrong("there is no", argv[1]);
}

const struct cmd cmd_cache = {
	.name = "cache",
	.usage = "ls [PATTERN] | show URL [--head] | why URL | "
	    "purge URL|--tag T|--regex RE|--all [--soft] [--dry-run] | stat "
	    "[--cache FILE] | warm SITEMAP",
	.summary = "look into the cache file, purge, and fill it",
	.help =
	    "  ls [PATTERN]     what is stored; PATTERN: a part of the URL,\n"
	    "                   or the whole with * and ?\n"
	    "  show URL         head and body as stored (--head: head only)\n"
	    "  why URL          fresh or stale, until when, by which field,\n"
	    "                   what is served if the upstream is down, or\n"
	    "                   why nothing is stored\n"
	    "  purge URL        remove it, from running servers too; a path\n"
	    "                   alone means every host; a theme is not\n"
	    "                   removed but fetched anew\n"
	    "  purge --tag T    remove what carries this tag\n"
	    "  purge --regex RE remove where this is found in path and query\n"
	    "  purge --all      remove all pages and fragments\n"
	    "    --soft         nothing goes: it is stale from now on\n"
	    "    --dry-run      only count\n"
	    "  stat             sizes, counts, themes, newest problems\n"
	    "  --cache FILE     default: ./cache/cache.db in a source tree,\n"
	    "                   else /var/cache/livery/cache.db\n"
	    WARM_HELP,
	.run = run,
};
