/* theme/uritemplate.c - addresses with {NAME}s in them (contract: ruleset.h)
 *
 * A value comes from the request, so from anybody: it may not choose another
 * host by a "/", leave a folder by "..", or begin a query. */
#include <ctype.h>
#include <string.h>

#include "http/head.h"
#include "theme/ruleset.h"

enum { VALUE_MAX = 8192 };

/* The next {NAME} at or after text; its length with both braces in *len. */
static const char *
next_name(const char *text, size_t *len)
{
	const char *end;

	while ((text = strchr(text, '{')) != NULL) {
		end = strchr(text, '}');
		if (end && end > text + 1) {
			*len = (size_t)(end - text) + 1;
			return text;
		}
		text++;
	}
	return NULL;
}

const char *
template_here(
    struct arena *arena, const char *text, const char *folder, bool *has_names)
{
	const char *name, *done = "";
	size_t len;

	*has_names = false;
	while ((name = next_name(text, &len)) != NULL) {
		if (len == 6 && strncmp(name, "{here}", len) == 0) {
			done = arena_printf(arena, "%s%.*sfile://%s", done,
			    (int)(name - text), text,
			    strcmp(folder, "/") == 0 ? "" : folder);
		} else {
			*has_names = true;
			done = arena_printf(arena, "%s%.*s", done,
			    (int)(name - text + (ptrdiff_t)len), text);
		}
		text = name + len;
	}
	return arena_printf(arena, "%s%s", done, text);
}

bool
template_looks_at(const char *text, struct arena *arena, struct words *fields)
{
	bool method = false;
	const char *name;
	size_t len;

	while ((name = next_name(text, &len)) != NULL) {
		const char *word = arena_strndup(arena, name + 1, len - 2);

		method |= facts_looks_at(word, arena, fields);
		/* else it is a field of that name */
		if (!facts_always_have(word) && !words_have(fields, word))
			words_add(arena, fields, word);
		text = name + len;
	}
	return method;
}

/* Whether what stands before is scheme://… without a path yet. */
static bool
is_in_host(const char *text, const char *at)
{
	const char *host =
	    strncmp(text, "//", 2) == 0 ? text - 1 : strstr(text, "://");

	return host && host + 3 <= at &&
	       !memchr(host + 3, '/', (size_t)(at - host - 3));
}

static int
add_host(struct buf *out, const char *value)
{
	if (!*value)
		return -1;
	for (const char *at = value; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr(".-:", *at))
			return -1;
	return buf_puts(out, value);
}

static int
add_path(struct buf *out, const char *value)
{
	size_t start = out->len;

	for (const char *at = value; *at; at++) {
		unsigned char c = (unsigned char)*at;

		if (c < 0x80 && (isalnum(c) || strchr("-._~!$&'()*+,;=:@/", c)))
			buf_putc(out, *at);
		else
			buf_printf(out, "%%%02X", c);
	}
	if (out->len == start)
		return 0;
	return out->failed ||
		       url_path_is_unsafe(out->data + start, out->len - start)
		   ? -1
		   : 0;
}

static bool
value_of(struct buf *out, const struct facts *facts, const char *name)
{
	const struct head *request = facts->exchange->request;
	const char *value;

	if (facts_environ(facts, name, out))
		return true;
	value = request ? head_find(request, name) : NULL;
	if (value)
		buf_puts(out, value);
	return value != NULL;
}

static int
fill_one(struct buf *out, const char *text, const char *at, size_t len,
    const struct facts *facts, struct err *err)
{
	char name[256];
	struct buf value;
	int rc = -1;

	buf_init(&value, VALUE_MAX);
	if (len - 2 >= sizeof(name)) {
		err_set(err, "%s: a name is too long", text);
		goto out;
	}
	memcpy(name, at + 1, len - 2);
	name[len - 2] = '\0';
	if (!value_of(&value, facts, name) || value.failed) {
		err_set(err, "%s: the request has no {%s}", text, name);
		goto out;
	}
	rc = (is_in_host(text, at) ? add_host : add_path)(
	    out, value.data ? value.data : "");
	if (rc != 0)
		err_set(err, "%s: {%s} is \"%.100s\", which cannot stand there",
		    text, name, value.data ? value.data : "");
out:
	buf_fini(&value);
	return rc;
}

/* Where the template names no host, no value may. */
static bool
is_elsewhere(const char *text, const char *filled)
{
	struct url_parts parts;

	if (strncmp(text, "//", 2) == 0 || strstr(text, "://"))
		return false;
	url_split(&parts, filled, strlen(filled));
	return parts.scheme.from || parts.authority.from;
}

CHECKED int
template_fill(struct buf *out, const char *text, const struct facts *facts,
    struct err *err)
{
	const char *from = text, *name;
	size_t start = out->len, len;

	while ((name = next_name(from, &len)) != NULL) {
		buf_add(out, from, (size_t)(name - from));
		if (fill_one(out, text, name, len, facts, err) != 0)
			return -1;
		from = name + len;
	}
	if (buf_puts(out, from) != 0)
		return err_set(err, "%s: the address is too long", text);
	if (is_elsewhere(text, out->data + start))
		return err_set(err, "%s: %.100s is on another host", text,
		    out->data + start);
	return 0;
}
