/* bench_memory RULES THEME CONTENT: what memory one page takes
 *
 * Dresses CONTENT once with a dresser that is new, and once more with the same
 * one, and prints in bytes: the page; its tree, nodes and the copy of the page
 * that their texts lie in; the most that malloc had given out at any moment of
 * the first dressing over what was there before, with the page itself, which
 * somebody holds; the same of the second one, over what was there before the
 * first; and how far the process grew in the first (VmHWM, with the page).
 *
 * malloc is replaced by one that counts, for libxml2 and libxslt also; of
 * glibc, which allows that, and which has its own under other names. */
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "base/arena.h"
#include "dom/html.h"
#include "dom/node.h"
#include "theming.h"

/* ---- malloc ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *old);

/* In the word before what glibc gives out. */
enum { IS_MAPPED = 2 };

static size_t given, most;

static void *
counted(void *made)
{
	if (made)
		given += malloc_usable_size(made);
	if (given > most)
		most = given;
	return made;
}

void *
malloc(size_t size)
{
	return counted(__libc_malloc(size));
}

void *
calloc(size_t count, size_t size)
{
	return counted(__libc_calloc(count, size));
}

/* While it moves, both are there: not so of what the kernel moves. */
void *
realloc(void *old, size_t size)
{
	size_t before = old ? malloc_usable_size(old) : 0;
	bool is_mapped = old && ((size_t *)old)[-1] & IS_MAPPED;
	void *made = __libc_realloc(old, size);

	if (made && (made == old || is_mapped))
		given -= before;
	counted(made);
	if (made && made != old && !is_mapped)
		given -= before;
	return made;
}

void *
memalign(size_t align, size_t size)
{
	return counted(__libc_memalign(align, size));
}

void *
aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int
posix_memalign(void **out, size_t align, size_t size)
{
	void *made = memalign(align, size);

	if (!made)
		return ENOMEM;
	*out = made;
	return 0;
}

void
free(void *old)
{
	if (old)
		given -= malloc_usable_size(old);
	__libc_free(old);
}

/* ---- one page ---- */

static size_t
tree_bytes(const struct buf *page)
{
	struct html_opts opts = {.spans = true};
	struct err err;
	xmlDoc *doc = NULL;
	size_t bytes;

	if (html_parse(&doc, page->data, page->len, &opts, &err) != 0)
		theming_give_up(err.text);
	bytes = tree_taken(tree_of(doc)) + page->len;
	html_free(&doc);
	return bytes;
}

/* VmHWM or VmRSS, in bytes. */
static size_t
process_says(const char *what)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	size_t kb = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, what, strlen(what)) == 0)
			kb = strtoul(line + strlen(what) + 1, NULL, 10);
	if (file)
		fclose(file);
	return kb * 1024;
}

/* From here on VmHWM is about what comes. */
static void
forget_the_most(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "we");

	if (file) {
		fputs("5", file);
		fclose(file);
	}
	most = given;
}

static void
dress(struct theme *theme, struct dresser *dresser, const struct buf *page,
    struct buf *out)
{
	const struct dress_ask ask = {
	    .path = "/news", .bytes = page->data, .len = page->len};
	struct err err;

	forget_the_most();
	if (theme_dress(theme, dresser, &ask, out, &err) != DRESSED)
		theming_give_up(err.text);
}

int
main(int argc, char **argv)
{
	struct dresser *dresser;
	struct theme *theme;
	struct buf page, out;
	size_t tree, before, resident, first, grown, second;

	if (argc != 4)
		theming_give_up("RULES THEME CONTENT");
	theme = theming_build(argv[1], argv[2]);
	theming_read(&page, argv[3]);
	tree = tree_bytes(&page);
	malloc_trim(0);
	before = given;
	resident = process_says("VmRSS:");
	dresser = dresser_new();
	buf_init(&out, SIZE_MAX);
	dress(theme, dresser, &page, &out);
	first = most - before;
	grown = process_says("VmHWM:") - resident;
	dress(theme, dresser, &page, &out);
	second = most - before;
	printf("%zu %zu %zu %zu %zu\n", page.len, tree, page.len + first,
	    page.len + second, page.len + grown);
	dresser_free(&dresser);
	theme_unref(&theme);
	buf_fini(&page);
	buf_fini(&out);
	return 0;
}
