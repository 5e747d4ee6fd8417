/* server/certificates.h - what is wrong with certificates, and who is told */
#ifndef SERVER_CERTIFICATES_H
#define SERVER_CERTIFICATES_H

#include "conf/conf.h"
#include "front/front.h"

/* How often somebody should look: one of them may be over soon. */
enum { CERTIFICATES_LOOK_S = 12 * 60 * 60 };

/* What certs_tell() finds, and with a conf the hosts of its sites that none
 * of them is for; a line each. */
void certificates_judge(const struct certs *certs, const struct conf *conf,
    void (*told)(void *arg, const char *line), void *arg);

/* The same of those in use, to the log and the view `problems`. Nothing where
 * no listener speaks TLS. */
void certificates_look(struct front *front, const struct conf *conf);

/* After a reload: those of conf, and a look at them. */
void certificates_renew(struct front *front, const struct conf *conf);

#endif
