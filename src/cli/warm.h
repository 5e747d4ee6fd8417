/* cli/warm.h - livery cache warm: ask a running livery for the pages that a
 * sitemap or a file names, so that visitors find them stored and dressed */
#ifndef CLI_WARM_H
#define CLI_WARM_H

/* What --help says of it, a line each. */
#define WARM_HELP                                                               \
	"  warm SITEMAP     ask a running livery for the pages of a sitemap,\n" \
	"                   an index of sitemaps, or a text with one address\n" \
	"                   or path a line; a file, a URL, or - for standard\n" \
	"                   input; gzipped or not\n"                            \
	"    -c FILE        the server's configuration: where it listens and\n" \
	"                   which hosts are its own\n"                          \
	"    --through ADDR where it listens: 127.0.0.1:8080, unix:/path\n"     \
	"    --base URL     of paths without a host: https://www.example.org\n" \
	"    --rate N       a second: 10\n"                                     \
	"    --parallel N   at a time: 2\n"

/* argv[0] is "warm". Gives the exit status: FAILED when the list could not be
 * read, names no page of ours, or a page could not be had. */
int warm_main(int argc, char **argv);

#endif
