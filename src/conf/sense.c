/* conf/sense.c - contradictions within the blocks that fill struct conf */
#include "conf/sense.h"

#include <string.h>

enum { WINDOW_MIN = 4096 }; /* less is less than a kernel's packet */

int
sense_line(const struct sense *sense, enum block block, const char *title,
    const char *option)
{
	const struct scan_block *at = scan_find(sense->blocks, block, title);

	return at ? at->lines[schema_find(block, option) - schema] : 0;
}

/* "none" takes away what cannot be done without. */
static void
check_needed(const struct sense *sense)
{
	const struct conf *conf = sense->conf;
	const struct {
		const char *option, *value, *words;
	} needed[] = {
	    {"via", conf->front.via, "a name is wanted, as livery"},
	    {"log_level", conf->log_level, "say error, warn, info or debug"},
	};

	for (size_t i = 0; i < COUNT_OF(needed); i++)
		if (!needed[i].value)
			mistake_tell(sense->mistakes,
			    sense_line(
				sense, BLOCK_TOP, NULL, needed[i].option),
			    "%s: %s", needed[i].option, needed[i].words);
}

static void
check_limits(const struct sense *sense)
{
	const struct conf *conf = sense->conf;

	if (conf->front.client_window && conf->front.client_window < WINDOW_MIN)
		mistake_tell(sense->mistakes,
		    sense_line(sense, BLOCK_LIMITS, NULL, "client_window"),
		    "client_window: '%u' is too little: 0 or %dk to 64M",
		    (unsigned)conf->front.client_window, WINDOW_MIN / 1024);
	if (conf->pages.purge_refresh && !conf->pages.purge_refresh_max)
		mistake_tell(sense->mistakes,
		    sense_line(sense, BLOCK_TOP, NULL, "purge_refresh_max"),
		    "purge_refresh_max: with 0 nothing is refreshed, but "
		    "purge_refresh is on: say how many, or purge_refresh = "
		    "off");
}

void
sense_check(const struct sense *sense)
{
	const struct conf *conf = sense->conf;

	check_needed(sense);
	check_limits(sense);
	sense_sockets(sense);
	for (unsigned i = 0; i < conf->upstreams_count; i++)
		sense_upstream(sense, &conf->upstreams[i]);
	for (unsigned i = 0; i < conf->sites_count; i++)
		sense_site(sense, &conf->sites[i]);
	sense_idle(sense);
}
