/* front/packed.c - Content-Encoding, Vary, ETag and sums */
#include "front/packed.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "http/etag.h"

static void
add(struct packed_head *packed, const char *name, const char *value)
{
	(void)MHD_add_response_header(packed->response, name, value);
}

static bool
is_named(const struct field *field, const char *name)
{
	return strcasecmp(field->name, name) == 0;
}

/* A field of the bytes as they are. Ranges are of those too: one who has a part
 * of others could not go on with them. */
static bool
is_of_identity(const struct field *field)
{
	static const char *const names[] = {"Content-MD5", "Digest",
	    "Content-Digest", "Repr-Digest", "Accept-Ranges"};
	size_t i;

	for (i = 0; i < COUNT_OF(names); i++)
		if (is_named(field, names[i]))
			return true;
	return false;
}

static bool
names_coding(const char *vary)
{
	struct slice item;

	while (list_next(&vary, &item))
		if (slice_is(item, "*") || slice_is(item, "Accept-Encoding"))
			return true;
	return false;
}

static void
add_etag(struct packed_head *packed, const char *etag)
{
	struct arena *arena = arena_new(256);

	add(packed, "ETag", etag_packed(etag, packed->as, arena));
	arena_free(&arena);
}

bool
packed_takes(struct packed_head *packed, const struct field *field)
{
	if (packed->varies && is_named(field, "Vary") && *field->value) {
		packed->says_so |= names_coding(field->value);
		if (packed->vary)
			return false;
		packed->vary = field->value;
		return true;
	}
	if (packed->as == PACKING_NONE)
		return false;
	if (is_named(field, "ETag")) {
		add_etag(packed, field->value);
		return true;
	}
	return is_of_identity(field);
}

void
packed_end(struct packed_head *packed)
{
	char *both;

	if (packed->as != PACKING_NONE && !packed->is_304)
		add(packed, "Content-Encoding", packing_name(packed->as));
	if (!packed->varies)
		return;
	if (packed->vary && packed->says_so) {
		add(packed, "Vary", packed->vary);
	} else if (packed->vary) {
		both = mem_printf("%s, Accept-Encoding", packed->vary);
		add(packed, "Vary", both);
		mem_free(&both);
	} else {
		add(packed, "Vary", "Accept-Encoding");
	}
}
