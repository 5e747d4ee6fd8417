/* fetch/folder.h - the mover for an upstream that is a folder of files
 *
 * GET and HEAD of what lies below it. No path leaves the folder, neither by
 * ".." nor by a symbolic link (the kernel checks: openat2, RESOLVE_BENEATH).
 * A directory without a slash redirects, with one it is its index.html.
 * Nothing blocks but the disk. */
#ifndef FETCH_FOLDER_H
#define FETCH_FOLDER_H

#include "fetch/flight.h"

struct mover *folder_new(struct flight *flight);

#endif
