/* fetch/fetch.c - the module: its engines, and the life of errands and answers
 *
 * Read next: flight.h (who waits for what), engine.c (the loop), transferlife.h
 * (one question over HTTP), ingest.c (what may be believed), folder.c. */
#include "fetch/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "fetch/engine.h"
#include "upstream/balance.h"

struct fetch {
	struct fetch_opts opts;
	_Atomic unsigned in_flight; /* shared by the engines */
	bool has_curl;
	struct engine *themes;
	unsigned count;
	struct engine **engines;
};

static int
start_engines(struct fetch *fetch, struct err *err)
{
	char name[16];
	unsigned count = fetch->opts.engines ? fetch->opts.engines : 1;

	fetch->engines = mem_new_array(count, sizeof(struct engine *));
	for (; fetch->count < count; fetch->count++) {
		snprintf(name, sizeof(name), "fetch-%u", fetch->count % 100);
		if (engine_new(&fetch->engines[fetch->count], name,
			&fetch->opts, &fetch->in_flight, err) != 0)
			return -1;
	}
	return engine_new(&fetch->themes, "fetch-themes", &fetch->opts,
	    &fetch->in_flight, err);
}

int
fetch_start(struct fetch **out, const struct fetch_opts *opts, struct err *err)
{
	struct fetch *fetch = mem_new(sizeof(*fetch));

	fetch->opts = *opts;
	fetch->has_curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (!fetch->has_curl)
		err_set(err, "libcurl cannot be initialised");
	if (!fetch->has_curl || start_engines(fetch, err) != 0) {
		fetch_stop(&fetch);
		return -1;
	}
	*out = fetch;
	return 0;
}

void
fetch_stop(struct fetch **fetch)
{
	struct fetch *gone = *fetch;

	if (!gone)
		return;
	engine_free(&gone->themes);
	for (unsigned i = 0; i < gone->count; i++)
		engine_free(&gone->engines[i]);
	mem_free(&gone->engines);
	if (gone->has_curl)
		curl_global_cleanup();
	mem_free(fetch);
}

/* The same upstream always meets the same engine, also after a reload made
 * another struct of it. */
static struct engine *
engine_of(struct fetch *fetch, const struct errand *errand)
{
	const char *name = errand->upstream->opts.name;

	if (errand->is_theme)
		return fetch->themes;
	return fetch->engines[balance_hash(name, strlen(name)) % fetch->count];
}

void
fetch_ask(struct fetch *fetch, struct errand **errand, struct waiter *waiter)
{
	must((*errand)->upstream && (*errand)->method && (*errand)->target);
	must((*errand)->on_head);
	must(!waiter || waiter->on_event);
	/* It may outlive the page whose memory that is. */
	(*errand)->key.text = arena_strndup((*errand)->arena,
	    (*errand)->key.len ? (*errand)->key.text : "", (*errand)->key.len);
	engine_ask(engine_of(fetch, *errand), errand, waiter);
}

/* ---- errands ---- */

struct errand *
errand_new(void)
{
	struct arena *arena = arena_new(2048);
	struct errand *errand = arena_get(arena, sizeof(*errand));

	errand->arena = arena;
	errand->method = "GET";
	errand->body_len = -1;
	head_init(&errand->fields, arena);
	return errand;
}

void
errand_free(struct errand **errand)
{
	struct errand *gone = *errand;
	struct arena *arena;

	*errand = NULL;
	if (!gone)
		return;
	if (gone->on_free)
		gone->on_free(gone);
	flow_unref(&gone->body);
	upstream_unref(&gone->upstream);
	arena = gone->arena;
	arena_free(&arena);
}

bool
errand_is_safe(const struct errand *errand)
{
	static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "TRACE"};

	for (unsigned i = 0; i < COUNT_OF(methods); i++)
		if (strcmp(errand->method, methods[i]) == 0)
			return !errand->body;
	return false;
}

bool
errand_binds_connection(const struct errand *errand)
{
	const char *shown = head_find(&errand->fields, "Authorization");
	struct slice scheme = {shown, shown ? strcspn(shown, " \t") : 0};

	return shown &&
	       (slice_is(scheme, "NTLM") || slice_is(scheme, "Negotiate"));
}

/* ---- answers ---- */

struct answer *
answer_ref(struct answer *answer)
{
	atomic_fetch_add(&answer->refs, 1);
	return answer;
}

void
answer_unref(struct answer **answer)
{
	struct answer *gone = *answer;

	*answer = NULL;
	if (!gone || atomic_fetch_sub(&gone->refs, 1) != 1)
		return;
	if (gone->made && gone->made_free)
		gone->made_free(gone->made);
	if (atomic_load(&gone->ahead))
		gone->ahead_free(atomic_load(&gone->ahead));
	flow_unref(&gone->flow);
	arena_free(&gone->arena);
	mem_free(&gone);
}

/* ---- outcomes ---- */

static const struct {
	const char *word, *error;
	int status;
} outcomes[] = {
    [FETCH_OK] = {"ok", "", 200},
    [FETCH_NO_ADDRESS] = {"no-address", "dns_error", 502},
    [FETCH_REFUSED] = {"refused", "connection_refused", 502},
    [FETCH_CONNECT_LATE] = {"connect-timeout", "connection_timeout", 504},
    [FETCH_HEAD_LATE] = {"timeout", "http_response_timeout", 504},
    [FETCH_LATE] = {"total-timeout", "http_response_timeout", 504},
    [FETCH_STALLED] = {"upload-stalled", "connection_write_timeout", 504},
    [FETCH_BROKEN] = {"broken-off", "http_response_incomplete", 502},
    [FETCH_MALFORMED] = {"malformed", "http_protocol_error", 502},
    [FETCH_TOO_MANY] = {"too-many", "connection_limit_reached", 503},
    [FETCH_NO_SLOT] = {"queue-timeout", "connection_limit_reached", 503},
    [FETCH_NO_SERVER] = {"no-server", "destination_unavailable", 503},
    [FETCH_LEFT] = {"left", "proxy_internal_response", 503},
    [FETCH_KILLED] = {"killed", "proxy_internal_response", 503},
    [FETCH_STOPPED] = {"stopped", "proxy_internal_response", 503},
};

const char *
outcome_word(enum outcome outcome)
{
	must(outcome < COUNT_OF(outcomes));
	return outcomes[outcome].word;
}

const char *
outcome_error(enum outcome outcome)
{
	must(outcome < COUNT_OF(outcomes));
	return outcomes[outcome].error;
}

int
outcome_status(enum outcome outcome)
{
	must(outcome < COUNT_OF(outcomes));
	return outcomes[outcome].status;
}
