/* theme/pattern.c - just enough of XPath's grammar to find the bars between
 * alternatives and to rank them; whether they are XPath is checked elsewhere */
#include "theme/pattern.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

/* The next "|" that stands in no bracket and no quotes, or the end. */
static const char *
alternative_end(const char *at)
{
	unsigned depth = 0;
	char quote = 0;

	for (; *at; at++) {
		if (quote) {
			if (*at == quote)
				quote = 0;
		} else if (*at == '"' || *at == '\'') {
			quote = *at;
		} else if (*at == '[' || *at == '(') {
			depth++;
		} else if (*at == ']' || *at == ')') {
			if (depth)
				depth--;
		} else if (*at == '|' && depth == 0) {
			break;
		}
	}
	return at;
}

static char *
trimmed(struct arena *arena, const char *from, const char *end)
{
	while (from < end && isspace((unsigned char)*from))
		from++;
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	return arena_strndup(arena, from, (size_t)(end - from));
}

char **
pattern_split(struct arena *arena, const char *expression, size_t *count)
{
	const char *end = alternative_end(expression);
	char **list;
	size_t n = 1;

	for (const char *at = end; *at; at = alternative_end(at + 1))
		n++;
	list = arena_get(arena, (n + 1) * sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		list[i] = trimmed(arena, expression, end);
		if (*end) {
			expression = end + 1;
			end = alternative_end(expression);
		}
	}
	if (count)
		*count = n;
	return list;
}

static size_t
name_len(const char *at)
{
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) ||
	       (at[n] && strchr("_-.", at[n])) || (unsigned char)at[n] >= 0x80)
		n++;
	return n;
}

/* Past child::, attribute:: or @, which do not change the rank. */
static const char *
past_axis(const char *at)
{
	if (strncmp(at, "child::", 7) == 0)
		return at + 7;
	if (strncmp(at, "attribute::", 11) == 0)
		return at + 11;
	return *at == '@' ? at + 1 : at;
}

int
pattern_priority(const char *alternative)
{
	const char *at = past_axis(alternative);
	size_t n = name_len(at);

	if (strcmp(at, "*") == 0 || strcmp(at, "node()") == 0 ||
	    strcmp(at, "text()") == 0 || strcmp(at, "comment()") == 0 ||
	    strcmp(at, "processing-instruction()") == 0)
		return -2;
	if (n && strcmp(at + n, ":*") == 0)
		return -1;
	if (n && at[n] == '\0')
		return 0;
	if (n && at[n] == ':' && name_len(at + n + 1) &&
	    at[n + 1 + name_len(at + n + 1)] == '\0')
		return 0;
	if (strncmp(at, "processing-instruction(", 23) == 0 &&
	    !strchr(at, '/') && !strchr(at, '['))
		return 0;
	return 2;
}

char *
pattern_everywhere(struct arena *arena, const char *alternative)
{
	if (*alternative == '/' || *alternative == '(' || *alternative == '$' ||
	    strncmp(alternative, "id(", 3) == 0 ||
	    strncmp(alternative, "key(", 4) == 0)
		return arena_strdup(arena, alternative);
	return arena_printf(arena, "//%s", alternative);
}

char *
pattern_append(struct arena *arena, const char *expression, const char *steps,
    bool last_only)
{
	char *joined = arena_strdup(arena, "");
	char **list;
	size_t n;

	if (last_only)
		return arena_printf(arena, "%s%s", expression, steps);
	list = pattern_split(arena, expression, &n);
	for (size_t i = 0; i < n; i++)
		joined = arena_printf(
		    arena, "%s%s%s%s", joined, i ? " | " : "", list[i], steps);
	return joined;
}

/* What is quoted in id("..."), and where it goes on; NULL: it is no such. */
static const char *
quoted_ids(const char *alternative, size_t *len, const char **rest)
{
	const char *from, *end;

	if (strncmp(alternative, "id", 2) != 0)
		return NULL;
	from = alternative + 2 + strspn(alternative + 2, " \t\r\n");
	if (*from++ != '(')
		return NULL;
	from += strspn(from, " \t\r\n");
	end = *from == '"' || *from == '\'' ? strchr(from + 1, *from) : NULL;
	if (!end)
		return NULL;
	*rest = end + 1 + strspn(end + 1, " \t\r\n");
	if (*(*rest)++ != ')')
		return NULL;
	*len = (size_t)(end - from - 1);
	return from + 1;
}

static char *
alternative_without_id(struct arena *arena, char *alternative)
{
	size_t len, used = 0;
	const char *rest, *ids = quoted_ids(alternative, &len, &rest);
	char *made;

	if (!ids)
		return alternative;
	made = arena_strdup(arena, "*[false()");
	while (used < len) {
		size_t n = strcspn(ids + used, " \t\r\n");

		if (n > len - used)
			n = len - used;
		if (n)
			made = arena_printf(arena, "%s or @id=%c%.*s%c", made,
			    ids[len], (int)n, ids + used, ids[len]);
		used += n + 1;
	}
	return arena_printf(arena, "%s]%s", made, rest);
}

char *
pattern_without_id(struct arena *arena, const char *expression)
{
	char *joined = arena_strdup(arena, "");
	char **list;
	size_t n;

	if (!strstr(expression, "id"))
		return arena_strdup(arena, expression);
	list = pattern_split(arena, expression, &n);
	for (size_t i = 0; i < n; i++)
		joined = arena_printf(arena, "%s%s%s", joined, i ? " | " : "",
		    alternative_without_id(arena, list[i]));
	return joined;
}

/* ---- does the context matter ---- */

/* What was read last decides what a name or a star is. */
enum last { OPERATOR, OPERAND, SLASH };

struct scan {
	const char *at;
	enum last last;
	bool absolute;
};

/* Functions that look at nothing but their arguments. */
static bool
is_pure(const char *name, size_t len)
{
	static const char *const pure[] = {"boolean", "ceiling", "concat",
	    "contains", "count", "false", "floor", "not", "round",
	    "starts-with", "substring", "substring-after", "substring-before",
	    "sum", "translate", "true"};

	for (size_t i = 0; i < COUNT_OF(pure); i++)
		if (strlen(pure[i]) == len && memcmp(pure[i], name, len) == 0)
			return true;
	return false;
}

/* Past a predicate: in it, the context is its own. */
static const char *
past_bracket(const char *at)
{
	unsigned depth = 0;
	char quote = 0;

	for (; *at; at++) {
		if (quote)
			quote = *at == quote ? 0 : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '[')
			depth++;
		else if (*at == ']' && --depth == 0)
			return at + 1;
	}
	return at;
}

static void
scan_name(struct scan *scan)
{
	const char *name = scan->at;
	size_t len = name_len(name);
	const char *behind = name + len + strspn(name + len, " \t\r\n");

	scan->at = name + len;
	if (scan->last == OPERAND) { /* and, or, div, mod */
		scan->last = OPERATOR;
		return;
	}
	if (scan->last == OPERATOR && *behind == '(') {
		if (!is_pure(name, len))
			scan->absolute = false;
		return; /* the parenthesis is an operator's */
	}
	if (scan->last == OPERATOR)
		scan->absolute = false;
	scan->last = OPERAND;
	if (*behind == '(') /* a node test */
		scan->at = strchr(behind, ')') ? strchr(behind, ')') + 1
					       : behind + strlen(behind);
}

static void
scan_literal(struct scan *scan)
{
	const char *end = strchr(scan->at + 1, *scan->at);

	scan->at = end ? end + 1 : scan->at + strlen(scan->at);
	scan->last = OPERAND;
}

/* A step's first sign where no name stands: * . .. @ */
static void
scan_sign(struct scan *scan)
{
	if (*scan->at == '*' && scan->last == OPERAND) {
		scan->last = OPERATOR;
	} else if (scan->last == OPERATOR) {
		scan->absolute = false;
	} else if (*scan->at != '@') {
		scan->last = OPERAND;
	}
	scan->at++;
}

static void
scan_token(struct scan *scan)
{
	char c = *scan->at;

	if (isdigit((unsigned char)c)) {
		scan->at += strspn(scan->at, "0123456789.");
		scan->last = OPERAND;
	} else if (c == '$') {
		scan->at++;
		scan->at += name_len(scan->at);
		scan->last = OPERAND;
	} else if (c == '"' || c == '\'') {
		scan_literal(scan);
	} else if (c == '[') {
		scan->at = past_bracket(scan->at);
	} else if (name_len(scan->at) && c != '-' && c != '.') {
		scan_name(scan);
	} else if (c && strchr("*.@", c)) {
		scan_sign(scan);
	} else {
		if (c == ':' || (unsigned char)c >= 0x80)
			scan->absolute = false; /* not worth more grammar */
		if (!isspace((unsigned char)c))
			scan->last = c == '/'	? SLASH
				     : c == ')' ? OPERAND
						: OPERATOR;
		scan->at++;
	}
}

bool
pattern_is_absolute(const char *expression)
{
	struct scan scan = {expression, OPERATOR, true};

	while (*scan.at && scan.absolute)
		scan_token(&scan);
	return scan.absolute;
}

/* ---- what XSLT has to be asked for ---- */

/* The next name outside quotes, no variable's and no number's; its length. */
static const char *
next_name(const char *at, size_t *len)
{
	while (*at) {
		if (*at == '"' || *at == '\'') {
			const char *end = strchr(at + 1, *at);

			at = end ? end + 1 : at + strlen(at);
		} else if (*at == '$') {
			at++;
			at += name_len(at);
			if (at[0] == ':' && at[1] != ':')
				at += 1 + name_len(at + 1);
		} else if (isdigit((unsigned char)*at)) {
			at += strspn(at, "0123456789.");
		} else if (name_len(at) && *at != '-' && *at != '.') {
			*len = name_len(at);
			return at;
		} else {
			at++;
		}
	}
	return NULL;
}

const char *
pattern_next_prefix(const char **at, size_t *len)
{
	const char *name = *at;

	while ((name = next_name(name, len)) != NULL) {
		const char *behind = name + *len;

		if (behind[0] == ':' && behind[1] != ':' &&
		    (behind[1] == '*' || name_len(behind + 1))) {
			*at = behind + 1;
			return name;
		}
		name = behind;
	}
	return NULL;
}

static bool
is_of_xslt(const char *name, size_t len)
{
	static const char *const functions[] = {"key", "document", "current",
	    "format-number", "generate-id", "system-property",
	    "element-available", "function-available", "unparsed-entity-uri"};

	for (size_t i = 0; i < COUNT_OF(functions); i++)
		if (strlen(functions[i]) == len &&
		    memcmp(functions[i], name, len) == 0)
			return true;
	return false;
}

/* Also what looks like a function: node tests, and operators before a
 * parenthesis. */
static bool
is_of_xpath(const char *name, size_t len)
{
	static const char *const functions[] = {"and", "boolean", "ceiling",
	    "comment", "concat", "contains", "count", "div", "false", "floor",
	    "id", "lang", "last", "local-name", "mod", "name", "namespace-uri",
	    "node", "normalize-space", "not", "number", "or", "position",
	    "processing-instruction", "round", "starts-with", "string",
	    "string-length", "substring", "substring-after", "substring-before",
	    "sum", "text", "translate", "true"};

	for (size_t i = 0; i < COUNT_OF(functions); i++)
		if (strlen(functions[i]) == len &&
		    memcmp(functions[i], name, len) == 0)
			return true;
	return false;
}

const char *
pattern_unknown_function(const char *expression, size_t *len)
{
	const char *name = expression;

	while ((name = next_name(name, len)) != NULL) {
		const char *behind = name + *len;

		if (behind[0] == ':' && behind[1] != ':') {
			name = behind + 1 + name_len(behind + 1);
			continue;
		}
		behind += strspn(behind, " \t\r\n");
		if (*behind == '(' && !is_of_xpath(name, *len) &&
		    !is_of_xslt(name, *len))
			return name;
		name += *len;
	}
	return NULL;
}

bool
pattern_needs_xslt(const char *expression)
{
	const char *name = expression;
	size_t len;

	while ((name = next_name(name, &len)) != NULL) {
		const char *behind = name + len;
		bool prefixed = behind[0] == ':' && behind[1] != ':';

		if (prefixed)
			behind += 1 + name_len(behind + 1);
		behind += strspn(behind, " \t\r\n");
		if (*behind == '(' && behind[1] != '\0' &&
		    (prefixed || is_of_xslt(name, len)))
			return true;
		name = behind;
	}
	return false;
}
