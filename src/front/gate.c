/* front/gate.c - one pass over the fields
 *
 * Each field is looked at for three things: its place in memory (gate.h says
 * why), its bytes (legal.c), and whether it is one that we read (known.c). The
 * statuses are those of RFC 9110 and RFC 9112; where these leave a choice
 * between repairing and refusing, refusing it is. */
#include "front/gate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "front/known.h"
#include "front/legal.h"

int
gate_refuse(struct gate *gate, int status, const char *why)
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

/* ---- the request line ---- */

static int
check_version(struct gate *gate)
{
	if (strcmp(gate->version, "HTTP/1.1") == 0 ||
	    strcmp(gate->version, "HTTP/1.0") == 0)
		return 0;
	return gate_refuse(
	    gate, 505, "the version is not HTTP/1.1 or HTTP/1.0");
}

bool
gate_is_v1_0(const struct gate *gate)
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
		return gate_refuse(gate, 400, "the request line is malformed");
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
		return gate_refuse(gate, 400, "the method is not a token");
	if (strcmp(method, "CONNECT") == 0)
		return gate_refuse(gate, 501, "CONNECT is not done here");
	if (strcmp(method, "TRACE") == 0)
		return gate_refuse(gate, 405, "TRACE is not done here");
	return 0;
}

static int
check_line(struct gate *gate, const char *raw_target)
{
	int status = check_version(gate);

	if (!status && strlen(gate->method) + gate->target_len + 10 >
			   gate->opts->request_line_max)
		status = gate_refuse(gate, 414, "the request line is too long");
	if (!status)
		status = check_line_place(gate, raw_target);
	if (!status)
		status = check_method(gate);
	if (!status && !legal_is_target(gate->target, gate->target_len))
		status = gate_refuse(
		    gate, 400, "a byte of the target is illegal");
	return status;
}

/* ---- whom it is for ---- */

/* An authority as it stands in Host and in absolute targets; lower case. */
int
gate_take_host(struct gate *gate, const char *text, size_t len)
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
		return gate_refuse(gate, 400, "the host is malformed");
	for (i = 0; i < len; i++) {
		char c = text[i];

		gate->host[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	gate->host[len] = '\0';
	gate->known_host_len = len;
	return 0;
}

char *
gate_scrap(struct gate *gate, size_t size)
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
		return gate_refuse(gate, 400, "the target is malformed");
	status = gate_take_host(gate, url.authority.from, url.authority.len);
	if (status)
		return status;
	gate->is_absolute = true;
	rest = url.authority.from + url.authority.len;
	len = gate->target_len - (size_t)(rest - gate->target);
	if (*rest != '/') {
		room = gate_scrap(gate, len + 2);
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
		return gate_refuse(gate, 400, "a field is folded");
	if (value[value_len + 1] != '\0')
		return gate_refuse(
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
	const struct known *is = known_find(name, name_len);
	int status = check_place(gate, name, name_len, value, value_len);

	if (status)
		return status;
	if (!is && !head_is_token(name, name_len))
		return gate_refuse(gate, 400, "a field's name is not a token");
	if (!legal_is_text(value, value_len))
		return gate_refuse(gate, 400, "a byte of a field is illegal");
	gate->head_len += name_len + value_len + 4;
	if (gate->fields.count == gate->fields.room ||
	    gate->head_len > gate->opts->head_max || name_len > UINT16_MAX)
		return gate_refuse(gate, 431, "too many or too long fields");
	if (is)
		return known_check(gate, is,
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

/* ---- the whole ---- */

static int
check_framing(struct gate *gate)
{
	if (gate->lengths && gate->codings)
		return gate_refuse(
		    gate, 400, "both Content-Length and Transfer-Encoding");
	/* 0.9.75 ends lines of chunks and trailers at bare CR and LF, which
	 * others do not, and nobody sees them but itself: whatever it takes
	 * for the next request may be part of this one. */
	if (gate->codings) {
		gate->body_len = -1;
		gate->is_odd = true;
	}
	if (gate->body_len != 0 && (strcmp(gate->method, "GET") == 0 ||
				       strcmp(gate->method, "HEAD") == 0))
		return gate_refuse(gate, 400, "a body with GET or HEAD");
	if (gate->opts->body_max && gate->body_len > 0 &&
	    (uint64_t)gate->body_len > gate->opts->body_max)
		return gate_refuse(gate, 413, "the body is too long");
	return 0;
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
	/* None, for two bare line feeds: what is there of the next request may
	 * not have come yet. */
	if (end == gate->next || end == gate->next + 1 ||
	    end == gate->next + 3 || gate->next[1] != '\0')
		return gate_refuse(gate, 400, "the head does not end in CRLF");
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
	if (gate->hosts == 0 && !gate_is_v1_0(gate))
		return gate_refuse(gate, 400, "there is no Host field");
	if (gate->host_len == 0) {
		gate->host[0] = '\0';
		gate->known_host_len = 0;
	}
	status = check_framing(gate);
	return status ? status : check_end(gate, connection);
}
