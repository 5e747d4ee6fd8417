/* theme/proxies.h - what a Deliverance ruleset says beside its rules: which
 * upstream answers what, and how the server is set up
 *
 * Rules in Diazo's language have none of it: rules_proxy() and
 * rules_settings() answer NULL. All is immutable, belongs to the rules and
 * may be read by any thread. No function here does I/O. */
#ifndef THEME_PROXIES_H
#define THEME_PROXIES_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

struct rules;
struct dress_exchange;
struct match;

/* A field that <request> or <response> sets: it takes the place of all fields
 * of that name. An empty value takes them away. */
struct proxy_field {
	const char *name, *value;
};

enum proxy_kind {
	PROXY_HTTP, /* href is an http: or https: URL */
	PROXY_FILE, /* href is a file: URL: a folder of this machine */
	PROXY_NEXT, /* only its fields count; the search goes on */
};

/* One <proxy>. */
struct proxy {
	const char *source; /* the file, as it was named */
	long line;
	const struct match *match; /* NULL: any request */
	const char *classes;	   /* of pages, separated by blanks, or NULL */
	enum proxy_kind kind;
	/* <dest href>, with {here} replaced by the file: URL of the rules'
	 * folder. Other {NAME}s are left for proxy_target(); has_names says
	 * whether there are any. NULL for PROXY_NEXT. */
	const char *href;
	bool has_names;
	bool strip_script_name; /* default true; see proxy_target() */
	bool keep_host;		/* send the client's Host on */
	bool rewrite_links;	/* links to the dest become own ones */
	bool editable;		/* noted, not offered */
	const struct proxy_field *request; /* fields of what is asked */
	size_t request_count;
	const struct proxy_field *response; /* fields of the answer */
	size_t response_count;
};

/* The i-th <proxy> in the order of the file, or NULL past the last. The first
 * that matches and is not PROXY_NEXT answers the request; of those of
 * PROXY_NEXT before it that match, the request fields count too. When none
 * is left: 404. */
const struct proxy *rules_proxy(const struct rules *rules, size_t i);

/* Whether a request is for it. path: as the client sent it, without query,
 * not decoded; of exchange the request's half is read. *prefix_len (may be
 * NULL): how much of the path `path:`, `subpath:` and `exact:` matched, without
 * a slash at its end; 0 for all other kinds. */
CHECKED bool proxy_matches(const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path,
    size_t *prefix_len);

/* Whether more than a request's address (scheme, host, path, query) decides
 * which are for it, or where they go: the method, or fields other than Host. */
bool proxy_looks_beyond(const struct proxy *proxy);

/* Whether a request could be for it as far as path= and domain= tell. */
bool proxy_fits_address(const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path);

/* Add to out the address that this request goes to (not for PROXY_NEXT):
 *   the href, its {NAME}s replaced (see below), without query and fragment,
 *   + the path, without its prefix unless strip_script_name is off,
 *   + the queries of both, joined with "&".
 * One slash stands where href and path meet; where no path is left, nothing is
 * added to the href. exchange->query is the request's.
 *
 * {NAME} is one of the environ's names (theme/classes.h lists them), or else a
 * request field's name. What it stands for may have only letters, digits,
 * ".", "-" and ":" when it is part of the host; elsewhere each byte that a path
 * cannot have is percent-encoded, and "." and ".." segments are refused.
 * -1: an unknown name, a bad value, or out is full: err says so as file:line,
 * and out has a part; answer 502 or the like. */
CHECKED int proxy_target(struct buf *out, const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path, size_t prefix_len,
    struct err *err);

/* The part of proxy_target()'s answer that belongs to the dest: everything
 * before the rest of the path, without a slash at its end. What rewrite_links
 * replaces, by own scheme://host + the first prefix_len bytes of the path. */
CHECKED int proxy_base(struct buf *out, const struct proxy *proxy,
    const struct dress_exchange *exchange, const char *path, size_t prefix_len,
    struct err *err);

struct settings_user {
	const char *name, *password;
};

/* <server-settings>, environment variables ($NAME, ${NAME}) filled in as they
 * were when the rules were read. Texts are NULL, and booleans their default,
 * where the file says nothing. */
struct settings {
	const char *source;
	long line;
	const char *server;	  /* "host:port"; a bare host has ":80" added;
				   * default "localhost:8080" */
	bool display_local_files; /* default true: theme, href and dest may be
				   * file: */
	bool edit_local_files;	  /* default true; nothing edits files here */
	const char *const *dev_allow; /* addresses and masks; NULL ends */
	const char *const *dev_deny;
	const char *dev_htpasswd; /* a path, resolved against the file */
	const struct settings_user *dev_users;
	size_t dev_users_count;
	unsigned long dev_expiration_minutes; /* 0: never */
	const char *dev_secret_file;
};

/* NULL: not a ruleset. A ruleset without <server-settings> has the defaults. */
const struct settings *rules_settings(const struct rules *rules);

/* What of the request the dressing of a page depends on beside its address and
 * its method, so that a dressed page may be kept for those alone who ask
 * alike: the i-th request field ("*": any field), or NULL. Diazo's rules:
 * nothing. */
const char *rules_looks_at_field(const struct rules *rules, size_t i);

#endif
