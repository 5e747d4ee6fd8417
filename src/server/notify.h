/* server/notify.h - word to the service manager (sd_notify's protocol) */
#ifndef SERVER_NOTIFY_H
#define SERVER_NOTIFY_H

/* Send a state such as "READY=1" to the socket that NOTIFY_SOCKET names; does
 * nothing when there is none. */
void notify(const char *state);

#endif
