/* front/gate.c - one pass over the fields
 *
 * Each field is looked at for three things: its place in memory (gate.h says
 * why), its bytes, and whether it is one that we read. The statuses are those
 * of RFC 9110 and RFC 9112; where these leave a choice between repairing and
 * refusing, refusing it is. */
#include "front/gate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
refuse(struct gate *gate, int status, const char *why)
{
	gate->why = why;
	return status;
}

/* 0.9.77 began to parse otherwise, and refuses for itself. The library that
 * runs may be newer than its headers here. */
static bool
is_old_layout(void)
{
	static _Thread_local int known = -1;

	if (known < 0)
		known = strncmp(MHD_get_version(), "0.9.", 4) == 0 &&
			atoi(MHD_get_version() + 4) < 77;
	return known;
}

/* ---- bytes ---- */

#define EACH(byte) (0x0101010101010101ull * (byte))

/* Some byte of eight is below 0x20, or is 0x7f (HTAB among them). */
static bool
has_control(uint64_t eight)
{
	uint64_t del = eight ^ EACH(0x7f);

	return (((eight - EACH(0x20)) & ~eight) | ((del - EACH(1)) & ~del)) &
	       EACH(0x80);
}

static bool
is_text(const char *text, size_t len)
{
	uint64_t eight;
	size_t i = 0, j, end;

	while (i < len) {
		/* the last eight may overlap those before */
		if (i + 8 > len && len >= 8)
			i = len - 8;
		end = i + 8 <= len ? i + 8 : len;
		if (end - i == 8) {
			memcpy(&eight, text + i, 8);
			if (!has_control(eight)) {
				i = end;
				continue;
			}
		}
		for (j = i; j < end; j++) {
			unsigned char c = (unsigned char)text[j];

			if ((c < 0x20 && c != '\t') || c == 0x7f)
				return false;
		}
		i = end;
	}
	return true;
}

/* Some byte of eight may be none of a target's: that is for the look at each
 * byte to say. */
static bool
is_odd_in_target(uint64_t eight)
{
	uint64_t found = eight | (eight - EACH(0x21));

	found |= (eight ^ EACH(0x7f)) - EACH(1);
	found |= (eight ^ EACH('#')) - EACH(1);
	return found & EACH(0x80);
}

static bool
is_target_text(const char *text, size_t len)
{
	uint64_t eight;
	size_t i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)text[i];

		if (i + 8 <= len) {
			memcpy(&eight, text + i, 8);
			if (!is_odd_in_target(eight)) {
				i += 8;
				continue;
			}
		}
		if (c < 0x21 || c > 0x7e || c == '#')
			return false;
		i++;
	}
	return true;
}

/* ---- the request line ---- */

static int
check_version(struct gate *gate)
{
	if (strcmp(gate->version, "HTTP/1.1") == 0 ||
	    strcmp(gate->version, "HTTP/1.0") == 0)
		return 0;
	return refuse(gate, 505, "the version is not HTTP/1.1 or HTTP/1.0");
}

static bool
is_v1_0(const struct gate *gate)
{
	return gate->version[7] == '0';
}

/* Words one space apart, the line ended by CRLF. */
static int
check_line_place(struct gate *gate, const char *raw_target)
{
	const char *end;

	if (!is_old_layout())
		return 0;
	end = gate->method + strlen(gate->method);
	if (raw_target != end + 1 ||
	    gate->version != raw_target + gate->target_len + 1 ||
	    gate->version[9] != '\0')
		return refuse(gate, 400, "the request line is malformed");
	gate->next = gate->version + 10;
	return 0;
}

static int
check_method(struct gate *gate)
{
	const char *method = gate->method;

	if (strcmp(method, "GET") == 0) /* nearly always */
		return 0;
	if (!head_is_token(method, strlen(method)))
		return refuse(gate, 400, "the method is not a token");
	if (strcmp(method, "CONNECT") == 0)
		return refuse(gate, 501, "CONNECT is not done here");
	if (strcmp(method, "TRACE") == 0)
		return refuse(gate, 405, "TRACE is not done here");
	return 0;
}

static int
check_line(struct gate *gate, const char *raw_target)
{
	int status = check_version(gate);

	if (!status && strlen(gate->method) + gate->target_len + 10 >
			   gate->opts->request_line_max)
		status = refuse(gate, 414, "the request line is too long");
	if (!status)
		status = check_line_place(gate, raw_target);
	if (!status)
		status = check_method(gate);
	if (!status && !is_target_text(gate->target, gate->target_len))
		status = refuse(gate, 400, "a byte of the target is illegal");
	return status;
}

/* ---- whom it is for ---- */

/* An authority as it stands in Host and in absolute targets; lower case. */
static int
take_host(struct gate *gate, const char *text, size_t len)
{
	struct url_authority authority;
	size_t i;

	gate->host_len = len;
	if (len > 0 && len == gate->known_host_len &&
	    memcmp(text, gate->host, len) == 0)
		return 0;
	gate->known_host_len = 0;
	if (len == 0 || len > GATE_HOST_MAX ||
	    url_authority_split(&authority, text, len) != 0)
		return refuse(gate, 400, "the host is malformed");
	for (i = 0; i < len; i++) {
		char c = text[i];

		gate->host[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	gate->host[len] = '\0';
	gate->known_host_len = len;
	return 0;
}

static char *
scrap(struct gate *gate, size_t size)
{
	if (!gate->scrap)
		gate->scrap = arena_new(size + 64);
	return arena_room(gate->scrap, size);
}

/* "http://host/path": the host counts, the rest becomes the target. */
static int
take_absolute(struct gate *gate)
{
	struct url_parts url;
	const char *rest;
	size_t len;
	char *room;
	int status;

	url_split(&url, gate->target, gate->target_len);
	if (!url.scheme.from || !url.authority.from ||
	    (!slice_is(url.scheme, "http") && !slice_is(url.scheme, "https")))
		return refuse(gate, 400, "the target is malformed");
	status = take_host(gate, url.authority.from, url.authority.len);
	if (status)
		return status;
	gate->is_absolute = true;
	rest = url.authority.from + url.authority.len;
	len = gate->target_len - (size_t)(rest - gate->target);
	if (*rest != '/') {
		room = scrap(gate, len + 2);
		room[0] = '/';
		memcpy(room + 1, rest, len);
		room[++len] = '\0';
		rest = room;
	}
	gate->target = rest;
	gate->target_len = len;
	return 0;
}

static int
check_target(struct gate *gate)
{
	if (gate->target[0] == '/')
		return 0;
	if (strcmp(gate->target, "*") == 0 &&
	    strcmp(gate->method, "OPTIONS") == 0)
		return 0;
	return take_absolute(gate);
}

static int
check_host(struct gate *gate, const struct field *field)
{
	if (++gate->hosts > 1)
		return refuse(gate, 400, "there are two Host fields");
	if (!gate->is_absolute)
		return take_host(gate, field->value, field->value_len);
	if (field->value_len != gate->host_len ||
	    strncasecmp(field->value, gate->host, gate->host_len) != 0)
		return refuse(gate, 400, "Host is not the target's host");
	return 0;
}

/* ---- how long it is ---- */

static int
check_length(struct gate *gate, const struct field *field)
{
	size_t i;

	if (++gate->lengths > 1)
		return refuse(gate, 400, "there are two Content-Length fields");
	if (field->value_len == 0 || field->value_len > 18)
		return refuse(gate, 400, "Content-Length is malformed");
	gate->body_len = 0;
	for (i = 0; i < field->value_len; i++) {
		if (field->value[i] < '0' || field->value[i] > '9')
			return refuse(gate, 400, "Content-Length is malformed");
		gate->body_len = gate->body_len * 10 + field->value[i] - '0';
	}
	return 0;
}

static int
check_coding(struct gate *gate, const struct field *field)
{
	if (++gate->codings > 1)
		return refuse(
		    gate, 400, "there are two Transfer-Encoding fields");
	if (is_v1_0(gate))
		return refuse(gate, 400, "Transfer-Encoding in HTTP/1.0");
	if (strcasecmp(field->value, "chunked") != 0)
		return refuse(gate, 501, "Transfer-Encoding is not chunked");
	return 0;
}

static int
check_framing(struct gate *gate)
{
	if (gate->lengths && gate->codings)
		return refuse(
		    gate, 400, "both Content-Length and Transfer-Encoding");
	if (gate->codings)
		gate->body_len = -1;
	if (gate->body_len != 0 && (strcmp(gate->method, "GET") == 0 ||
				       strcmp(gate->method, "HEAD") == 0))
		return refuse(gate, 400, "a body with GET or HEAD");
	if (gate->opts->body_max && gate->body_len > 0 &&
	    (uint64_t)gate->body_len > gate->opts->body_max)
		return refuse(gate, 413, "the body is too long");
	return 0;
}

/* ---- the fields that we read ---- */

static int
check_expect(struct gate *gate, const struct field *field)
{
	if (strcasecmp(field->value, "100-continue") != 0)
		return refuse(gate, 417, "this Expect is not known here");
	gate->expects = true;
	return 0;
}

static int
note_forwarding(struct gate *gate, const struct field *field)
{
	(void)field;
	gate->has_forwarding = true;
	return 0;
}

static int
note_proto(struct gate *gate, const struct field *field)
{
	(void)field;
	gate->has_proto = true;
	return 0;
}

static int
note_condition(struct gate *gate, const struct field *field)
{
	(void)field;
	gate->is_conditional_else = true;
	return 0;
}

static int
note_if_range(struct gate *gate, const struct field *field)
{
	gate->if_range = field->value;
	return note_condition(gate, field);
}

static int
note_requested_with(struct gate *gate, const struct field *field)
{
	if (strcasecmp(field->value, "XMLHttpRequest") == 0)
		gate->is_script = true;
	return 0;
}

static int
note_fetch_dest(struct gate *gate, const struct field *field)
{
	if (strcasecmp(field->value, "empty") == 0)
		gate->is_script = true;
	return 0;
}

static int
note_off(struct gate *gate, const struct field *field)
{
	(void)field;
	gate->livery_off = true;
	return 0;
}

enum { NOWHERE = 0, MANY = 0, ONE = 1 };

/* By length of name; where: the pointer in struct gate that is set to the
 * first one's value; one: two of them could be read in two ways. */
static const struct known {
	const char *name;
	unsigned len;
	size_t where;
	bool one;
	int (*check)(struct gate *gate, const struct field *field);
} known[] = {
#define AT(member) offsetof(struct gate, member)
    {"via", 3, NOWHERE, MANY, note_forwarding},
    {"host", 4, NOWHERE, MANY, check_host},
    {"range", 5, AT(range), ONE, NULL},
    {"cookie", 6, AT(cookie), MANY, NULL},
    {"expect", 6, NOWHERE, MANY, check_expect},
    {"pragma", 6, AT(pragma), MANY, NULL},
    {"referer", 7, AT(referer), MANY, NULL},
    {"if-match", 8, NOWHERE, MANY, note_condition},
    {"if-range", 8, AT(if_range), ONE, note_if_range},
    {"forwarded", 9, NOWHERE, MANY, note_forwarding},
    {"user-agent", 10, AT(user_agent), MANY, NULL},
    {"x-livery-off", 12, NOWHERE, MANY, note_off},
    {"authorization", 13, AT(authorization), ONE, NULL},
    {"cache-control", 13, AT(cache_control), MANY, NULL},
    {"if-none-match", 13, AT(if_none_match), MANY, NULL},
    {"content-length", 14, NOWHERE, MANY, check_length},
    {"sec-fetch-dest", 14, NOWHERE, MANY, note_fetch_dest},
    {"accept-encoding", 15, AT(accept_encoding), MANY, NULL},
    {"x-forwarded-for", 15, NOWHERE, MANY, note_forwarding},
    {"x-requested-with", 16, NOWHERE, MANY, note_requested_with},
    {"if-modified-since", 17, AT(if_modified_since), ONE, NULL},
    {"transfer-encoding", 17, NOWHERE, MANY, check_coding},
    {"x-forwarded-proto", 17, NOWHERE, MANY, note_proto},
    {"if-unmodified-since", 19, NOWHERE, MANY, note_condition},
#undef AT
};

enum { KNOWN_MAX = 19 };

/* ours: lower case, letters and "-". Only letters have two forms. */
static bool
is_name(const char *name, const char *ours, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char fold = ours[i] == '-' ? 0 : 0x20;

		if ((name[i] | fold) != ours[i])
			return false;
	}
	return true;
}

static const struct known *
find_known(const char *name, size_t len)
{
	/* where in known[] the names of each length begin */
	static const uint8_t first[KNOWN_MAX + 2] = {0, 0, 0, 0, 1, 2, 3, 6, 7,
	    9, 10, 11, 11, 12, 15, 17, 19, 20, 23, 23, 24};
	unsigned i;

	if (len > KNOWN_MAX)
		return NULL;
	for (i = first[len]; i < first[len + 1]; i++)
		if (is_name(name, known[i].name, len))
			return &known[i];
	return NULL;
}

/* Cookies in several fields, as HTTP/2 has them, become one. */
static int
join_cookie(struct gate *gate, const struct field *field)
{
	struct field *first = gate->fields.fields;
	size_t len;
	char *text;

	while (first->value != gate->cookie)
		first++;
	len = first->value_len + 2 + field->value_len;
	text = scrap(gate, len + 1);
	memcpy(text, first->value, first->value_len);
	memcpy(text + first->value_len, "; ", 2);
	memcpy(text + first->value_len + 2, field->value, field->value_len);
	text[len] = '\0';
	first->value = gate->cookie = text;
	first->value_len = (uint32_t)len;
	gate->fields.count--;
	return 0;
}

static int
check_known(
    struct gate *gate, const struct known *is, const struct field *field)
{
	const char **where;

	if (is->where) {
		where = (const char **)(void *)((char *)gate + is->where);
		if (*where && is->one)
			return refuse(gate, 400, "two fields where one may be");
		if (*where && where == &gate->cookie)
			return join_cookie(gate, field);
		if (!*where)
			*where = field->value;
	}
	return is->check ? is->check(gate, field) : 0;
}

/* ---- each field ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Only blanks between the colon and the value: else it was folded. */
static bool
is_behind(const char *name, size_t name_len, const char *value)
{
	const char *at = name + name_len + 1;

	if (value < at)
		return false;
	while (at < value && is_blank(*at))
		at++;
	return at == value;
}

static int
check_place(struct gate *gate, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	if (!is_old_layout())
		return 0;
	if (!is_behind(name, name_len, value))
		return refuse(gate, 400, "a field is folded");
	if (value[value_len + 1] != '\0')
		return refuse(
		    gate, 400, "a field has a NUL, or does not end in CRLF");
	/* The buffer was moved as it grew, or something hides here. */
	if (gate->next && gate->next != name)
		gate->is_odd = true;
	gate->next = value + value_len + 2;
	return 0;
}

static struct field *
add_field(struct gate *gate, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct field *field = &gate->fields.fields[gate->fields.count++];

	/* Blanks behind go; the NUL is written into libmicrohttpd's buffer,
	 * which it does not read again. */
	if (value_len > 0 && is_blank(value[value_len - 1])) {
		while (value_len > 0 && is_blank(value[value_len - 1]))
			value_len--;
		((char *)(uintptr_t)value)[value_len] = '\0';
	}
	field->name = name;
	field->name_len = (uint16_t)name_len;
	field->value = value;
	field->value_len = (uint32_t)value_len;
	return field;
}

static int
check_field(struct gate *gate, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	const struct known *is = find_known(name, name_len);
	int status = check_place(gate, name, name_len, value, value_len);

	if (status)
		return status;
	if (!is && !head_is_token(name, name_len))
		return refuse(gate, 400, "a field's name is not a token");
	if (!is_text(value, value_len))
		return refuse(gate, 400, "a byte of a field is illegal");
	gate->head_len += name_len + value_len + 4;
	if (gate->fields.count == gate->fields.room ||
	    gate->head_len > gate->opts->head_max || name_len > UINT16_MAX)
		return refuse(gate, 431, "too many or too long fields");
	if (is)
		return check_known(gate, is,
		    add_field(gate, name, name_len, value, value_len));
	add_field(gate, name, name_len, value, value_len);
	return 0;
}

struct walk {
	struct gate *gate;
	int status;
};

static enum MHD_Result
on_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct walk *walk = cls;

	(void)kind;
	walk->status = check_field(walk->gate, name, name_len,
	    value ? value : "", value ? value_len : 0);
	return walk->status ? MHD_NO : MHD_YES;
}

/* The empty line must stand right behind the last field. A line that begins
 * with a colon ends the head for 0.9.75 too. */
static int
check_end(struct gate *gate, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;
	const char *end;

	if (!is_old_layout())
		return 0;
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	if (!info)
		return 0;
	end = gate->method + info->header_size;
	if (end == gate->next + 2)
		return 0;
	if (end == gate->next + 1 || end == gate->next + 3 ||
	    gate->next[1] != '\0')
		return refuse(gate, 400, "the head does not end in CRLF");
	gate->is_odd = true;
	return 0;
}

void
gate_clear(struct gate *gate)
{
	arena_free(&gate->scrap);
	memset(gate, 0, offsetof(struct gate, host));
}

int
gate_check(struct gate *gate, struct MHD_Connection *connection,
    const char *raw_target)
{
	struct walk walk = {gate, 0};
	int status = check_line(gate, raw_target);

	if (!status)
		status = check_target(gate);
	if (status)
		return status;
	MHD_get_connection_values_n(
	    connection, MHD_HEADER_KIND, on_field, &walk);
	if (walk.status)
		return walk.status;
	if (gate->hosts == 0 && !is_v1_0(gate))
		return refuse(gate, 400, "there is no Host field");
	if (gate->host_len == 0) {
		gate->host[0] = '\0';
		gate->known_host_len = 0;
	}
	status = check_framing(gate);
	return status ? status : check_end(gate, connection);
}
