/* dom/prescan.h - what a page says of its encoding in its first bytes */
#ifndef DOM_PRESCAN_H
#define DOM_PRESCAN_H

#include <stddef.h>

/* iconv's name for the encoding that a meta element names, else an XML
 * declaration at the very start; NULL when neither does (WHATWG 13.2.3.2,
 * "prescan a byte stream to determine its encoding"). Elements that are not
 * whole do not count. The first 1024 bytes are read as the standard says;
 * when they have no answer, a meta element in the first 64 KiB, outside of
 * scripts and comments, stands for what a parser would find later. */
const char *prescan_encoding(const char *bytes, size_t len);

#endif
