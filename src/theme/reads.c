/* theme/reads.c - what of a request a theme's pages depend on, beside the
 * page's address: whoever keeps a dressed page must know */
#include <string.h>

#include "theme/proxies.h"
#include "theme/source.h"
#include "theme/theme.h"
#include "theme/woven.h"
#include "theme/xslsheet.h"

static bool
is_name_byte(char c)
{
	return c == '_' || c == '-' || c == '.' || (c & 0x80) ||
	       (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* "$name" stands in it, maybe in a string where it means nothing. */
static bool
mentions(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strchr(at, '$')) != NULL;) {
		at++;
		if (strncmp(at, name, len) == 0 && !is_name_byte(at[len]))
			return true;
	}
	return false;
}

bool
theme_reads_param(const struct theme *theme, const char *name)
{
	const struct program *program = theme->program;

	if (program->sheet && mentions(program->sheet->text, name))
		return true;
	for (size_t i = 0; i < program->exprs_count; i++)
		if (!program->exprs[i].is_path &&
		    mentions(program->exprs[i].text, name))
			return true;
	return false;
}

const char *
theme_reads_field(const struct theme *theme, size_t i)
{
	return rules_looks_at_field(theme->rules, i);
}

bool
theme_may_read(const struct theme *theme, const char *path)
{
	return rules_may_read(theme->rules, path);
}

/* One that looks at nothing but what stands in a page makes the same of the
 * same page everywhere. */
bool
theme_is_same_everywhere(const struct theme *theme)
{
	const struct program *program = theme->program;

	if (theme->wardrobe || program->sheet)
		return false;
	for (size_t i = 0; i < program->exprs_count; i++)
		if (program->exprs[i].is_path ||
		    strchr(program->exprs[i].text, '$') ||
		    program->exprs[i].document)
			return false;
	return true;
}
