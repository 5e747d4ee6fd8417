/* page/due.c - pages told from other answers (contract: page/due.h) */
#include "page/due.h"

#include <string.h>
#include <strings.h>

#include "http/cachecontrol.h"
#include "http/media.h"

static bool
says_off(const struct head *head)
{
	static const char *const names[] = {
	    "X-Livery-Off", "X-Diazo-Off", "X-Theme-Disabled"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *value = head_find(head, names[i]);

		if (value && strcasecmp(value, "false") != 0 &&
		    strcasecmp(value, "no") != 0 && strcmp(value, "0") != 0)
			return true;
	}
	return false;
}

bool
due_may_change(const struct head *head)
{
	struct cachecontrol cc;

	if (!media_is_html(head_find(head, "Content-Type")) ||
	    head_find(head, "Content-Encoding"))
		return false;
	cachecontrol_read(&cc, head, "Cache-Control");
	return !(cc.flags & CC_NO_TRANSFORM);
}

bool
due_is(int status, const struct head *head)
{
	if (status < 200 || status == 204 || status == 206 || status == 401 ||
	    (status >= 300 && status < 400))
		return false;
	return due_may_change(head) && !says_off(head);
}
