/* cache/group.h - cache groups (RFC 9875)
 *
 * An answer names the groups that it belongs to (Cache-Groups), and the answer
 * to an unsafe request may make groups void (Cache-Group-Invalidation). Groups
 * are kept as tags in a space of their own: "#ORIGIN#NAME", which no field with
 * tags can say, with what parts tags in a name as %XX. So answers of another
 * origin that use the same name are another group. */
#ifndef CACHE_GROUP_H
#define CACHE_GROUP_H

#include "cache/object.h"

enum {
	GROUP_NAME_MAX = 1024, /* bytes of one as it stands; at least 32 */
	GROUPS_MAX = 128,      /* of one answer; at least 32 */
};

/* The tags of an object by its head: policy_tags(), and its groups. Of more
 * than GROUPS_MAX groups the first; none of a field that is no list; what is no
 * string, or too long, is no group. On its arena. */
const char *group_all_tags(struct object *object);

/* Tell the tags of the groups that Cache-Group-Invalidation names, in the
 * answer to a request for url: some at a time, parted by spaces, as
 * cache_invalidate_tags() takes them. */
void group_invalidated(const struct head *head, const char *url,
    void (*told)(void *arg, const char *tags), void *arg);

#endif
