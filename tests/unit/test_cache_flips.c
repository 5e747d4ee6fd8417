/* tests/unit/test_cache_flips.c - a thousand damaged files, none served
 *
 * A populated file is copied, one byte of the copy is changed at a random
 * place, and everything is read through the cache: each answer must be the
 * one that was stored, byte for byte, or be missing. SQLite's own check
 * notices none of this; the sum in each row does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/log.h"
#include "cache_help.h"

enum { FLIPS = 1000, PAGES = 24, BODY = 3000 };

static void
fill_text(char *text, int page)
{
	snprintf(text, BODY + 1, "page %d:", page);
	for (size_t i = strlen(text); i < BODY; i++)
		text[i] = (char)('a' + (i * 7 + (size_t)page * 31) % 26);
	text[BODY] = '\0';
}

static void
populate(struct help *help)
{
	struct cache *cache = help_open(help);
	char target[32], text[BODY + 1];

	for (int i = 0; i < PAGES; i++) {
		struct object *object, *dressed;

		snprintf(target, sizeof(target), "/flip/%d", i);
		fill_text(text, i);
		object = help_store(cache, target, text);
		dressed = object_copy(object);
		dressed->is_dressed = true;
		dressed->theme = "main";
		dressed->theme_version = "v1";
		(void)cache_store_dressed(cache, object, dressed);
		object_unref(&dressed);
		object_unref(&object);
	}
	cache_close(&cache);
}

/* It is as it was stored, or it is not there. */
static bool
is_right(const struct object *object, int page)
{
	char text[BODY + 1];

	fill_text(text, page);
	return object->status == 200 && object->body->len == BODY &&
	    strcmp(object->body->bytes, text) == 0 &&
	    object->fresh.lifetime_ms == 60000 && object->head.count == 2 &&
	    strcmp(object->head.fields[0].value, "text/html") == 0 &&
	    strcmp(object->head.fields[1].value,
	    "some text, with commas") == 0 &&
	    strcmp(object->etag, "\"e\"") == 0;
}

static int
read_all(struct help *help, int *found)
{
	struct cache *cache = help_open(help);
	struct cache_reader *reader = cache_reader_new(cache);
	char room[KEY_MAX], target[32];
	int wrong = 0;

	for (int i = 0; i < PAGES; i++) {
		struct object *object, *dressed;
		struct key key;

		snprintf(target, sizeof(target), "/flip/%d", i);
		help_key(&key, room, target);
		object = cache_load(reader, &key, NULL, NULL, "v1", &dressed);
		wrong += object && !is_right(object, i);
		wrong += dressed && !is_right(dressed, i);
		*found += (object != NULL) + (dressed != NULL);
		object_unref(&object);
		object_unref(&dressed);
	}
	cache_reader_free(&reader);
	cache_close(&cache);
	return wrong;
}

static char *
read_file(const char *name, size_t *size)
{
	int fd = open(name, O_RDONLY);
	struct stat st;
	char *bytes;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	*size = (size_t)st.st_size;
	bytes = mem_new(*size);
	assert_int_equal(read(fd, bytes, *size), *size);
	close(fd);
	return bytes;
}

static void
write_flipped(struct help *help, const char *bytes, size_t size, size_t at,
    unsigned char by)
{
	char command[200];
	char flipped = (char)(bytes[at] ^ (char)by);
	int fd;

	snprintf(command, sizeof(command), "%s-wal", help->file);
	unlink(command);
	snprintf(command, sizeof(command), "%s-shm", help->file);
	unlink(command);
	/* truncating it first would make ext4 flush it at the close */
	fd = open(help->file, O_WRONLY | O_CREAT, 0640);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
	close(fd);
}

static void
no_flipped_byte_is_ever_served(void **state)
{
	struct help *help = *state;
	int64_t damaged = counter_read(COUNT_DAMAGED);
	int found = 0, wrong = 0, whole = 0;
	unsigned seed = 20260101;
	size_t size;
	char *bytes;

	populate(help);
	assert_int_equal(read_all(help, &whole), 0);
	assert_int_equal(whole, 2 * PAGES);
	bytes = read_file(help->file, &size);
	for (int i = 0; i < FLIPS; i++) {
		size_t at = ((size_t)rand_r(&seed) << 16 ^
		    (size_t)rand_r(&seed)) % size;

		write_flipped(help, bytes, size, at,
		    (unsigned char)(1 << rand_r(&seed) % 8));
		wrong += read_all(help, &found);
	}
	mem_free(&bytes);
	damaged = counter_read(COUNT_DAMAGED) - damaged;
	print_message("%d flips in %zu bytes: %d of %d answers came, %d "
	    "wrong, %d rows dropped\n", FLIPS, size, found,
	    2 * PAGES * FLIPS, wrong, (int)damaged);
	assert_int_equal(wrong, 0);
	assert_true(damaged > 0);
	/* one flip costs at most its neighbours, not the cache */
	assert_true(found > 2 * PAGES * FLIPS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		help_test(no_flipped_byte_is_ever_served),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
