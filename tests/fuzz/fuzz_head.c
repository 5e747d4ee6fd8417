/* libFuzzer on what peers say of addresses: a PROXY header in front of a
 * connection, Forwarded, and the fields of an answer that name one
 *
 * The first byte chooses the field, or the header. */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "http/forwarded.h"
#include "http/proxyproto.h"
#include "page/headmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "Location", "Link", "Refresh", "Set-Cookie"};

/* What is whole stays so whatever follows, and each beginning of it is one. */
static void
read_proxyproto(const uint8_t *data, size_t size)
{
	struct proxyproto read;

	if (proxyproto_read(&read, data, size) != PROXYPROTO_GOOD)
		return;
	must(read.len > 0 && read.len <= size && read.len <= PROXYPROTO_MAX);
	must(read.is_local || read.client_len > 0);
	for (size_t i = 0; i < read.len; i++)
		must(proxyproto_read(&read, data, i) == PROXYPROTO_MORE);
}

/* What was read is within the text; written again, it means the same. */
static void
read_forwarded(const char *text)
{
	const char *rest = text, *again;
	struct forwarded read, back;
	struct buf out;

	while (forwarded_next(&rest, &read) == FORWARDED_GOT) {
		must(rest > text && rest <= text + strlen(text));
		must(!read.host.len || (read.host.from > text &&
			    read.host.from + read.host.len <= rest));
		buf_init(&out, 4096);
		forwarded_write(&out,
		    read.node == FORWARDED_ADDRESS ? &read.address : NULL,
		    read.host.len ? &read.host : NULL,
		    slice_is(read.proto, "https") ? "https" : NULL, NULL);
		again = out.len ? out.data : "";
		must(out.failed || out.len == 0 ||
		    forwarded_next(&again, &back) == FORWARDED_GOT);
		must(out.failed || out.len == 0 ||
		    (back.host.len == read.host.len && *again == '\0'));
		buf_fini(&out);
	}
}

static const char *
same(void *arg, const char *address)
{
	(void)arg;
	return address;
}

static const char *
another(void *arg, const char *address)
{
	return *address == '/' ? arena_printf(arg, "/x%s", address) : address;
}

static bool
never(void *arg, struct slice host)
{
	(void)arg;
	(void)host;
	return false;
}

static bool
always(void *arg, struct slice host)
{
	(void)arg;
	must(host.len > 0);
	return true;
}

static void
map_field(const char *name, const char *value)
{
	struct arena *arena = arena_new(1024);
	struct headmap keep = {same, never, arena};
	struct headmap change = {another, always, arena};
	struct head head;
	const char *before;

	head_init(&head, arena);
	head_add(&head, name, value);
	before = head_find(&head, name);
	headmap_apply(&keep, &head);
	must(head_find(&head, name) == before);
	headmap_apply(&change, &head);
	must(strlen(head_find(&head, name)) == head.fields[0].value_len);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned which;
	char *text;

	if (size == 0)
		return 0;
	which = data[0] % (COUNT_OF(names) + 2);
	if (which == COUNT_OF(names)) {
		read_proxyproto(data + 1, size - 1);
		return 0;
	}
	text = mem_strndup((const char *)data + 1, size - 1);
	if (which < COUNT_OF(names))
		map_field(names[which], text);
	else
		read_forwarded(text);
	mem_free(&text);
	return 0;
}
