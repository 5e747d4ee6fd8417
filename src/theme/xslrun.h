/* theme/xslrun.h - a page's transform, as the files that make it share it */
#ifndef THEME_XSLRUN_H
#define THEME_XSLRUN_H

#include <libxslt/xsltInternals.h>
#include "theme/xsl.h"

struct regex;

/* A regular expression that was compiled. */
struct xsl_regex {
	char *pattern;
	bool ignore_case;
	struct regex *regex;
};

/* A file that document() gave. */
struct xsl_file {
	char *path;
	xmlDoc *doc;
};

enum { XSL_REGEX_MAX = 64, XSL_FILES_MAX = 32 };

/* A stylesheet of this thread. */
struct xsl_made {
	unsigned long serial; /* of its sheet; 0: none */
	unsigned long used;
	xsltStylesheet *style;
	xsltTemplate **parts; /* by the number in the rules */
	size_t parts_count;
	xsltTemplate **bodies; /* by the number of the rule */
	size_t bodies_count;
	xsltTemplate **rules; /* about content, by the program's number */
	size_t rules_count;
	struct xsl_file files[XSL_FILES_MAX];
	size_t files_count;
};

struct xsl_shop {
	struct xsl_made made[8];
	unsigned long clock;
	struct xsl_regex regexes[XSL_REGEX_MAX];
	size_t regexes_count;
};

struct xsl_run {
	struct page *page;
	const struct sheet *sheet;
	struct xsl_made *made;
	xsltTransformContext *ctxt;
	xmlDoc *output;
	uint64_t began_ms;
	size_t nodes, bytes; /* what was made, or so */
	char words[800];     /* what libxslt complained of */
	struct err why;	     /* the reason, once something failed */
	bool failed;
};

/* Write the reason, stop the transform, and answer -1. */
int xsl_fail(struct xsl_run *run, const char *format, ...) PRINTF(2, 3);

/* From here on nodes of this document are looked at. */
void xsl_know_document(struct xsl_run *run, xmlDoc *doc);

/* theme/xslfunc.c: what the stylesheet asks the program. */
void xslfunc_register(struct xsl_run *run);
/* Add what is in a tree to what the page's XSLT has made. */
void xsl_weigh(struct xsl_run *run, const xmlNode *tree);
/* theme/xslapply.c */
void xslapply_register(struct xsl_run *run);
/* theme/xslregexp.c */
void xslregexp_register(struct xsl_run *run);
void xslregexp_free(struct xsl_shop *shop);

#endif
