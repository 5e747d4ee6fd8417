/* theme/xslscope.c - undeclared variables, told when rules are read
 *
 * Mentions are only noted while the file is read, since what is declared at
 * its root may come further down. */
#include "theme/xslscope.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dom/xpath.h"
#include "theme/body.h"

/* What every page gives (page/params.c, and $path). */
static const char *const always[] = {
    "base", "host", "path", "query_string", "scheme", "url"};

static size_t
name_len(const char *at)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.";
	size_t n = strspn(at, plain);

	while (at[n] & 0x80) {
		n++;
		n += strspn(at + n, plain);
	}
	return n;
}

/* The next $name outside of quotes, or NULL; its length. */
static const char *
next_variable(const char *at, size_t *len)
{
	for (; *at; at++) {
		if (*at == '"' || *at == '\'') {
			at = strchr(at + 1, *at);
			if (!at)
				return NULL;
		} else if (*at == '$') {
			*len = name_len(++at);
			return at;
		}
	}
	return NULL;
}

const char *
xslscope_next(const char **at, size_t *len)
{
	const char *name = next_variable(*at, len);

	if (name)
		*at = name + *len;
	return name;
}

void
xslscope_note(struct reading *reading, const xmlNode *node, const char *what,
    const char *xpath)
{
	struct rules *rules = reading->rules;
	const char *name = xpath;
	size_t len;

	while ((name = next_variable(name, &len)) != NULL) {
		struct mention *mention;

		if (len == 0 || name[len] == ':') {
			name += len; /* names with a prefix are not ours */
			continue;
		}
		mention = arena_get(rules->arena, sizeof(*mention));
		mention->name = arena_strndup(rules->arena, name, len);
		mention->node = node;
		mention->what = what;
		mention->xpath = xpath;
		*rules->last_mention = mention;
		rules->last_mention = &mention->next;
		name += len;
	}
}

/* ---- {expressions} ---- */

static int
check_value(struct reading *reading, const xmlNode *node, const char *name,
    const char *xpath)
{
	struct err why;

	if (!*xpath)
		return selector_fail(reading, node,
		    "%s: { has no expression and no } behind it; a brace "
		    "itself is written {{",
		    name);
	if (xpath_check(xpath, &why) != 0)
		return selector_fail(reading, node,
		    "{%s} is not XPath: %s; a brace itself is written {{",
		    xpath, why.text);
	return selector_check(reading, node, name, xpath);
}

static int
check_template(struct reading *reading, const xmlNode *node, const char *name,
    const char *value)
{
	struct arena *arena = reading->rules->arena;

	while (*(value += strcspn(value, "{}"))) {
		size_t len;

		if (value[1] == *value) {
			value += 2;
			continue;
		}
		if (*value++ == '}')
			continue;
		len = body_expression_len(value);
		if (check_value(reading, node, name,
			arena_strndup(arena, value, len)) != 0)
			return -1;
		value += len + (value[len] == '}');
	}
	return 0;
}

/* Attributes of XSLT's own elements that are templates. */
static bool
is_template(const char *name)
{
	static const char *const names[] = {"case-order", "data-type", "format",
	    "grouping-separator", "grouping-size", "lang", "letter-value",
	    "namespace", "order"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
has_computed_name(const xmlNode *node)
{
	const char *name = (const char *)node->name;

	return strcmp(name, "attribute") == 0 || strcmp(name, "element") == 0 ||
	       strcmp(name, "processing-instruction") == 0;
}

CHECKED int
xslscope_values(struct reading *reading, const xmlNode *node)
{
	bool xsl = selector_dialect(node) == DIALECT_XSL;

	for (const xmlAttr *a = node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;
		xmlChar *value;
		int rc;

		if (selector_is_css(a->ns) || selector_is_xsl(a->ns))
			continue;
		if (xsl && !is_template(name) &&
		    !(strcmp(name, "name") == 0 && has_computed_name(node)))
			continue;
		value = xmlNodeListGetString(node->doc, a->children, 1);
		rc = value ? check_template(reading, node, name, (char *)value)
			   : 0;
		xmlFree(value);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* ---- who declares it ---- */

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
declares(const xmlNode *node, const char *name)
{
	xmlChar *declared;
	bool same;

	if (selector_dialect(node) != DIALECT_XSL ||
	    (strcmp((const char *)node->name, "variable") != 0 &&
		strcmp((const char *)node->name, "param") != 0))
		return false;
	declared = xmlGetNoNsProp(node, BAD_CAST "name");
	same = declared && strcmp((char *)declared, name) == 0;
	xmlFree(declared);
	return same;
}

static bool
is_group(const xmlNode *node)
{
	return !node || node->type != XML_ELEMENT_NODE ||
	       strcmp((const char *)node->name, "rules") == 0;
}

/* One that stands before it, or before what it stands in, in the same body. */
static bool
is_local(const struct mention *mention)
{
	for (const xmlNode *n = mention->node; !is_group(n->parent);
	     n = n->parent)
		for (const xmlNode *p = n->prev; p; p = p->prev)
			if (declares(p, mention->name))
				return true;
	return false;
}

static bool
is_given(const char *const *params, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT_OF(always); i++)
		if (strcmp(always[i], name) == 0)
			return true;
	for (; *params; params++)
		if (strncmp(*params, name, len) == 0 &&
		    ((*params)[len] == '\0' || (*params)[len] == '='))
			return true;
	return false;
}

CHECKED int
xslscope_check(struct reading *reading, const char *const *params)
{
	struct rules *rules = reading->rules;
	struct words *known = &rules->variables;
	const char **sorted = mem_new_array(known->count + 1, sizeof(*sorted));
	const struct mention *m;
	int rc = 0;

	if (known->count)
		memcpy(sorted, known->list, known->count * sizeof(*sorted));
	qsort(sorted, known->count, sizeof(*sorted), compare);
	for (m = rules->mentions; m && rc == 0; m = m->next) {
		if (bsearch(&m->name, sorted, known->count, sizeof(*sorted),
			compare) ||
		    is_given(params, m->name) || is_local(m))
			continue;
		rc = selector_fail(reading, m->node,
		    "%s=\"%s\": no variable $%s is declared here; "
		    "<xsl:variable name=\"%s\"> at the root of the rules does "
		    "that, or a parameter of that name",
		    m->what, m->xpath, m->name, m->name);
	}
	mem_free(&sorted);
	return rc;
}
