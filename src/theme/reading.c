/* theme/reading.c - content is read while it arrives (contract: theme/theme.h)
 *
 * Which theme the page will have is known when it is dressed, so the tree is
 * made as any of them can use it: with the places of its nodes in the source,
 * and not editable. */
#include "theme/reading.h"

#include "base/mem.h"
#include "theme/dress.h"

struct reading {
	struct html_feed *feed; /* NULL: used */
};

struct reading *
reading_new(const struct dress_ask *ask)
{
	const struct html_opts opts = {
	    .content_type = ask->content_type,
	    .parser = HTML_HTML5,
	    .spans = true,
	    .limits = dress_limits(ask),
	};
	struct reading *reading = mem_new(sizeof(*reading));

	reading->feed = html_feed_new(&opts);
	return reading;
}

void
reading_free(struct reading **reading)
{
	if (!*reading)
		return;
	html_feed_free(&(*reading)->feed);
	mem_free(reading);
}

bool
reading_feed(struct reading *reading, const char *bytes, size_t len)
{
	must(reading->feed);
	return html_feed(reading->feed, bytes, len);
}

struct html_feed *
reading_use(struct reading *reading)
{
	struct html_feed *feed = reading->feed;

	reading->feed = NULL;
	return feed;
}

/* A theme of Deliverance edits the page, for which it wants another tree. */
bool
theme_reads_ahead(const struct theme *theme)
{
	return !theme->compat && !theme->wardrobe;
}
