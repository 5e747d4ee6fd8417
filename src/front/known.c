/* front/known.c - the fields that are read, by length of their names */
#include "front/known.h"

#include <string.h>
#include <strings.h>

/* ---- whom it is for, and how long it is ---- */

static int
check_host(struct gate *gate, const struct field *field)
{
	if (++gate->hosts > 1)
		return gate_refuse(gate, 400, "there are two Host fields");
	if (!gate->is_absolute)
		return gate_take_host(gate, field->value, field->value_len);
	if (field->value_len != gate->host_len ||
	    strncasecmp(field->value, gate->host, gate->host_len) != 0)
		return gate_refuse(gate, 400, "Host is not the target's host");
	return 0;
}

static int
check_length(struct gate *gate, const struct field *field)
{
	size_t i;

	if (++gate->lengths > 1)
		return gate_refuse(
		    gate, 400, "there are two Content-Length fields");
	if (field->value_len == 0 || field->value_len > 18)
		return gate_refuse(gate, 400, "Content-Length is malformed");
	gate->body_len = 0;
	for (i = 0; i < field->value_len; i++) {
		if (field->value[i] < '0' || field->value[i] > '9')
			return gate_refuse(
			    gate, 400, "Content-Length is malformed");
		gate->body_len = gate->body_len * 10 + field->value[i] - '0';
	}
	return 0;
}

static int
check_coding(struct gate *gate, const struct field *field)
{
	if (++gate->codings > 1)
		return gate_refuse(
		    gate, 400, "there are two Transfer-Encoding fields");
	if (gate_is_v1_0(gate))
		return gate_refuse(gate, 400, "Transfer-Encoding in HTTP/1.0");
	/* 0.9.75 keeps blanks behind a value, and then knows no coding: it
	 * would read on until the connection ends. */
	if (gate->next && gate->next != field->value + field->value_len + 2)
		return gate_refuse(
		    gate, 400, "a blank behind Transfer-Encoding");
	if (strcasecmp(field->value, "chunked") != 0)
		return gate_refuse(
		    gate, 501, "Transfer-Encoding is not chunked");
	return 0;
}

/* ---- what is noted ---- */

static int
check_expect(struct gate *gate, const struct field *field)
{
	if (strcasecmp(field->value, "100-continue") != 0)
		return gate_refuse(gate, 417, "this Expect is not known here");
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

/* ---- all of them ---- */

enum { NOWHERE = 0 };

/* When there are several: the first one's value counts; they could be read in
 * two ways, and are refused; they are one list (RFC 9110 5.3); or one of
 * cookies. */
enum several { MANY, ONE, LIST, COOKIES };

/* By length of name; where: the pointer in struct gate that is set to the
 * value. */
static const struct known {
	const char *name;
	unsigned len;
	size_t where;
	enum several several;
	int (*check)(struct gate *gate, const struct field *field);
} known[] = {
#define AT(member) offsetof(struct gate, member)
    {"via", 3, NOWHERE, MANY, note_forwarding},
    {"host", 4, NOWHERE, MANY, check_host},
    {"range", 5, AT(range), ONE, NULL},
    {"cookie", 6, AT(cookie), COOKIES, NULL},
    {"expect", 6, NOWHERE, MANY, check_expect},
    {"pragma", 6, AT(pragma), MANY, NULL},
    {"referer", 7, AT(referer), MANY, NULL},
    {"upgrade", 7, AT(upgrade), MANY, NULL},
    {"if-match", 8, NOWHERE, MANY, note_condition},
    {"if-range", 8, AT(if_range), ONE, note_if_range},
    {"forwarded", 9, NOWHERE, MANY, note_forwarding},
    {"user-agent", 10, AT(user_agent), MANY, NULL},
    {"x-livery-off", 12, NOWHERE, MANY, note_off},
    {"authorization", 13, AT(authorization), ONE, NULL},
    {"cache-control", 13, AT(cache_control), MANY, NULL},
    {"if-none-match", 13, AT(if_none_match), LIST, NULL},
    {"content-length", 14, NOWHERE, MANY, check_length},
    {"sec-fetch-dest", 14, NOWHERE, MANY, note_fetch_dest},
    {"accept-encoding", 15, AT(accept_encoding), LIST, NULL},
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

const struct known *
known_find(const char *name, size_t len)
{
	/* where in known[] the names of each length begin */
	static const uint8_t first[KNOWN_MAX + 2] = {0, 0, 0, 0, 1, 2, 3, 6, 8,
	    10, 11, 12, 12, 13, 16, 18, 20, 21, 24, 24, 25};
	unsigned i;

	if (len > KNOWN_MAX)
		return NULL;
	for (i = first[len]; i < first[len + 1]; i++)
		if (is_name(name, known[i].name, len))
			return &known[i];
	return NULL;
}

/* Two fields become one, at the place of the first: cookies too, which HTTP/2
 * has in several. */
static int
join(struct gate *gate, const char **where, const char *comma,
    const struct field *field)
{
	struct field *first = gate->fields.fields;
	size_t len;
	char *text;

	while (first->value != *where)
		first++;
	len = first->value_len + 2 + field->value_len;
	text = gate_scrap(gate, len + 1);
	memcpy(text, first->value, first->value_len);
	memcpy(text + first->value_len, comma, 2);
	memcpy(text + first->value_len + 2, field->value, field->value_len);
	text[len] = '\0';
	first->value = *where = text;
	first->value_len = (uint32_t)len;
	gate->fields.count--;
	return 0;
}

int
known_check(
    struct gate *gate, const struct known *is, const struct field *field)
{
	const char **where;

	if (is->where) {
		where = (const char **)(void *)((char *)gate + is->where);
		if (*where && is->several == ONE)
			return gate_refuse(
			    gate, 400, "two fields where one may be");
		if (*where && is->several != MANY)
			return join(gate, where,
			    is->several == LIST ? ", " : "; ", field);
		if (!*where)
			*where = field->value;
	}
	return is->check ? is->check(gate, field) : 0;
}
