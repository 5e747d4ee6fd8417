/* front/accesslog_line.c - the text of one line
 *
 * What strangers sent is escaped byte by byte: control bytes, quotes and
 * backslashes never end a field or a line. */
#include "front/accesslog.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/must.h"

struct out {
	char *at, *end;
};

/* The static assertion below has it that all of a line has room. */
static inline void
put(struct out *out, const char *text, size_t len)
{
	must(len <= (size_t)(out->end - out->at));
	memcpy(out->at, text, len);
	out->at += len;
}

static void
puts_out(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void
put_number(struct out *out, uint64_t n)
{
	uint64_t left = n;
	size_t len = 0;

	do {
		len++;
		left /= 10;
	} while (left);
	must(len <= (size_t)(out->end - out->at));
	out->at += len;
	for (char *at = out->at; len > 0; len--) {
		*--at = (char)('0' + n % 10);
		n /= 10;
	}
}

/* Neither control bytes, quotes, backslashes nor bytes over 0x7e; a bit
 * each. */
static inline bool
is_plain(unsigned char c)
{
	static const uint32_t plain[8] = {
	    0, 0xfffffffb, 0xefffffff, 0x7fffffff, 0, 0, 0, 0};

	return plain[c >> 5] >> (c & 31) & 1;
}

/* Eight at once; false also when some of them may be. A byte that a test
 * looks for is 0 in its word, and 0 - 1 sets its highest bit. */
static inline bool
is_plain_8(const char *text)
{
	const uint64_t each = 0x0101010101010101ull;
	uint64_t eight, found;

	memcpy(&eight, text, 8);
	found = eight | (eight - each * 0x20);
	found |= (eight ^ each * 0x7f) - each;
	found |= (eight ^ each * '"') - each;
	found |= (eight ^ each * '\\') - each;
	return (found & each * 0x80) == 0;
}

static void
put_byte(struct out *out, unsigned char c, const char *before)
{
	static const char hex[] = "0123456789abcdef";
	char text[2] = {hex[c >> 4], hex[c & 15]};

	puts_out(out, before);
	put(out, text, 2);
}

/* Nearly every text: all of it is plain, and as it stands it is copied. The
 * last eight may overlap those before. False: it is not, or so short that there
 * is nothing to gain. */
static bool
put_plain(struct out *out, const char *text, size_t len)
{
	size_t at = 0;

	if (len < 8 || len > (size_t)(out->end - out->at))
		return false;
	for (; at + 8 <= len; at += 8) {
		if (!is_plain_8(text + at))
			return false;
		memcpy(out->at + at, text + at, 8);
	}
	if (at < len) {
		if (!is_plain_8(text + len - 8))
			return false;
		memcpy(out->at + len - 8, text + len - 8, 8);
	}
	out->at += len;
	return true;
}

/* At most max bytes of text; before: what stands before the two digits of a
 * byte that is not plain. */
static void
put_escaped(struct out *out, const char *text, size_t len, size_t max,
    const char *before)
{
	const char *end = text + (len < max ? len : max);

	if (put_plain(out, text, (size_t)(end - text)))
		return;

	while (text < end) {
		if (end - text >= 8 && out->end - out->at >= 8 &&
		    is_plain_8(text)) {
			memcpy(out->at, text, 8);
			out->at += 8;
			text += 8;
			continue;
		}
		if (out->at == out->end)
			return;
		if (is_plain((unsigned char)*text))
			*out->at++ = *text;
		else
			put_byte(out, (unsigned char)*text, before);
		text++;
	}
}

/* Most that one field may take of a line, before escaping. */
enum { TARGET_MAX = 1400, REFERER_MAX = 600, WORD_MAX = 256 };

static const char HEX_ESCAPE[] = "\\x";
/* JSON has no \x; bytes over 0x7f are shown as Latin-1 would. */
static const char JSON_ESCAPE[] = "\\u00";

static void
put_quoted(struct out *out, const char *text, size_t max)
{
	if (!text || !*text) {
		put(out, " \"-\"", 4);
		return;
	}
	put(out, " \"", 2);
	put_escaped(out, text, strlen(text), max, HEX_ESCAPE);
	put(out, "\"", 1);
}

/* The same second is asked for many times. */
static const char *
local_time(int64_t now_ms)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local char text[40];
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (second != now) {
		localtime_r(&now, &tm);
		strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S %z]", &tm);
		second = now;
	}
	return text;
}

static void
put_combined(struct out *out, const struct accesslog_line *line)
{
	puts_out(out, line->client ? line->client : "-");
	put(out, " - - ", 5);
	puts_out(out, local_time(line->now_ms));
	put(out, " \"", 2);
	if (line->method)
		put_escaped(out, line->method, strlen(line->method), WORD_MAX,
		    HEX_ESCAPE);
	put(out, " ", 1);
	if (line->target)
		put_escaped(out, line->target, line->target_len, TARGET_MAX,
		    HEX_ESCAPE);
	put(out, " ", 1);
	if (line->version)
		put_escaped(out, line->version, strlen(line->version), WORD_MAX,
		    HEX_ESCAPE);
	put(out, "\" ", 2);
	put_number(out, (uint64_t)line->status);
	put(out, " ", 1);
	put_number(out, line->bytes);
	put_quoted(out, line->referer, REFERER_MAX);
	put_quoted(out, line->user_agent, REFERER_MAX);
}

static void
put_member_n(
    struct out *out, const char *name, const char *text, size_t len, size_t max)
{
	if (!text)
		return;
	put(out, ",\"", 2);
	puts_out(out, name);
	put(out, "\":\"", 3);
	put_escaped(out, text, len, max, JSON_ESCAPE);
	put(out, "\"", 1);
}

static void
put_member(struct out *out, const char *name, const char *text, size_t max)
{
	put_member_n(out, name, text, text ? strlen(text) : 0, max);
}

static void
put_figure(struct out *out, const char *name, uint64_t n)
{
	put(out, ",\"", 2);
	puts_out(out, name);
	put(out, "\":", 2);
	put_number(out, n);
}

static const char *
utc_time(int64_t now_ms)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local char text[40];
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (second != now) {
		gmtime_r(&now, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &tm);
		second = now;
	}
	return text;
}

static void
put_json(struct out *out, const struct accesslog_line *line)
{
	char ms[8];

	put(out, "{\"time\":\"", 9);
	puts_out(out, utc_time(line->now_ms));
	snprintf(ms, sizeof(ms), "%03uZ\"", (unsigned)(line->now_ms % 1000));
	puts_out(out, ms);
	put_member(out, "client", line->client, WORD_MAX);
	put_member(out, "method", line->method, WORD_MAX);
	put_member_n(out, "host", line->host, line->host_len, WORD_MAX);
	put_member_n(out, "target", line->target, line->target_len, TARGET_MAX);
	put_figure(out, "status", (uint64_t)line->status);
	put_figure(out, "bytes", line->bytes);
	put_figure(out, "duration_us", line->duration_us);
	put_member(out, "kind", line->kind, WORD_MAX);
	put_member(out, "cache_status", line->cache_status, WORD_MAX);
	put_member(out, "theme", line->theme, WORD_MAX);
	put_member(out, "referer", line->referer, REFERER_MAX);
	put_member(out, "user_agent", line->user_agent, REFERER_MAX);
	put(out, "}", 1);
}

/* Every byte may become six, so the fields' limits fit the line's. */
_Static_assert(6 * (TARGET_MAX + 2 * REFERER_MAX + 6 * WORD_MAX) + 1024 <
		   ACCESSLOG_LINE_MAX,
    "room for a line");

size_t
accesslog_format(char text[ACCESSLOG_LINE_MAX], enum accesslog_format format,
    const struct accesslog_line *line)
{
	struct out out = {text, text + ACCESSLOG_LINE_MAX - 1};

	if (format == ACCESSLOG_JSON)
		put_json(&out, line);
	else
		put_combined(&out, line);
	*out.at++ = '\n';
	return (size_t)(out.at - text);
}
