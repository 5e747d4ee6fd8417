/* theme/source.c - the only place of the theme folder that opens files
 *
 * libxml2's own XInclude would go through its process-wide loader, which other
 * threads share; so inclusion is done by hand: one walk over the tree, in
 * which an xi:include is replaced by what it names (the root of a file, parts
 * of it, its text) and the walk goes on inside. No step of it recurses. */
#include "theme/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/html.h"
#include "theme/xpointer.h"

#define XINCLUDE     "http://www.w3.org/2001/XInclude"
#define XINCLUDE_OLD "http://www.w3.org/2003/XInclude"

struct reader {
	struct rules *rules;
	struct digest *digest;
	unsigned files;
	struct err *err;
};

/* Whether path, symlinks followed, lies below folder (resolved). */
static bool
is_below(const char *path, const char *folder)
{
	char *real = realpath(path, NULL);
	size_t n = folder ? strlen(folder) : 0;
	bool below;

	while (n > 0 && folder[n - 1] == '/')
		n--;
	below =
	    real && folder && strncmp(real, folder, n) == 0 && real[n] == '/';
	mem_free(&real);
	return below;
}

bool
rules_may_read(const struct rules *rules, const char *path)
{
	return is_below(path, rules->folder) ||
	       is_below(path, rules->root);
}

static bool
has_scheme(const char *href)
{
	size_t n = strspn(href, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n > 1 && href[n] == ':';
}

const char *
source_resolve(
    struct arena *arena, const struct source *source, const char *href)
{
	const char *slash = strrchr(source->path, '/');
	char *joined, *real;

	if (strncmp(href, "file://", 7) == 0 && href[7] == '/')
		href += 7;
	if (has_scheme(href))
		return arena_strdup(arena, href);
	joined = *href == '/'
		     ? arena_strdup(arena, href)
		     : arena_printf(arena, "%.*s/%s",
			   (int)(slash - source->path), source->path, href);
	real = realpath(joined, NULL);
	if (real)
		joined = arena_strdup(arena, real);
	mem_free(&real);
	return joined;
}

static int
read_all(int fd, struct buf *out)
{
	char piece[16384];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || buf_add(out, piece, (size_t)n) != 0)
			return -1;
	}
	return 0;
}

static int
read_file(struct reader *reader, const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int rc = -1;

	if (fd < 0)
		return err_set(reader->err, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		err_set(reader->err, "%s: not a file", path);
		goto out;
	}
	errno = 0;
	if (read_all(fd, out) != 0) {
		if (errno)
			err_set(reader->err, "%s: %s", path, strerror(errno));
		else
			err_set(reader->err, "%s: over %d bytes", path,
			    SOURCE_BYTES_MAX);
		goto out;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

/* Told of each entity declaration: one that names a file stops the parser,
 * before anything could be read from there. */
static void
on_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id,
    const xmlChar *system_id, xmlChar *content)
{
	xmlParserCtxt *ctxt = arg;

	if (type != XML_INTERNAL_GENERAL_ENTITY &&
	    type != XML_INTERNAL_PARAMETER_ENTITY) {
		ctxt->_private = ctxt; /* remembered: it was this */
		xmlStopParser(ctxt);
		return;
	}
	xmlSAX2EntityDecl(arg, name, type, public_id, system_id, content);
}

static int
explain(xmlParserCtxt *ctxt, const struct source *source, struct err *err)
{
	const xmlError *why = xmlCtxtGetLastError(ctxt);
	const char *words = why && why->message ? why->message : "not XML";

	if (ctxt->_private)
		return rules_fail(err, source,
		    ctxt->input ? ctxt->input->line : 1,
		    "external entities are not read; declare the text itself: "
		    "<!ENTITY name \"text\">");
	return rules_fail(err, source, why ? why->line : 1, "%.*s",
	    (int)strcspn(words, "\n"), words);
}

static int
parse(xmlDoc **out, const struct source *source, const struct buf *bytes,
    struct err *err)
{
	xmlParserCtxt *ctxt =
	    xmlCreateMemoryParserCtxt(bytes->data, (int)bytes->len);
	int rc = -1;

	if (!ctxt)
		return rules_fail(err, source, 1, "the file is empty");
	xmlCtxtUseOptions(ctxt, XML_PARSE_NOENT | XML_PARSE_NONET |
				    XML_PARSE_NOCDATA | XML_PARSE_NOERROR |
				    XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES |
				    XML_PARSE_COMPACT);
	ctxt->sax->entityDecl = on_entity;
	xmlParseDocument(ctxt);
	if (!ctxt->wellFormed || !ctxt->myDoc || ctxt->_private) {
		explain(ctxt, source, err);
		goto out;
	}
	*out = ctxt->myDoc;
	ctxt->myDoc = NULL;
	rc = 0;
out:
	if (ctxt->myDoc)
		xmlFreeDoc(ctxt->myDoc);
	xmlFreeParserCtxt(ctxt);
	return rc;
}

/* The node after this one in document order, not leaving top; without going
 * down when told. */
static xmlNode *
following(xmlNode *node, const xmlNode *top, bool down)
{
	if (down && node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static void
stamp(xmlNode *top, const struct source *source)
{
	for (xmlNode *node = top; node; node = following(node, top, true))
		if (node->type == XML_ELEMENT_NODE)
			node->_private = (void *)source;
}

static int
load_one(xmlDoc **out, struct reader *reader, const char *path,
    const char *name, const struct source *from)
{
	struct source *source =
	    arena_get(reader->rules->arena, sizeof(*source));
	struct buf bytes;
	int rc = -1;

	buf_init(&bytes, SOURCE_BYTES_MAX);
	source->path = path;
	source->name = name;
	source->from = from;
	source->depth = from ? from->depth + 1 : 0;
	if (++reader->files > SOURCE_FILES_MAX) {
		err_set(reader->err, "%s: more than %d files", name,
		    SOURCE_FILES_MAX);
		goto out;
	}
	if (read_file(reader, path, &bytes) != 0)
		goto out;
	digest_add(reader->digest, bytes.data, bytes.len);
	digest_puts(reader->digest, "");
	if (parse(out, source, &bytes, reader->err) != 0)
		goto out;
	stamp(xmlDocGetRootElement(*out), source);
	rc = 0;
out:
	buf_fini(&bytes);
	return rc;
}

static const char *
own_copy(struct arena *arena, const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
	const char *copy = value ? arena_strdup(arena, (char *)value) : NULL;

	xmlFree(value);
	return copy;
}

static bool
is_xinclude(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       (strcmp((const char *)node->ns->href, XINCLUDE) == 0 ||
		   strcmp((const char *)node->ns->href, XINCLUDE_OLD) == 0) &&
	       strcmp((const char *)node->name, name) == 0;
}

/* For people: as they would name it from where they named the first. */
static const char *
shown_name(struct arena *arena, const struct source *from, const char *href)
{
	const char *slash = strrchr(from->name, '/');

	if (*href == '/' || !slash)
		return arena_strdup(arena, href);
	return arena_printf(
	    arena, "%.*s/%s", (int)(slash - from->name), from->name, href);
}

/* Whether something can be included; a fallback stands in for what is not
 * there, and for nothing else. */
enum found { FOUND, NOT_THERE, WRONG };

/* The file that an xi:include names. Errors: err says why. */
static enum found
locate(struct reader *reader, xmlNode *include, const char *href,
    const char **path)
{
	const struct source *source = include->_private;
	const char *root = reader->rules->root;
	long line = xmlGetLineNo(include);

	*path = source_resolve(reader->rules->arena, source, href);
	if (**path != '/') {
		rules_fail(reader->err, source, line,
		    "%s: only files are included", href);
		return NOT_THERE;
	}
	if (!rules_may_read(reader->rules, *path)) {
		rules_fail(reader->err, source, line,
		    "%s: not there, or not below the folder of the rules%s%s",
		    href, root ? " or " : "", root ? root : "");
		return NOT_THERE;
	}
	for (const struct source *s = source; s; s = s->from)
		if (strcmp(s->path, *path) == 0) {
			rules_fail(reader->err, source, line,
			    "%s: includes itself", href);
			return WRONG;
		}
	if (source->depth + 1 < SOURCE_DEPTH_MAX)
		return FOUND;
	rules_fail(reader->err, source, line, "%s: more than %d files deep",
	    href, SOURCE_DEPTH_MAX);
	return WRONG;
}

/* Declarations around a part that its expressions may name. */
static void
bring_prefixes(xmlNode *copy, xmlNode *original)
{
	xmlNs **list = copy->type == XML_ELEMENT_NODE
			   ? xmlGetNsList(original->doc, original)
			   : NULL;

	/* One that the copy declares itself stays: this gives NULL then. */
	for (size_t i = 0; list && list[i]; i++)
		if (list[i]->prefix)
			xmlNewNs(copy, list[i]->href, list[i]->prefix);
	xmlFree(list);
}

static void
put_before(xmlNode *include, xmlNode *original)
{
	xmlNode *root = xmlDocGetRootElement(original->doc);
	xmlNode *copy = xmlDocCopyNode(original, include->doc, 1);

	must(copy);
	stamp(copy, root->_private);
	bring_prefixes(copy, original);
	must(xmlAddPrevSibling(include, copy));
}

/* The root of a file, or the part of it that a pointer names. */
static enum found
include_xml(struct reader *reader, xmlNode *include, const char *path,
    const char *href, const char *pointer)
{
	const struct source *source = include->_private;
	xmlXPathObject *part = NULL;
	xmlDoc *doc = NULL;
	enum found found = WRONG;
	struct err why;

	if (load_one(&doc, reader, path,
		shown_name(reader->rules->arena, source, href), source) != 0)
		return WRONG;
	if (!pointer) {
		put_before(include, xmlDocGetRootElement(doc));
		found = FOUND;
	} else if (xpointer_find(doc, pointer, &part, &why) != 0) {
		rules_fail(reader->err, source, xmlGetLineNo(include),
		    "xpointer=\"%s\": %s", pointer, why.text);
	} else if (xmlXPathNodeSetIsEmpty(part->nodesetval)) {
		rules_fail(reader->err, source, xmlGetLineNo(include),
		    "xpointer=\"%s\" finds nothing in %s", pointer, href);
		found = NOT_THERE;
	} else {
		for (int i = 0; i < part->nodesetval->nodeNr; i++)
			put_before(include, part->nodesetval->nodeTab[i]);
		found = FOUND;
	}
	xmlXPathFreeObject(part);
	xmlFreeDoc(doc);
	return found;
}

/* Whether XML may hold these bytes as text. */
static bool
is_text(const struct buf *bytes)
{
	for (size_t i = 0; i < bytes->len; i++)
		if ((unsigned char)bytes->data[i] < ' ' &&
		    !strchr("\t\r\n", bytes->data[i]))
			return false;
	return xmlCheckUTF8(BAD_CAST bytes->data);
}

static enum found
include_text(
    struct reader *reader, xmlNode *include, const char *path, const char *href)
{
	static const char mark[] = "\xEF\xBB\xBF";
	enum found found = WRONG;
	struct buf bytes;
	size_t skip;

	buf_init(&bytes, SOURCE_BYTES_MAX);
	if (++reader->files > SOURCE_FILES_MAX) {
		err_set(reader->err, "%s: more than %d files", href,
		    SOURCE_FILES_MAX);
		goto out;
	}
	if (read_file(reader, path, &bytes) != 0 || buf_puts(&bytes, "") != 0)
		goto out;
	if (!is_text(&bytes)) {
		rules_fail(reader->err, include->_private,
		    xmlGetLineNo(include), "%s: is not text in UTF-8", href);
		goto out;
	}
	digest_add(reader->digest, bytes.data, bytes.len);
	digest_puts(reader->digest, "");
	skip = strncmp(bytes.data, mark, 3) == 0 ? 3 : 0;
	if (bytes.len > skip)
		must(xmlAddPrevSibling(include,
		    xmlNewDocTextLen(include->doc, BAD_CAST bytes.data + skip,
			(int)(bytes.len - skip))));
	found = FOUND;
out:
	buf_fini(&bytes);
	return found;
}

/* What stands in the place of the xi:include is put before it. */
static enum found
include_file(struct reader *reader, xmlNode *include)
{
	struct arena *arena = reader->rules->arena;
	const char *href = own_copy(arena, include, "href");
	const char *parse_as = own_copy(arena, include, "parse");
	const char *pointer = own_copy(arena, include, "xpointer");
	bool as_text = parse_as && strcmp(parse_as, "text") == 0;
	const char *path = NULL;
	enum found found;

	if (!href || !*href || (as_text && pointer) ||
	    (parse_as && !as_text && strcmp(parse_as, "xml") != 0)) {
		rules_fail(reader->err, include->_private,
		    xmlGetLineNo(include),
		    "xi:include takes a file: href=\"FILE\", of which "
		    "xpointer=\"...\" is a part, or parse=\"text\" the text");
		return WRONG;
	}
	found = locate(reader, include, href, &path);
	if (found != FOUND)
		return found;
	return as_text ? include_text(reader, include, path, href)
		       : include_xml(reader, include, path, href, pointer);
}

static void
use_fallback(xmlNode *include, xmlNode *fallback)
{
	xmlNode *child;

	while ((child = fallback->children) != NULL) {
		xmlUnlinkNode(child);
		must(xmlAddPrevSibling(include, child));
	}
}

static xmlNode *
fallback_of(xmlNode *include)
{
	for (xmlNode *c = include->children; c; c = c->next)
		if (is_xinclude(c, "fallback"))
			return c;
	return NULL;
}

/* Resolve one xi:include; *next is where the walk goes on, NULL: the end.
 * Texts that meet become one node, so the places around it tell. */
static int
include_one(
    struct reader *reader, xmlNode *include, const xmlNode *top, xmlNode **next)
{
	xmlNode *fallback = fallback_of(include);
	xmlNode *before = include->prev, *parent = include->parent;
	enum found found = include_file(reader, include);

	if (found == NOT_THERE && fallback)
		use_fallback(include, fallback);
	else if (found != FOUND)
		return -1;
	xmlUnlinkNode(include);
	xmlFreeNode(include);
	*next = before ? before->next : parent->children;
	if (!*next)
		*next = following(before ? before : parent, top, false);
	return 0;
}

static int
include_all(struct reader *reader, xmlDoc *doc)
{
	xmlNode *top = xmlDocGetRootElement(doc);
	xmlNode *node = top;

	while (node) {
		if (!is_xinclude(node, "include"))
			node = following(node, top, true);
		else if (node == top)
			return rules_fail(reader->err, top->_private,
			    xmlGetLineNo(top), "xi:include cannot be the root");
		else if (include_one(reader, node, top, &node) != 0)
			return -1;
	}
	return 0;
}

static void
free_doc(void *doc)
{
	xmlFreeDoc(doc);
}

/* The folder of the first file, symlinks followed. */
static int
find_folder(struct rules *rules, const char *path, const char **real_path,
    struct err *err)
{
	char *real = realpath(path, NULL);

	if (!real)
		return err_set(err, "%s: %s", path, strerror(errno));
	*real_path = arena_strdup(rules->arena, real);
	*strrchr(real, '/') = '\0';
	rules->folder = arena_strdup(rules->arena, *real ? real : "/");
	mem_free(&real);
	return 0;
}

CHECKED int
source_load(xmlDoc **out, struct rules *rules, const char *path,
    struct digest *digest, struct err *err)
{
	struct reader reader = {rules, digest, 0, err};
	const char *real_path = NULL;
	xmlDoc *doc = NULL;

	if (find_folder(rules, path, &real_path, err) != 0)
		return -1;
	if (load_one(&doc, &reader, real_path, arena_strdup(rules->arena, path),
		NULL) != 0)
		return -1;
	arena_keep(rules->arena, free_doc, doc);
	if (include_all(&reader, doc) != 0)
		return -1;
	*out = doc;
	return 0;
}

static bool
is_html(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".html") == 0 || strcmp(dot, ".htm") == 0);
}

void
source_digest(const char *path, struct digest *digest)
{
	struct err err;
	struct reader reader = {.err = &err};
	struct buf bytes;

	buf_init(&bytes, SOURCE_BYTES_MAX);
	digest_puts(digest, path);
	if (read_file(&reader, path, &bytes) == 0)
		digest_add(digest, bytes.data, bytes.len);
	digest_puts(digest, "");
	buf_fini(&bytes);
}

CHECKED int
source_document(xmlDoc **out, const char *path, struct err *err)
{
	struct reader reader = {.err = err};
	const struct source source = {.path = path, .name = path};
	struct buf bytes;
	int rc;

	buf_init(&bytes, SOURCE_BYTES_MAX);
	rc = read_file(&reader, path, &bytes);
	if (rc == 0 && is_html(path))
		rc = html_parse(
		    out, bytes.data ? bytes.data : "", bytes.len, NULL, err);
	else if (rc == 0)
		rc = parse(out, &source, &bytes, err);
	buf_fini(&bytes);
	return rc;
}
