/* theme/xslrun.h - a page's transform, as the files that make it share it */
#ifndef THEME_XSLRUN_H
#define THEME_XSLRUN_H

#include <stdarg.h>
#include <libxslt/security.h>
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
	const xmlNode *fragment; /* that may hold nodes; or NULL */
	struct siblings siblings;
	uint64_t began_ms;
	size_t nodes, bytes; /* what was made, or so */
	const void *text;    /* that libxslt added to last */
	size_t text_len;     /* as far as it was counted */
	const void *closed;  /* the last that was counted as a whole */
	const void *seen;    /* the text that the last round left */
	unsigned seen_rounds;
	unsigned dynamic;	     /* of dyn:evaluate(), one in another */
	unsigned looks;		     /* that a trace took */
	char words[800];	     /* what libxslt complained of */
	const struct sheet_line *at; /* and where XPath did; or NULL */
	struct err why;		     /* the reason, once something failed */
	bool failed;
	bool placed;	     /* why names file:line */
	const xmlNode *inst; /* the instruction that was begun last, or NULL */
};

/* Where this thread's complaints go. */
struct sink {
	char *words;
	size_t size;
};

/* Who got them before. */
struct quiet {
	xmlGenericErrorFunc generic;
	void *generic_arg;
	xmlStructuredErrorFunc structured;
	void *structured_arg;
	struct sink *sink;
};

/* theme/xslstyle.c: catch what libxml2 and libxslt say, and let go again. */
struct quiet xsl_hush(struct sink *mine);
void xsl_unhush(struct quiet before);
void xsl_add_words(char *words, size_t size, const char *format, va_list args)
    PRINTF(3, 0);
/* What was said as one line; whether with its place in the rules. */
bool xsl_explain(const struct sheet *sheet, const char *words, struct err *err);
/* This thread's stylesheet of a sheet; NULL: err says why there is none. */
struct xsl_made *xsl_find_made(
    struct xsl_shop *shop, const struct sheet *sheet, struct err *err);
/* Nothing is allowed; written once, before the first stylesheet. */
extern xsltSecurityPrefs *xsl_forbidden;

/* Write the reason, stop the transform, and answer -1. */
int xsl_fail(struct xsl_run *run, const char *format, ...) PRINTF(2, 3);

/* Whether a template begins with xsl:param. Only xsltProcessOneNode() gives
 * them their values; it finds the same template again. */
bool xsl_has_params(const xsltTemplate *template);
/* From here on nodes of this document are looked at. */
void xsl_know_document(struct xsl_run *run, xmlDoc *doc);

/* theme/xslfunc.c: what the stylesheet asks the program. */
void xslfunc_register(struct xsl_run *run);
/* Once in the process, before the first transform. */
void xslfunc_init(void);
/* Whether it is not too much by now, nor has taken too long; else it fails. */
int xsl_check_cost(struct xsl_run *run);
/* Add what is in a tree to what the page's XSLT has made. */
void xsl_weigh(struct xsl_run *run, const xmlNode *tree);
/* theme/xslapply.c */
void xslapply_register(struct xsl_run *run);
/* theme/xsltrace.c: the instruction is about to be done with that node. */
void xsltrace_instruction(struct xsl_run *run, xmlNode *inst, xmlNode *node);
/* theme/xslexslt.c */
void xslexslt_register(struct xsl_run *run);
/* theme/xslregexp.c */
void xslregexp_register(struct xsl_run *run);
void xslregexp_free(struct xsl_shop *shop);

#endif
