/* fetch/upload.c - the request's body */
#include "fetch/upload.h"

#include <curl/curl.h>

static void
nothing(void *arg)
{
	(void)arg;
}

int
upload_begin(struct upload *upload, const struct errand *errand,
    void (*on_more)(void *), void *arg, struct err *err)
{
	upload->len = errand->body_len;
	upload->reader.on_pause = nothing;
	upload->reader.on_resume = on_more;
	upload->reader.arg = arg;
	if (!errand->body)
		return 0;
	if (!flow_join(errand->body, &upload->reader))
		return err_set(err, "the request's body is gone");
	upload->goes = true;
	return 0;
}

static void
leave(struct upload *upload)
{
	upload->goes = false;
	flow_leave(&upload->reader);
}

static size_t
cut(struct upload *upload, struct err *err, const char *why)
{
	err_set(err, "%s", why);
	upload->waits = true; /* whose fault it is */
	return CURL_READFUNC_ABORT;
}

size_t
upload_read(struct upload *upload, char *room, size_t max, struct err *err)
{
	int64_t left = upload->len < 0 ? INT64_MAX : upload->len - upload->sent;
	ssize_t got;

	if (!upload->goes)
		return upload->stopped ? CURL_READFUNC_ABORT : 0;
	if ((uint64_t)left < max)
		max = (size_t)left;
	got = flow_read(&upload->reader, room, max);
	if (got == 0 && max > 0) {
		upload->waits = true;
		return CURL_READFUNC_PAUSE;
	}
	if (got == FLOW_BROKEN)
		return cut(upload, err, "the request's body broke off");
	if (got == FLOW_END && upload->len >= 0 && left > 0)
		return cut(upload, err, "the request's body is too short");
	if (got > 0)
		upload->sent += got;
	if (got <= 0 || upload->sent == upload->len)
		leave(upload);
	return got > 0 ? (size_t)got : 0;
}

void
upload_stop(struct upload *upload)
{
	if (!upload->goes)
		return;
	upload->stopped = true;
	leave(upload);
}

void
upload_fini(struct upload *upload)
{
	leave(upload);
}
