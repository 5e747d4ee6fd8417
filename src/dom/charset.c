/* dom/charset.c - encoding sniffing as the WHATWG's HTML has it (13.2.3.2),
 * conversion by iconv */
#include "dom/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "dom/utf8.h"

enum { META_WITHIN = 1024, LABEL_MAX = 40 };

static const char utf8_name[] = "UTF-8";

/* ---- labels ---- */

/* The WHATWG's labels and what iconv calls the encoding. Latin-1 and ASCII
 * mean windows-1252 there, and most Asian ones their supersets. */
static const char *const labels[][2] = {
    {"ascii", "WINDOWS-1252"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cp1250", "WINDOWS-1250"},
    {"cp1251", "WINDOWS-1251"},
    {"cp1252", "WINDOWS-1252"},
    {"cp1253", "WINDOWS-1253"},
    {"cp1254", "WINDOWS-1254"},
    {"cp1255", "WINDOWS-1255"},
    {"cp1256", "WINDOWS-1256"},
    {"cp1257", "WINDOWS-1257"},
    {"cp1258", "WINDOWS-1258"},
    {"cp819", "WINDOWS-1252"},
    {"cp866", "IBM866"},
    {"csshiftjis", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"ibm866", "IBM866"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "CP874"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"iso8859-1", "WINDOWS-1252"},
    {"iso8859-15", "ISO-8859-15"},
    {"iso8859-2", "ISO-8859-2"},
    {"iso88591", "WINDOWS-1252"},
    {"iso_8859-1", "WINDOWS-1252"},
    {"iso_8859-15", "ISO-8859-15"},
    {"iso_8859-2", "ISO-8859-2"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"korean", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"l1", "WINDOWS-1252"},
    {"latin1", "WINDOWS-1252"},
    {"latin2", "ISO-8859-2"},
    {"latin5", "WINDOWS-1254"},
    {"macintosh", "MACINTOSH"},
    {"ms_kanji", "CP932"},
    {"shift-jis", "CP932"},
    {"shift_jis", "CP932"},
    {"sjis", "CP932"},
    {"tis-620", "CP874"},
    {"unicode-1-1-utf-8", utf8_name},
    {"us-ascii", "WINDOWS-1252"},
    {"utf-16", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-8", utf8_name},
    {"utf8", utf8_name},
    {"windows-1250", "WINDOWS-1250"},
    {"windows-1251", "WINDOWS-1251"},
    {"windows-1252", "WINDOWS-1252"},
    {"windows-1253", "WINDOWS-1253"},
    {"windows-1254", "WINDOWS-1254"},
    {"windows-1255", "WINDOWS-1255"},
    {"windows-1256", "WINDOWS-1256"},
    {"windows-1257", "WINDOWS-1257"},
    {"windows-1258", "WINDOWS-1258"},
    {"windows-31j", "CP932"},
    {"windows-874", "CP874"},
    {"windows-949", "CP949"},
    {"x-gbk", "GB18030"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
    {"x-sjis", "CP932"},
};

static const char *
find_label(const char *label, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(labels); i++)
		/* lengths first: a label may have NULs in it */
		if (strlen(labels[i][0]) == len &&
		    strncasecmp(labels[i][0], label, len) == 0)
			return labels[i][1];
	return NULL;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
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
		if (stop ? *p == stop || is_space(*p)
			 : is_space(*p) || strchr(";\"'>/", *p))
			break;
	return find_label(from, (size_t)(p - from));
}

/* ---- where it is said ---- */

static const char *
by_bom(const unsigned char *p, size_t len, size_t *skip)
{
	if (len >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) {
		*skip = 3;
		return utf8_name;
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

/* What a meta element says is ASCII by what it is read as, so it cannot mean
 * UTF-16. */
static const char *
by_meta(const char *bytes, size_t len)
{
	const char *end = bytes + (len < META_WITHIN ? len : META_WITHIN);
	const char *p = bytes;

	for (; (p = memchr(p, '<', (size_t)(end - p))); p++) {
		const char *close;
		const char *name;

		if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
			close = memmem(p + 2, (size_t)(end - p) - 2, "-->", 3);
			if (!close)
				return NULL;
			p = close;
			continue;
		}
		if (end - p < 6 || strncasecmp(p + 1, "meta", 4) != 0 ||
		    (!is_space(p[5]) && p[5] != '/'))
			continue;
		close = memchr(p, '>', (size_t)(end - p));
		name = label_in(p + 5, close ? close : end);
		if (name)
			return strncmp(name, "UTF-16", 6) == 0 ? utf8_name
							       : name;
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
		name = by_meta(bytes, len);
	return name;
}

/* ---- conversion ---- */

/* After iconv stopped: for room, go on; else step over what cannot be read.
 * False when nothing is left to do. */
static bool
go_on(struct buf *out, char **in, size_t *left)
{
	if (errno == E2BIG)
		return true;
	utf8_add(out, UTF8_REPLACEMENT);
	if (errno != EILSEQ || *left == 0)
		return false;
	(*in)++;
	(*left)--;
	return true;
}

int
charset_to_utf8(struct buf *out, const char *charset, const char *bytes,
    size_t len, struct err *err)
{
	iconv_t conversion = iconv_open("UTF-8", charset);
	char *in = (char *)(uintptr_t)bytes;
	size_t left = len;
	bool more = true;

	if (conversion == (iconv_t)-1)
		return err_set(err, "pages in %s cannot be read here", charset);
	while (more && !out->failed) {
		char chunk[16384];
		char *to = chunk;
		size_t free_bytes = sizeof(chunk);
		size_t done;

		done = iconv(conversion, &in, &left, &to, &free_bytes);
		buf_add(out, chunk, (size_t)(to - chunk));
		more = done == (size_t)-1 && go_on(out, &in, &left);
	}
	iconv_close(conversion);
	if (out->failed)
		return err_set(err, "a page in %s is too large", charset);
	return 0;
}
