/* dom/build.h - the tree construction of HTML (WHATWG 13.2.6), scripting off
 *
 * Tokens to a tree, in pieces as they come. Foreign elements have their names
 * as SVG and MathML write them and no namespace, so that //svg finds them
 * (node.h has the bit). The contents of a template are its children.
 *
 * Elements that HTML has between a table and its rows when nobody wrote them
 * (tbody, colgroup) do their work in the stack of open elements but are no
 * node of the tree, unless implied is asked for: rules that say table > tr go
 * on finding what the page says, and the page goes out as it came. html, head
 * and body are always there.
 *
 * For the same reason white space before the head and behind the body, which
 * the standard drops or moves, stays where it is; and a noscript in a head
 * that holds what no head may hold (the img of a counter) is one raw text, as
 * it is to a browser with scripts: by the standard it would be the end of the
 * head, and titles and links behind it would be in the body. So is a noscript
 * in a body whose elements could reach out of it (a div in a p's, a row of a
 * table): what is dead to a browser with scripts would stand behind it, alive.
 * Where an end tag of it stands in a tag or comment in it, and browsers with
 * scripts and without do not come to read alike behind it, it ends where it
 * does with scripts, and what was cut so is text. Nor does what is in a noscript
 * keep a frameset out. What the page cuts short is judged as if it were whole:
 * it is the same when it is written. */
#ifndef DOM_BUILD_H
#define DOM_BUILD_H

#include <stdbool.h>
#include "base/err.h"
#include "dom/node.h"

struct build_opts {
	size_t depth;	   /* html_max_depth */
	size_t attributes; /* html_max_attributes, in one tag */
	size_t nodes;	   /* html_max_nodes: elements, texts, comments,
			    * attributes; of those that take more than 25
			    * times what was read, as many as with the page
			    * take 120 bytes each */
	size_t bytes;	   /* themed_max, of what was read, with what
			    * grew (token.h); 0: no limit */
	bool spans;	   /* keep from, to and the bits NODE_PLAIN */
	bool implied;	   /* tbody and colgroup are nodes also then, and a
			    * selectedcontent gets its copy of the option:
			    * all that the standard puts into a tree, and
			    * nothing else */
	bool xhtml;	   /* "/>" ends any element; <![CDATA[ is text */
	bool scripting;	   /* <noscript> is raw text; for tests only */
	/* A fragment's context element (html5lib's "svg path", "math mi", or a
	 * name of HTML), or NULL: a document. The children of the root are
	 * those of the html element that the standard makes. */
	const char *context;
};

struct build;

/* The tree gets the arena; both are the caller's to free, the build first. */
struct build *build_new(struct tree *tree, const struct build_opts *opts);
void build_free(struct build **build);

/* Take the next bytes (token.h: they are written into, they stay, one more
 * byte behind them is ours). last: the page ends with them. from the second
 * piece on the caller puts build_rest() in front. 0, or -1: a limit, named as
 * in the configuration; the tree is of no use then. */
CHECKED int build_feed(
    struct build *build, char *bytes, size_t len, bool last, struct err *err);
size_t build_rest(const struct build *build, const char **rest);

#endif
