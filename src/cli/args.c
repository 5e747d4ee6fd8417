/* cli/args.c - the options that serve, check and requests have in common */
#include "cli/args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { LISTEN = 256, UPSTREAM, THEME, RULES, CACHE, ADMIN, OFFLINE };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"listen", required_argument, NULL, LISTEN},
    {"upstream", required_argument, NULL, UPSTREAM},
    {"theme", required_argument, NULL, THEME},
    {"rules", required_argument, NULL, RULES},
    {"cache", required_argument, NULL, CACHE},
    {"admin", required_argument, NULL, ADMIN},
    {"offline", no_argument, NULL, OFFLINE},
    {NULL, 0, NULL, 0},
};

static int
take_option(struct args *args, int option)
{
	switch (option) {
	case 'c':
		args->conf.file = optarg;
		break;
	case LISTEN:
		args->conf.listen = optarg;
		break;
	case UPSTREAM:
		args->conf.upstream = optarg;
		break;
	case THEME:
		args->conf.theme = optarg;
		break;
	case RULES:
		args->conf.rules = optarg;
		break;
	case CACHE:
		args->conf.cache = optarg;
		break;
	case ADMIN:
		args->conf.admin = optarg;
		break;
	case OFFLINE:
		args->offline = true;
		break;
	default:
		return MISUSED; /* getopt has said it */
	}
	return DONE;
}

int
args_read(struct args *args, int argc, char **argv)
{
	int option;

	memset(args, 0, sizeof(*args));
	optind = 0; /* begin anew: cmd_main has looked at argv before */
	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1)
		if (take_option(args, option) != DONE)
			return MISUSED;
	args->rest = optind;
	return DONE;
}

static void
tell(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "livery: %s\n", line);
}

int
args_conf(struct conf **out, const struct args *args)
{
	return conf_read(out, &args->conf, tell, NULL) == 0 ? DONE : MISUSED;
}
