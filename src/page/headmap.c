/* page/headmap.c - five kinds of fields */
#include "page/headmap.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

enum { VALUE_MAX = 64 << 10 }; /* of a field that was mapped */

static const char *
skip_space(const char *at)
{
	return at + strspn(at, " \t");
}

/* Add the address from `from` to `to` as it is for clients. True: it is
 * another one. */
static bool
add_address(const struct headmap *map, struct head *head, struct buf *out,
    const char *from, const char *to)
{
	const char *address =
	    arena_strndup(head->arena, from, (size_t)(to - from));
	const char *ours = map->address(map->arg, address);

	buf_puts(out, ours);
	return ours != address;
}

/* ---- Link ---- */

/* Behind a target: up to the comma that ends it, not one in quotes. */
static const char *
link_end(const char *at)
{
	bool quoted = false;

	for (; *at && (quoted || *at != ','); at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
	}
	return at;
}

static bool
map_link(const struct headmap *map, struct head *head, const char *value,
    struct buf *out)
{
	bool changed = false;
	const char *at = value, *end;

	while (*at) {
		end = at + strspn(at, " \t,");
		buf_add(out, at, (size_t)(end - at));
		at = end;
		end = *at == '<' ? strchr(at, '>') : NULL;
		if (end) {
			buf_putc(out, '<');
			changed |= add_address(map, head, out, at + 1, end);
			at = end;
		}
		end = link_end(at);
		buf_add(out, at, (size_t)(end - at));
		at = end;
	}
	return changed;
}

/* ---- Refresh ---- */

/* Where the address begins in "5; url='/there'", or NULL; *end: where it
 * ends. */
static const char *
refresh_address(const char *value, const char **end)
{
	const char *at = skip_space(value);
	size_t digits = strspn(at, "0123456789.");
	char quote;

	at = skip_space(at + digits);
	if (digits == 0 || (*at != ';' && *at != ','))
		return NULL;
	at = skip_space(at + 1);
	if (strncasecmp(at, "url", 3) == 0 && *skip_space(at + 3) == '=')
		at = skip_space(skip_space(at + 3) + 1);
	quote = *at;
	if (quote == '"' || quote == '\'')
		at++;
	else
		quote = '\0';
	*end = quote ? strchr(at, quote) : NULL;
	if (!*end)
		*end = at + strlen(at);
	return *end > at ? at : NULL;
}

static bool
map_refresh(const struct headmap *map, struct head *head, const char *value,
    struct buf *out)
{
	const char *end, *at = refresh_address(value, &end);
	bool changed;

	if (!at)
		return false;
	buf_add(out, value, (size_t)(at - value));
	changed = add_address(map, head, out, at, end);
	buf_puts(out, end);
	return changed;
}

/* ---- Set-Cookie ---- */

static bool
is_attribute(const char *at, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(at, name, len) == 0 && *skip_space(at + len) == '=';
}

static struct slice
attribute_value(const char *at, const char *end)
{
	const char *from = skip_space(strchr(at, '=') + 1);

	if (from > end)
		from = end;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct slice){from, (size_t)(end - from)};
}

static bool
names_upstream(const struct headmap *map, struct slice domain)
{
	if (domain.len > 0 && *domain.from == '.') {
		domain.from++;
		domain.len--;
	}
	return domain.len > 0 && map->is_upstreams_host(map->arg, domain);
}

/* One attribute, from its ';' to the next. */
static bool
map_attribute(const struct headmap *map, struct head *head, const char *from,
    const char *to, struct buf *out)
{
	const char *at = skip_space(from + 1);
	struct slice value;
	bool changed;

	if (is_attribute(at, "Domain") &&
	    names_upstream(map, attribute_value(at, to)))
		return true;
	if (is_attribute(at, "Path")) {
		value = attribute_value(at, to);
		if (value.len > 0 && *value.from == '/') {
			buf_add(out, from, (size_t)(value.from - from));
			changed = add_address(
			    map, head, out, value.from, value.from + value.len);
			return changed;
		}
	}
	buf_add(out, from, (size_t)(to - from));
	return false;
}

static bool
map_cookie(const struct headmap *map, struct head *head, const char *value,
    struct buf *out)
{
	const char *at = value + strcspn(value, ";"), *end;
	bool changed = false;

	buf_add(out, value, (size_t)(at - value));
	for (; *at; at = end) {
		end = at + 1 + strcspn(at + 1, ";");
		changed |= map_attribute(map, head, at, end, out);
	}
	return changed;
}

/* ---- which ---- */

static bool
map_whole(const struct headmap *map, struct head *head, const char *value,
    struct buf *out)
{
	return add_address(map, head, out, value, value + strlen(value));
}

static const struct {
	const char *name;
	bool (*map)(const struct headmap *map, struct head *head,
	    const char *value, struct buf *out);
} fields[] = {
    {"Location", map_whole},
    {"Content-Location", map_whole},
    {"Link", map_link},
    {"Refresh", map_refresh},
    {"Set-Cookie", map_cookie},
};

static void
apply_to(const struct headmap *map, struct head *head, struct field *field)
{
	struct buf out;

	for (unsigned i = 0; i < COUNT_OF(fields); i++) {
		if (strcasecmp(field->name, fields[i].name) != 0)
			continue;
		buf_init(&out, VALUE_MAX);
		if (fields[i].map(map, head, field->value, &out) &&
		    !out.failed) {
			field->value =
			    arena_strndup(head->arena, out.data, out.len);
			field->value_len = (uint32_t)out.len;
		}
		buf_fini(&out);
		return;
	}
}

void
headmap_apply(const struct headmap *map, struct head *head)
{
	for (unsigned i = 0; i < head->count; i++)
		apply_to(map, head, &head->fields[i]);
}
