/* libFuzzer on what decides about storing and using: every field that the
 * policy reads, of a request, of the answer that is stored and of the one that
 * confirms it.
 *
 * The input is lines. "=404" is the answer's status, "+5000" how long asking
 * took, and any other begins with whose field it is (q: request, s: stored, n:
 * the next answer) and a letter for its name; the rest is its value. What is
 * checked is what must hold whatever they say. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cache/group.h"
#include "cache/partial.h"
#include "cache/policy.h"
#include "http/accept.h"
#include "http/coding.h"
#include "http/targeted.h"
#include "http/ttlheader.h"

#define NOW_MS 1700000000000LL
#define MOST_MS ((1LL << 31) * 1000) /* RFC 9111 1.2.2 */
#define DAY_MS 86400000LL

enum { LINES_MAX = 64, PART_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	char letter;
	const char *name;
} names[] = {
	{'c', "Cache-Control"}, {'e', "Expires"}, {'d', "Date"},
	{'l', "Last-Modified"}, {'a', "Age"}, {'t', "ETag"},
	{'m', "If-None-Match"}, {'i', "If-Modified-Since"}, {'v', "Vary"},
	{'r', "Content-Range"}, {'u', "Surrogate-Control"},
	{'n', "CDN-Cache-Control"}, {'y', "Livery-Cache-Control"},
	{'x', "Accept-Encoding"}, {'z', "Content-Encoding"},
	{'g', "Cache-Groups"}, {'k', "Set-Cookie"}, {'h', "Authorization"},
	{'L', "Accept-Language"}, {'o', "Content-Language"},
	{'T', "Surrogate-Key"}, {'f', "Foo"}, {'p', "Pragma"},
	{'R', "Range"}, {'I', "If-Range"}, {'C', "Content-Length"},
	{'E', "X-Accel-Expires"}, {'G', "Cache-Group-Invalidation"},
};

static const struct policy_opts opts[] = {
	{.stale_max_ms = 7 * DAY_MS},
	{.stale_max_ms = 7 * DAY_MS, .stale_override = true},
	{.stale_max_ms = 7 * DAY_MS, .honour_request = true},
	{.stale_max_ms = 60000, .default_ttl_ms = 60000},
	{.stale_max_ms = 7 * DAY_MS, .ttl_header = "X-Accel-Expires"},
};

struct trial {
	struct arena *arena;
	struct head request, stored, next;
	struct policy_request policy;
	struct policy_answer answer;
};

/* ---- reading the input ---- */

static const char *
name_of(char letter)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].letter == letter)
			return names[i].name;
	return NULL;
}

static void
read_field(struct trial *trial, const char *line, size_t len)
{
	const char *name = len >= 2 ? name_of(line[1]) : NULL;
	struct head *head = len == 0 ? NULL : line[0] == 'q' ?
	    &trial->request : line[0] == 's' ? &trial->stored :
	    line[0] == 'n' ? &trial->next : NULL;

	if (!name || !head)
		return;
	line += 2;
	len -= 2;
	while (len && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	if (head_is_field(name, strlen(name), line, len))
		head_add_n(head, name, strlen(name), line, len);
}

static void
read_line(struct trial *trial, const char *line, size_t len)
{
	if (len && line[0] == '=')
		trial->answer.status = 100 + (int)(strtoul(line + 1, NULL,
		    10) % 500);
	else if (len && line[0] == '+')
		trial->answer.asked_ms = NOW_MS - strtol(line + 1, NULL, 10) %
		    (365 * DAY_MS);
	else
		read_field(trial, line, len);
}

static void
begin(struct trial *trial, const char *text)
{
	unsigned lines = 0;
	size_t len;

	*trial = (struct trial){.arena = arena_new(4096)};
	head_init(&trial->request, trial->arena);
	head_init(&trial->stored, trial->arena);
	head_init(&trial->next, trial->arena);
	trial->answer = (struct policy_answer){200, &trial->stored, NOW_MS,
	    NOW_MS};
	for (; *text && lines < LINES_MAX; lines++, text += len) {
		len = strcspn(text, "\n");
		read_line(trial, text, len);
		len += text[len] == '\n';
	}
	trial->policy = (struct policy_request){.is_get = true};
	trial->policy.has_authorization =
	    head_find(&trial->request, "Authorization") != NULL;
	cachecontrol_read(&trial->policy.cc, &trial->request,
	    "Cache-Control");
}

static const char *
asked(void *arg, const char *name)
{
	return head_find(arg, name);
}

/* ---- what must hold ---- */

/* Does Cache-Control say so, as a simple mind reads it? Told of plain values
 * only, in which a comma parts directives. */
static bool
plainly_says(const struct head *head, const char *directive)
{
	size_t len, name_len;
	const char *value;
	unsigned i = 0;

	while ((value = head_next(head, "Cache-Control", &i)) != NULL) {
		if (strchr(value, '"'))
			return false;
		for (; *value; value += len + (value[len] != '\0')) {
			value += strspn(value, " \t");
			len = strcspn(value, ",");
			name_len = strcspn(value, "=, \t");
			if (slice_is((struct slice){value, name_len},
			    directive))
				return true;
		}
	}
	return false;
}

static void
check_fresh(const struct freshness *fresh)
{
	must(fresh->lifetime_ms >= 0 && fresh->lifetime_ms <= MOST_MS);
	must(fresh->initial_age_ms >= 0 && fresh->initial_age_ms <= MOST_MS);
	must(fresh->swr_ms >= 0 && fresh->swr_ms <= MOST_MS);
	must(fresh->sie_ms >= -1 && fresh->sie_ms <= MOST_MS);
}

static bool
is_same_fresh(const struct freshness *a, const struct freshness *b)
{
	return a->lifetime_ms == b->lifetime_ms &&
	    a->initial_age_ms == b->initial_age_ms &&
	    a->swr_ms == b->swr_ms && a->sie_ms == b->sie_ms &&
	    a->strict == b->strict && a->no_cache == b->no_cache;
}

static void
check_stored(const struct trial *trial, const struct policy_opts *how)
{
	const struct head *head = &trial->stored;
	struct cachecontrol cc;
	bool is_targeted = targeted_or_plain(&cc, head) != NULL;
	bool forgets = (cc.flags & CC_MUST_UNDERSTAND) != 0;

	must(!head_find(head, "Set-Cookie"));
	must(how->ttl_header || !(cc.flags & CC_PRIVATE));
	must(how->ttl_header || forgets || !(cc.flags & CC_NO_STORE));
	must(!(trial->policy.cc.flags & CC_NO_STORE));
	must(trial->answer.status >= 200);
	if (is_targeted || how->ttl_header)
		return;
	must(!plainly_says(head, "private"));
	must(forgets || !plainly_says(head, "no-store"));
	must(!plainly_says(&trial->request, "no-store"));
}

static void
try_store(const struct trial *trial, const struct policy_opts *how)
{
	struct policy_storing once = policy_store(&trial->policy,
	    &trial->answer, how);
	struct policy_storing twice = policy_store(&trial->policy,
	    &trial->answer, how);

	must(once.why && *once.why && strcmp(once.why, twice.why) == 0);
	must(once.store == twice.store && once.share == twice.share);
	must(is_same_fresh(&once.fresh, &twice.fresh));
	check_fresh(&once.fresh);
	if (once.store) {
		must(once.share || once.fresh.no_cache);
		check_stored(trial, how);
	}
	if (head_find(&trial->stored, "Set-Cookie"))
		must(!once.store && !once.share);
}

/* Time only takes away, and nobody is served what is forbidden. */
static void
try_judge(const struct trial *trial, const struct freshness *fresh,
    const struct policy_opts *how)
{
	static const int64_t ttls[] = {MOST_MS, 60000, 1, 0, -1, -30000,
	    -60001, -3 * DAY_MS, -8 * DAY_MS, -MOST_MS};

	for (size_t i = 0; i < COUNT_OF(ttls); i++) {
		enum use up = policy_judge(fresh, ttls[i], &trial->policy,
		    false, how);
		enum use down = policy_judge(fresh, ttls[i], &trial->policy,
		    true, how);

		must(up != USE_FRESH || (ttls[i] > 0 && !fresh->no_cache));
		must((up == USE_VALIDATED) == (down == USE_VALIDATED));
		must((up == USE_FRESH) == (down == USE_FRESH));
		if (ttls[i] < -how->stale_max_ms)
			must(up == USE_VALIDATED);
		if (ttls[i] <= 0 && (fresh->strict || fresh->no_cache) &&
		    !how->stale_override)
			must(up == USE_VALIDATED);
	}
}

static bool
names_a_star(const struct head *head)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	while ((value = head_next(head, "Vary", &i)) != NULL) {
		while (list_next(&value, &item))
			if (slice_is(item, "*"))
				return true;
	}
	return false;
}

static struct object *
make_object(const struct trial *trial)
{
	struct object *object;
	char *bytes = mem_strdup("body"), room[KEY_MAX];
	struct key key;

	must(key_make_url(&key, room, KIND_PAGE, "site", "http://h/") == 0);
	object = object_new(&key, KIND_PAGE, "site");
	object->status = trial->answer.status;
	head_copy(&object->head, &trial->stored);
	object->body = body_new(&bytes, 4);
	object->asked_ms = trial->answer.asked_ms;
	object->answered_ms = trial->answer.answered_ms;
	object->fresh = policy_freshness(&trial->answer, &opts[0]);
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	object->vary = object->variant = "";
	object->tags = policy_tags(&object->head, object->arena);
	return object;
}

static void
try_vary(struct trial *trial, struct object *object)
{
	int rc = policy_vary_set(object, asked, &trial->request);

	if (names_a_star(&object->head))
		must(rc != 0);
	/* what asked for it may have it */
	if (rc == 0)
		must(policy_vary_matches(object, asked, &trial->request));
	(void)policy_vary_matches(object, asked, &trial->next);
}

static bool
is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- parts ---- */

static void
check_parts(const struct parts *parts)
{
	must(parts->count > 0 && parts->count <= PARTIAL_PARTS_MAX);
	for (unsigned i = 0; i < parts->count; i++) {
		const struct span *span = &parts->span[i];

		must(span->first <= span->last);
		must(parts->len == PARTIAL_UNKNOWN ||
		    span->last < parts->len);
		must(i == 0 || parts->span[i - 1].last + 1 < span->first);
	}
}

/* One part with the fields of an answer, as it would be stored; NULL: it
 * cannot be. */
static struct object *
make_part(const struct trial *trial, const struct head *head)
{
	const char *range = head_find(head, "Content-Range");
	struct object *object;
	struct parts parts;
	uint64_t size = 0;
	char *bytes;

	if (!range || !partial_read(&parts, range))
		return NULL;
	check_parts(&parts);
	for (unsigned i = 0; i < parts.count; i++) {
		if (parts.span[i].last - parts.span[i].first >= PART_MAX)
			return NULL;
		size += parts.span[i].last - parts.span[i].first + 1;
	}
	bytes = mem_new((size_t)size + 1);
	object = make_object(trial);
	body_unref(&object->body);
	object->body = body_new(&bytes, (size_t)size);
	object->kind = KIND_RANGE;
	object->status = 206;
	head_init(&object->head, object->arena);
	head_copy(&object->head, head);
	object->etag = head_find(&object->head, "ETag");
	if (!partial_of(&parts, object))
		object_unref(&object);
	return object;
}

static void
check_combined(const struct trial *trial, const struct object *stored,
    const struct object *both)
{
	struct object *whole;
	struct parts parts;

	must(partial_of(&parts, both));
	check_parts(&parts);
	if (!partial_is_same(&trial->stored, &trial->next))
		must(both->body != stored->body);
	whole = partial_whole(both, &both->key);
	if (whole) {
		must(whole->status == 200 && parts.count == 1);
		must(whole->body->len == parts.len);
		must(!head_find(&whole->head, "Content-Range"));
	}
	object_unref(&whole);
}

static void
try_combine(const struct trial *trial)
{
	struct object *stored = make_part(trial, &trial->stored);
	struct object *fresh = make_part(trial, &trial->next), *both = NULL;
	const struct policy_answer facts = {206, &trial->next, NOW_MS,
	    NOW_MS};
	struct parts parts;

	if (stored && fresh && partial_read(&parts,
	    head_find(&trial->next, "Content-Range")) && parts.count == 1)
		both = partial_combine(stored, fresh, 1 << 20, &facts,
		    &opts[0]);
	if (both)
		check_combined(trial, stored, both);
	object_unref(&both);
	object_unref(&fresh);
	object_unref(&stored);
}

static void
try_ranges(const struct trial *trial)
{
	static const uint64_t lens[] = {0, 1, 10, 1 << 20, PARTIAL_UNKNOWN};
	const char *range = head_find(&trial->request, "Range");
	const char *if_range = head_find(&trial->request, "If-Range");
	struct asked asked = {ASKED_ELSE, 0, 0};
	struct span span;

	if (range) {
		(void)partial_asks_too_much(range);
		asked = partial_asked(range);
		(void)partial_is_answer(&trial->stored, 6, asked);
	}
	for (size_t i = 0; asked.form != ASKED_ELSE && i < COUNT_OF(lens); i++)
		if (partial_resolve(asked, lens[i], &span) == SPAN_IS)
			must(span.first <= span.last && (span.last < lens[i] ||
			    lens[i] == PARTIAL_UNKNOWN));
	/* RFC 9110 13.1.5: weak ones never hold */
	if (if_range && strncmp(if_range, "W/", 2) == 0)
		must(!partial_if_range(&trial->stored, if_range));
}

/* ---- a 304 ---- */

/* What was stored of the body stays, whatever a 304 says. */
static void
try_freshen(const struct trial *trial, const struct object *object)
{
	const struct policy_answer next = {304, &trial->next, NOW_MS + 1000,
	    NOW_MS + 2000};
	struct object *fresh = policy_freshen(object, &next, &opts[0]);
	static const char *const kept[] = {"ETag", "Content-Encoding",
	    "Content-Range", "Content-Length"};

	must(fresh->body == object->body);
	must(fresh->status == object->status);
	must(is_same_text(fresh->etag, object->etag));
	for (size_t i = 0; i < COUNT_OF(kept); i++)
		must(is_same_text(head_find(&fresh->head, kept[i]),
		    head_find(&object->head, kept[i])));
	must(head_count(&fresh->head, "Set-Cookie") ==
	    head_count(&object->head, "Set-Cookie"));
	must(!head_find(&fresh->head, "Age"));
	check_fresh(&fresh->fresh);
	must(object_age_ms(fresh, NOW_MS + 3000) >= 0);
	object_unref(&fresh);
}

static void
try_conditions(const struct trial *trial)
{
	const char *match = head_find(&trial->request, "If-None-Match");
	const char *since = head_find(&trial->request, "If-Modified-Since");
	const char *etag = head_find(&trial->stored, "ETag");
	const char *changed = head_find(&trial->stored, "Last-Modified");
	struct accept accept;
	bool is = policy_not_modified(match, since, etag, changed,
	    NOW_MS / 1000);

	must(is == policy_not_modified(match, since, etag, changed,
	    NOW_MS / 1000));
	/* RFC 9110 13.1.3: with If-None-Match the date does not count */
	if (match)
		must(is == policy_not_modified(match, NULL, etag, NULL,
		    NOW_MS / 1000));
	else if (!since)
		must(!is);
	accept_read(&accept, head_find(&trial->request, "Accept-Encoding"));
	if (head_find(&trial->stored, "Content-Encoding"))
		(void)coding_is_known(head_find(&trial->stored,
		    "Content-Encoding"));
}

static void
on_tags(void *arg, const char *tags)
{
	(void)arg;
	must(tags && *tags == '#');
}

static void
try_groups(const struct trial *trial, struct object *object)
{
	const char *tags = group_all_tags(object);

	must(tags && !strchr(tags, '\n') && !strstr(tags, "  "));
	group_invalidated(&trial->stored, "http://h/", on_tags, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct object *object;
	struct trial trial;

	begin(&trial, text);
	for (size_t i = 0; i < COUNT_OF(opts); i++) {
		struct freshness fresh = policy_freshness(&trial.answer,
		    &opts[i]);

		try_store(&trial, &opts[i]);
		check_fresh(&fresh);
		try_judge(&trial, &fresh, &opts[i]);
	}
	object = make_object(&trial);
	try_vary(&trial, object);
	try_freshen(&trial, object);
	try_groups(&trial, object);
	object_unref(&object);
	try_ranges(&trial);
	try_combine(&trial);
	try_conditions(&trial);
	arena_free(&trial.arena);
	mem_free(&text);
	return 0;
}
