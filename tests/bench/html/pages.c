/* Pages of the shape that a CMS, a magazine and a front-end framework give */
#include "pages.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const char *const page_kind_names[PAGE_KINDS] = {
    "markup-heavy", "text-heavy", "attribute-heavy"};

static const char *const words[] = {"page", "theme", "content", "the", "of",
    "and", "a", "news", "event", "in", "council", "report", "member", "public",
    "with", "result", "from", "for", "garden", "river", "harbour", "library",
    "school", "meeting", "first", "every", "which", "café", "straße", "Zürich",
    "smørrebrød", "中文", "R&amp;D", "that", "was", "not", "before",
    "&ldquo;new&rdquo;", "old&nbsp;town", "it&#8217;s", "municipality",
    "understanding", "is", "on", "to", "by"};

struct maker {
	struct buf *out;
	uint64_t chance;
};

static size_t
pick(struct maker *maker, size_t count)
{
	maker->chance ^= maker->chance << 13;
	maker->chance ^= maker->chance >> 7;
	maker->chance ^= maker->chance << 17;
	return (size_t)(maker->chance >> 20) % count;
}

static void
say(struct maker *maker, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_putc(maker->out, ' ');
		buf_puts(maker->out, words[pick(maker, COUNT_OF(words))]);
	}
}

/* Words without markup in them, for attributes. */
static void
slug(struct maker *maker, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(
		    maker->out, "%s%s", i ? "-" : "", words[pick(maker, 22)]);
}

static void
begin(struct maker *maker)
{
	buf_puts(maker->out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>News &amp; events</title>\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<link rel=\"stylesheet\" href=\"/assets/site.css?v=12\">\n"
	    "<style>.news > li{margin:0}@media(max-width:40em){nav{display:"
	    "none}}</style>\n<script>window.site={lang:\"en\",n:1<2&&3>2};"
	    "</script>\n</head>\n<body class=\"home page\">\n");
}

static void
end(struct maker *maker)
{
	buf_puts(maker->out, "<script src=\"/assets/site.js\" defer></script>\n"
			     "</body>\n</html>\n");
}

/* ---- markup ---- */

static void
menu(struct maker *maker)
{
	buf_puts(maker->out, "<ul class=\"menu\">\n");
	for (size_t i = 0; i < 6; i++) {
		buf_printf(maker->out, "<li><a href=\"/n/%zu\"><span>", i);
		say(maker, 1);
		buf_puts(maker->out, "</span></a></li>\n");
	}
	buf_puts(maker->out, "</ul>\n");
}

static void
table(struct maker *maker)
{
	buf_puts(maker->out,
	    "<table>\n<thead><tr><th>Day</th><th>Hour</th><th>Room"
	    "</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < 8; i++) {
		buf_printf(maker->out, "<tr><td>%zu</td><td><b>", i);
		say(maker, 1);
		buf_printf(maker->out, "</b></td><td>%zu<br>", pick(maker, 90));
		say(maker, 2);
		buf_puts(maker->out, "</td></tr>\n");
	}
	buf_puts(maker->out, "</tbody>\n</table>\n");
}

static void
card(struct maker *maker)
{
	buf_puts(maker->out,
	    "<div class=\"card\"><div class=\"inner\">\n<h3><a href=\"/c/");
	slug(maker, 2);
	buf_puts(maker->out, "\">");
	say(maker, 3);
	buf_puts(maker->out, "</a></h3>\n<p><em>");
	say(maker, 2);
	buf_puts(maker->out, "</em> ");
	say(maker, 5);
	buf_puts(maker->out, " <strong>");
	say(maker, 1);
	buf_puts(maker->out, "</strong></p>\n<ul><li>");
	say(maker, 1);
	buf_puts(maker->out, "</li><li>");
	say(maker, 1);
	buf_puts(maker->out, "</li></ul><img src=\"/i.png\" alt=\"\"><hr>\n"
			     "</div></div>\n");
}

static void
markup(struct maker *maker)
{
	switch (pick(maker, 4)) {
	case 0:
		menu(maker);
		break;
	case 1:
		table(maker);
		break;
	default:
		card(maker);
	}
}

/* ---- text ---- */

static void
text(struct maker *maker)
{
	buf_puts(maker->out, "<article>\n<h2>");
	say(maker, 6);
	buf_puts(maker->out, "</h2>\n");
	for (size_t i = 0; i < 5; i++) {
		buf_puts(maker->out, "<p>");
		say(maker, 40 + pick(maker, 60));
		buf_puts(maker->out, " <a href=\"https://example.org/");
		slug(maker, 3);
		buf_puts(maker->out, "\">");
		say(maker, 3);
		buf_puts(maker->out, "</a> ");
		say(maker, 30 + pick(maker, 60));
		buf_puts(maker->out, ".</p>\n\n");
	}
	buf_puts(maker->out, "<blockquote><p>");
	say(maker, 30);
	buf_puts(maker->out, "</p></blockquote>\n</article>\n");
}

/* ---- attributes ---- */

static void
icon(struct maker *maker)
{
	buf_puts(maker->out,
	    "<svg class=\"h-5 w-5 shrink-0 text-gray-400\" viewBox=\"0 0 24 "
	    "24\" fill=\"none\" stroke=\"currentColor\" aria-hidden=\"true\">"
	    "<path stroke-linecap=\"round\" stroke-width=\"1.5\" d=\"M4 5");
	for (size_t i = 0; i < 12; i++)
		buf_printf(maker->out, "L%zu.%zu %zu", pick(maker, 24),
		    pick(maker, 100), pick(maker, 24));
	buf_puts(maker->out, "Z\"/></svg>");
}

static void
attributes(struct maker *maker)
{
	size_t id = pick(maker, 100000);

	buf_printf(maker->out,
	    "<div id=\"item-%zu\" class=\"relative flex items-center "
	    "justify-between rounded-lg border border-gray-300 bg-white px-6 "
	    "py-5 shadow-sm focus-within:ring-2 hover:border-gray-400 md:w-1/2"
	    "\" data-controller=\"tooltip menu\" data-action=\"mouseenter-&gt;"
	    "menu#open keydown.esc@window-&gt;menu#close\" data-id=\"%zu\" "
	    "data-props='{\"id\":%zu,\"tags\":[\"a\",\"b\"],\"open\":false}' "
	    "role=\"listitem\" aria-expanded=\"false\" tabindex=\"0\">\n",
	    id, id, id);
	icon(maker);
	buf_printf(maker->out,
	    "<a href=\"/shop/item?id=%zu&amp;ref=list&amp;utm_source=home\" "
	    "class=\"mt-1 text-sm font-semibold leading-6 text-indigo-600\" "
	    "title=\"",
	    id);
	slug(maker, 4);
	buf_printf(maker->out,
	    "\" rel=\"noopener nofollow\" @click=\"open = !open\" :class=\"{ "
	    "'on': open }\"><img src=\"/i/%zu-400.webp\" srcset=\"/i/%zu-400."
	    "webp 400w, /i/%zu-800.webp 800w, /i/%zu-1200.webp 1200w\" sizes="
	    "\"(max-width: 600px) 100vw, 50vw\" width=\"400\" height=\"300\" "
	    "loading=\"lazy\" decoding=\"async\" alt=\"",
	    id, id, id, id);
	slug(maker, 3);
	buf_puts(maker->out, "\"></a>\n<input type=\"checkbox\" name=\"pick[]\""
			     " checked disabled style=\"accent-color: #4f46e5;"
			     " margin-inline: .5rem\">");
	say(maker, 4);
	buf_puts(maker->out, "\n</div>\n");
}

void
page_make(struct buf *out, enum page_kind kind, size_t size)
{
	static void (*const parts[PAGE_KINDS])(struct maker *) = {
	    markup, text, attributes};
	struct maker maker = {out, 88172645463325252 + (uint64_t)kind};
	size_t from = out->len;

	begin(&maker);
	while (!out->failed && out->len - from < size)
		parts[kind](&maker);
	end(&maker);
}
