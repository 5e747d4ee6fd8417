/* page/splice.c - includes that a page carries are resolved here
 *
 * Where the site says so (`includes`), what the directives of
 * page/directive.h name is put in: of a dressed page once it is dressed, so
 * that a theme can bring includes as well; of others as they came
 * (page/weave.c). An address is the site's own, or of one of fragment_hosts:
 * pages are not trusted to name others. Each is asked for as by somebody who
 * says nothing of himself, without cookies or any other field of the client,
 * so whoever can write an include into a page sees no more through it than
 * everybody does who asks for that address. All that a page names is asked for
 * at once, and kept as documents of the rules are (page/gather.c).
 *
 * An include that cannot be had is left out, with a problem, unless it says
 * what then, or the site does (fragment_failure). */
#include <string.h>

#include "base/report.h"
#include "page/expand.h"
#include "page/life.h"

static void
tell(struct page *page, const struct expanded *said)
{
	if (said->waits)
		return; /* the next time */
	if (said->too_deep)
		report_problem("fragment", page_url(page),
		    "includes within includes, too deep",
		    "the page with the rest of them unread");
	if (said->is_broken)
		report_problem("fragment", page_url(page),
		    "an include or tag of ESI that cannot be read, or is not "
		    "known here",
		    "the page with it as it is written");
}

CHECKED int
splice_text(struct page *page, struct worker *worker, struct slice text,
    struct buf *out, struct expanded *said)
{
	struct gathering gathering = {page, worker};
	const struct expand_ask ask = {
	    .how = page->site->opts.includes,
	    .text = text,
	    .get = gather_include,
	    .arg = &gathering,
	};
	int rc = expand(&ask, out, said);

	if (rc == 0)
		tell(page, said);
	if (said->lacks && !said->waits)
		page->detail = "fragment";
	return rc;
}

CHECKED int
splice_page(struct page *page, struct worker *worker, struct buf *text,
    struct expanded *said)
{
	struct slice whole = {text->data, text->len};
	struct buf out;

	memset(said, 0, sizeof(*said));
	if (!expand_is_due(page->site->opts.includes, whole))
		return 0;
	buf_init(&out, text->max);
	if (splice_text(page, worker, whole, &out, said) != 0) {
		buf_fini(&out);
		return -1;
	}
	if (said->waits) {
		buf_fini(&out);
		return 0;
	}
	buf_fini(text);
	*text = out;
	return 0;
}
