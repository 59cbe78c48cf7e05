/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum {
	FIRST_YEAR = 1,
	LAST_YEAR = 9999,
	DAYS_PER_ERA = 146097, /* 400 years */
	EPOCH_DAY = 719468,    /* days from 0000-03-01 to 1970-01-01 */
	SECONDS_PER_DAY = 86400,
	SHANGHAI_SECONDS = 8 * 3600,
};

static const int64_t US_PER_DAY = (int64_t)SECONDS_PER_DAY * CLOCK_US_PER_SECOND;
static const int64_t SHANGHAI_US = (int64_t)SHANGHAI_SECONDS * CLOCK_US_PER_SECOND;

static int64_t
floor_divide(int64_t dividend, int64_t divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool
date_exists(int year, int month, int day)
{
	return year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && day >= 1 &&
	       day <= month_days(year, month);
}

/* The year is taken to begin in March, so that the leap day is its last (H. Hinnant's
 * days_from_civil). */
bool
date_from_civil(int year, int month, int day, struct date *ret_date)
{
	int era, year_of_era, day_of_year;

	if (!date_exists(year, month, day))
		return false;
	year -= month <= 2;
	era = year / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	ret_date->days = era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
			 year_of_era / 100 + day_of_year - EPOCH_DAY;
	return true;
}

struct civil
date_civil(struct date date)
{
	int days = date.days + EPOCH_DAY;
	int era = (int)floor_divide(days, DAYS_PER_ERA);
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

/* Exactly count digits at *text, which moves behind them. */
static bool
read_digits(const char **text, int count, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*text += count;
	*ret_value = value;
	return true;
}

static bool
read_char(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

/* "YYYY-MM-DD" or "YYYYMMDD" at *text. */
static bool
read_date(const char **text, bool compact_allowed, struct date *ret_date)
{
	int year, month, day;
	bool dashes;

	if (!read_digits(text, 4, &year))
		return false;
	dashes = read_char(text, '-');
	if (!dashes && !compact_allowed)
		return false;
	if (!read_digits(text, 2, &month) || (dashes && !read_char(text, '-')) ||
	    !read_digits(text, 2, &day))
		return false;
	return date_from_civil(year, month, day, ret_date);
}

bool
date_parse(const char *text, struct date *ret_date)
{
	struct date date;

	if (!read_date(&text, true, &date) || *text)
		return false;
	*ret_date = date;
	return true;
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
	struct date first = month_first(month), last = month_last(month);

	return day > last.days - first.days ? last : date_add_days(first, day - 1);
}

int
date_weekday(struct date date)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(date.days + 3 - 7 * floor_divide(date.days + 3, 7)) + 1;
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
	struct date date = {0};

	date_from_civil(month / 12, month % 12 + 1, 1, &date);
	return date;
}

struct date
month_last(month_number month)
{
	return date_add_days(month_first(month), month_days(month / 12, month % 12 + 1) - 1);
}

bool
month_parse(const char *text, month_number *ret_month)
{
	int year, month;

	if (!read_digits(&text, 4, &year) || !read_char(&text, '-') ||
	    !read_digits(&text, 2, &month))
		return false;
	if (*text || !date_exists(year, month, 1))
		return false;
	*ret_month = year * 12 + month - 1;
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

/* ".123456789": any number of digits, of which the first six count. */
static bool
read_fraction(const char **text, int *ret_us)
{
	int us = 0, n_digits = 0;

	if (read_char(text, '.')) {
		for (; **text >= '0' && **text <= '9'; ++*text, n_digits++)
			if (n_digits < 6)
				us = us * 10 + (**text - '0');
		if (n_digits == 0)
			return false;
	}
	for (; n_digits > 0 && n_digits < 6; n_digits++)
		us *= 10;
	*ret_us = us;
	return true;
}

/* "Z", "+08:00", "-03:30". */
static bool
read_offset(const char **text, int *ret_seconds)
{
	int sign = 1, hours, minutes;

	if (read_char(text, 'Z') || read_char(text, 'z')) {
		*ret_seconds = 0;
		return true;
	}
	if (read_char(text, '-'))
		sign = -1;
	else if (!read_char(text, '+'))
		return false;
	if (!read_digits(text, 2, &hours) || !read_char(text, ':') ||
	    !read_digits(text, 2, &minutes))
		return false;
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

bool
instant_parse(const char *text, int64_t *ret_instant_us)
{
	struct date date;
	int hour, minute, second, us, offset;

	if (!read_date(&text, false, &date) || (!read_char(&text, 'T') && !read_char(&text, 't')))
		return false;
	if (!read_digits(&text, 2, &hour) || !read_char(&text, ':') ||
	    !read_digits(&text, 2, &minute) || !read_char(&text, ':') ||
	    !read_digits(&text, 2, &second) || !read_fraction(&text, &us) ||
	    !read_offset(&text, &offset))
		return false;
	if (*text || hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_instant_us =
	    date.days * US_PER_DAY +
	    (int64_t)(hour * 3600 + minute * 60 + second - offset) * CLOCK_US_PER_SECOND + us;
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
