/* cli/cmd_requests.c - livery requests: what is in flight now, and ending one
 *
 * Asks the admin listener of a running livery. Where that is comes from
 * --admin, or from the configuration, or is 127.0.0.1:8089. */
#include "cli/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "conf/check.h"

static const char admin_default[] = "127.0.0.1:8089";

enum { ANSWER_MAX = 16 << 20 };

static int
fail(const char *words)
{
	fprintf(stderr, "livery requests: %s\n", words);
	return FAILED;
}

/* Where to ask, the caller's to free; NULL: it, or the configuration, is wrong
 * (said). */
static char *
admin_address_of(const struct args *args)
{
	struct conf *conf = NULL;
	struct err err;
	char *address;

	if (args->conf.admin && check_listen(args->conf.admin, &err) != 0) {
		fail(err.text);
		return NULL;
	}
	if (args->conf.admin || !args->conf.file)
		return mem_strdup(
		    args->conf.admin ? args->conf.admin : admin_default);
	if (args_conf(&conf, args) != DONE)
		return NULL;
	address =
	    mem_strdup(conf->admin_listen ? conf->admin_listen : admin_default);
	conf_free(&conf);
	return address;
}

/* ---- the table ---- */

static const char *
text_of(const json_t *request, const char *name)
{
	const char *text = json_string_value(json_object_get(request, name));

	return text && *text ? text : "-";
}

static void
write_age(char *out, size_t size, json_int_t ms)
{
	if (ms < 1000)
		snprintf(out, size, "%lldms", (long long)ms);
	else if (ms < 120000)
		snprintf(out, size, "%.1fs", (double)ms / 1000);
	else
		snprintf(out, size, "%lldm", (long long)(ms / 60000));
}

/* What a client sent goes to a terminal: no control bytes. */
static void
put_safe(const char *text)
{
	for (; *text != '\0'; text++)
		putchar(
		    (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
put_request(const json_t *request)
{
	char age[32];

	write_age(age, sizeof(age),
	    json_integer_value(json_object_get(request, "age_ms")));
	printf("%8lld  %7s  %-8.8s  %-12.12s  ",
	    (long long)json_integer_value(json_object_get(request, "id")), age,
	    text_of(request, "stage"), text_of(request, "upstream"));
	put_safe(text_of(request, "method"));
	putchar(' ');
	put_safe(text_of(request, "url"));
	putchar('\n');
}

static int
put_table(const struct buf *body)
{
	json_error_t error;
	json_t *answer =
	    json_loadb(body->data ? body->data : "", body->len, 0, &error);
	const json_t *list = json_is_object(answer)
				 ? json_object_get(answer, "requests")
				 : answer;
	size_t count = json_array_size(list);
	json_int_t all;

	if (!json_is_array(list)) {
		json_decref(answer);
		return fail("the answer is no list of requests");
	}
	if (count > 0)
		printf("%8s  %7s  %-8s  %-12s  %s\n", "ID", "AGE", "STAGE",
		    "UPSTREAM", "REQUEST");
	for (size_t i = 0; i < count; i++)
		put_request(json_array_get(list, i));
	if (count == 0)
		puts("nothing is in flight");
	/* The list is cut at a length; the count is not. */
	all = json_integer_value(json_object_get(answer, "count"));
	if (all > (json_int_t)count)
		printf("and %lld more\n", (long long)all - (long long)count);
	json_decref(answer);
	return DONE;
}

static int
list(const char *address)
{
	struct buf body;
	struct err err;
	int status, rc;

	buf_init(&body, ANSWER_MAX);
	status = ask(address, "GET", "/requests", &body, &err);
	if (status == 200)
		rc = put_table(&body);
	else
		rc = fail(status < 0 ? err.text : "refused");
	buf_fini(&body);
	return rc;
}

static int
kill_one(const char *address, const char *id)
{
	char target[64];
	struct buf body;
	struct err err;
	int status;

	snprintf(target, sizeof(target), "/requests/kill?id=%s", id);
	buf_init(&body, ANSWER_MAX);
	status = ask(address, "POST", target, &body, &err);
	buf_fini(&body);
	if (status == 200 || status == 204)
		return DONE;
	return fail(status < 0	    ? err.text
		    : status == 404 ? "there is no request of that id any more"
				    : "refused");
}

static int
is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 20 && text[digits] == '\0';
}

static int
run(int argc, char **argv)
{
	struct args args;
	char *address;
	int rest, status;

	if (args_read(&args, ARGS_OF_REQUESTS, argc, argv) != DONE)
		return MISUSED;
	rest = argc - args.rest;
	if (rest != 0 && (rest != 2 || strcmp(argv[args.rest], "kill") != 0 ||
			     !is_number(argv[args.rest + 1]))) {
		fprintf(
		    stderr, "usage: livery requests %s\n", cmd_requests.usage);
		return MISUSED;
	}
	address = admin_address_of(&args);
	if (!address)
		return MISUSED;
	status = rest ? kill_one(address, argv[args.rest + 1]) : list(address);
	mem_free(&address);
	return status;
}

const struct cmd cmd_requests = {
    .name = "requests",
    .usage = "[-c FILE | --admin ADDR:PORT] [kill ID]",
    .summary = "what is in flight now, oldest first; or end one of them",
    .help = "  -c, --config FILE      where the server's configuration is\n"
	    "  --admin ADDRESS        where the server's admin listener is, if "
	    "not\n"
	    "                         127.0.0.1:8089\n"
	    "  kill ID                end the request of that number: its "
	    "client\n"
	    "                         gets 503\n",
    .run = run,
};
