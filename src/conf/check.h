/* conf/check.h - what single values must look like
 *
 * Each answers 0, or -1 with what is wrong and what would be right. */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "base/err.h"

CHECKED int check_listen(const char *text, struct err *err);
/* The same, with the words that may stand behind it (base/listen.h). */
CHECKED int check_listener(const char *text, struct err *err);
CHECKED int check_place(const char *text, struct err *err);
CHECKED int check_server(const char *text, struct err *err);
CHECKED int check_path_pattern(const char *text, struct err *err);
CHECKED int check_name(const char *text, struct err *err);
CHECKED int check_host(const char *text, struct err *err);
CHECKED int check_tls_name(const char *text, struct err *err);
CHECKED int check_hsts(const char *text, struct err *err);
CHECKED int check_priorities(const char *text, struct err *err);
CHECKED int check_authority(const char *text, struct err *err);
CHECKED int check_host_port(const char *text, struct err *err);
/* What is asked for, with its query; and what a site has below it. */
CHECKED int check_target(const char *text, struct err *err);
CHECKED int check_site_path(const char *text, struct err *err);
CHECKED int check_ttl_header(const char *text, struct err *err);
CHECKED int check_cookie(const char *text, struct err *err);
CHECKED int check_coding(const char *text, struct err *err);
CHECKED int check_param(const char *text, struct err *err);
CHECKED int check_token(const char *text, struct err *err);
CHECKED int check_query_param(const char *text, struct err *err);
/* A field by which an upstream is told for whom it is asked, or "none"; what
 * stands in "by" of Forwarded. */
CHECKED int check_forwarding(const char *text, struct err *err);
CHECKED int check_node(const char *text, struct err *err);
CHECKED int check_net(const char *text, struct err *err);
CHECKED int check_line(const char *text, struct err *err);
CHECKED int check_user(const char *text, struct err *err);
CHECKED int check_secret(const char *text, struct err *err);
CHECKED int check_username(const char *text, struct err *err);
CHECKED int check_log_level(const char *text, struct err *err);

#endif
