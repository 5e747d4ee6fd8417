/* http/cachecontrol.c - directives by a table: a flag, or where its number
 * goes
 *
 * When in doubt the reading is the one that keeps less: of two numbers the
 * smaller, of a number that is none, zero (RFC 9111 4.2.1 and 5.2). */
#include "http/cachecontrol.h"

#include <string.h>
#include <strings.h>

static const int64_t SECONDS_MAX = (int64_t)1 << 31; /* RFC 9111 1.2.2 */

enum meaning {
	IS_FLAG,
	IS_LIFETIME, /* a bad number is 0 */
	IS_LEAVE,    /* a bad number is none */
	IS_DEMAND,   /* likewise, and of two the greater counts */
};

static const struct directive {
	const char *name;
	size_t len;
	enum meaning meaning;
	unsigned flag; /* set when it is there; of LEAVE: when it is bare */
	size_t number;
} directives[] = {
#define FLAG(name, flag) {name, sizeof(name) - 1, IS_FLAG, flag, 0}
#define NUMBER(name, meaning, flag, member)                                \
	{name, sizeof(name) - 1, meaning, flag,                            \
	    offsetof(struct cachecontrol, member)}
	NUMBER("max-age", IS_LIFETIME, 0, max_age),
	NUMBER("s-maxage", IS_LIFETIME, 0, s_maxage),
	NUMBER("stale-while-revalidate", IS_LEAVE, 0, stale_while_revalidate),
	NUMBER("stale-if-error", IS_LEAVE, 0, stale_if_error),
	NUMBER("max-stale", IS_LEAVE, CC_MAX_STALE_ANY, max_stale),
	NUMBER("min-fresh", IS_DEMAND, 0, min_fresh),
	FLAG("no-store", CC_NO_STORE),
	FLAG("no-cache", CC_NO_CACHE),
	FLAG("private", CC_PRIVATE),
	FLAG("public", CC_PUBLIC),
	FLAG("must-revalidate", CC_MUST_REVALIDATE),
	FLAG("proxy-revalidate", CC_PROXY_REVALIDATE),
	FLAG("must-understand", CC_MUST_UNDERSTAND),
	FLAG("no-transform", CC_NO_TRANSFORM),
	FLAG("immutable", CC_IMMUTABLE),
	FLAG("only-if-cached", CC_ONLY_IF_CACHED),
#undef FLAG
#undef NUMBER
};

/* Digits and nothing else, perhaps in quotes; -1: not that. */
static int64_t
read_seconds(struct slice text)
{
	int64_t seconds = 0;
	size_t i;

	if (text.len >= 2 && text.from[0] == '"' &&
	    text.from[text.len - 1] == '"') {
		text.from++;
		text.len -= 2;
	}
	if (text.len == 0)
		return -1;
	for (i = 0; i < text.len; i++) {
		if (text.from[i] < '0' || text.from[i] > '9')
			return -1;
		seconds = seconds * 10 + (text.from[i] - '0');
		if (seconds > SECONDS_MAX)
			seconds = SECONDS_MAX;
	}
	return seconds;
}

static const struct directive *
find(struct slice name)
{
	size_t i;

	for (i = 0; i < COUNT_OF(directives); i++)
		if (directives[i].len == name.len &&
		    strncasecmp(directives[i].name, name.from, name.len) == 0)
			return &directives[i];
	return NULL;
}

static void
set_number(struct cachecontrol *out, const struct directive *directive,
    struct slice argument)
{
	int64_t *number =
	    (int64_t *)(void *)((char *)out + directive->number);
	int64_t seconds = read_seconds(argument);

	if (!argument.from)
		out->flags |= directive->flag;
	if (seconds < 0) {
		if (directive->meaning != IS_LIFETIME)
			return;
		seconds = 0;
	}
	if (*number < 0 || (directive->meaning == IS_DEMAND
		? seconds > *number : seconds < *number))
		*number = seconds;
}

/* A quoted string that never ends swallowed what came after it, and nobody
 * can say what that was. */
static bool
is_open(struct slice item)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < item.len; i++) {
		if (quoted && item.from[i] == '\\')
			i++;
		else if (item.from[i] == '"')
			quoted = !quoted;
	}
	return quoted;
}

/* Directives with white space between them where a comma belongs are none,
 * but what forbids was meant all the same. */
static void
add_forbidding(struct cachecontrol *out, struct slice item)
{
	static const unsigned forbidding = CC_NO_STORE | CC_NO_CACHE |
	    CC_PRIVATE | CC_MUST_REVALIDATE | CC_PROXY_REVALIDATE;
	const struct directive *directive;
	struct slice word = {item.from, 0};
	bool is_quoted = false, is_argument = false;
	size_t i;

	for (i = 0; i <= item.len; i++) {
		char c = i < item.len ? item.from[i] : ' ';

		if (c == '"')
			is_quoted = !is_quoted;
		if (is_quoted || (c != ' ' && c != '\t' && c != '='))
			continue;
		word.len = (size_t)(item.from + i - word.from);
		directive = is_argument ? NULL : find(word);
		if (directive && directive->meaning == IS_FLAG)
			out->flags |= directive->flag & forbidding;
		is_argument = c == '=';
		word.from = item.from + i + 1;
	}
}

void
cachecontrol_add(struct cachecontrol *out, struct slice item)
{
	const char *equals = memchr(item.from, '=', item.len);
	struct slice name = item, argument = {NULL, 0};
	const struct directive *directive;

	if (is_open(item))
		out->flags |= CC_NO_STORE;
	if (memchr(item.from, ' ', item.len) ||
	    memchr(item.from, '\t', item.len))
		add_forbidding(out, item);
	if (equals) {
		name.len = (size_t)(equals - item.from);
		argument.from = equals + 1;
		argument.len = item.len - name.len - 1;
	}
	/* "max-age =60" is no legal directive, but the name must not be
	 * missed: its number is taken for a bad one. */
	while (name.len > 0 && (name.from[name.len - 1] == ' ' ||
		name.from[name.len - 1] == '\t')) {
		name.len--;
		argument.len = 0;
	}
	directive = find(name);
	if (!directive)
		return;
	out->present = true;
	if (directive->meaning == IS_FLAG)
		out->flags |= directive->flag;
	else
		set_number(out, directive, argument);
}

void
cachecontrol_init(struct cachecontrol *out)
{
	*out = (struct cachecontrol){.max_age = -1, .s_maxage = -1,
	    .stale_while_revalidate = -1, .stale_if_error = -1,
	    .max_stale = -1, .min_fresh = -1};
}

void
cachecontrol_set(struct cachecontrol *out, struct slice name, int flag,
    int64_t number)
{
	const struct directive *directive = find(name);

	if (!directive)
		return;
	if (directive->meaning != IS_FLAG && number >= 0)
		*(int64_t *)(void *)((char *)out + directive->number) =
		    number < SECONDS_MAX ? number : SECONDS_MAX;
	else if (directive->meaning == IS_FLAG && flag > 0)
		out->flags |= directive->flag;
	else if (directive->meaning == IS_FLAG && flag == 0)
		out->flags &= ~directive->flag;
}

bool
cachecontrol_may_be_qualified(struct slice name)
{
	const struct directive *directive = find(name);

	return directive && directive->meaning == IS_FLAG &&
	    (directive->flag & (CC_NO_CACHE | CC_PRIVATE));
}

void
cachecontrol_read(struct cachecontrol *out, const struct head *head,
    const char *name)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	cachecontrol_init(out);
	while ((value = head_next(head, name, &i)) != NULL) {
		out->present = true;
		while (list_next(&value, &item))
			cachecontrol_add(out, item);
	}
	/* bare and with a number: the number asks for less */
	if (out->max_stale >= 0)
		out->flags &= ~(unsigned)CC_MAX_STALE_ANY;
}

/* 5.1: of a list the first member. That one once more behind it has two hands
 * in it, and the second may have meant another answer. */
static int64_t
read_age(const char *value)
{
	struct slice item;
	int64_t seconds;

	value += strspn(value, " \t");
	if (*value == '"' || *value == ',' || !list_next(&value, &item))
		return AGE_UNKNOWN;
	seconds = read_seconds(item);
	if (seconds < 0)
		return AGE_UNKNOWN;
	while (list_next(&value, &item))
		if (read_seconds(item) == seconds)
			return AGE_UNKNOWN;
	return seconds;
}

int64_t
cachecontrol_age(const struct head *head)
{
	unsigned i = 0;
	const char *value = head_next(head, "Age", &i);

	if (!value)
		return AGE_NONE;
	return head_next(head, "Age", &i) ? AGE_UNKNOWN : read_age(value);
}
