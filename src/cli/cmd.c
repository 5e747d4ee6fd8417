/* cli/cmd.c - the table of subcommands, help and version */
#include <config.h>
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>
#include "base/must.h"
#include "conf/nearest.h"

static const struct cmd *const commands[] = {
    &cmd_serve,
    &cmd_check,
    &cmd_apply,
    &cmd_replay,
    &cmd_cache,
    &cmd_requests,
};

static const char *
command_name(const void *arg, size_t i)
{
	(void)arg;
	return i < COUNT_OF(commands) ? commands[i]->name : NULL;
}

static const struct cmd *
command_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void
help(FILE *out)
{
	fputs("livery - a caching HTTP proxy that dresses a web site\n\n"
	      "usage: livery COMMAND [OPTIONS]\n\n",
	    out);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name,
		    commands[i]->summary);
	fputs("\nlivery COMMAND --help tells the options of one.\n"
	      "To try it:  livery serve --upstream http://127.0.0.1:8081 "
	      "--theme https://www.example.org/\n"
	      "Manuals: livery(1), livery.conf(5), livery-rules(7)\n",
	    out);
}

static int
help_command(const struct cmd *command)
{
	printf("usage: livery %s %s\n\n%s\n", command->name, command->usage,
	    command->summary);
	if (command->help && command->help[0])
		printf("\n%s", command->help);
	return DONE;
}

static int
version(void)
{
	printf("livery %s\nbuilt with %s\n", PACKAGE_VERSION, LIBRARIES);
#ifdef ENABLE_TEST_CLOCK
	puts("for tests: LIVERY_TEST_CLOCK moves its clock");
#endif
	return DONE;
}

static int
unknown(const char *name)
{
	const char *near = nearest_find(name, command_name, NULL);

	fprintf(stderr, "livery: '%s' is no command", name);
	if (near)
		fprintf(stderr, "; did you mean '%s'?", near);
	fputs("\nlivery --help lists them\n", stderr);
	return MISUSED;
}

static int
is_one_of(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* --help anywhere before a "--" is about the subcommand. */
static int
wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (is_one_of(argv[i], "--help", "-h"))
			return 1;
	return 0;
}

int
cmd_main(int argc, char **argv)
{
	static char name[64];
	const struct cmd *command;

	if (argc < 2) {
		help(stderr);
		return MISUSED;
	}
	if (is_one_of(argv[1], "--help", "-h") ||
	    (strcmp(argv[1], "help") == 0 && argc == 2)) {
		help(stdout);
		return DONE;
	}
	if (is_one_of(argv[1], "--version", "-v") ||
	    is_one_of(argv[1], "version", "-V"))
		return version();
	if (strcmp(argv[1], "help") == 0)
		command = command_find(argv[2]);
	else
		command = command_find(argv[1]);
	if (!command)
		return unknown(strcmp(argv[1], "help") ? argv[1] : argv[2]);
	if (strcmp(argv[1], "help") == 0 || wants_help(argc - 1, argv + 1))
		return help_command(command);
	snprintf(name, sizeof(name), "livery %s", command->name);
	argv[1] = name;
	return command->run(argc - 1, argv + 1);
}
