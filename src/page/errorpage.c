/* page/errorpage.c - what people see when there is nothing else to show
 *
 * A plain page with a main element, so that the site's own theme dresses it.
 * It says what happened in words for visitors, never an address or a name of
 * a machine. A site may bring its own file. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "page/life.h"

enum { ERROR_PAGE_MAX = 256 << 10 };

static const struct {
	int status;
	const char *title;
	const char *words;
} pages_by_status[] = {
	{404, "Not found", "There is no such page here."},
	{405, "Not allowed", "That cannot be done with this address."},
	{421, "Unknown site", "This server does not know the site you asked "
			      "for."},
	{403, "Forbidden", "You may not do that."},
	{500, "Something went wrong", "An error happened on our side."},
	{502, "The site cannot be reached",
	    "The server behind this page gave no usable answer. Please try "
	    "again in a moment."},
	{503, "The site is busy",
	    "Too much is going on just now. Please try again in a moment."},
	{504, "The site is slow",
	    "The server behind this page did not answer in time. Please try "
	    "again in a moment."},
};

static const char *
read_file(struct arena *arena, const char *path, size_t *len)
{
	struct stat st;
	char *text = NULL;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		log_warn("%s: cannot be read, using the built-in error page",
		    path);
		return NULL;
	}
	if (fstat(fd, &st) == 0 && st.st_size > 0 &&
	    st.st_size <= ERROR_PAGE_MAX) {
		text = arena_room(arena, (size_t)st.st_size + 1);
		got = read(fd, text, (size_t)st.st_size);
		*len = got > 0 ? (size_t)got : 0;
		text[*len] = '\0';
	}
	close(fd);
	return text;
}

const char *
errorpage_make(struct arena *arena, const struct site *site, int status,
    const char *detail, size_t *len)
{
	const char *title = "Error", *words = "Something went wrong.", *text;
	size_t i;

	if (site && site->opts.error_page && status >= 500) {
		text = read_file(arena, site->opts.error_page, len);
		if (text)
			return text;
	}
	for (i = 0; i < COUNT_OF(pages_by_status); i++) {
		if (pages_by_status[i].status == status) {
			title = pages_by_status[i].title;
			words = pages_by_status[i].words;
		}
	}
	text = arena_printf(arena,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>%s</title>\n</head>\n"
	    "<body class=\"livery-error livery-error-%d\">\n<main>\n"
	    "<h1>%s</h1>\n<p>%s</p>\n<p><small>%d%s%s</small></p>\n"
	    "</main>\n</body>\n</html>\n",
	    title, status, title, words, status, detail ? " " : "",
	    detail ? detail : "");
	*len = strlen(text);
	return text;
}
