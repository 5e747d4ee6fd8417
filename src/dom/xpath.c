/* dom/xpath.c - libxml2's XPath, with a table of what is compiled and a bound
 * on what one page may cost
 *
 * One xmlXPathContext lives as long as the evaluator; xpath_eval_begin() gives
 * it another document. libxml2 counts operations in it (opCount), over all
 * expressions until we set the count back. Compiling counts as well, so it is
 * done with the limit off: its own bound is on nesting. */
#include "dom/xpath.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xpathInternals.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/path.h"
#include "dom/xpath_func.h"

enum {
	SLOTS_FIRST = 64,    /* a power of two */
	COMPILED_MAX = 4096, /* then the table begins anew */
	EXPRESSION_MAX = 1024 * 1024, /* bytes */
	UNDECLARED = XML_XPATH_EXPRESSION_OK + XPATH_UNDEF_VARIABLE_ERROR
};

struct slot {
	const char *address; /* NULL: free */
	char *text; /* a copy: a new theme's text may be at an old address */
	xmlXPathCompExpr *compiled;
	struct path *path; /* the same, when it is a plain one */
};

struct xpath_eval {
	xmlXPathContext *context;
	xmlDoc *doc; /* of xpath_eval_begin() */
	struct slot *slots;
	size_t slots_count; /* a power of two */
	size_t used;
	unsigned busy; /* evaluations, one inside another */
	xmlXPathVariableLookupFunc on_variable; /* or NULL */
	void *on_variable_arg;
	/* the first complaint of libxml2 about the expression in hand */
	int code;
	int place; /* characters from the start */
	char reason[160];
};

/* ---- libxml2's words ---- */

/* libxml2 gives a number and a place, and keeps its words to itself. */
const char *
xpath_words(int code)
{
	switch (code - XML_XPATH_EXPRESSION_OK) {
	case XPATH_NUMBER_ERROR:
		return "a number is wrong";
	case XPATH_UNFINISHED_LITERAL_ERROR:
	case XPATH_START_LITERAL_ERROR:
		return "a string does not end";
	case XPATH_VARIABLE_REF_ERROR:
		return "a name must follow '$'";
	case XPATH_UNDEF_VARIABLE_ERROR:
		return "a variable is not declared";
	case XPATH_INVALID_PREDICATE_ERROR:
		return "a predicate is wrong";
	case XPATH_UNCLOSED_ERROR:
		return "')' is missing";
	case XPATH_UNKNOWN_FUNC_ERROR:
		return "a function is not known";
	case XPATH_INVALID_OPERAND:
	case XPATH_INVALID_TYPE:
		return "something has the wrong type";
	case XPATH_INVALID_ARITY:
		return "a function has too many or too few arguments";
	case XPATH_MEMORY_ERROR:
		return "no memory for it";
	case XPATH_UNDEF_PREFIX_ERROR:
		return "a prefix is not declared";
	case XPATH_INVALID_CHAR_ERROR:
		return "a character cannot stand there";
	case XPATH_STACK_ERROR:
		return "it is not an expression";
	case XPATH_OP_LIMIT_EXCEEDED:
		return "it takes too many operations";
	case XPATH_RECURSION_LIMIT_EXCEEDED:
		return "it is nested too deep";
	default:
		return "it is not an expression";
	}
}

static void
on_error(void *data, const xmlError *error)
{
	struct xpath_eval *eval = data;

	if (eval->code)
		return;
	eval->code = error->code;
	eval->place = error->int1;
}

static void
on_error_cast(void *data, xmlError *error)
{
	on_error(data, error);
}

/* Some complaints only go to the thread's error function ("xmlXPathEval:
 * function x not found"), which would print them. */
static void PRINTF(2, 3) on_print(void *data, const char *format, ...)
{
	struct xpath_eval *eval = data;
	char words[sizeof(eval->reason)];
	const char *from;
	va_list args;

	if (eval->reason[0])
		return;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	from = strstr(words, ": ");
	from = from ? from + 2 : words;
	snprintf(eval->reason, sizeof(eval->reason), "%.*s",
	    (int)strcspn(from, "\n"), from);
}

struct printer {
	xmlGenericErrorFunc function;
	void *data;
};

static struct printer
printer_silence(struct xpath_eval *eval)
{
	struct printer before = {xmlGenericError, xmlGenericErrorContext};

	xmlSetGenericErrorFunc(eval, on_print);
	return before;
}

static void
printer_restore(struct printer before)
{
	xmlSetGenericErrorFunc(before.data, before.function);
}

static void
forget_error(struct xpath_eval *eval)
{
	eval->place = 0;
	eval->code = 0;
	eval->reason[0] = '\0';
}

/* The first $name in the expression that nobody declared, which is the one
 * failure that libxml2 keeps to itself. Its length, 0: there is none. */
static size_t
find_undeclared(
    const struct xpath_eval *eval, const char *expression, const char **name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.";

	for (const char *p = expression; (p = strchr(p, '$')); p++) {
		size_t len = strspn(p + 1, letters);
		char *word = mem_strndup(p + 1, len);
		xmlXPathObject *value = xmlXPathVariableLookup(
		    eval->context, (const xmlChar *)word);

		mem_free(&word);
		*name = p + 1;
		if (!value && len > 0)
			return len;
		xmlXPathFreeObject(value);
	}
	return 0;
}

static int
report(const struct xpath_eval *eval, const char *expression, struct err *err)
{
	const char *name;
	size_t len;

	if (eval->code == XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED)
		return err_set(err, "XPath '%.200s': more than %lu operations",
		    expression, eval->context->opLimit);
	len = find_undeclared(eval, expression, &name);
	if (len > 0 && (!eval->code || eval->code == UNDECLARED))
		return err_set(err,
		    "XPath '%.200s': no variable $%.*s is "
		    "declared",
		    expression, (int)len, name);
	if (eval->reason[0])
		return err_set(
		    err, "XPath '%.200s': %s", expression, eval->reason);
	if (eval->place > 0)
		return err_set(err, "XPath '%.200s', at character %d: %s",
		    expression, eval->place, xpath_words(eval->code));
	return err_set(
	    err, "XPath '%.200s': %s", expression, xpath_words(eval->code));
}

/* ---- the table ---- */

static size_t
hash(const char *address)
{
	/* Fibonacci hashing: neighbours in memory end far apart */
	return (size_t)(((uint64_t)(uintptr_t)address *
			    UINT64_C(0x9E3779B97F4A7C15)) >>
			32);
}

static struct slot *
slot_for(const struct xpath_eval *eval, const char *address)
{
	size_t i = hash(address);

	for (;; i++) {
		struct slot *slot = &eval->slots[i & (eval->slots_count - 1)];

		if (!slot->address || slot->address == address)
			return slot;
	}
}

static void
slot_clear(struct slot *slot)
{
	if (slot->compiled)
		xmlXPathFreeCompExpr(slot->compiled);
	slot->compiled = NULL;
	path_free(&slot->path);
	mem_free(&slot->text);
	slot->address = NULL;
}

static void
table_empty(struct xpath_eval *eval)
{
	for (size_t i = 0; i < eval->slots_count; i++)
		slot_clear(&eval->slots[i]);
	eval->used = 0;
}

/* Room for one more: at most half full, at most COMPILED_MAX. */
static void
table_grow(struct xpath_eval *eval)
{
	struct slot *old = eval->slots;
	size_t count = eval->slots_count;

	if (eval->used >= COMPILED_MAX && !eval->busy)
		table_empty(eval);
	if (eval->used * 2 < eval->slots_count)
		return;
	eval->slots_count = count * 2;
	eval->slots = mem_new_array(eval->slots_count, sizeof(*eval->slots));
	for (size_t i = 0; i < count; i++)
		if (old[i].address)
			*slot_for(eval, old[i].address) = old[i];
	mem_free(&old);
}

/* ---- evaluators ---- */

void
xpath_register_prefixes(xmlXPathContext *context)
{
	static const char *const prefixes[][2] = {
	    {"css", "http://namespaces.plone.org/diazo/css"},
	    {"date", "http://exslt.org/dates-and-times"},
	    {"diazo", "http://namespaces.plone.org/diazo"},
	    {"dyn", "http://exslt.org/dynamic"},
	    {"dv", "http://openplans.org/deliverance"},
	    {"esi", "http://www.edge-delivery.org/esi/1.0"},
	    {"exsl", "http://exslt.org/common"},
	    {"math", "http://exslt.org/math"},
	    {"regexp", "http://exslt.org/regular-expressions"},
	    {"set", "http://exslt.org/sets"},
	    {"str", "http://exslt.org/strings"},
	    {"xhtml", "http://www.w3.org/1999/xhtml"},
	    {"xsl", "http://www.w3.org/1999/XSL/Transform"},
	};

	for (size_t i = 0; i < COUNT_OF(prefixes); i++)
		must(
		    xmlXPathRegisterNs(context, (const xmlChar *)prefixes[i][0],
			(const xmlChar *)prefixes[i][1]) == 0);
	xpath_func_register(context);
}

struct xpath_eval *
xpath_eval_new(void)
{
	struct xpath_eval *eval = mem_new(sizeof(*eval));

	xmlInitParser();
	eval->context = xmlXPathNewContext(NULL);
	must(eval->context);
	eval->context->error = on_error_cast;
	eval->context->userData = eval;
	eval->slots_count = SLOTS_FIRST;
	eval->slots = mem_new_array(SLOTS_FIRST, sizeof(*eval->slots));
	xpath_register_prefixes(eval->context);
	xpath_eval_begin(eval, NULL, 0);
	return eval;
}

void
xpath_eval_free(struct xpath_eval **eval)
{
	if (!*eval)
		return;
	table_empty(*eval);
	mem_free(&(*eval)->slots);
	xmlXPathFreeContext((*eval)->context);
	mem_free(eval);
}

/* libxml2 asks the function alone once there is one. What it gives is a copy,
 * which counts by its size. */
static xmlXPathObject *
look_up(void *arg, const xmlChar *name, const xmlChar *ns)
{
	struct xpath_eval *eval = arg;
	xmlXPathObject *object = NULL;

	if (eval->on_variable)
		object = eval->on_variable(eval->on_variable_arg, name, ns);
	if (!object) {
		xmlXPathRegisterVariableLookup(eval->context, NULL, NULL);
		object = xmlXPathVariableLookupNS(eval->context, name, ns);
		xmlXPathRegisterVariableLookup(eval->context, look_up, eval);
	}
	xpath_func_count_copy(eval->context, object);
	return object;
}

void
xpath_eval_begin(
    struct xpath_eval *eval, xmlDoc *doc, unsigned long max_operations)
{
	xmlXPathRegisteredVariablesCleanup(eval->context);
	eval->on_variable = NULL;
	xmlXPathRegisterVariableLookup(eval->context, look_up, eval);
	eval->doc = doc;
	eval->context->doc = doc;
	eval->context->node = (xmlNode *)doc;
	eval->context->opCount = 0;
	eval->context->opLimit =
	    max_operations ? max_operations : XPATH_OPERATIONS_DEFAULT;
}

void
xpath_eval_variable(
    struct xpath_eval *eval, const char *name, const char *value)
{
	xmlXPathObject *object = value ? xmlXPathNewString(BAD_CAST value)
				       : xmlXPathNewNodeSet(NULL);

	must(object);
	must(xmlXPathRegisterVariable(
		 eval->context, (const xmlChar *)name, object) == 0);
}

void
xpath_eval_on_variable(struct xpath_eval *eval,
    xmlXPathVariableLookupFunc on_variable, void *arg)
{
	eval->on_variable = on_variable;
	eval->on_variable_arg = arg;
}

unsigned long
xpath_eval_spent(const struct xpath_eval *eval)
{
	return eval->context->opCount;
}

unsigned long
xpath_eval_left(const struct xpath_eval *eval)
{
	const xmlXPathContext *context = eval->context;

	return context->opLimit > context->opCount
		   ? context->opLimit - context->opCount
		   : 1;
}

void
xpath_eval_spend(struct xpath_eval *eval, unsigned long more)
{
	eval->context->opCount += more;
}

/* ---- expressions ---- */

static xmlXPathCompExpr *
compile(struct xpath_eval *eval, const char *expression)
{
	unsigned long limit = eval->context->opLimit;
	unsigned long count = eval->context->opCount;
	struct printer printer = printer_silence(eval);
	xmlXPathCompExpr *compiled;

	forget_error(eval);
	eval->context->opLimit = 0;
	compiled =
	    xmlXPathCtxtCompile(eval->context, (const xmlChar *)expression);
	eval->context->opLimit = limit;
	eval->context->opCount = count;
	eval->context->depth = 0;
	printer_restore(printer);
	return compiled;
}

/* A copy of what is in the table, which may grow in the middle of its use. */
static int
find_compiled(struct xpath_eval *eval, const char *expression,
    struct slot *out, struct err *err)
{
	struct slot *slot = slot_for(eval, expression);
	xmlXPathCompExpr *compiled = NULL;

	if (slot->address && strcmp(slot->text, expression) == 0) {
		*out = *slot;
		return 0;
	}
	if (strlen(expression) <= EXPRESSION_MAX)
		compiled = compile(eval, expression);
	if (!compiled)
		return report(eval, expression, err);
	if (!slot->address) {
		table_grow(eval);
		slot = slot_for(eval, expression);
		eval->used++;
	} else {
		slot_clear(slot);
	}
	slot->address = expression;
	slot->text = mem_strdup(expression);
	slot->compiled = compiled;
	slot->path = path_new(expression);
	*out = *slot;
	return 0;
}

/* What an evaluation changes in a context. A variable may be worked out in the
 * middle of one, by others. */
struct place {
	xmlDoc *doc;
	xmlNode *node;
	int size, position, depth;
	xmlStructuredErrorFunc error;
	void *arg;
};

static struct place
place_enter(
    struct xpath_eval *eval, xmlXPathContext *context, xmlNode *node)
{
	struct place before = {context->doc, context->node,
	    context->contextSize, context->proximityPosition, context->depth,
	    context->error, context->userData};

	eval->busy++;
	context->error = on_error_cast;
	context->userData = eval;
	/* "/" is the root of the tree that the node is in. */
	context->node = node ? node : (xmlNode *)eval->doc;
	context->doc = context->node ? context->node->doc : NULL;
	context->contextSize = 1;
	context->proximityPosition = 1;
	context->depth = 0;
	return before;
}

static void
place_leave(struct xpath_eval *eval, xmlXPathContext *context,
    const struct place *before)
{
	eval->busy--;
	context->doc = before->doc;
	context->node = before->node;
	context->contextSize = before->size;
	context->proximityPosition = before->position;
	context->depth = before->depth;
	context->error = before->error;
	context->userData = before->arg;
}

/* Namespaces, functions and variables are none of a plain path's business. */
static bool
is_for_path(const struct slot *slot, const xmlNode *node)
{
	return slot->path && node &&
	       (node->type == XML_ELEMENT_NODE ||
		   node->type == XML_DOCUMENT_NODE ||
		   node->type == XML_HTML_DOCUMENT_NODE);
}

static xmlXPathObject *
walk_path(struct xpath_eval *eval, xmlXPathContext *context,
    const struct path *path)
{
	unsigned long most = 0, visited;
	xmlXPathObject *object;

	if (context->opLimit)
		most = context->opLimit > context->opCount
			   ? context->opLimit - context->opCount
			   : 1;
	object = path_select(path, context->node, most, &visited);
	context->opCount += visited;
	if (!object)
		eval->code = XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED;
	return object;
}

int
xpath_eval_run_in(struct xpath_eval *eval, xmlXPathContext *context,
    const char *expression, xmlNode *node, xmlXPathObject **out,
    struct err *err)
{
	struct slot compiled;
	xmlXPathObject *object;
	struct printer printer;
	struct place before;

	if (find_compiled(eval, expression, &compiled, err) != 0)
		return -1;
	forget_error(eval);
	before = place_enter(eval, context, node);
	if (is_for_path(&compiled, context->node)) {
		object = walk_path(eval, context, compiled.path);
	} else {
		printer = printer_silence(eval);
		object = xmlXPathCompiledEval(compiled.compiled, context);
		printer_restore(printer);
	}
	place_leave(eval, context, &before);
	if (!object || eval->code) {
		xmlXPathFreeObject(object);
		return report(eval, expression, err);
	}
	*out = object;
	return 0;
}

int
xpath_eval_run(struct xpath_eval *eval, const char *expression, xmlNode *node,
    xmlXPathObject **out, struct err *err)
{
	return xpath_eval_run_in(
	    eval, eval->context, expression, node, out, err);
}

int
xpath_eval_test(struct xpath_eval *eval, const char *expression, xmlNode *node,
    struct err *err)
{
	xmlXPathObject *object;
	int answer;

	if (xpath_eval_run(eval, expression, node, &object, err) != 0)
		return -1;
	answer = xmlXPathCastToBoolean(object);
	xmlXPathFreeObject(object);
	return answer != 0;
}

int
xpath_check(const char *expression, struct err *err)
{
	struct xpath_eval *eval = xpath_eval_new();
	struct slot compiled;
	int rc = find_compiled(eval, expression, &compiled, err);

	xpath_eval_free(&eval);
	return rc;
}
