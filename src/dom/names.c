/* dom/names.c - a name's place in the tables, found without a second guess
 *
 * A hash of the first and the last eight bytes and the length leads to the
 * only slot where a known name can be (dom/names_hash.h); a name of up to
 * sixteen bytes is compared by the same two words that were hashed. */
#include "dom/names.h"

#include "base/must.h"
#include "dom/key.h"
#include "dom/names_hash.h"

const struct el_name el_names[EL_COUNT] = {
    [EL_NONE] = {"", 0, 0, ""},
#define NAMES_EL(id, text, flags)                                              \
	[EL_##id] = {text, sizeof(text) - 1, flags, text},
#define NAMES_EL_SVG(id, text, svg)                                            \
	[EL_##id] = {text, sizeof(text) - 1, 0, svg},
#include "dom/names_el.h"
#undef NAMES_EL
};

enum { ATTR_LEN_MAX = 31 };

/* A caller has the address of the text: the rest is found from there. */
struct attr_name {
	const char *svg, *mathml; /* NULL: as in HTML */
	uint8_t len;
	char text[ATTR_LEN_MAX + 1];
};

static const struct attr_name attr_names[] = {
    {NULL, NULL, 0, ""},
#define NAMES_ATTR(text)	     {NULL, NULL, sizeof(text) - 1, text},
#define NAMES_ATTR_SVG(text, svg)    {svg, NULL, sizeof(text) - 1, text},
#define NAMES_ATTR_MATHML(text, mml) {NULL, mml, sizeof(text) - 1, text},
#include "dom/names_attr.h"
#undef NAMES_ATTR
#undef NAMES_ATTR_SVG
#undef NAMES_ATTR_MATHML
};

enum el
el_find(const char *name, size_t len)
{
	struct key key;
	uint32_t hashed;
	unsigned number;

	if (len == 0)
		return EL_NONE;
	key = key_of(name, len);
	hashed = key_hash(key, len, EL_FACTOR);
	number = el_slots[(hashed / EL_SHIFTS + el_shifts[hashed % EL_SHIFTS]) %
			  EL_SLOTS];
	if (el_names[number].len != len ||
	    !key_is(key, name, el_names[number].text, len))
		return EL_NONE;
	return (enum el)number;
}

const char *
attr_find(const char *name, size_t len)
{
	const struct attr_name *found;
	struct key key;
	uint32_t hashed;

	if (len == 0)
		return NULL;
	key = key_of(name, len);
	hashed = key_hash(key, len, ATTR_FACTOR);
	found = &attr_names[attr_slots[(hashed / ATTR_SHIFTS +
					   attr_shifts[hashed % ATTR_SHIFTS]) %
				       ATTR_SLOTS]];
	if (found->len != len || !key_is(key, name, found->text, len))
		return NULL;
	return found->text;
}

static const struct attr_name *
attr_of(const char *name)
{
	const struct attr_name *found =
	    container_of(name, const struct attr_name, text[0]);

	must(found > attr_names && found < attr_names + COUNT_OF(attr_names));
	return found;
}

const char *
attr_of_svg(const char *name)
{
	const char *svg = attr_of(name)->svg;

	return svg ? svg : name;
}

const char *
attr_of_mathml(const char *name)
{
	const char *mathml = attr_of(name)->mathml;

	return mathml ? mathml : name;
}
