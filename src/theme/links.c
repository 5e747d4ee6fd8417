/* theme/links.c - every address in a theme page's tree
 *
 * A table says which attributes of which elements hold addresses and of which
 * kind. Relative ones are resolved against <base> if there is one, else
 * against the page. */
#include "theme/links.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "http/url.h"
#include "theme/address.h"
#include "theme/markup.h"

enum { VALUE_MAX = 4 * 1024 * 1024 }; /* one attribute or stylesheet */

enum syntax {
	ONE_ADDRESS,
	SRCSET,
	STYLE,
	LINK_HREF, /* an asset if rel says so */
	REFRESH,
	ADDRESSES, /* white space between them */
};

static const struct place {
	const char *element; /* NULL: any */
	const char *attribute;
	enum syntax syntax;
	enum address_use use;
} places[] = {
    {"link", "href", LINK_HREF, USE_LINK},
    {"use", "href", ONE_ADDRESS, USE_ASSET},
    {"image", "href", ONE_ADDRESS, USE_ASSET},
    {"feimage", "href", ONE_ADDRESS, USE_ASSET},
    {"use", "xlink:href", ONE_ADDRESS, USE_ASSET},
    {"image", "xlink:href", ONE_ADDRESS, USE_ASSET},
    {"feimage", "xlink:href", ONE_ADDRESS, USE_ASSET},
    {NULL, "href", ONE_ADDRESS, USE_LINK},
    {NULL, "xlink:href", ONE_ADDRESS, USE_LINK},
    {"iframe", "src", ONE_ADDRESS, USE_LINK},
    {"frame", "src", ONE_ADDRESS, USE_LINK},
    {NULL, "src", ONE_ADDRESS, USE_ASSET},
    {NULL, "srcset", SRCSET, USE_ASSET},
    {NULL, "imagesrcset", SRCSET, USE_ASSET},
    {NULL, "poster", ONE_ADDRESS, USE_ASSET},
    {"object", "data", ONE_ADDRESS, USE_ASSET},
    {NULL, "background", ONE_ADDRESS, USE_ASSET},
    {"form", "action", ONE_ADDRESS, USE_LINK},
    {NULL, "formaction", ONE_ADDRESS, USE_LINK},
    {NULL, "cite", ONE_ADDRESS, USE_LINK},
    {NULL, "longdesc", ONE_ADDRESS, USE_LINK},
    {NULL, "ping", ADDRESSES, USE_LINK},
    {NULL, "style", STYLE, USE_ASSET},
    {"meta", "content", REFRESH, USE_LINK},
};

/* What Diazo's code looks at. */
static const struct place compat_places[] = {
    {NULL, "href", ONE_ADDRESS, USE_LINK},
    {NULL, "xlink:href", ONE_ADDRESS, USE_LINK},
    {NULL, "src", ONE_ADDRESS, USE_ASSET},
    {NULL, "srcset", SRCSET, USE_ASSET},
};

struct rewriter {
	const struct links *links;
	struct arena *arena;
};

/* ---- single attributes ---- */

/* A link's rel may hold several words. */
static bool
rel_has(const char *rel, const char *word)
{
	size_t n = strlen(word);

	while (*(rel += strspn(rel, " \t\r\n\f")) != '\0') {
		size_t len = strcspn(rel, " \t\r\n\f");

		if (len == n && strncasecmp(rel, word, n) == 0)
			return true;
		rel += len;
	}
	return false;
}

static bool
is_asset_link(const xmlNode *element)
{
	static const char *const rels[] = {
	    "stylesheet",
	    "icon",
	    "apple-touch-icon",
	    "apple-touch-icon-precomposed",
	    "apple-touch-startup-image",
	    "mask-icon",
	    "fluid-icon",
	    "image_src",
	    "manifest",
	    "preload",
	    "modulepreload",
	    "prefetch",
	    "import",
	};
	xmlChar *rel = xmlGetNoNsProp(element, BAD_CAST "rel");
	bool is = false;

	for (size_t i = 0; rel && i < COUNT_OF(rels); i++)
		is |= rel_has((const char *)rel, rels[i]);
	xmlFree(rel);
	return is;
}

static void
keep_or_change(struct buf *out, const struct links *links, const char *value,
    size_t len, enum address_use use)
{
	if (!address_rewrite(out, links, value, len, use))
		buf_add(out, value, len);
}

/* "5; url=/there" */
static void
refresh(struct buf *out, const struct links *links, const char *value)
{
	const char *at = strpbrk(value, ";,");
	size_t len;

	if (!at) {
		buf_puts(out, value);
		return;
	}
	at += 1 + strspn(at + 1, " \t\r\n\f");
	if (strncasecmp(at, "url", 3) == 0) {
		const char *equals = at + 3 + strspn(at + 3, " \t\r\n\f");

		if (*equals == '=')
			at = equals + 1 + strspn(equals + 1, " \t\r\n\f");
	}
	if (*at == '"' || *at == '\'') {
		len = strcspn(at + 1, *at == '"' ? "\"" : "'");
		at++;
	} else {
		len = strlen(at);
	}
	buf_add(out, value, (size_t)(at - value));
	keep_or_change(out, links, at, len, USE_LINK);
	buf_puts(out, at + len);
}

static void
addresses(struct buf *out, const struct links *links, const char *value,
    enum address_use use)
{
	while (*value) {
		size_t n = strspn(value, " \t\r\n\f");

		buf_add(out, value, n);
		value += n;
		n = strcspn(value, " \t\r\n\f");
		keep_or_change(out, links, value, n, use);
		value += n;
	}
}

static bool
is_refresh(const xmlNode *element)
{
	xmlChar *name = xmlGetNoNsProp(element, BAD_CAST "http-equiv");
	bool is = name && xmlStrcasecmp(name, BAD_CAST "refresh") == 0;

	xmlFree(name);
	return is;
}

static int
rewritten(struct buf *out, const struct links *links, const xmlNode *element,
    const struct place *place, const char *value)
{
	enum address_use use = place->use;

	switch (place->syntax) {
	case SRCSET:
		address_srcset(out, links, value);
		return 0;
	case STYLE:
		return links_css(out, value, strlen(value), links);
	case REFRESH:
		if (!is_refresh(element))
			return -1;
		refresh(out, links, value);
		return 0;
	case ADDRESSES:
		addresses(out, links, value, use);
		return 0;
	case LINK_HREF:
		use = is_asset_link(element) ? USE_ASSET : USE_LINK;
		break;
	case ONE_ADDRESS:
		/* Diazo leaves href="#x", and makes src="#x" a link. */
		if (links->compat && *value == '#' &&
		    strcmp(place->attribute, "src") != 0)
			return -1;
		break;
	}
	keep_or_change(out, links, value, strlen(value), use);
	return 0;
}

static const struct place *
place_of(const struct links *links, const char *element, const char *attribute)
{
	const struct place *list = links->compat ? compat_places : places;
	size_t count =
	    links->compat ? COUNT_OF(compat_places) : COUNT_OF(places);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(list[i].attribute, attribute) == 0 &&
		    (!list[i].element ||
			strcasecmp(list[i].element, element) == 0))
			return &list[i];
	return NULL;
}

static void
set_value(xmlAttr *attribute, const char *value)
{
	xmlNode *text = xmlNewDocText(attribute->doc, BAD_CAST value);

	must(text);
	xmlFreeNodeList(attribute->children);
	attribute->children = attribute->last = text;
	text->parent = (xmlNode *)attribute;
}

static void
rewrite_attribute(
    struct rewriter *rewriter, xmlNode *element, xmlAttr *attribute)
{
	const char *name = markup_name(rewriter->arena, attribute);
	const struct place *place =
	    place_of(rewriter->links, (const char *)element->name, name);
	struct buf out;

	if (!place)
		return;
	buf_init(&out, VALUE_MAX);
	if (rewritten(&out, rewriter->links, element, place,
		markup_value(rewriter->arena, attribute)) == 0 &&
	    !out.failed)
		set_value(attribute, out.data ? out.data : "");
	buf_fini(&out);
}

/* ---- style elements ---- */

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n\f");
}

/* Diazo's code: only what follows @import. */
static void
imports_only(struct buf *out, const struct links *links, const char *css)
{
	const char *at;

	while ((at = strstr(css, "@import")) != NULL) {
		const char *from = skip_blanks(at + 7);
		size_t len;

		if (strncmp(from, "url(", 4) == 0)
			from += 4;
		if (*from == '"' || *from == '\'')
			from++;
		len = strcspn(from, "\"') \t\r\n;");
		buf_add(out, css, (size_t)(from - css));
		keep_or_change(out, links, from, len, USE_ASSET);
		css = from + len;
	}
	buf_puts(out, css);
}

static void
rewrite_style(struct rewriter *rewriter, xmlNode *text)
{
	const char *css = (const char *)text->content;
	struct buf out;
	int rc = 0;

	if (!css)
		return;
	buf_init(&out, VALUE_MAX);
	if (rewriter->links->compat)
		imports_only(&out, rewriter->links, css);
	else
		rc = links_css(&out, css, strlen(css), rewriter->links);
	if (rc == 0 && !out.failed) {
		xmlNode *changed = xmlNewDocText(
		    text->doc, BAD_CAST(out.data ? out.data : ""));

		must(changed);
		xmlReplaceNode(text, changed);
		xmlFreeNode(text);
	}
	buf_fini(&out);
}

/* ---- comments for old Internet Explorers ---- */

/* The next src=" or href=" (any quotes), past the quote; NULL: none. */
static const char *
next_value(const char *at)
{
	for (; *at; at++) {
		size_t n = strncasecmp(at, "src=", 4) == 0    ? 4
			   : strncasecmp(at, "href=", 5) == 0 ? 5
							      : 0;

		if (n && (at[n] == '"' || at[n] == '\''))
			return at + n + 1;
	}
	return NULL;
}

static void
rewrite_comment(struct rewriter *rewriter, xmlNode *comment)
{
	const char *at = (const char *)comment->content, *value;
	struct buf attributes, out;

	if (!at || strncmp(skip_blanks(at), "[if", 3) != 0)
		return;
	buf_init(&attributes, VALUE_MAX);
	buf_init(&out, VALUE_MAX);
	while ((value = next_value(at)) != NULL) {
		size_t len = strcspn(value, "\"'");

		buf_add(&attributes, at, (size_t)(value - at));
		keep_or_change(
		    &attributes, rewriter->links, value, len, USE_ASSET);
		at = value + len;
	}
	buf_puts(&attributes, at);
	imports_only(
	    &out, rewriter->links, attributes.data ? attributes.data : "");
	if (!attributes.failed && !out.failed)
		xmlNodeSetContent(comment, BAD_CAST(out.data ? out.data : ""));
	buf_fini(&attributes);
	buf_fini(&out);
}

/* ---- the tree ---- */

static void
rewrite_node(struct rewriter *rewriter, xmlNode *node)
{
	if (node->type == XML_COMMENT_NODE) {
		rewrite_comment(rewriter, node);
		return;
	}
	if (node->type != XML_ELEMENT_NODE)
		return;
	for (xmlAttr *a = node->properties; a; a = a->next)
		rewrite_attribute(rewriter, node, a);
	if (strcasecmp((const char *)node->name, "style") == 0)
		for (xmlNode *c = node->children, *next; c; c = next) {
			next = c->next;
			if (markup_is_text(c))
				rewrite_style(rewriter, c);
		}
}

/* Give the first <base href> in out, as it stands. Every <base> goes, since it
 * would count for the content's links as well. */
static void
take_base(struct buf *out, xmlDoc *doc)
{
	for (xmlNode *n = doc->children, *next; n; n = next) {
		xmlChar *href;

		next = markup_following(n);
		if (n->type != XML_ELEMENT_NODE ||
		    strcasecmp((const char *)n->name, "base") != 0)
			continue;
		href = xmlGetNoNsProp(n, BAD_CAST "href");
		if (href && out->len == 0)
			buf_puts(out, (const char *)href);
		xmlFree(href);
		next = markup_past(n);
		xmlUnlinkNode(n);
		xmlFreeNode(n);
	}
}

/* What relative links are relative to, now that there is a <base>: a URL, or
 * another prefix, which is the base up to its last slash. */
static void
use_base(struct links *links, struct buf *out, const struct buf *base)
{
	if (links->mode != LINKS_PREFIX) {
		if (url_join(out, links->base ? links->base : "", base->data,
			base->len) == 0)
			links->base = out->data;
		return;
	}
	if (!address_rewrite(out, links, base->data, base->len, USE_LINK))
		buf_add(out, base->data, base->len);
	while (out->len && out->data[out->len - 1] != '/')
		out->len--;
	if (out->len && !out->failed) {
		out->data[out->len] = '\0';
		links->prefix = out->data;
	}
}

void
links_rewrite(xmlDoc *doc, const struct links *links)
{
	enum { ARENA = 4096 };
	struct links own = *links;
	struct rewriter rewriter = {&own, NULL};
	struct buf base, effective;

	if (links->mode == LINKS_KEEP)
		return;
	rewriter.arena = arena_new(ARENA);
	buf_init(&base, ADDRESS_MAX);
	buf_init(&effective, ADDRESS_MAX);
	if (!links->compat && links->mode != LINKS_MAPPED)
		take_base(&base, doc);
	if (base.len && !base.failed)
		use_base(&own, &effective, &base);
	for (xmlNode *n = doc->children; n; n = markup_following(n))
		rewrite_node(&rewriter, n);
	buf_fini(&effective);
	buf_fini(&base);
	arena_free(&rewriter.arena);
}

/* What follows the prefix is a path of the theme's host, no way out of it. */
CHECKED int
links_asset_url(struct buf *out, const char *origin, const char *rest)
{
	size_t len = strcspn(rest, "?#");

	if (*rest != '/' || rest[1] == '/' || url_path_is_unsafe(rest, len))
		return -1;
	for (const char *at = rest; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == '#' || *at == 0x7f ||
		    *at == '\\')
			return -1;
	buf_puts(out, origin);
	return buf_puts(out, rest);
}
