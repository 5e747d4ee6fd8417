/* page/pressthread.h - bodies are compressed, here or behind
 *
 * Private to press.c and pressthread.c. What waits is bounded; an object is
 * posted by the link that is in it, so nothing is allocated. */
#ifndef PAGE_PRESSTHREAD_H
#define PAGE_PRESSTHREAD_H

#include "cache/object.h"
#include "http/pack.h"

struct press;

/* Have made what the object's marks want. The caller is the one who set
 * PACKED_WAITS; when too much waits that and the wishes are taken back, and
 * whoever asks next tries again. Any thread. */
void press_post(struct press *press, struct object *object);

/* Give the bytes in that coding; NULL: they did not become smaller by enough to
 * be worth it. */
struct body *press_compress(struct packer *packer, enum packing packing,
    enum packing_effort effort, const char *bytes, size_t len);
/* Make one coding of an object, or mark it as vain. Any thread, with a packer
 * of its own. */
void press_one(struct press *press, struct packer *packer,
    struct object *object, enum packing packing);

#endif
