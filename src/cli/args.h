/* cli/args.h - the options that serve, check and requests have in common */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include "cli/cmd.h"
#include "conf/conf.h"

struct args {
	struct conf_args conf;
	bool offline; /* of check */
	bool strict;  /* of check */
	const char *against; /* of check: a cache file; "": the one that is
	                      * configured; NULL: none */
	int rest;     /* the first word of argv that is no option */
};

/* What --help says of them, a line each. */
#define ARGS_HELP                                                              \
	"  -c, --config FILE      the configuration, see livery.conf(5)\n"     \
	"  --listen ADDRESS       127.0.0.1:8080, [::]:80, unix:/path\n"       \
	"  --upstream URL         where pages come from: http[s]://, "         \
	"unix:/socket,\n"                                                      \
	"                         or a folder\n"                               \
	"  --theme URL            the theme page: http[s]:// or a file\n"      \
	"  --rules FILE           rules; see livery-rules(7)\n"                \
	"  --cache FILE           the cache file, or none\n"                   \
	"  --admin ADDRESS        where to look inside, as "                   \
	"127.0.0.1:8089\n"                                                     \
	"  --takeover             take the sockets of the one that runs, if "  \
	"one\n"                                                                \
	"                         does: the file says where (`takeover`)\n"

/* serve has no --offline; requests has --config and --admin only. */
enum args_of { ARGS_OF_CHECK, ARGS_OF_SERVE, ARGS_OF_REQUESTS };

/* Read them. MISUSED when there is one that is not known (said). */
CHECKED int args_read(
    struct args *args, enum args_of whose, int argc, char **argv);

/* Read them for a command that takes nothing else, and make the configuration:
 * yours to free. MISUSED: what is wrong was said, with the command's usage
 * where it helps. */
CHECKED int args_read_all(struct args *args, struct conf **out,
    enum args_of whose, const struct cmd *command, int argc, char **argv);

/* The configuration that they make. Mistakes go to standard error, each with
 * "livery: " in front; MISUSED then. */
CHECKED int args_conf(struct conf **out, const struct args *args);

#endif
