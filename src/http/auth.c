/* http/auth.c - a pair as one word */
#include "http/auth.h"

#include <string.h>

#include "base/mem.h"
#include "http/base64.h"

int
auth_basic(struct buf *out, const char *user, const char *password)
{
	char *pair = mem_printf("%s:%s", user, password ? password : "");

	buf_puts(out, "Basic ");
	base64_add(out, pair, strlen(pair));
	mem_free(&pair);
	return out->failed ? -1 : 0;
}
