/* The .dat files: sections that begin with a line of "#" and a word
 *
 * A case begins with "#data"; its text may have lines with "#" of its own, so
 * it ends only before "#errors" or "#encoding". The last section of a case
 * ends before the next "#data" behind an empty line. */
#include "run.h"

#include <string.h>

struct reader {
	const char *p, *end;
	size_t line;
};

enum { SECTIONS_MAX = 8 };

struct section {
	struct span name, text;
};

static struct span
peek_line(const struct reader *reader)
{
	const char *end =
	    memchr(reader->p, '\n', (size_t)(reader->end - reader->p));

	if (!end)
		end = reader->end;
	return (struct span){reader->p, (size_t)(end - reader->p)};
}

static void
skip_line(struct reader *reader)
{
	struct span line = peek_line(reader);

	reader->p = line.p + line.len;
	if (reader->p < reader->end)
		reader->p++;
	reader->line++;
}

static bool
is(struct span text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.p, word, text.len) == 0;
}

/* Whether this line ends the section of that name. */
static bool
ends(const struct section *section, struct span line, bool behind_empty)
{
	if (is(section->name, "#data"))
		return is(line, "#errors") || is(line, "#encoding");
	if (is(section->name, "#document") || is(section->name, "#encoding"))
		return behind_empty && is(line, "#data");
	return line.len > 0 && *line.p == '#';
}

static void
read_section(struct reader *reader, struct section *section)
{
	const char *from;
	bool behind_empty = false;
	size_t len;

	section->name = peek_line(reader);
	skip_line(reader);
	from = reader->p;
	while (reader->p < reader->end) {
		struct span line = peek_line(reader);

		if (ends(section, line, behind_empty))
			break;
		behind_empty = line.len == 0;
		skip_line(reader);
	}
	len = (size_t)(reader->p - from);
	if (len > 0 && from[len - 1] == '\n')
		len--;
	/* the empty line between cases */
	while (!is(section->name, "#data") && len > 0 && from[len - 1] == '\n')
		len--;
	section->text = (struct span){from, len};
}

static struct span
find(const struct section *sections, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (is(sections[i].name, name))
			return sections[i].text;
	return (struct span){NULL, 0};
}

static void
run_case(
    const struct place *place, const struct section *sections, size_t count)
{
	struct span encoding = find(sections, count, "#encoding");
	struct tree_case one = {
	    .data = sections[0].text,
	    .document = find(sections, count, "#document"),
	    .context = find(sections, count, "#document-fragment"),
	    .scripting = find(sections, count, "#script-on").p,
	};

	if (encoding.p)
		charset_case_run(place, one.data, encoding);
	else if (!one.document.p)
		case_failed(place, "it has no #document", one.data,
		    (struct span){"", 0}, (struct span){"", 0});
	else
		tree_case_run(place, &one);
}

void
dat_run(const char *path, struct span file)
{
	struct reader reader = {file.p, file.p + file.len, 1};

	while (reader.p < reader.end) {
		struct section sections[SECTIONS_MAX];
		struct place place = {path, reader.line};
		size_t count = 0;

		if (!is(peek_line(&reader), "#data")) {
			skip_line(&reader);
			continue;
		}
		do
			read_section(&reader, &sections[count++]);
		while (count < SECTIONS_MAX && reader.p < reader.end &&
		       !is(peek_line(&reader), "#data"));
		run_case(&place, sections, count);
	}
}
