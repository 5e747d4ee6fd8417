/* dom/charset.c - encoding sniffing as the WHATWG's HTML has it (13.2.3.2),
 * conversion by iconv */
#include "dom/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dom/label.h"
#include "dom/prescan.h"
#include "dom/utf8.h"

/* ---- the Content-Type field ---- */

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && label_is_space(*p))
		p++;
	return p;
}

/* The encoding behind "charset =" somewhere in the text, or NULL. */
static const char *
label_in(const char *text, const char *end)
{
	const char *p = text;
	char stop = '\0';
	const char *from;

	for (; end - p > 8; p++) {
		if (strncasecmp(p, "charset", 7) != 0)
			continue;
		from = skip_space(p + 7, end);
		if (from < end && *from == '=')
			goto found;
	}
	return NULL;
found:
	p = skip_space(from + 1, end);
	if (p < end && (*p == '"' || *p == '\''))
		stop = *p++;
	p = skip_space(p, end);
	for (from = p; p < end; p++)
		if (stop ? *p == stop || label_is_space(*p)
			 : label_is_space(*p) || strchr(";\"'>/", *p))
			break;
	return label_find(from, (size_t)(p - from));
}

/* ---- where it is said ---- */

static const char *
by_bom(const unsigned char *p, size_t len, size_t *skip)
{
	if (len >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) {
		*skip = 3;
		return label_utf8;
	}
	if (len >= 2 && p[0] == 0xFE && p[1] == 0xFF) {
		*skip = 2;
		return "UTF-16BE";
	}
	if (len >= 2 && p[0] == 0xFF && p[1] == 0xFE) {
		*skip = 2;
		return "UTF-16LE";
	}
	return NULL;
}

const char *
charset_sniff(const char *bytes, size_t len, const char *content_type,
    bool look_inside, size_t *skip)
{
	const char *name;

	*skip = 0;
	name = by_bom((const unsigned char *)bytes, len, skip);
	if (!name && content_type)
		name =
		    label_in(content_type, content_type + strlen(content_type));
	if (!name && look_inside)
		name = prescan_encoding(bytes, len);
	return name;
}

/* ---- conversion ---- */

struct charset {
	iconv_t conversion;
};

struct charset *
charset_open(const char *name, struct err *err)
{
	iconv_t conversion = iconv_open("UTF-8", name);
	struct charset *charset;

	if (conversion == (iconv_t)-1) {
		err_set(err, "pages in %s cannot be read here", name);
		return NULL;
	}
	charset = mem_new(sizeof(*charset));
	charset->conversion = conversion;
	return charset;
}

void
charset_close(struct charset **charset)
{
	if (!*charset)
		return;
	iconv_close((*charset)->conversion);
	mem_free(charset);
}

/* After iconv stopped, and why: for room, go on; else step over what cannot be
 * read. False when nothing is left to do. */
static bool
go_on(struct buf *out, char **in, size_t *left, bool last, int why)
{
	if (why == E2BIG)
		return true;
	if (why == EINVAL && !last)
		return false;
	utf8_add(out, UTF8_REPLACEMENT);
	if (why != EILSEQ || *left == 0) {
		*left = 0;
		return false;
	}
	(*in)++;
	(*left)--;
	return true;
}

size_t
charset_feed(struct charset *charset, struct buf *out, const char *bytes,
    size_t len, bool last)
{
	char *in = (char *)(uintptr_t)bytes;
	size_t left = len;
	bool more = true;

	while (more && !out->failed) {
		char chunk[16384];
		char *to = chunk;
		size_t free_bytes = sizeof(chunk);
		size_t done;
		int why;

		done = iconv(
		    charset->conversion, &in, &left, &to, &free_bytes);
		why = errno;
		buf_add(out, chunk, (size_t)(to - chunk));
		more = done == (size_t)-1 && go_on(out, &in, &left, last, why);
	}
	return len - left;
}

int
charset_to_utf8(struct buf *out, const char *name, const char *bytes,
    size_t len, struct err *err)
{
	struct charset *charset = charset_open(name, err);

	if (!charset)
		return -1;
	charset_feed(charset, out, bytes, len, true);
	charset_close(&charset);
	if (out->failed)
		return err_set(err, "a page in %s is too large", name);
	return 0;
}
