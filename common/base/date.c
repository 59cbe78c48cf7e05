/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum {
	LAST_YEAR = 9999,
	DAYS_PER_ERA = 146097, /* 400 years */
	EPOCH_DAY = 719468,    /* days from 0000-03-01 to 1970-01-01 */
	SECONDS_PER_DAY = 86400,
};

static const int64_t US_PER_DAY = (int64_t)SECONDS_PER_DAY * CLOCK_US_PER_SECOND;
static const int64_t SHANGHAI_US = INT64_C(8) * 3600 * CLOCK_US_PER_SECOND;

static int64_t
floor_divide(int64_t dividend, int64_t divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

/* The year is taken to begin in March, so that the leap day is its last (H. Hinnant's
 * days_from_civil). */
static struct date
day_of(int year, int month, int day)
{
	int era, year_of_era, day_of_year;

	year -= month <= 2;
	era = year / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return (struct date){era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
			     year_of_era / 100 + day_of_year - EPOCH_DAY};
}

struct civil
date_civil(struct date date)
{
	int days = date.days + EPOCH_DAY;
	int era = days / DAYS_PER_ERA;
	int day_of_era = days - era * DAYS_PER_ERA;
	int year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int shifted_month = (5 * day_of_year + 2) / 153;
	int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;

	return (struct civil){
	    .year = year_of_era + era * 400 + (month <= 2),
	    .month = month,
	    .day = day_of_year - (153 * shifted_month + 2) / 5 + 1,
	};
}

/* A day too many is one of the next month: 31 April comes back as 1 May. */
bool
date_from_civil(int year, int month, int day, struct date *ret_date)
{
	struct date date;

	if (year < 1 || year > LAST_YEAR || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	date = day_of(year, month, day);
	if (date_civil(date).day != day)
		return false;
	*ret_date = date;
	return true;
}

bool
date_exists(int year, int month, int day)
{
	struct date date;

	return date_from_civil(year, month, day, &date);
}

/* The numbers of a text, in the order of `letters`. */
enum part { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, N_PARTS };

static const char letters[] = "YMDhms";

/*
 * Takes what looks like the pattern, "YYYY-MM-DD": a letter is a digit of its number, any other
 * character stands for itself. Returns what is behind, or NULL when text is not like that.
 */
static const char *
take(const char *text, const char *pattern, int parts[static N_PARTS])
{
	for (; *pattern; pattern++, text++) {
		const char *letter = strchr(letters, *pattern);

		if (letter ? *text < '0' || *text > '9' : *text != *pattern)
			return NULL;
		if (letter)
			parts[letter - letters] = parts[letter - letters] * 10 + (*text - '0');
	}
	return text;
}

bool
date_parse(const char *text, struct date *ret_date)
{
	int parts[N_PARTS] = {0};
	const char *end = take(text, strchr(text, '-') ? "YYYY-MM-DD" : "YYYYMMDD", parts);

	return end && !*end && date_from_civil(parts[YEAR], parts[MONTH], parts[DAY], ret_date);
}

char *
date_format(struct date date, char text[static DATE_TEXT_SIZE])
{
	struct civil c = date_civil(date);

	snprintf(text, DATE_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)c.year % 10000U,
		 (unsigned)c.month % 100U, (unsigned)c.day % 100U);
	return text;
}

struct date
date_add_months(struct date date, int months)
{
	int day = date_civil(date).day;
	month_number month = date_month(date) + months;
	struct date last = month_last(month), same = date_add_days(month_first(month), day - 1);

	return date_compare(same, last) > 0 ? last : same;
}

int
date_weekday(struct date date)
{
	/* 0000-03-01 was a Wednesday. */
	return (date.days + EPOCH_DAY + 2) % 7 + 1;
}

int
date_age(struct date born, struct date on)
{
	struct civil b = date_civil(born), o = date_civil(on);
	bool birthday_reached = o.month > b.month || (o.month == b.month && o.day >= b.day);

	return o.year - b.year - !birthday_reached;
}

month_number
date_month(struct date date)
{
	struct civil c = date_civil(date);

	return c.year * 12 + c.month - 1;
}

struct date
month_first(month_number month)
{
	return day_of(month / 12, month % 12 + 1, 1);
}

struct date
month_last(month_number month)
{
	return date_add_days(month_first(month + 1), -1);
}

bool
month_parse(const char *text, month_number *ret_month)
{
	int parts[N_PARTS] = {0};
	const char *end = take(text, "YYYY-MM", parts);

	if (!end || *end || !date_exists(parts[YEAR], parts[MONTH], 1))
		return false;
	*ret_month = parts[YEAR] * 12 + parts[MONTH] - 1;
	return true;
}

struct date
date_of_instant(int64_t instant_us)
{
	return (struct date){(int32_t)floor_divide(instant_us + SHANGHAI_US, US_PER_DAY)};
}

int64_t
date_instant(struct date date)
{
	return date.days * US_PER_DAY - SHANGHAI_US;
}

const char *
fraction_parse(const char *text, int32_t *ret_nanos)
{
	int32_t nanos = 0, place = 100000000;

	if (*text == '.') {
		if (!isdigit((unsigned char)*++text))
			return NULL;
		for (; isdigit((unsigned char)*text) && place; text++, place /= 10)
			nanos += (*text - '0') * place;
	}
	*ret_nanos = nanos;
	return text;
}

bool
instant_parse(const char *text, int64_t *ret_instant_us, int32_t *ret_nanos)
{
	int parts[N_PARTS] = {0}, offset[N_PARTS] = {0}, sign, of_day;
	struct date date;
	int64_t seconds;
	int32_t nanos;

	text = take(text, "YYYY-MM-DDThh:mm:ss", parts);
	text = text ? fraction_parse(text, &nanos) : NULL;
	if (!text || !date_from_civil(parts[YEAR], parts[MONTH], parts[DAY], &date))
		return false;
	sign = *text == '-' ? -1 : 1;
	text = *text == 'Z' ? text + 1 : take(text, sign < 0 ? "-hh:mm" : "+hh:mm", offset);
	if (!text || *text || parts[HOUR] > 23 || parts[MINUTE] > 59 || parts[SECOND] > 59 ||
	    offset[HOUR] > 23 || offset[MINUTE] > 59)
		return false;
	of_day = (parts[HOUR] - sign * offset[HOUR]) * 3600 +
		 (parts[MINUTE] - sign * offset[MINUTE]) * 60 + parts[SECOND];
	seconds = date.days * (int64_t)SECONDS_PER_DAY + of_day;
	if (seconds < INSTANT_FIRST_S || seconds > INSTANT_LAST_S)
		return false;
	*ret_instant_us = seconds * CLOCK_US_PER_SECOND + nanos / 1000;
	if (ret_nanos)
		*ret_nanos = nanos;
	return true;
}

char *
instant_format(int64_t instant_us, char text[static INSTANT_TEXT_SIZE])
{
	struct date date = {(int32_t)floor_divide(instant_us, US_PER_DAY)};
	int64_t of_day = instant_us - date.days * US_PER_DAY;
	unsigned second = (unsigned)(of_day / CLOCK_US_PER_SECOND) % SECONDS_PER_DAY;

	date_format(date, text);
	snprintf(text + DATE_TEXT_SIZE - 1, INSTANT_TEXT_SIZE - DATE_TEXT_SIZE + 1,
		 "T%02u:%02u:%02u.%06uZ", second / 3600, second / 60 % 60, second % 60,
		 (unsigned)(of_day % CLOCK_US_PER_SECOND));
	return text;
}
