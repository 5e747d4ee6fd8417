/* dom/build_look.h - bytes of a page, judged before they are read
 *
 * What a noscript holds is looked at from one tag or comment to the next, as
 * the tokenizer will find them, and each must be whole. Nothing is changed. */
#ifndef DOM_BUILD_LOOK_H
#define DOM_BUILD_LOOK_H

#include <stdbool.h>
#include <stddef.h>

struct look {
	const char *p, *end;
	bool xhtml;
};

/* How far one part goes. */
enum part {
	PART_WHOLE, /* up to look->p */
	PART_CUT,   /* it is cut short, and the page may end there */
	PART_TEXT,  /* cut short so that it would be text */
	PART_UNFIT,
};

bool look_is_letter(char c);
/* What is behind the name of a tag. */
bool look_ends_name(char c);
void look_skip_space(struct look *look);
/* Whether the bytes begin with this word, in capitals or not. */
bool look_begins(const char *p, const char *end, const char *with);
/* Whether a noscript's end tag, which ends raw text, begins at p; and the first
 * place where it does, or NULL. */
bool look_is_stop(const char *p, const char *end);
const char *look_stop(const char *p, const char *end);
/* From behind a tag's name, with its attributes. closes, if not NULL: whether
 * it ends with "/>". */
enum part look_tag(struct look *look, bool *closes);
/* At "<!--". Those that end as none should (<!-->, --!>) are not fit. */
enum part look_comment(struct look *look);

#endif
