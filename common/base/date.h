/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Civil dates and instants.
 *
 * The law counts days in Asia/Shanghai, which has had no daylight saving time since 1992: a fixed
 * UTC+8 (domain rule 3.7). A `struct date` is a count of days since 1970-01-01 in the proleptic
 * Gregorian calendar, so comparing and adding are integer operations; year 1 to 9999. An instant is
 * int64 microseconds since 1970-01-01T00:00:00Z.
 */
#ifndef MZ_BASE_DATE_H
#define MZ_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct date {
	int32_t days; /* since 1970-01-01 */
};

/* First and last day, both inside. */
struct date_range {
	struct date first, last;
};

struct civil {
	int year, month, day; /* 1..9999, 1..12, 1..31 */
};

/* A month: year * 12 + (month - 1); so `month + 1` is the next one. */
typedef int32_t month_number;

#define DATE_TEXT_SIZE 11 /* "2024-12-02" with its NUL */

/* False when the day does not exist or the year is outside 1..9999; *ret_date is then untouched. */
bool date_from_civil(int year, int month, int day, struct date *ret_date);
struct civil date_civil(struct date date);
bool date_exists(int year, int month, int day);

/* "YYYY-MM-DD" or "YYYYMMDD", nothing else. */
bool date_parse(const char *text, struct date *ret_date);
/* Writes "YYYY-MM-DD" and returns text. */
char *date_format(struct date date, char text[static DATE_TEXT_SIZE]);

static inline struct date
date_add_days(struct date date, int days)
{
	return (struct date){date.days + days};
}

/* The corresponding day of a later or earlier month, or that month's last day (民法典 202). */
struct date date_add_months(struct date date, int months);

/* -1, 0, 1. */
static inline int
date_compare(struct date a, struct date b)
{
	return (a.days > b.days) - (a.days < b.days);
}

/* 1 = Monday … 7 = Sunday (ISO 8601). */
int date_weekday(struct date date);

/* Completed years at `on`; the birthday itself counts. Born 29 February: 1 March in common years
 * (domain rule 3.8). */
int date_age(struct date born, struct date on);

month_number date_month(struct date date);
struct date month_first(month_number month);
struct date month_last(month_number month);
/* "YYYY-MM". */
bool month_parse(const char *text, month_number *ret_month);

/* The day in Asia/Shanghai on which an instant falls, and the first instant of a day there. */
struct date date_of_instant(int64_t instant_us);
int64_t date_instant(struct date date);

#define INSTANT_FIRST_S   (-62135596800) /* 0001-01-01T00:00:00Z */
#define INSTANT_LAST_S    253402300799   /* 9999-12-31T23:59:59Z */
#define INSTANT_TEXT_SIZE 28             /* "2024-12-02T01:02:03.000000Z" with its NUL */

/* RFC 3339 in upper case, with any offset and up to nine decimals, "2024-12-02T09:00:00+08:00".
 * ret_nanos, which may be NULL, gets all of them. False for anything else, a leap second included.
 */
bool instant_parse(const char *text, int64_t *ret_instant_us, int32_t *ret_nanos);
/* Writes RFC 3339 in UTC with six decimals and returns text. Years 1 to 9999. */
char *instant_format(int64_t instant_us, char text[static INSTANT_TEXT_SIZE]);

/* ".5", up to nine decimals, or nothing, as nanoseconds; returns what is behind. NULL: a point and
 * no digit. */
const char *fraction_parse(const char *text, int32_t *ret_nanos);

#endif
