/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working days (domain rule 3.7).
 *
 * Saturdays and Sundays are rest days, other days are working days, but for what the yearly notice
 * of the State Council says. A calendar knows whole years: one day of a year whose notice is not
 * loaded is WORKDAY_OUT_OF_CALENDAR, and never a guess. A calendar is a plain value, 1 KB, without
 * pointers.
 */
#ifndef MZ_DOMAIN_WORKDAY_H
#define MZ_DOMAIN_WORKDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/date.h"

enum { WORKDAY_YEARS_MAX = 20 };

enum workday_result {
	WORKDAY_OK,
	WORKDAY_OUT_OF_CALENDAR,
};

struct workday_calendar {
	int n_years;
	struct workday_year {
		int year;
		uint64_t rest[6]; /* a bit a day of the year, set: rest day */
	} years[WORKDAY_YEARS_MAX];
};

/* An empty calendar: every question is answered WORKDAY_OUT_OF_CALENDAR. */
void workday_calendar_init(struct workday_calendar *calendar);

/* The notices of 2024, 2025 and 2026, which the program knows. */
void workday_calendar_init_known(struct workday_calendar *calendar);

/* The same as one constant of the thread, for whoever loads no calendar from registry. */
const struct workday_calendar *workday_calendar_default(void);

/* Loads (or resets) a year with its weekends only; its notice follows by workday_set. False when
 * the calendar is full or the year is outside 1 to 9999. */
bool workday_add_year(struct workday_calendar *calendar, int year);

/* One day of the notice. False when the day's year has not been added. */
bool workday_set(struct workday_calendar *calendar, struct date day, bool is_working_day);

/* True when the year is loaded. */
bool workday_has_year(const struct workday_calendar *calendar, int year);

enum workday_result workday_is_working(const struct workday_calendar *calendar, struct date day,
				       bool *ret_is_working);

/* The n-th working day after `from`, which itself does not count (民法典 201); n >= 0, and 0 is
 * `from`. Every day on the way must be in the calendar. */
enum workday_result workday_add(const struct workday_calendar *calendar, struct date from, int n,
				struct date *ret_day);

/* The day itself, or the first working day after it (民法典 203). */
enum workday_result workday_at_or_after(const struct workday_calendar *calendar, struct date day,
					struct date *ret_day);

/* Working days after `from` up to and including `to`; 0 when `to` is not later. */
enum workday_result workday_count(const struct workday_calendar *calendar, struct date from,
				  struct date to, int *ret_count);

#endif
