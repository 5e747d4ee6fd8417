/* cache/hear.c - the news of others: this memory follows */
#include "cache/hear.h"

#include "cache/charge.h"
#include "cache/news.h"
#include "cache/peers.h"
#include "cache/recent.h"

struct hearing {
	struct writer *writer;
	bool any;
};

static bool
is_any(struct object *object, void *arg)
{
	(void)object;
	(void)arg;
	return true;
}

static void
forget_all(struct writer *writer)
{
	memtier_new_epoch(writer->memtier);
	(void)memtier_drop_if(writer->memtier, is_any, NULL);
	writer->has_news = true;
}

/* Nobody brings back what was read from the file before: a new epoch first. */
static void
on_news(void *arg, const struct news *news)
{
	struct hearing *hearing = arg;
	struct writer *writer = hearing->writer;

	if (!news) {
		forget_all(writer);
		return;
	}
	if (!hearing->any)
		memtier_new_epoch(writer->memtier);
	hearing->any = true;
	(void)memtier_drop_older(writer->memtier, &news->key,
	    news->answered_ms);
	if (news->key.text[0] == kind_names[KIND_THEME][0])
		writer->has_news = true;
}

void
hear_what_was_missed(struct writer *writer)
{
	if (peers_missed(writer->peers))
		forget_all(writer);
}

int
hear_news(struct writer *writer)
{
	struct hearing hearing = {.writer = writer};

	hear_what_was_missed(writer);
	return news_read(&writer->file.rows, on_news, &hearing);
}

bool
hear_was_purged(struct writer *writer, struct job *job)
{
	int64_t at_ms = 0;
	enum meant meant;

	if (job->purges_elsewhere == atomic_load(&writer->purges_elsewhere))
		return false;
	meant = recent_judge(memtier_recent(writer->memtier), job->purges,
	    job->object, 0, &at_ms);
	if (meant == MEANT_SOFT)
		object_expire(job->object, at_ms);
	return meant == MEANT_HARD;
}

/* Both are asked: asking takes it. */
void
hear_tell(struct writer *writer)
{
	bool answered = charges_were_answered(writer->charges);

	if (!answered && !writer->has_news)
		return;
	writer->has_news = false;
	lock_take(&writer->telling);
	if (writer->heard)
		writer->heard(writer->heard_arg);
	lock_drop(&writer->telling);
}
