/* Any bytes as a page, in one piece and in pieces of a size that they choose:
 * no crash, the same tokens; and what is said to be plain is the same token
 * where it stands alone. */
#include "../unit/token_help.h"

enum { SIZE_MAX_OUT = 1 << 26 };

/* The token's bytes alone are the token. */
static void
on_token(const struct help *help, const struct token *token, const char *page)
{
	struct help alone = {.attributes_max = 1000};
	struct buf mine, other;

	(void)help;
	if (!token->plain || token->kind == TOKEN_LIMIT)
		return;
	buf_init(&mine, SIZE_MAX_OUT);
	buf_init(&other, SIZE_MAX_OUT);
	help_token(&mine, token);
	help_run(&other, &alone, page + token->from, token->to - token->from);
	must(mine.len == other.len &&
	     memcmp(mine.data, other.data, mine.len) == 0);
	buf_fini(&mine);
	buf_fini(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"script", "title", "xmp", "x"};
	struct help help = {.attributes_max = 40, .on_token = on_token};
	struct buf whole, pieces;
	const char *page;

	if (size < 2)
		return 0;
	help.state = data[0] % 5;
	help.allow_cdata = data[0] & 0x40;
	help.steer = data[0] & 0x80;
	help.last_start = names[(data[0] >> 4) & 3];
	if (help.state != TOKEN_DATA || help.steer)
		help.on_token = NULL;
	page = (const char *)data + 2;
	buf_init(&whole, SIZE_MAX_OUT);
	buf_init(&pieces, SIZE_MAX_OUT);
	help_run(&whole, &help, page, size - 2);
	help.piece = 1 + data[1] % 40;
	help.on_token = NULL;
	help_run(&pieces, &help, page, size - 2);
	must(whole.len == pieces.len &&
	     (whole.len == 0 ||
		 memcmp(whole.data, pieces.data, whole.len) == 0));
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
