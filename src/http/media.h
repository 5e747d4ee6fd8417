/* http/media.h - media types */
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include "http/url.h"

/* "text/html" or "application/xhtml+xml", parameters ignored. */
bool media_is_html(const char *content_type);
bool media_is_css(const char *content_type);
/* text/..., JSON, JavaScript, XML, SVG: worth compressing. */
bool media_is_text(const char *content_type);
/* type/subtype are equal, parameters and case ignored. */
bool media_is(const char *content_type, const char *type);
/* The media type of a file by its name's ending; application/octet-stream
 * when unknown. */
const char *media_of_file(const char *path);

#endif
