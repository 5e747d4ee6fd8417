/* http/websocket.c - asked for, and granted */
#include "http/websocket.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>

#include "http/base64.h"

enum {
	KEY_LEN = 24, /* 16 bytes in base64 */
	SHA1_LEN = 20,
};

/* The one value of that name; NULL: there is none, or there are several. */
static const char *
only(const struct head *fields, const char *name)
{
	return head_count(fields, name) == 1 ? head_find(fields, name) : NULL;
}

static bool
is_listed(const struct head *fields, const char *option)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	while ((value = head_next(fields, "Connection", &i)) != NULL)
		while (list_next(&value, &item))
			if (slice_is(item, option))
				return true;
	return false;
}

static bool
is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/';
}

static bool
is_key(const char *key)
{
	unsigned i;

	if (!key || strlen(key) != KEY_LEN)
		return false;
	for (i = 0; i < KEY_LEN - 2; i++)
		if (!is_base64(key[i]))
			return false;
	return strcmp(key + KEY_LEN - 2, "==") == 0;
}

static bool
is_switch(const struct head *fields)
{
	const char *to = only(fields, "Upgrade");

	return to && strcasecmp(to, "websocket") == 0 &&
	       is_listed(fields, "upgrade");
}

bool
websocket_is_asked(const struct head *fields)
{
	const char *version = only(fields, "Sec-WebSocket-Version");

	return is_switch(fields) && version && strcmp(version, "13") == 0 &&
	       is_key(only(fields, "Sec-WebSocket-Key"));
}

void
websocket_accept(char out[WEBSOCKET_ACCEPT_LEN + 1], const char *key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char hash[SHA1_LEN];
	struct buf text;

	buf_init(&text, 256);
	must(buf_printf(&text, "%s%s", key, guid) == 0);
	must(gnutls_hash_fast(GNUTLS_DIG_SHA1, text.data, text.len, hash) == 0);
	buf_clear(&text);
	base64_add(&text, hash, sizeof(hash));
	must(text.len == WEBSOCKET_ACCEPT_LEN);
	memcpy(out, text.data, text.len + 1);
	buf_fini(&text);
}

const char *
websocket_doubt(const struct head *fields, const char *key)
{
	const char *accept = only(fields, "Sec-WebSocket-Accept");
	char right[WEBSOCKET_ACCEPT_LEN + 1];

	if (!is_switch(fields))
		return "switches to another protocol than WebSocket";
	websocket_accept(right, key);
	if (!accept || strcmp(accept, right) != 0)
		return "its Sec-WebSocket-Accept is not for our key";
	return NULL;
}
