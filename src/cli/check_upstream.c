/* cli/check_upstream.c - a name's addresses, an upstream's answer */
#include <stdio.h>
#include <string.h>
#include "base/net.h"
#include "cli/checking.h"
#include "fetch/fetch.h"
#include "page/choose.h"
#include "upstream/resolver.h"
#include "upstream/upstream.h"

static void
on_resolved(void *arg)
{
	check_wait_over(arg);
}

/* A name's addresses. False: it has none, so asking would be in vain. */
static bool
check_host(struct check *check, const char *of, const char *host)
{
	struct resolver_wait wait = {
	    .on_resolved = on_resolved,
	    .arg = check,
	};
	struct addresses addresses = {0};
	struct net_address numeric;
	enum resolved how;

	if (net_parse(&numeric, host, strlen(host)) == 0)
		return true;
	check_wait_begin(check);
	how = resolver_find(check->resolver, host, &addresses, &wait);
	if (how == RESOLVING) {
		check_wait_end(check);
		how = resolver_find(check->resolver, host, &addresses, NULL);
	}
	if (how != RESOLVED || addresses.count == 0) {
		check_bad(check, "name %s of %s: has no address", host, of);
		return false;
	}
	check_ok(check, "name %s of %s: %s%s", host, of, addresses.text[0],
	    addresses.count > 1 ? " and others" : "");
	return true;
}

struct question {
	struct waiter waiter;
	struct check *check;
	struct answer *answer;
};

static void
on_answer(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct question *question =
	    container_of(waiter, struct question, waiter);

	(void)event;
	if (answer)
		question->answer = answer_ref(answer);
	check_wait_over(question->check);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	(void)errand;
	(void)answer;
	return PLAN_GATHER;
}

struct answer *
check_ask(struct check *check, struct errand **errand)
{
	struct question question = {.check = check};

	(*errand)->keep_max = 1 << 20;
	(*errand)->on_head = on_head;
	question.waiter.on_event = on_answer;
	check_wait_begin(check);
	fetch_ask(check->fetch, errand, &question.waiter);
	check_wait_end(check);
	return question.answer;
}

static struct answer *
ask_by(struct check *check, struct upstream *server, const char *method)
{
	struct errand *errand = errand_new();

	errand->method = method;
	errand->target = "/";
	head_add(&errand->fields, "User-Agent", "livery");
	errand->upstream = upstream_ref(server);
	return check_ask(check, &errand);
}

static void
ask_server(struct check *check, const char *name, struct upstream *server)
{
	const char *url = server->opts.url;
	struct answer *answer = ask_by(check, server, "HEAD");

	/* Small servers know no HEAD (RFC 9110 15.6.2), and are well. */
	if (answer && answer->status == 501) {
		answer_unref(&answer);
		answer = ask_by(check, server, "GET");
	}
	if (!answer)
		check_bad(check, "upstream %s: %s: no answer", name, url);
	else if (answer->outcome != FETCH_OK)
		check_bad(
		    check, "upstream %s: %s: %s", name, url, answer->reason);
	else if (answer->status >= 500)
		check_bad(check, "upstream %s: %s: answers with status %d",
		    name, url, answer->status);
	else
		check_ok(check, "upstream %s: %s: status %d in %u ms", name,
		    url, answer->status, answer->cost_ms);
	answer_unref(&answer);
}

/* Of each server its name, if it has one, and its answer. */
static void
check_answer(struct check *check, struct upstream *upstream)
{
	struct upstream *server;
	char of[128];

	snprintf(of, sizeof(of), "upstream %s", upstream->opts.name);
	for (unsigned i = 0; i < pool_count(upstream->pool); i++) {
		server = pool_member(upstream->pool, i)->place;
		if (server->form != UPSTREAM_HTTP ||
		    check_host(check, of, server->host))
			ask_server(check, upstream->opts.name, server);
	}
}

void
check_upstream(struct check *check, const struct upstream_opts *opts)
{
	struct upstream *upstream = NULL;
	struct err err;

	if (upstream_new(&upstream, opts, &err) != 0) {
		check_bad(check, "upstream %s: %s", opts->name, err.text);
		return;
	}
	check_answer(check, upstream);
	upstream_unref(&upstream);
}

/* The dests of a site's proxies, each upstream once. */
void
check_proxies(struct check *check, const struct conf_site *site)
{
	struct chooser *chooser = NULL;
	struct upstream *upstream;
	struct err err;

	if (!site->rules)
		return;
	if (chooser_new(&chooser, site->rules, NULL, &err) != 0) {
		check_bad(check, "proxies of site %s: %s", site->site.name,
		    err.text);
		return;
	}
	for (unsigned i = 0; (upstream = chooser_upstream(chooser, i)); i++)
		check_answer(check, upstream);
	chooser_free(&chooser);
}
