/* upstream/member.c - reading what a configuration says of a server */
#include "upstream/member.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The next word, ended with NUL in place; NULL: no more. */
static char *
next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	size_t len = strcspn(word, " \t");

	if (len == 0)
		return NULL;
	*at = word + len;
	if (**at)
		*(*at)++ = '\0';
	return word;
}

static int
read_number(unsigned *out, const char *word, const char *text, unsigned least,
    unsigned most, struct err *err)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || text[0] == '+' ||
	    value < (long)least || value > (long)most)
		return err_set(
		    err, "%s: a number from %u to %u", word, least, most);
	*out = (unsigned)value;
	return 0;
}

/* Two of them would be two answers to one question. */
static int
first_time(unsigned *seen, unsigned bit, const char *word, struct err *err)
{
	if (*seen & bit)
		return err_set(err, "%s: it stands there twice", word);
	*seen |= bit;
	return 0;
}

static int
read_word(struct member_words *out, unsigned *seen, const char *word,
    struct err *err)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value++ - word) : strlen(word);

	if (!value && strcmp(word, "backup") == 0) {
		out->backup = true;
		return first_time(seen, 1, word, err);
	}
	if (value && len == 6 && strncmp(word, "weight", len) == 0)
		return first_time(seen, 2, word, err) != 0
			   ? -1
			   : read_number(&out->weight, word, value, 1,
				 WEIGHT_MAX, err);
	if (value && len == 15 && strncmp(word, "max_connections", len) == 0)
		return first_time(seen, 4, word, err) != 0
			   ? -1
			   : read_number(
				 &out->max, word, value, 1, 1000000, err);
	return err_set(err,
	    "%s: after a server's address there may stand weight=N,"
	    " max_connections=N and backup",
	    word);
}

int
member_read(
    struct member_words *out, const char *text, unsigned max, struct err *err)
{
	char copy[sizeof(out->url) + 256], *at = copy, *word;
	struct member_words words = {.weight = 1, .max = max};
	unsigned seen = 0;

	if (strlen(text) >= sizeof(copy))
		return err_set(err, "a server's line is at most %zu bytes",
		    sizeof(copy) - 1);
	strcpy(copy, text);
	word = next_word(&at);
	if (!word)
		return err_set(err, "a server needs an address, as in"
				    " http://10.0.0.1:8080");
	if (strlen(word) >= sizeof(words.url))
		return err_set(err, "a server's address is at most %zu bytes",
		    sizeof(words.url) - 1);
	strcpy(words.url, word);
	while ((word = next_word(&at)))
		if (read_word(&words, &seen, word, err) != 0)
			return -1;
	*out = words;
	return 0;
}

bool
member_may_be_asked(const struct member *server)
{
	return atomic_load(&server->order) != MEMBER_OUT &&
	       !atomic_load(&server->probed_down);
}
