/* http/pack.h - bodies compressed for clients: gzip, br, zstd
 *
 * The other way of coding.h. Names of codings are numbers here, since a stored
 * answer has a place for each. A packer keeps what its libraries need between
 * two bodies (some 400 KiB, and 8 MiB of zstd's at most); it is one thread's.
 */
#ifndef HTTP_PACK_H
#define HTTP_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "http/url.h"

enum packing {
	PACKING_NONE, /* identity */
	PACKING_GZIP,
	PACKING_BR,
	PACKING_ZSTD,
	PACKINGS
};
/* "identity", "gzip", "br", "zstd". */
const char *packing_name(enum packing packing);
/* By its name, or an old one ("x-gzip"); PACKINGS: none that we make. */
enum packing packing_find(struct slice name);
/* Bodies of this media type become smaller: text, and what is not compressed in
 * itself. NULL: not known, so no. */
bool packing_suits(const char *content_type);

/* For what is kept and sent many times, or for what is sent once and made while
 * somebody waits. */
enum packing_effort { PACKING_KEPT, PACKING_ONCE, PACKING_EFFORTS };

struct packer;
struct packer *packer_new(void);
void packer_free(struct packer **packer);

/* Append the whole of it, compressed, to out. -1: it would pass out's limit, or
 * there is no memory; out is as it was then. */
CHECKED int packer_run(struct packer *packer, enum packing packing,
    enum packing_effort effort, const void *bytes, size_t len, struct buf *out);

#endif
