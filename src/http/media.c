/* http/media.c - reading Content-Type, and types by name */
#include "http/media.h"

#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "http/head.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice
trim(struct slice text)
{
	while (text.len > 0 && is_blank(*text.from)) {
		text.from++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.from[text.len - 1]))
		text.len--;
	return text;
}

/* type/subtype, without parameters. */
static struct slice
essence(const char *content_type)
{
	struct slice type = {content_type, 0};

	if (content_type)
		type.len = strcspn(content_type, ";,");
	return trim(type);
}

static bool
ends_in(struct slice text, const char *ending)
{
	size_t len = strlen(ending);

	return text.len > len &&
	    strncasecmp(text.from + text.len - len, ending, len) == 0;
}

bool
media_is(const char *content_type, const char *type)
{
	return slice_is(essence(content_type), type);
}

bool
media_is_html(const char *content_type)
{
	struct slice type = essence(content_type);

	return slice_is(type, "text/html") ||
	    slice_is(type, "application/xhtml+xml");
}

bool
media_is_css(const char *content_type)
{
	return media_is(content_type, "text/css");
}

bool
media_is_text(const char *content_type)
{
	static const char *const others[] = {"application/json",
	    "application/javascript", "application/x-javascript",
	    "application/ecmascript", "application/xml",
	    "application/xml-dtd", "image/svg"};
	struct slice type = essence(content_type);
	size_t i;

	if (type.len > 5 && strncasecmp(type.from, "text/", 5) == 0)
		return true;
	for (i = 0; i < COUNT_OF(others); i++)
		if (slice_is(type, others[i]))
			return true;
	return ends_in(type, "+xml") || ends_in(type, "+json");
}

/* ---- files ---- */

const char *
media_of_file(const char *path)
{
	static const char *const types[][2] = {{"html", "text/html"},
	    {"htm", "text/html"}, {"xhtml", "application/xhtml+xml"},
	    {"css", "text/css"}, {"js", "text/javascript"},
	    {"mjs", "text/javascript"}, {"json", "application/json"},
	    {"map", "application/json"},
	    {"webmanifest", "application/manifest+json"},
	    {"xml", "application/xml"}, {"xsl", "application/xslt+xml"},
	    {"xslt", "application/xslt+xml"}, {"rss", "application/rss+xml"},
	    {"atom", "application/atom+xml"}, {"svg", "image/svg+xml"},
	    {"png", "image/png"}, {"jpg", "image/jpeg"},
	    {"jpeg", "image/jpeg"}, {"gif", "image/gif"},
	    {"webp", "image/webp"}, {"avif", "image/avif"},
	    {"ico", "image/vnd.microsoft.icon"}, {"bmp", "image/bmp"},
	    {"tif", "image/tiff"}, {"tiff", "image/tiff"},
	    {"woff", "font/woff"}, {"woff2", "font/woff2"},
	    {"ttf", "font/ttf"}, {"otf", "font/otf"},
	    {"eot", "application/vnd.ms-fontobject"}, {"txt", "text/plain"},
	    {"md", "text/markdown"}, {"csv", "text/csv"},
	    {"ics", "text/calendar"}, {"vtt", "text/vtt"},
	    {"pdf", "application/pdf"}, {"zip", "application/zip"},
	    {"gz", "application/gzip"}, {"wasm", "application/wasm"},
	    {"mp3", "audio/mpeg"}, {"ogg", "audio/ogg"},
	    {"wav", "audio/wav"}, {"m4a", "audio/mp4"},
	    {"mp4", "video/mp4"}, {"webm", "video/webm"},
	    {"ogv", "video/ogg"}};
	const char *slash = strrchr(path, '/'), *dot;
	size_t i;

	dot = strrchr(slash ? slash : path, '.');
	for (i = 0; dot && i < COUNT_OF(types); i++)
		if (strcasecmp(dot + 1, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}
