/* fetch/ingest.c - heads are read strictly, once, before anybody sees them
 *
 * The order: a line's form (its bytes, its name, folding), then at the blank
 * line the head as a whole (framing, codings), then the body's length and
 * coding. What fails is not repaired: an answer that two readers may read
 * differently is how caches are poisoned. */
#include "fetch/ingest.h"

#include <string.h>
#include <strings.h>

#include "http/websocket.h"

enum { LENGTH_DIGITS_MAX = 18, STATUS_ROOM = 12 };

void
ingest_init(struct ingest *ingest, const struct ingest_opts *opts,
    struct answer *answer)
{
	memset(ingest, 0, sizeof(*ingest));
	ingest->opts = *opts;
	ingest->answer = answer;
	ingest->expected = -1;
}

void
ingest_fini(struct ingest *ingest)
{
	decoder_free(&ingest->decoder);
}

static enum ingested
bad(struct err *err, const char *why)
{
	err_set(err, "%s", why);
	return INGEST_BAD;
}

/* ---- lines ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* libcurl's own words for an answer by HTTP/2, "HTTP/2 SSS": as those of
 * HTTP/1.1. */
static void
take_http2(struct ingest *ingest, const char **line, size_t *len,
    char room[STATUS_ROOM])
{
	if (!ingest->opts.may_be_http2 || strncmp(*line, "HTTP/2 ", 7) != 0 ||
	    *len < 10 || *len > 11 || (*len == 11 && (*line)[10] != ' '))
		return;
	memcpy(room, "HTTP/1.1 ", 9);
	memcpy(room + 9, *line + 7, 3);
	*line = room;
	*len = 12;
	ingest->http2 = true;
}

/* "HTTP/1.x SSS" and a reason or not (RFC 9112 4). */
static enum ingested
status_line(
    struct ingest *ingest, const char *line, size_t len, struct err *err)
{
	char room[STATUS_ROOM];
	int status;

	take_http2(ingest, &line, &len, room);
	if (len < 12 || strncmp(line, "HTTP/1.", 7) != 0 ||
	    !is_digit(line[7]) || line[8] != ' ' || !is_digit(line[9]) ||
	    !is_digit(line[10]) || !is_digit(line[11]) ||
	    (len > 12 && line[12] != ' '))
		return bad(err, "the status line is not HTTP/1.1");
	status =
	    (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
	if (status < 100 || status > 599)
		return bad(err, "the status is not between 100 and 599");
	ingest->answer->status = status;
	ingest->http10 = line[7] == '0';
	ingest->in_head = true;
	return INGEST_MORE;
}

static enum ingested
field_line(struct ingest *ingest, const char *line, size_t len, struct err *err)
{
	const char *colon = memchr(line, ':', len), *value, *end = line + len;

	if (line[0] == ' ' || line[0] == '\t')
		return bad(err, "a folded header field");
	if (!colon)
		return bad(err, "a header line without a colon");
	for (value = colon + 1;
	     value < end && (*value == ' ' || *value == '\t'); value++)
		;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (!head_is_field(
		line, (size_t)(colon - line), value, (size_t)(end - value)))
		return bad(err, "a header field with bytes that do not "
				"belong there");
	if (ingest->answer->head.count >= ingest->opts.fields_max) {
		err_set(
		    err, "more than %u header fields", ingest->opts.fields_max);
		return INGEST_BAD;
	}
	head_add_n(&ingest->answer->head, line, (size_t)(colon - line), value,
	    (size_t)(end - value));
	return INGEST_MORE;
}

/* ---- the whole head ---- */

static int
read_length(struct ingest *ingest, struct err *err)
{
	const struct head *head = &ingest->answer->head;
	const char *text = head_find(head, "Content-Length");
	int64_t length = 0;

	if (!text)
		return 0;
	if (head_count(head, "Content-Length") > 1)
		return err_set(err, "more than one Content-Length");
	if (!*text || strlen(text) > LENGTH_DIGITS_MAX)
		return err_set(err, "a Content-Length that is no length");
	for (; *text; text++) {
		if (!is_digit(*text))
			return err_set(
			    err, "a Content-Length that is no number");
		length = length * 10 + (*text - '0');
	}
	ingest->expected = length;
	return 0;
}

static int
read_framing(struct ingest *ingest, struct err *err)
{
	const struct head *head = &ingest->answer->head;
	const char *coding = head_find(head, "Transfer-Encoding");
	struct answer *answer = ingest->answer;

	if (read_length(ingest, err) != 0)
		return -1;
	if (coding && ingest->expected >= 0)
		return err_set(
		    err, "both Content-Length and Transfer-Encoding");
	if (coding &&
	    (ingest->http10 || ingest->http2 ||
		head_count(head, "Transfer-Encoding") > 1 ||
		strcasecmp(coding, "chunked") != 0))
		return err_set(err, "a Transfer-Encoding that is not one "
				    "\"chunked\"");
	ingest->has_body = !ingest->opts.is_head && answer->status != 204 &&
			   answer->status != 304;
	/* A stream of HTTP/2 has an end of its own. */
	answer->close_delimited = ingest->has_body && !coding &&
				  !ingest->http2 && ingest->expected < 0;
	/* A HEAD's answer tells the length of the one to a GET. */
	answer->length =
	    ingest->has_body || ingest->opts.is_head ? ingest->expected : 0;
	return 0;
}

/* A part of a compressed body (206) cannot be decoded. An answer without a
 * body loses the fields too, as the one with a body would. */
static int
read_coding(struct ingest *ingest, struct err *err)
{
	struct answer *answer = ingest->answer;
	const char *coding =
	    head_joined(&answer->head, "Content-Encoding", answer->arena);
	struct decode_limits limits = {.out_max = UINT64_MAX,
	    .ratio = ingest->opts.decode_ratio,
	    .codings = 2};

	if (!ingest->opts.decode || !coding || answer->status == 206 ||
	    !coding_is_known(coding))
		return 0;
	if (ingest->has_body &&
	    decoder_new(&ingest->decoder, coding, &limits, err) != 0)
		return -1;
	head_drop(&answer->head, "Content-Encoding");
	head_drop(&answer->head, "Content-Length");
	answer->decoded = true;
	ingest->coding = coding;
	if (ingest->has_body || ingest->opts.is_head)
		answer->length = -1;
	return 0;
}

void
ingest_leave_coded(struct ingest *ingest)
{
	struct answer *answer = ingest->answer;

	must(ingest->received == 0);
	if (!answer->decoded)
		return;
	ingest->left_coded = true;
	answer->decoded = false;
	head_add(&answer->head, "Content-Encoding", ingest->coding);
	/* No length: that the coding broke off is told by breaking off. */
}

/* RFC 9110 8.3: it is one. Two that differ are read in two ways; two that are
 * the same come from a server that adds its own. */
static int
read_type(struct ingest *ingest, struct err *err)
{
	struct head *head = &ingest->answer->head;
	const char *type = head_find(head, "Content-Type"), *other;
	unsigned i = 0;

	while ((other = head_next(head, "Content-Type", &i)) != NULL)
		if (strcasecmp(type, other) != 0)
			return err_set(err, "two Content-Types that differ");
	if (type && head_count(head, "Content-Type") > 1)
		head_set(head, "Content-Type", type);
	return 0;
}

/* RFC 9112 9.6 */
static bool
says_close(const struct head *head)
{
	const char *options;
	struct slice option;
	unsigned i = 0;

	while ((options = head_next(head, "Connection", &i)) != NULL)
		while (list_next(&options, &option))
			if (slice_is(option, "close"))
				return true;
	return false;
}

/* Some send a body where none may be: behind 204 and 304 one that they
 * announced, behind HEAD that of GET. Before a byte of it has come nobody can
 * tell, and later it would be the next answer (RFC 9112 6.3). */
static bool
may_have_more(const struct ingest *ingest)
{
	bool announced = ingest->expected > 0 ||
			 head_find(&ingest->answer->head, "Transfer-Encoding");

	if (ingest->has_body)
		return false;
	return announced || (ingest->opts.is_head && ingest->expected < 0);
}

static enum ingested
final_head(struct ingest *ingest, struct err *err)
{
	if (read_framing(ingest, err) != 0 || read_type(ingest, err) != 0 ||
	    read_coding(ingest, err) != 0)
		return INGEST_BAD;
	ingest->closes = ingest->http10 || may_have_more(ingest) ||
			 says_close(&ingest->answer->head);
	head_drop_hop_by_hop(&ingest->answer->head);
	ingest->has_head = true;
	return INGEST_HEAD;
}

/* From here on the connection is the two sides' own: what a field may say of
 * its length means nothing. */
static enum ingested
switched(struct ingest *ingest, struct err *err)
{
	struct answer *answer = ingest->answer;
	const char *doubt;

	if (!ingest->opts.key)
		return bad(err, "switches protocols, unasked");
	doubt = websocket_doubt(&answer->head, ingest->opts.key);
	if (doubt)
		return bad(err, doubt);
	head_drop(&answer->head, "Content-Length");
	head_drop_hop_by_hop(&answer->head);
	answer->length = -1;
	ingest->has_body = true;
	ingest->has_head = true;
	return INGEST_HEAD;
}

static enum ingested
blank_line(struct ingest *ingest, struct err *err)
{
	struct answer *answer = ingest->answer;

	ingest->in_head = false;
	if (answer->status == 101)
		return switched(ingest, err);
	if (answer->status == 206 && !ingest->opts.is_range)
		return bad(err, "206, a part, of what was asked for whole");
	if (answer->status >= 200)
		return final_head(ingest, err);
	if (++ingest->interim > INTERIM_MAX) {
		err_set(err, "more than %d interim answers", INTERIM_MAX);
		return INGEST_BAD;
	}
	answer->status = 0;
	head_init(&answer->head, answer->arena);
	return INGEST_MORE;
}

enum ingested
ingest_line(
    struct ingest *ingest, const char *line, size_t len, struct err *err)
{
	ingest->head_bytes += len;
	if (ingest->head_bytes > ingest->opts.head_max) {
		err_set(
		    err, "a head of more than %u bytes", ingest->opts.head_max);
		return INGEST_BAD;
	}
	if (ingest->has_head)
		return INGEST_MORE;
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (!ingest->in_head)
		return status_line(ingest, line, len, err);
	if (len == 0)
		return blank_line(ingest, err);
	return field_line(ingest, line, len, err);
}

/* ---- the body ---- */

bool
ingest_is_decoding(const struct ingest *ingest)
{
	return ingest->decoder && !ingest->left_coded;
}

static int
to_nobody(void *arg, const void *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
	return 0;
}

int
ingest_body(struct ingest *ingest, const void *bytes, size_t len,
    int (*sink)(void *arg, const void *bytes, size_t len), void *arg,
    struct err *err)
{
	if (!ingest->has_head || !ingest->has_body)
		return err_set(err, "a body where there is none");
	if (ingest_is_decoding(ingest)) {
		ingest->received += len;
		return decoder_feed(
		    ingest->decoder, bytes, len, sink, arg, err);
	}
	if (sink(arg, bytes, len) != 0)
		return err_set(err, "nobody takes the body");
	ingest->received += len;
	return ingest->decoder ? decoder_feed(ingest->decoder, bytes, len,
				     to_nobody, NULL, err) : 0;
}

bool
ingest_is_whole(const struct ingest *ingest)
{
	if (!ingest->has_head)
		return false;
	return !ingest->has_body ||
	       (ingest->expected >= 0 &&
		   ingest->received == (uint64_t)ingest->expected);
}

enum outcome
ingest_end(struct ingest *ingest, struct err *err)
{
	if (!ingest->has_head) {
		err_set(err, "the connection ended inside the head");
		return FETCH_BROKEN;
	}
	if (ingest->has_body && ingest->expected >= 0 &&
	    ingest->received != (uint64_t)ingest->expected) {
		err_set(err, "the body ended after %llu of %lld bytes",
		    (unsigned long long)ingest->received,
		    (long long)ingest->expected);
		return FETCH_BROKEN;
	}
	/* Some servers label an empty body too. */
	if (ingest->decoder && ingest->received > 0 &&
	    decoder_end(ingest->decoder, err) != 0)
		return FETCH_BROKEN;
	return FETCH_OK;
}
