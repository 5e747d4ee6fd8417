/* dom/defuse.c - text that may not end what it stands in
 *
 * Most text has nothing of the kind: one look for what would be dangerous, and
 * it is copied. */
#include "dom/defuse.h"

#include <string.h>
#include <strings.h>

#include "dom/tags.h"

/* ---- raw text ---- */

static void
write_defused(struct buf *out, const char *name, const char *text)
{
	size_t name_len = strlen(name);

	for (; *text; text++) {
		bool tag = text[0] == '<' && text[1] == '/' &&
			   strncasecmp(text + 2, name, name_len) == 0;
		bool comment = strncmp(text, "<!--", 4) == 0;

		buf_putc(out, *text);
		if (tag || comment)
			buf_putc(out, '\\');
	}
}

void
defuse_raw(struct buf *out, const char *name, const char *text)
{
	size_t len = strlen(text);
	bool hidden;

	if (tag_raw_end(name, text, len, &hidden) == len && !hidden)
		buf_add(out, text, len);
	else
		write_defused(out, name, text);
}

/* ---- comments ---- */

void
defuse_comment(struct buf *out, const char *text)
{
	const char *dashes;

	buf_puts(out, "<!--");
	if (*text == '>' || strncmp(text, "->", 2) == 0)
		buf_putc(out, ' ');
	while ((dashes = strstr(text, "--")) != NULL) {
		size_t len = (size_t)(dashes - text) + 1;

		buf_add(out, text, len);
		if (dashes[2] == '>' || strncmp(dashes + 2, "!>", 2) == 0)
			buf_putc(out, ' ');
		text += len;
	}
	buf_puts(out, text);
	buf_puts(out, "-->");
}

/* ---- markup ---- */

/* An end tag of an element that holds only text, at "</". */
static bool
ends_text(const char *p, const char *end)
{
	char name[16];
	size_t len = 0;

	for (p += 2; p < end && len < sizeof(name) && *p != '>' && *p != '/' &&
		     !strchr(" \t\n\f\r", *p);
	     p++)
		name[len++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	switch (tag_kind(name, len)) {
	case TAG_RAW:
	case TAG_SCRIPT:
	case TAG_ESCAPED:
		return true;
	default:
		return false;
	}
}

void
defuse_markup(struct buf *out, const struct buf *markup, bool is_text)
{
	const char *p = markup->data, *end = p + markup->len, *mark;

	while (p < end && (mark = memchr(p, '<', (size_t)(end - p)))) {
		bool tag =
		    end - mark > 2 && mark[1] == '/' && ends_text(mark, end);
		bool comment =
		    !is_text && end - mark >= 4 && memcmp(mark, "<!--", 4) == 0;

		buf_add(out, p, (size_t)(mark - p) + 1);
		if (tag || comment)
			buf_putc(out, '\\');
		p = mark + 1;
	}
	if (p < end)
		buf_add(out, p, (size_t)(end - p));
}
