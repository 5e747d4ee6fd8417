/* cli/args.c - the options that serve, check and requests have in common */
#include "cli/args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
	LISTEN = 256, UPSTREAM, THEME, RULES, CACHE, ADMIN, OFFLINE, STRICT,
	AGAINST, TAKEOVER,
};

/* Who takes fewer of them begins further down. */
static const struct option options[] = {
    {"offline", no_argument, NULL, OFFLINE},
    {"strict", no_argument, NULL, STRICT},
    {"against-cache", optional_argument, NULL, AGAINST},
    {"takeover", no_argument, NULL, TAKEOVER},
    {"listen", required_argument, NULL, LISTEN},
    {"upstream", required_argument, NULL, UPSTREAM},
    {"theme", required_argument, NULL, THEME},
    {"rules", required_argument, NULL, RULES},
    {"cache", required_argument, NULL, CACHE},
    {"config", required_argument, NULL, 'c'},
    {"admin", required_argument, NULL, ADMIN},
    {NULL, 0, NULL, 0},
};
static const unsigned first_option[] = {
    [ARGS_OF_CHECK] = 0,
    [ARGS_OF_SERVE] = 3,
    [ARGS_OF_REQUESTS] = 9,
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
	case TAKEOVER:
		args->conf.takeover = true;
		break;
	case OFFLINE:
		args->offline = true;
		break;
	case STRICT:
		args->strict = true;
		break;
	case AGAINST:
		args->against = optarg ? optarg : "";
		break;
	default:
		return MISUSED; /* getopt has said it */
	}
	return DONE;
}

int
args_read(struct args *args, enum args_of whose, int argc, char **argv)
{
	int option;

	memset(args, 0, sizeof(*args));
	optind = 0; /* begin anew: cmd_main has looked at argv before */
	while ((option = getopt_long(argc, argv,
		    "c:", options + first_option[whose], NULL)) != -1)
		if (take_option(args, option) != DONE)
			return MISUSED;
		else if (option == AGAINST && !optarg && optind < argc &&
			 argv[optind][0] != '-')
			args->against = argv[optind++];
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

int
args_read_all(struct args *args, struct conf **out, enum args_of whose,
    const struct cmd *command, int argc, char **argv)
{
	if (args_read(args, whose, argc, argv) != DONE)
		return MISUSED;
	if (args->rest < argc) {
		fprintf(stderr, "livery %s: '%s' is no option\n", command->name,
		    argv[args->rest]);
		fprintf(stderr, "usage: livery %s %s\n", command->name,
		    command->usage);
		return MISUSED;
	}
	return args_conf(out, args);
}
