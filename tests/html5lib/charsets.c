/* Encoding: by what a page says of itself in its first bytes */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dom/charset.h"

/* The name that we have for a label. */
static const char *
name_of(struct span label)
{
	char type[128];
	size_t skip;

	snprintf(type, sizeof(type), "text/html; charset=%.*s", (int)label.len,
	    label.p);
	return charset_sniff("", 0, type, false, &skip);
}

void
charset_case_run(
    const struct place *place, struct span data, struct span encoding)
{
	size_t skip;
	const char *wanted = name_of(encoding);
	const char *got = charset_sniff(data.p, data.len, NULL, true, &skip);

	/* what the cases take for granted where nobody says */
	if (!got)
		got = "WINDOWS-1252";
	if (wanted && strcasecmp(wanted, got) == 0)
		case_passed();
	else
		case_failed(
		    place, "", data, encoding, (struct span){got, strlen(got)});
}
