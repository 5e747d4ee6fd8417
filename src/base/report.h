/* base/report.h - problems and good addresses, to whoever keeps them
 *
 * Code below does not know the cache; server sets the sink. Any thread. */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

/* What went wrong (fetch, dns, theme, rules, store, dress, config, limit),
 * on which address (or NULL), why, and what was served or done instead. */
void report_problem(const char *what, const char *url, const char *reason,
    const char *instead);
/* host (with no port) answered at this numeric address. */
void report_address(const char *host, const char *address);

struct report_sink {
	void (*problem)(void *arg, const char *what, const char *url,
	    const char *reason, const char *instead);
	void (*address)(void *arg, const char *host, const char *address);
	void *arg;
};
/* NULL: nobody keeps them (the default). Set before threads start, unset
 * after they ended. */
void report_set_sink(const struct report_sink *sink);

#endif
