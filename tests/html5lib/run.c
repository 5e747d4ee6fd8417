/* run FILE...: the parser under cases in the formats of html5lib-tests
 *
 * Tree construction and encoding (.dat) and the tokenizer (.test, JSON); which
 * of them a file holds is told by its content. Prints what failed, with input,
 * wanted and got, and at the end "N passed, N failed"; exit status 1 when one
 * failed, or a file could not be read. */
#include "run.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum { FILE_MAX = 64 << 20 };

static struct {
	size_t passed, failed, skipped;
} score;

const size_t piece_sizes[PIECE_SIZES] = {0, 1, 2, 7};

void
case_passed(void)
{
	score.passed++;
}

void
case_skipped(void)
{
	score.skipped++;
}

static void
print(const char *title, struct span text)
{
	printf("---- %s\n", title);
	fwrite(text.p, 1, text.len, stdout);
	putchar('\n');
}

void
case_failed(const struct place *place, const char *how, struct span input,
    struct span wanted, struct span got)
{
	score.failed++;
	printf("FAILED: %s:%zu%s%s\n", place->path, place->line,
	    *how ? ", " : "", how);
	print("input", input);
	print("wanted", wanted);
	print("got", got);
	putchar('\n');
}

size_t
piece_end(struct span page, size_t from, size_t size)
{
	size_t to = from + size;

	if (size == 0 || to >= page.len)
		return page.len;
	while (to < page.len && ((unsigned char)page.p[to] & 0xC0) == 0x80)
		to++;
	return to;
}

static int
read_file(struct buf *out, const char *path)
{
	FILE *file = fopen(path, "rbe");
	char part[65536];
	size_t len;
	int rc;

	if (!file)
		return -1;
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, part, len);
	rc = ferror(file) || out->failed ? -1 : 0;
	fclose(file);
	return rc;
}

static void
run_file(const char *path)
{
	struct buf bytes;

	buf_init(&bytes, FILE_MAX);
	if (read_file(&bytes, path) != 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		score.failed++;
	} else if (bytes.data &&
		   bytes.data[strspn(bytes.data, " \t\r\n")] == '{') {
		tokens_run(path, (struct span){bytes.data, bytes.len});
	} else {
		dat_run(path, (struct span){bytes.data, bytes.len});
	}
	buf_fini(&bytes);
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: run FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	if (score.skipped)
		printf("%zu skipped\n", score.skipped);
	printf("%zu passed, %zu failed\n", score.passed, score.failed);
	return score.failed > 0;
}
