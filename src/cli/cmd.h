/* cli/cmd.h - a subcommand is a struct */
#ifndef CLI_CMD_H
#define CLI_CMD_H

/* Exit statuses. FAILED: it failed, or problems were found; MISUSED: wrong
 * usage or configuration. */
enum { DONE = 0, FAILED = 1, MISUSED = 2 };

struct cmd {
	const char *name;    /* "serve" */
	const char *usage;   /* "[-c FILE] [--listen ADDR:PORT]..." */
	const char *summary; /* one line for the list of commands */
	const char *help;    /* the options, a line each */
	/* argv[0] is "livery NAME", for messages. Answers the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct cmd cmd_serve, cmd_check, cmd_apply, cmd_cache,
    cmd_requests, cmd_replay;

/* Find the subcommand and run it; --help and --version are handled here. */
int cmd_main(int argc, char **argv);

#endif
