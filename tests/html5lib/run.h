/* tests/html5lib/run.h - cases in the formats of html5lib-tests
 *
 * A reader takes the bytes of one file, runs its cases, and tells of each by
 * case_passed(), case_failed() or case_skipped(). */
#ifndef TESTS_HTML5LIB_RUN_H
#define TESTS_HTML5LIB_RUN_H

#include <stdbool.h>
#include <stddef.h>

/* Something with its length; p may be NULL: it is not there. */
struct span {
	const char *p;
	size_t len;
};

struct place {
	const char *path;
	size_t line; /* or, of JSON, the number of the case */
};

void case_passed(void);
void case_skipped(void);
/* Print it; how: in a few words, what was special about this run. */
void case_failed(const struct place *place, const char *how, struct span input,
    struct span wanted, struct span got);

/* Pages are fed whole (0), and in pieces of so many bytes. */
extern const size_t piece_sizes[];
enum { PIECE_SIZES = 4 };
/* Where the piece ends that begins at `from`; no character is torn apart. */
size_t piece_end(struct span page, size_t from, size_t size);

/* Sections of a .dat file: tree construction, or encoding. */
void dat_run(const char *path, struct span file);

/* A case of tree construction. context: NULL p for a whole document. */
struct tree_case {
	struct span data, document, context;
	bool scripting;
};
void tree_case_run(const struct place *place, const struct tree_case *one);

void charset_case_run(
    const struct place *place, struct span data, struct span encoding);

/* A .test file: JSON. */
void tokens_run(const char *path, struct span file);

#endif
