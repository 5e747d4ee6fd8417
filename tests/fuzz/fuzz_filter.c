/* Any expression as ;filter_xpath= on any page: the first 0xff byte parts the
 * two. It adds markup or says why not, within its bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/must.h"
#include "theme/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *cut = size ? memchr(bytes, 0xff, size) : NULL;
	struct filter_ask ask = {.xpath_max_ops = 200000};
	struct err err = {""};
	struct buf out;
	char *xpath;

	if (!cut)
		return 0;
	xpath = mem_strndup(bytes, (size_t)(cut - bytes));
	ask.xpath = xpath;
	if (theme_filter_check(xpath, &err) != 0)
		must(*err.text);
	ask.bytes = cut + 1;
	ask.len = size - (size_t)(cut + 1 - bytes);
	buf_init(&out, 1 << 20);
	if (theme_filter(&ask, &out, &err) == 0)
		must(out.len > 0 || strlen(xpath) > 0);
	else
		must(*err.text);
	buf_fini(&out);
	mem_free(&xpath);
	return 0;
}
