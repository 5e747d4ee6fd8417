/* cli/cmd_serve.c - livery serve: the configuration, and the server on it */
#include "cli/cmd.h"

#include "base/log.h"
#include "cli/args.h"
#include "server/server.h"

struct mistakes_found {
	struct err *err;
	unsigned count;
};

static void
on_mistake(void *arg, const char *line)
{
	struct mistakes_found *found = arg;

	if (found->count++ == 0)
		err_set(found->err, "%s", line);
	else
		log_error("configuration: %s", line);
}

/* HUP: the same words again, over the file as it is now. */
static int
reread(struct conf **out, void *arg, struct err *err)
{
	const struct args *args = arg;
	struct mistakes_found found = {.err = err};

	return conf_read(out, &args->conf, on_mistake, &found);
}

static int
run(int argc, char **argv)
{
	struct args args;
	struct conf *conf;
	int status;

	if (args_read_all(
		&args, &conf, ARGS_OF_SERVE, &cmd_serve, argc, argv) != DONE)
		return MISUSED;
	status = server_run(conf, reread, &args);
	conf_free(&conf);
	return status;
}

const struct cmd cmd_serve = {
    .name = "serve",
    .usage = "[-c FILE] [--listen ADDR:PORT | unix:PATH] [--upstream URL]\n"
	     "                    [--theme URL] [--rules FILE] [--cache FILE] "
	     "[--admin ADDR:PORT]\n"
	     "                    [--takeover]",
    .summary = "serve a site: cached, and dressed in its theme",
    .help = ARGS_HELP
    "\n"
    "Words on the command line win over the file. Without a file, one site "
    "is\n"
    "made of --upstream and --theme, or of --rules, a Deliverance ruleset "
    "with\n"
    "proxies.\n"
    "Signals: TERM and INT finish what is in hand and leave, HUP reads the\n"
    "configuration again, USR1 opens the logs again, USR2 starts the livery\n"
    "that takes over.\n",
    .run = run,
};
