/* main.c - the subcommand table is in cli/cmd.c; nothing else happens here */
#include "cli/cmd.h"

int
main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
