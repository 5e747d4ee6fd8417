/* dom/html.c - a page from bytes to a tree
 *
 * Bytes -> UTF-8 (charset.c, utf8.c) -> tokens and a tree (build.h), or, in
 * compat mode and where a site wants it, libxml2's parser (html_libxml2.c). */
#include "dom/html_inside.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dom/build.h"
#include "dom/charset.h"
#include "dom/tags.h"
#include "dom/utf8.h"

enum {
	BYTES_DEFAULT = 16 * 1024 * 1024,
	DEPTH_DEFAULT = 512,
	ATTRIBUTES_DEFAULT = 1000,
	NODES_DEFAULT = 500000,
	PAGE_SIGNS_WITHIN = 65536,
	TEXT_SIGNS_WITHIN = 1024,
	XHTML_SIGNS_WITHIN = 1024,
	STRANGE_FEW = 8,
};

void
text_replace(struct text *text, struct buf *with)
{
	buf_fini(&text->own);
	text->own = *with;
	text->p = with->data ? with->data : "";
	text->len = with->len;
}

bool
html_by_libxml2(const struct html_opts *opts)
{
	return opts->compat || opts->parser == HTML_LIBXML2;
}

/* ---- from bytes to characters ---- */

/* Control characters show that it is an image or the like. */
bool
html_is_text(const char *bytes, size_t len)
{
	size_t strange = 0;

	if (len > TEXT_SIGNS_WITHIN)
		len = TEXT_SIGNS_WITHIN;
	for (size_t i = 0; i < len; i++)
		strange += (unsigned char)bytes[i] < 0x20 &&
			   !memchr("\t\n\r\f\x1b", bytes[i], 5);
	return strange <= STRANGE_FEW + len / 8;
}

static int
grows_too_long(size_t max, struct err *err)
{
	return err_set(err,
	    "the page has more than %zu bytes in UTF-8 "
	    "(themed_max)",
	    max);
}

static int
convert(struct text *text, const char *charset, size_t max, struct err *err)
{
	struct buf utf8;

	buf_init(&utf8, max);
	if (charset_to_utf8(&utf8, charset, text->p, text->len, err) != 0) {
		bool is_full = utf8.failed;

		buf_fini(&utf8);
		return is_full ? grows_too_long(max, err) : -1;
	}
	text_replace(text, &utf8);
	return 0;
}

/* A tree of libxml2's own parser is only fit for what XML allows. */
static int
clean(struct text *text, bool xml, size_t max, struct err *err)
{
	size_t (*well_formed)(const char *, size_t) =
	    xml ? utf8_clean_len : utf8_valid_len;
	int (*add_clean)(struct buf *, const char *, size_t) =
	    xml ? utf8_add_clean : utf8_add_valid;
	struct buf cleaned;

	if (well_formed(text->p, text->len) == text->len)
		return 0;
	buf_init(&cleaned, max);
	if (add_clean(&cleaned, text->p, text->len) != 0) {
		buf_fini(&cleaned);
		return grows_too_long(max, err);
	}
	text_replace(text, &cleaned);
	return 0;
}

/* libxml2 ends at a NUL. */
static int
without_nul(struct text *text, struct err *err)
{
	const char *from = text->p, *end = text->p + text->len;
	struct buf kept;

	if (!memchr(from, '\0', text->len))
		return 0;
	buf_init(&kept, text->len);
	while (from < end) {
		const char *to = memchr(from, '\0', (size_t)(end - from));

		if (!to)
			to = end;
		buf_add(&kept, from, (size_t)(to - from));
		from = to + 1;
	}
	if (kept.failed) {
		buf_fini(&kept);
		return err_set(err, "no memory for the page");
	}
	text_replace(text, &kept);
	return 0;
}

/* Make UTF-8 of the text. *charset stays NULL in compat mode where nobody but
 * the page says what it is: libxml2 finds out. */
static int
decode(struct text *text, const struct html_opts *opts, const char **charset,
    size_t max, struct err *err)
{
	size_t skip;
	const char *name = charset_sniff(
	    text->p, text->len, opts->content_type, !opts->compat, &skip);

	*charset = NULL;
	text->p += skip;
	text->len -= skip;
	if (!name && opts->compat)
		return without_nul(text, err);
	*charset = "UTF-8";
	if (name && strcmp(name, "UTF-8") != 0) {
		if (convert(text, name, max, err) != 0)
			return -1;
	} else if (!html_is_text(text->p, text->len)) {
		return err_set(err, "the page is not text");
	}
	return clean(text, html_by_libxml2(opts), max, err);
}

/* ---- XHTML ---- */

/* The page was made by somebody who writes <script src="x"/>: it is sent as
 * XHTML, begins as XML, or has a DOCTYPE of XHTML. */
bool
html_is_xhtml(const char *content_type, const char *p, size_t len)
{
	static const char xhtml[] = "application/xhtml+xml";
	static const char public_id[] = "\"-//W3C//DTD XHTML ";
	size_t head = len < XHTML_SIGNS_WITHIN ? len : XHTML_SIGNS_WITHIN;
	const char *doctype;

	if (content_type &&
	    strncasecmp(content_type, xhtml, sizeof(xhtml) - 1) == 0)
		return true;
	if (len >= 6 && memcmp(p, "<?xml ", 6) == 0)
		return true;
	doctype = memmem(p, head, "<!DOCTYPE", 9);
	return doctype && memmem(doctype, head - (size_t)(doctype - p),
			      public_id, sizeof(public_id) - 1);
}

/* ---- the tree ---- */

static void
free_own(void *own)
{
	buf_fini(own);
}

/* What the tree's offsets are about: the caller's bytes, or what was made of
 * them, which the arena keeps then. */
static void
keep_source(struct tree *tree, struct text *text)
{
	tree->source = text->p;
	tree->source_len = text->len;
	if (text->own.data) {
		struct buf *own = arena_get(tree->arena, sizeof(*own));

		*own = text->own;
		text->own = (struct buf){.max = 0};
		arena_keep(tree->arena, free_own, own);
	}
}

struct build_opts
html_build_opts(const struct html_opts *opts, const struct html_limits *limits,
    bool is_xhtml)
{
	return (struct build_opts){
	    .depth = limits->depth,
	    .attributes = limits->attributes,
	    .nodes = limits->nodes,
	    .bytes = limits->bytes,
	    .spans = opts->spans && !opts->editable,
	    .xhtml = is_xhtml,
	};
}

static int
grow(struct tree *tree, struct text *text, const struct html_opts *opts,
    const struct html_limits *limits, struct err *err)
{
	const struct build_opts build_opts =
	    html_build_opts(opts, limits, text->is_xhtml);
	char *bytes = arena_room(tree->arena, text->len + 1);
	struct build *build = build_new(tree, &build_opts);
	int rc;

	memcpy(bytes, text->p, text->len);
	if (!build_opts.spans)
		buf_fini(&text->own);
	rc = build_feed(build, bytes, text->len, true, err);
	build_free(&build);
	return rc;
}

int
html_finish(xmlDoc **out, struct tree *tree, struct text *text,
    const struct html_opts *opts, struct err *err)
{
	xmlDoc *copy;

	if (!opts->editable) {
		if (opts->spans)
			keep_source(tree, text);
		*out = &tree->doc;
		return 0;
	}
	copy = tree_editable(tree);
	if (!copy)
		return err_set(err, "no memory for the page");
	*out = copy;
	return 0;
}

static int
html5(xmlDoc **out, struct text *text, const struct html_opts *opts,
    const struct html_limits *limits, struct err *err)
{
	struct arena *arena;
	struct tree *tree;
	int rc;

	if (text->len == 0)
		return err_set(err, "the page is empty");
	arena = opts->arena ? opts->arena : arena_new(TREE_ARENA);
	tree = tree_new(arena);
	rc = grow(tree, text, opts, limits, err);
	tree->is_lent = opts->arena != NULL;
	if (rc == 0)
		rc = html_finish(out, tree, text, opts, err);
	if ((rc != 0 || opts->editable) && !tree->is_lent)
		tree_free(&tree);
	return rc;
}

/* ---- the whole ---- */

struct html_limits
html_limits_of(const struct html_opts *opts)
{
	struct html_limits limits = opts->limits;

	if (!limits.bytes)
		limits.bytes = BYTES_DEFAULT;
	if (!limits.depth)
		limits.depth = DEPTH_DEFAULT;
	if (!limits.attributes)
		limits.attributes = ATTRIBUTES_DEFAULT;
	if (!limits.nodes)
		limits.nodes = NODES_DEFAULT;
	return limits;
}

size_t
html_utf8_max(const struct html_opts *opts, const struct html_limits *limits)
{
	size_t max = limits->bytes * (html_by_libxml2(opts) ? TEXT_GROWS : 1);

	return max > INT32_MAX ? INT32_MAX : max;
}

int
html_too_long(const struct html_limits *limits, struct err *err)
{
	return err_set(err,
	    "the page has more than %zu bytes "
	    "(themed_max)",
	    limits->bytes);
}

int
html_parse(xmlDoc **out, const char *bytes, size_t len,
    const struct html_opts *opts, struct err *err)
{
	static const struct html_opts plain;
	const struct html_opts *o = opts ? opts : &plain;
	struct html_limits limits = html_limits_of(o);
	struct text text = {.p = bytes, .len = len};
	const char *charset;
	int rc = -1;

	if (len > limits.bytes)
		return html_too_long(&limits, err);
	if (decode(&text, o, &charset, html_utf8_max(o, &limits), err) == 0) {
		text.is_xhtml =
		    html_is_xhtml(o->content_type, text.p, text.len);
		rc = html_by_libxml2(o) ? html_libxml2(
					 out, &text, charset, o, &limits, err)
				   : html5(out, &text, o, &limits, err);
	}
	buf_fini(&text.own);
	return rc;
}

void
html_free(xmlDoc **doc)
{
	struct tree *tree = tree_of(*doc);

	if (tree && !tree->is_lent)
		tree_free(&tree);
	else if (!tree)
		xmlFreeDoc(*doc);
	*doc = NULL;
}

/* ---- questions ---- */

static bool
is_page_tag(const char *p, const char *end)
{
	static const char *const tags[] = {"html", "head", "body", "!doctype"};

	for (size_t i = 0; i < COUNT_OF(tags); i++) {
		size_t len = strlen(tags[i]);

		if ((size_t)(end - p) > len + 1 &&
		    strncasecmp(p + 1, tags[i], len) == 0 &&
		    strchr(" \t\n\f\r/>", p[len + 1]) && p[len + 1])
			return true;
	}
	return false;
}

bool
html_is_page(const char *bytes, size_t len)
{
	const char *end =
	    bytes + (len < PAGE_SIGNS_WITHIN ? len : PAGE_SIGNS_WITHIN);
	const char *p = bytes;

	/* a script's answer is never in UTF-16 */
	if (len >= 2 &&
	    (memcmp(p, "\xFE\xFF", 2) == 0 || memcmp(p, "\xFF\xFE", 2) == 0))
		return true;
	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		if (is_page_tag(p, end))
			return true;
		if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
			p = memmem(p + 2, (size_t)(end - p) - 2, "-->", 3);
			if (!p)
				return false;
		}
		p++;
	}
	return false;
}

bool
html_is_void(const char *name)
{
	return tag_kind(name, strlen(name)) == TAG_VOID;
}
