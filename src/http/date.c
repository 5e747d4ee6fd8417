/* http/date.c - three date forms, each a pattern of one letter a part
 *
 * RFC 9111 4.2 wants dates compared without case and any zone but GMT taken
 * as invalid; all else is by the letter. The name of the weekday is not held
 * against the date: those who write it wrongly have the date right. */
#include "http/date.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { DAY_S = 86400, WEEKDAYS = 7, MONTHS = 12 };
/* Days from the first day of the year 0 to 1970-01-01, which was a Thursday */
enum { DAYS_BEFORE_1970 = 719528, WEEKDAY_OF_YEAR_0 = 6 };
/* 9999-12-31 23:59:59 and 0000-01-01 00:00:00: what four digits can say. */
static const int64_t LAST_S = 253402300799, FIRST_S = -62167219200;

static const char *const weekdays[WEEKDAYS] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[MONTHS] = {"Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct moment {
	int year, month, day; /* month 0 to 11 */
	int hour, minute, second;
	bool two_digits; /* of the year */
};

/* ---- days ---- */

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in(int64_t year, int month)
{
	static const char days[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30,
	    31, 30, 31};

	return days[month] + (month == 1 && is_leap(year));
}

/* From the first day of the year 0, which was a leap year. */
static int64_t
days_before_year(int64_t year)
{
	int64_t last = year - 1;

	if (year == 0)
		return 0;
	return year * 365 + last / 4 - last / 100 + last / 400 + 1;
}

static int64_t
to_seconds(const struct moment *moment)
{
	int64_t days = days_before_year(moment->year) - DAYS_BEFORE_1970;
	int month;

	for (month = 0; month < moment->month; month++)
		days += days_in(moment->year, month);
	days += moment->day - 1;
	return days * DAY_S + moment->hour * 3600 + moment->minute * 60 +
	    moment->second;
}

/* Gives the weekday, 0 for Sunday. */
static int
from_seconds(struct moment *out, int64_t seconds)
{
	int64_t since = seconds - FIRST_S; /* never negative */
	int64_t days = since / DAY_S, rest = since % DAY_S;
	int64_t year = days * 400 / 146097;
	int weekday = (int)((days + WEEKDAY_OF_YEAR_0) % WEEKDAYS);

	while (days_before_year(year) > days)
		year--;
	while (days_before_year(year + 1) <= days)
		year++;
	days -= days_before_year(year);
	*out = (struct moment){.year = (int)year,
	    .hour = (int)(rest / 3600),
	    .minute = (int)(rest / 60 % 60),
	    .second = (int)(rest % 60)};
	while (days >= days_in(year, out->month))
		days -= days_in(year, out->month++);
	out->day = (int)days + 1;
	return weekday;
}

/* ---- reading ---- */

struct reader {
	const char *at, *end;
};

static bool
take_text(struct reader *reader, const char *text, size_t len)
{
	if ((size_t)(reader->end - reader->at) < len ||
	    strncasecmp(reader->at, text, len) != 0)
		return false;
	reader->at += len;
	return true;
}

/* One of the names, by its first len letters (0: all of them); -1: none. */
static int
take_name(struct reader *reader, const char *const *names, int count,
    size_t len)
{
	int i;

	for (i = 0; i < count; i++)
		if (take_text(reader, names[i], len ? len : strlen(names[i])))
			return i;
	return -1;
}

static int
take_digits(struct reader *reader, int digits)
{
	int number = 0;

	if (reader->end - reader->at < digits)
		return -1;
	for (; digits > 0; digits--, reader->at++) {
		if (*reader->at < '0' || *reader->at > '9')
			return -1;
		number = number * 10 + (*reader->at - '0');
	}
	return number;
}

/* Read the part that a letter of a pattern stands for. */
static bool
take_part(struct reader *reader, char letter, struct moment *moment)
{
	switch (letter) {
	case 'w':
		return take_name(reader, weekdays, WEEKDAYS, 3) >= 0;
	case 'W':
		return take_name(reader, weekdays, WEEKDAYS, 0) >= 0;
	case 'm':
		moment->month = take_name(reader, months, MONTHS, 3);
		return moment->month >= 0;
	case 'd': /* asctime's: a blank for the missing digit */
		if (take_text(reader, " ", 1))
			return (moment->day = take_digits(reader, 1)) >= 0;
		/* fall through */
	case 'D':
		return (moment->day = take_digits(reader, 2)) >= 0;
	case 'Y':
		return (moment->year = take_digits(reader, 4)) >= 0;
	case 'y':
		moment->two_digits = true;
		return (moment->year = take_digits(reader, 2)) >= 0;
	case 'h':
		return (moment->hour = take_digits(reader, 2)) >= 0;
	case 'i':
		return (moment->minute = take_digits(reader, 2)) >= 0;
	case 's':
		return (moment->second = take_digits(reader, 2)) >= 0;
	case 'z':
		return take_text(reader, "GMT", 3);
	default:
		return take_text(reader, &letter, 1);
	}
}

static bool
reads_as(struct moment *out, const char *pattern, const char *text, size_t len)
{
	struct reader reader = {text, text + len};

	memset(out, 0, sizeof(*out));
	for (; *pattern; pattern++)
		if (!take_part(&reader, *pattern, out))
			return false;
	return reader.at == reader.end;
}

/* RFC 9110 5.6.7: two digits never mean more than 50 years ahead; so the
 * latest year that does not. */
static void
choose_century(struct moment *moment, int64_t now_s)
{
	struct moment edge;

	now_s = now_s < 0 ? 0 : now_s > LAST_S ? LAST_S : now_s;
	from_seconds(&edge, now_s);
	edge.year += 50;
	moment->year += edge.year / 100 * 100 + 100;
	while (to_seconds(moment) > to_seconds(&edge))
		moment->year -= 100;
}

static bool
is_possible(const struct moment *moment)
{
	/* the grammar lets a leap second be */
	return moment->day >= 1 &&
	    moment->day <= days_in(moment->year, moment->month) &&
	    moment->hour <= 23 && moment->minute <= 59 && moment->second <= 60;
}

int
date_parse(int64_t *out_s, const char *text, size_t len, int64_t now_s)
{
	struct moment moment;

	if (!reads_as(&moment, "w, D m Y h:i:s z", text, len) &&
	    !reads_as(&moment, "W, D-m-y h:i:s z", text, len) &&
	    !reads_as(&moment, "w m d h:i:s Y", text, len))
		return -1;
	if (moment.two_digits)
		choose_century(&moment, now_s);
	if (!is_possible(&moment))
		return -1;
	*out_s = to_seconds(&moment);
	return 0;
}

/* ---- writing ---- */

static char *
put_number(char *at, int number, int digits)
{
	int i;

	for (i = digits - 1; i >= 0; i--, number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + digits;
}

static char *
put_text(char *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}

void
date_write(char out[HTTP_DATE_LEN + 1], int64_t seconds)
{
	struct moment moment;
	char *at = out;
	int weekday;

	if (seconds < FIRST_S)
		seconds = FIRST_S;
	if (seconds > LAST_S)
		seconds = LAST_S;
	weekday = from_seconds(&moment, seconds);
	at = put_text(at, weekdays[weekday], 3);
	at = put_text(at, ", ", 2);
	at = put_number(at, moment.day, 2);
	*at++ = ' ';
	at = put_text(at, months[moment.month], 3);
	*at++ = ' ';
	at = put_number(at, moment.year, 4);
	*at++ = ' ';
	at = put_number(at, moment.hour, 2);
	*at++ = ':';
	at = put_number(at, moment.minute, 2);
	*at++ = ':';
	at = put_number(at, moment.second, 2);
	at = put_text(at, " GMT", 4);
	*at = '\0';
}
