/* http/status.c - status codes told apart (contract: http/status.h) */
#include "http/status.h"

bool
status_is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}
